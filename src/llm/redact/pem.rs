//! Private keys between `-----BEGIN … PRIVATE KEY-----` and `-----END …-----`, on many lines or on one with
//! `\n` in it. One that was cut off is taken out as far as it goes.

use std::sync::LazyLock;

use regex::Regex;

use super::span::Span;

static MARKER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"-----(?:(BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?)|BEGIN|END)[A-Z0-9 ]{0,60}-----")
        .expect("it is valid")
});

/// A word of a key that was cut off: base64 too long to be a word of the text after it.
static CUT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:(?:\s|\\[rn])*[A-Za-z0-9+/=]{20,})+(?:(?:\s|\\[rn])*[A-Za-z0-9+/]*=+)?")
        .expect("it is valid")
});

/// Every private key, with its markers.
pub(super) fn find(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut begun: Option<(usize, usize)> = None;
    for marker in MARKER.captures_iter(text) {
        let whole = marker.get_match();
        match (begun.take(), marker.get(1)) {
            (Some((start, _)), None) if whole.as_str().starts_with("-----END") => {
                spans.push(Span::secret(start..whole.end()));
            }
            (Some((start, end)), _) => spans.push(cut_off(text, start, end)),
            (None, _) => {}
        }
        begun = marker.get(1).map(|_| (whole.start(), whole.end()));
    }
    spans.extend(begun.map(|(start, end)| cut_off(text, start, end)));
    spans
}

fn cut_off(text: &str, start: usize, end: usize) -> Span {
    let body = CUT.find(&text[end..]).map_or(0, |found| found.end());
    Span::secret(start..end + body)
}
