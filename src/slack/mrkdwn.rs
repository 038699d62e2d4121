//! Text from outside, so that Slack shows it as it is: no mention, no link, no formatting of its own.

/// Mentions that Slack makes of plain words in some settings.
const CALLS: [&str; 4] = ["channel", "everyone", "group", "here"];
/// Between a sign and a word that must not be read together. It has no width.
const JOINER: char = '\u{2060}';

/// Escapes what Slack reads as markup (`&`, `<`, `>`: mentions, links, dates), keeps `@channel` and its like from calling
/// anybody and fences from ending, and drops control characters but for line ends and tabs.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for (at, c) in text.char_indices() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\n' | '\t' => escaped.push(c),
            '`' => escaped.push('\u{2bb}'),
            '@' if calls(&text[at + 1..]) => escaped.extend(['@', JOINER]),
            // Marks that turn the direction of writing could show a text as another one.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

fn calls(rest: &str) -> bool {
    CALLS.iter().any(|word| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)))
}

/// At most so many characters of an escaped text; what is cut ends with an ellipsis, and no entity is cut in two.
pub fn cut(escaped: &str, limit: usize) -> String {
    let Some((end, _)) = escaped.char_indices().nth(limit) else {
        return escaped.to_owned();
    };
    let end = escaped[..end].char_indices().next_back().map_or(0, |(last, _)| last);
    let kept = &escaped[..end];
    let whole = match (kept.rfind('&'), kept.rfind(';')) {
        (Some(begun), ended) if ended.is_none_or(|ended| ended < begun) && kept.len() - begun < 5 => {
            &kept[..begun]
        }
        _ => kept,
    };
    format!("{whole}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_markup() {
        for (text, expected, sentence) in [
            ("a & b", "a &amp; b", "an ampersand"),
            ("<!here> <@U1> <#C1>", "&lt;!here&gt; &lt;@U1&gt; &lt;#C1&gt;", "mentions"),
            ("<https://evil|bank>", "&lt;https://evil|bank&gt;", "a link"),
            ("&lt;!here&gt;", "&amp;lt;!here&amp;gt;", "what is escaped already"),
            ("@channel @Here @everyone", "@\u{2060}channel @\u{2060}Here @\u{2060}everyone", "calls"),
            ("a@b.example", "a@b.example", "an address"),
            ("x```\n*y*", "x\u{2bb}\u{2bb}\u{2bb}\n*y*", "a fence"),
            ("a\u{1b}[31m\rb\u{202e}c", "a [31m bc", "control characters"),
            ("@chäänel @", "@chäänel @", "letters beyond ASCII"),
        ] {
            assert_eq!(escape(text), expected, "{sentence}");
        }
    }

    #[test]
    fn a_text_is_cut_between_characters_and_entities() {
        for (text, limit, expected) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("äöüß", 3, "äö…"),
            ("a&amp;b", 4, "a…"),
            ("a&amp;bcd", 7, "a&amp;…"),
            ("a; &lt;", 6, "a; …"),
        ] {
            let cut = cut(text, limit);
            assert_eq!(cut, expected);
            assert!(cut.chars().count() <= limit);
        }
    }
}
