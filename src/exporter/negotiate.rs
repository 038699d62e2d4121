//! Which format and encoding a scraper gets, from its `Accept` and `Accept-Encoding`.
//!
//! The dearest of what we can write wins, the first named at a tie; a scraper that asks for nothing we
//! have gets the text format, as from every Prometheus client. Nobody is turned away with a 406.

/// An exposition format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// OpenMetrics 1.0.0.
    OpenMetrics,
    /// The Prometheus text format 0.0.4.
    Text,
}

impl Format {
    /// The format for a request's `Accept` header; several headers are joined with commas.
    pub(super) fn negotiate(accept: Option<&str>) -> Self {
        let wanted = accept.unwrap_or_default().split(',').filter_map(|range| {
            let range = Range::parse(range)?;
            range.format().map(|format| (range.quality, format))
        });
        dearest(wanted).map_or(Self::Text, |(_, format)| format)
    }

    /// The value of `Content-Type`.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// Whether a request's `Accept-Encoding` header prefers gzip to no encoding.
pub(super) fn accepts_gzip(accept_encoding: Option<&str>) -> bool {
    let ranges = accept_encoding.unwrap_or_default().split(',').filter_map(Range::parse);
    let wanted = ranges.filter_map(|range| match &*range.name {
        "gzip" | "x-gzip" => Some((range.quality, true)),
        "identity" => Some((range.quality, false)),
        _ => None,
    });
    dearest(wanted).is_some_and(|(_, gzip)| gzip)
}

/// The item of the highest quality, the first of them at a tie.
fn dearest<T>(items: impl Iterator<Item = (f32, T)>) -> Option<(f32, T)> {
    items.reduce(|best, next| if next.0 > best.0 { next } else { best })
}

/// One element of an `Accept` or `Accept-Encoding` header.
struct Range {
    name: String,
    version: Option<String>,
    quality: f32,
}

impl Range {
    /// `None` if it is excluded (`q=0`) or its quality is not a number from 0 to 1.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let name = parts.next()?.to_ascii_lowercase();
        let mut range = Self { name, version: None, quality: 1.0 };
        for (key, value) in parts.filter_map(|part| part.split_once('=')) {
            let value = value.trim().trim_matches('"');
            match key.trim().to_ascii_lowercase().as_str() {
                "q" => range.quality = value.parse().ok()?,
                "version" => range.version = Some(value.to_owned()),
                _ => {}
            }
        }
        (range.quality > 0.0 && range.quality <= 1.0).then_some(range)
    }

    /// The format it asks for, if we have it.
    fn format(&self) -> Option<Format> {
        match (&*self.name, self.version.as_deref()) {
            ("application/openmetrics-text", None | Some("1.0.0")) => Some(Format::OpenMetrics),
            ("application/*", _) => Some(Format::OpenMetrics),
            ("text/plain", None | Some("0.0.4")) => Some(Format::Text),
            ("text/*" | "*/*", _) => Some(Format::Text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scraper_gets_the_format_it_prefers() {
        use Format::{OpenMetrics, Text};
        for (claim, accept, expected) in [
            ("no header", None, Text),
            ("an empty header", Some(""), Text),
            ("anything", Some("*/*"), Text),
            ("a browser", Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), Text),
            (
                "Prometheus 2.42",
                Some(
                    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                ),
                OpenMetrics,
            ),
            (
                "Prometheus 3",
                Some(
                    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                ),
                OpenMetrics,
            ),
            (
                "a Prometheus that knows only the draft of OpenMetrics",
                Some("application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
                Text,
            ),
            ("the text format preferred", Some("application/openmetrics-text;q=0.3, text/plain;q=0.9"), Text),
            ("the first of equals", Some("text/plain, application/openmetrics-text"), Text),
            ("OpenMetrics excluded", Some("application/openmetrics-text;q=0"), Text),
            ("a quality beyond reason is not believed", Some("application/openmetrics-text;q=7"), Text),
            ("a quality that is no number", Some("application/openmetrics-text;q=high"), Text),
            ("case and quotes", Some("Application/OpenMetrics-Text; Version=\"1.0.0\"; Q=1"), OpenMetrics),
            (
                "protobuf, which we do not write",
                Some("application/vnd.google.protobuf;proto=x;encoding=delimited"),
                Text,
            ),
        ] {
            assert_eq!(Format::negotiate(accept), expected, "{claim}");
        }
    }

    #[test]
    fn gzip_is_sent_to_whom_prefers_it() {
        for (claim, header, expected) in [
            ("no header", None, false),
            ("gzip", Some("gzip"), true),
            ("among others", Some("deflate, gzip;q=1.0, *;q=0.5"), true),
            ("excluded", Some("gzip;q=0"), false),
            ("another encoding only", Some("br"), false),
            ("plain preferred", Some("gzip;q=0.5, identity"), false),
            ("gzip preferred", Some("identity;q=0.5, gzip"), true),
        ] {
            assert_eq!(accepts_gzip(header), expected, "{claim}");
        }
    }
}
