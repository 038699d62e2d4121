//! Answers of Loki's API. Pure.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};

use super::RequestError;
use crate::http_client::one_line;
use crate::model::Timestamp;

/// Nanoseconds in a millisecond.
const NANOS: i64 = 1_000_000;

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When it was written, by whoever wrote it.
    pub at: Timestamp,
    /// The labels of its stream, with what else Loki knows of it.
    pub labels: Arc<BTreeMap<String, String>>,
    /// What it says: untrusted text.
    pub text: String,
}

#[derive(Deserialize)]
struct Body<T> {
    data: T,
}

#[derive(Deserialize)]
struct Streams {
    #[serde(rename = "resultType")]
    kind: String,
    result: Vec<Stream>,
}

#[derive(Deserialize)]
struct Stream {
    stream: BTreeMap<String, String>,
    values: Vec<Entry>,
}

/// `["<nanoseconds>", "<line>"]`, with an object of metadata behind it where that is asked for.
struct Entry {
    nanos: i64,
    text: String,
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Entry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time in nanoseconds and a line")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Entry, A::Error> {
                let missing = || serde::de::Error::invalid_length(0, &self);
                let nanos: String = items.next_element()?.ok_or_else(missing)?;
                let text = items.next_element()?.ok_or_else(missing)?;
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Entry { nanos: nanos.parse().map_err(serde::de::Error::custom)?, text })
            }
        }
        deserializer.deserialize_seq(Read)
    }
}

/// The lines of an answer to a range query, oldest first; of one time in the order of their streams' labels.
pub(super) fn lines(body: &str) -> Result<Vec<Line>, RequestError> {
    let streams = data::<Streams>(body)?;
    if streams.kind != "streams" {
        return Err(malformed(format!("a result of type '{}' instead of streams", streams.kind)));
    }
    let mut lines = Vec::new();
    for Stream { stream, values } in streams.result {
        let labels = Arc::new(stream);
        // Each stream comes newest first.
        let values = values.into_iter().rev().map(|entry| (entry.nanos, labels.clone(), entry.text));
        lines.extend(values);
    }
    lines.sort_by(|(a, labels, _), (b, others, _)| (a, labels).cmp(&(b, others)));
    let line = |(nanos, labels, text): (i64, _, _)| {
        let at = Timestamp::from_millis(nanos.div_euclid(NANOS));
        Line { at, labels, text }
    };
    Ok(lines.into_iter().map(line).collect())
}

#[derive(Deserialize)]
struct BuildInfo {
    version: String,
}

/// The version in an answer to a question for build information.
pub(super) fn version(body: &str) -> Result<String, RequestError> {
    let info: BuildInfo = serde_json::from_str(body).map_err(|error| malformed(error.to_string()))?;
    Ok(one_line(&info.version))
}

fn data<'a, T: Deserialize<'a>>(body: &'a str) -> Result<T, RequestError> {
    serde_json::from_str::<Body<T>>(body).map(|body| body.data).map_err(|error| malformed(error.to_string()))
}

fn malformed(reason: String) -> RequestError {
    RequestError::Malformed(one_line(&reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(kind: &str, result: &str) -> String {
        format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":[{result}],"stats":{{}}}}}}"#)
    }

    #[test]
    fn lines_of_several_streams_are_put_in_the_order_of_their_times() {
        let two = r#"{"stream":{"service_name":"b"},"values":[["3000000000","third"],["1000000000","first, of b"]]},
            {"stream":{"service_name":"a","level":"info"},"values":[["2500000001","second",{"trace":"1"}],["1000000000","first, of a"]]}"#;
        let lines = lines(&body("streams", two)).unwrap();
        let told: Vec<(i64, &str)> =
            lines.iter().map(|line| (line.at.as_millis(), line.text.as_str())).collect();
        assert_eq!(told, [(1000, "first, of a"), (1000, "first, of b"), (2500, "second"), (3000, "third")]);
        assert_eq!(lines[0].labels["service_name"], "a");
        assert_eq!(super::lines(&body("streams", "")).unwrap(), []);
    }

    #[test]
    fn lines_of_one_time_and_stream_keep_their_order() {
        let same = r#"{"stream":{},"values":[["1","second"],["1","first"]]}"#;
        let lines = lines(&body("streams", same)).unwrap();
        assert_eq!(lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["first", "second"]);
    }

    #[test]
    fn what_is_no_answer_of_loki_is_refused() {
        for (text, expected) in [
            (body("matrix", ""), "a result of type 'matrix' instead of streams"),
            (body("streams", r#"{"stream":{},"values":[["1"]]}"#), "a time in nanoseconds and a line"),
            (body("streams", r#"{"stream":{},"values":[["soon","x"]]}"#), "invalid digit"),
            (body("streams", r#"{"stream":{},"values":[[1,"x"]]}"#), "expected a string"),
            ("ready\n".to_owned(), "expected value"),
        ] {
            let error = lines(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn the_version_is_read() {
        assert_eq!(version(r#"{"version":"3.7.8","revision":"abc"}"#).unwrap(), "3.7.8");
        assert!(version("ready\n").is_err());
    }
}
