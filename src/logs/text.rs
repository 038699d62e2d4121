//! Untrusted text made fit for a record and for a terminal. Pure.

/// Longest message, in bytes.
pub(super) const MAX_MESSAGE: usize = 8192;
/// Longest name of a service and longest value of a field, in bytes.
pub(super) const MAX_VALUE: usize = 1024;

/// Text without control characters other than newline and tab, cut to a bound.
pub(super) fn clean(text: &str, limit: usize) -> String {
    let mut clean: String = text[..text.floor_char_boundary(limit)]
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect();
    if text.len() > limit {
        clean.push('…');
    }
    clean
}

/// The same on one line: spaces for what would begin another one, move the cursor, hide text or turn its direction.
pub fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if is_visible(c) { c } else { ' ' }).collect()
}

fn is_visible(c: char) -> bool {
    let hides_or_turns = matches!(
        c,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    !c.is_control() && !hides_or_turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_keeps_lines_and_loses_control_characters() {
        for (claim, text, expected) in [
            ("plain text stays", "a b", "a b"),
            ("newline and tab stay", "a\n\tb", "a\n\tb"),
            ("an escape sequence loses its teeth", "\u{1b}[1m\u{9b}\r\0", "[1m"),
            ("what is longer is cut between characters", "1234567é9", "1234567…"),
            ("exactly the bound stays whole", "12345678", "12345678"),
        ] {
            assert_eq!(clean(text, 8), expected, "{claim}");
        }
    }

    #[test]
    fn a_line_is_one_line_that_shows_all_it_has() {
        for (claim, text, expected) in [
            ("plain text stays", "naïve → ok", "naïve → ok"),
            ("lines and tabs become spaces", "a\nb\tc\r", "a b c "),
            ("so do the separators of Unicode", "a\u{2028}b\u{2029}c\u{85}d", "a b c d"),
            ("and escape sequences", "\u{1b}[2J\u{9b}x", " [2J x"),
            ("and what turns the direction", "a\u{202e}b\u{2066}c", "a b c"),
            ("and what nobody sees", "a\u{200b}b\u{feff}c\u{2060}d", "a b c d"),
        ] {
            assert_eq!(on_one_line(text), expected, "{claim}");
        }
    }
}
