//! A text as it is compared: one kind of blank, hyphen and quote, and nothing that cannot be seen.

/// Typographic variants become the plain sign, invisible characters vanish.
pub(super) fn normal(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            _ if is_invisible(c) => {}
            '\u{2010}' | '\u{2011}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}' => normal.push('-'),
            '\u{2012}'..='\u{2015}' | '→' | '×' => {
                normal.push(' ');
                normal.push(c);
                normal.push(' ');
            }
            '“' | '”' | '„' | '«' | '»' => normal.push('"'),
            '‘' | '’' | '‚' => normal.push('\''),
            'μ' => normal.push('µ'),
            _ if c.is_whitespace() => normal.push(' '),
            _ => normal.push(c),
        }
    }
    normal
}

/// Whether a character has no width: it could hide what a text says.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}') || is_turning(c)
}

/// Whether a character turns the direction of text.
pub(super) fn is_turning(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
