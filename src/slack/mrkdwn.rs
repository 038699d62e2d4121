//! Text from outside, so that Slack shows it as it is: no mention, no link, no formatting of its own.

/// Mentions that Slack makes of plain words in some settings.
const CALLS: [&str; 4] = ["channel", "everyone", "group", "here"];
/// Between a sign and a word that must not be read together. It has no width.
const JOINER: char = '\u{2060}';

/// Escapes what Slack reads as markup (`&`, `<`, `>`: mentions, links, dates), keeps `@channel` and its like from calling
/// anybody and fences from ending, and drops what nobody sees and control characters but for line ends and tabs. What
/// formats (`*`, `_`, `~`, `:`) stays: it has no escape, so such a text stands between fences or is no mrkdwn.
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
            c if is_unseen(c) => {}
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Whether who reads the escaped text sees this very text: no character of it is left out or shown as another one.
pub fn is_shown_as_it_is(text: &str) -> bool {
    !text.chars().any(|c| c == '`' || c.is_control() || is_unseen(c) || matches!(c, '\u{2028}' | '\u{2029}'))
}

/// What has no width, or turns the direction of writing: with it a text could be shown as another one.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
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
            ("we\u{200b}b\u{e0041}\u{ad}", "web", "what nobody sees"),
            ("@chäänel @", "@chäänel @", "letters beyond ASCII"),
        ] {
            assert_eq!(escape(text), expected, "{sentence}");
        }
    }

    #[test]
    fn a_text_that_is_shown_as_another_one_is_told_apart() {
        for (text, expected) in [
            ("web:80 <a&b> *c* @channel", true),
            ("Zürich 東京", true),
            ("a\u{200d}b", false),
            ("a\u{202e}b", false),
            ("a`b", false),
            ("a\tb", false),
            ("a\u{2028}b", false),
            ("", true),
        ] {
            assert_eq!(is_shown_as_it_is(text), expected, "{text:?}");
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
