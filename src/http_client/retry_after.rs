//! `Retry-After`, as every client here reads it.

use std::time::Duration;

use http::HeaderMap;
use http::header::RETRY_AFTER;
use jiff::civil::DateTime;
use jiff::{Timestamp, tz::TimeZone};

/// What the server asks for in `Retry-After`: seconds, or until a date in any of the three forms that HTTP knows; a date
/// that is over asks for nothing. `None`: no header, or one that says neither. It may be very long: whoever waits has a
/// bound of their own.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More than fits into the type is more than anybody waits.
        return Some(Duration::from_secs(text.parse().unwrap_or(u32::MAX.into())));
    }
    let left = date(text)?.duration_since(Timestamp::now());
    Some(Duration::try_from(left).unwrap_or_default())
}

/// A date by RFC 9110: as servers write it now, as RFC 850 had it, or as C does.
fn date(text: &str) -> Option<Timestamp> {
    let formats = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let old = |format: &&str| DateTime::strptime(format, text).ok()?.to_zoned(TimeZone::UTC).ok();
    let now = jiff::fmt::rfc2822::parse(text).ok();
    Some(now.or_else(|| formats.iter().find_map(old))?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_seconds_and_as_a_date() {
        let read = |text: &str| retry_after(&HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]));
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        for (text, expected, sentence) in [
            ("7", seconds(7), "seconds"),
            (" 0 ", seconds(0), "none, with blanks"),
            ("99999999999999999999999", seconds(u32::MAX.into()), "more than there are"),
            ("Wed, 21 Oct 2015 07:28:00 GMT", seconds(0), "a date that is over"),
            ("Wednesday, 21-Oct-15 07:28:00 GMT", seconds(0), "in the form of RFC 850"),
            ("Wed Oct 21 07:28:00 2015", seconds(0), "in the form of C"),
            ("Sun Nov  6 08:49:37 1994", seconds(0), "the same, of a day of one digit"),
            ("soon", None, "a word"),
            ("-1", None, "less than none"),
            ("1.5", None, "a fraction"),
            ("", None, "nothing"),
        ] {
            assert_eq!(read(text), expected, "{sentence}");
        }
        let day = Duration::from_secs(86_400);
        for text in ["Thu, 31 Dec 2099 23:59:59 GMT", "Thu Dec 31 23:59:59 2099"] {
            assert!(read(text).unwrap() > day, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None, "no header");
    }
}
