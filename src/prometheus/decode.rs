//! What Prometheus's JSON means: series, or a typed reason why there are none.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::QueryError;
use super::answer::Answer;
use super::shape::Shape;
use crate::http_client::one_line;
use crate::model::Series;

/// Most warnings of one answer that are logged.
const MAX_WARNINGS: usize = 3;

/// The body of an answer to an instant query. A scalar is a series without labels; a range vector or a string is
/// refused, since it is not one value per series.
pub fn instant(body: &str) -> Result<Answer, QueryError> {
    match data::<QueryData>(body)? {
        QueryData { result_type: ResultType::Vector, result: Shape::Series(answer) } => Ok(answer),
        QueryData { result_type: ResultType::Scalar, result: Shape::Pair(sample) } => {
            Ok(Answer::scalar(sample))
        }
        // An empty list looks the same whatever its elements would be.
        QueryData { result_type: ResultType::Matrix, .. } => Err(refuse("a range vector")),
        QueryData { result_type: ResultType::String, .. } => Err(refuse("a string")),
        _ => Err(mismatch()),
    }
}

/// The body of an answer to a range query.
pub fn range(body: &str) -> Result<Answer, QueryError> {
    match data::<QueryData>(body)? {
        QueryData { result_type: ResultType::Matrix, result: Shape::Series(answer) } => Ok(answer),
        _ => Err(mismatch()),
    }
}

/// The answer of an instant query with its labels read.
pub(super) fn instant_series(body: &str) -> Result<Vec<Series>, QueryError> {
    instant(body)?.into_series()
}

/// The answer of a range query with its labels read.
pub(super) fn range_series(body: &str) -> Result<Vec<Series>, QueryError> {
    range(body)?.into_series()
}

/// The `data` of a successful answer of any route.
pub(super) fn data<D: DeserializeOwned>(body: &str) -> Result<D, QueryError> {
    let envelope: Envelope<D> = serde_json::from_str(body).map_err(|error| {
        let page = body.trim_start().starts_with('<');
        let hint = if page { "a page instead of JSON; check the url: " } else { "" };
        QueryError::Malformed(format!("{hint}{}", one_line(&error.to_string())))
    })?;
    for warning in envelope.warnings.iter().flatten().take(MAX_WARNINGS) {
        tracing::warn!(warning = %one_line(warning), "Prometheus warns about a query");
    }
    match envelope.data {
        Some(data) if envelope.status == "success" => Ok(data),
        None if envelope.status == "success" => Err(QueryError::Malformed("no data".to_owned())),
        _ => Err(QueryError::Rejected {
            kind: one_line(&envelope.kind.unwrap_or_default()),
            message: one_line(&envelope.error.unwrap_or_default()),
        }),
    }
}

fn refuse(what: &str) -> QueryError {
    let message = format!("the expression yields {what}; write one that yields one number per series");
    QueryError::Rejected { kind: "result_type".to_owned(), message }
}

fn mismatch() -> QueryError {
    QueryError::Malformed("the result does not have the shape of its type".to_owned())
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "D: Deserialize<'de>"))]
struct Envelope<D> {
    status: String,
    #[serde(default = "Option::default")]
    data: Option<D>,
    #[serde(rename = "errorType")]
    kind: Option<String>,
    error: Option<String>,
    warnings: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryData {
    result_type: ResultType,
    result: Shape,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ResultType {
    Vector,
    Matrix,
    Scalar,
    String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Sample;

    fn success(data: &str) -> String {
        format!(r#"{{"status":"success","data":{data}}}"#)
    }

    fn print(result: Result<Vec<Series>, QueryError>) -> String {
        let series = match result {
            Ok(series) => series,
            Err(error) => return format!("{:?}: {error}", error.outcome()),
        };
        let sample = |sample: &Sample| format!("{}@{}", sample.value, sample.at.as_millis());
        let one = |series: &Series| {
            let samples: Vec<String> = series.samples.iter().map(sample).collect();
            format!("{}={}", series.labels, samples.join(","))
        };
        series.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn instant_answers_are_read() {
        for (name, data, expected) in [
            (
                "a vector",
                r#"{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"a"},"value":[1435781451.781,"1"]},{"metric":{},"value":[1,"0.5"]}]}"#,
                r#"{__name__="up",job="a"}=1@1435781451781 {}=0.5@1000"#,
            ),
            (
                "keys in another order",
                r#"{"result":[{"value":[1,"2"],"metric":{"a":"b"}}],"resultType":"vector"}"#,
                r#"{a="b"}=2@1000"#,
            ),
            ("no series", r#"{"resultType":"vector","result":[]}"#, ""),
            (
                "what is no number",
                r#"{"resultType":"vector","result":[{"metric":{"n":"1"},"value":[1,"NaN"]},{"metric":{"n":"2"},"value":[1,"+Inf"]},{"metric":{"n":"3"},"value":[1,"-Inf"]}]}"#,
                r#"{n="1"}=NaN@1000 {n="2"}=inf@1000 {n="3"}=-inf@1000"#,
            ),
            (
                "exponents and negative zero",
                r#"{"resultType":"vector","result":[{"metric":{},"value":[1.5,"1e-07"]},{"metric":{},"value":[1,"-0"]}]}"#,
                "{}=0.0000001@1500 {}=-0@1000",
            ),
            ("a scalar", r#"{"resultType":"scalar","result":[1435781451.781,"42"]}"#, "{}=42@1435781451781"),
            ("a scalar before its type", r#"{"result":[1,"42"],"resultType":"scalar"}"#, "{}=42@1000"),
            (
                "escapes in labels",
                r#"{"resultType":"vector","result":[{"metric":{"path":"C:\\dir\n\u00e9"},"value":[1,"1"]}]}"#,
                "{path=\"C:\\\\dir\\né\"}=1@1000",
            ),
            (
                "unknown keys",
                r#"{"resultType":"vector","result":[{"metric":{},"value":[1,"1"],"new":[{}]}],"stats":{}}"#,
                "{}=1@1000",
            ),
            (
                "a native histogram is passed over",
                r#"{"resultType":"vector","result":[{"metric":{},"histogram":[1,{"count":"1","buckets":[]}]}]}"#,
                "",
            ),
        ] {
            assert_eq!(print(instant_series(&success(data))), expected, "{name}");
        }
    }

    #[test]
    fn range_answers_are_read() {
        let data = r#"{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[1,"1"],[1.25,"NaN"],[2,"3"]]},{"metric":{},"values":[[-1,"4"]]}]}"#;
        assert_eq!(print(range_series(&success(data))), r#"{a="b"}=1@1000,NaN@1250,3@2000 {}=4@-1000"#);
    }

    #[test]
    fn times_out_of_order_are_sorted() {
        let data = r#"{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[2,"1"],[1,"2"],[2,"3"]]},{"metric":{},"values":[[1,"4"]]}]}"#;
        assert_eq!(print(range_series(&success(data))), r#"{a="b"}=2@1000,1@2000 {}=4@1000"#);
    }

    #[test]
    fn an_answer_keeps_the_text_of_labels() {
        let data = r#"{"resultType":"vector","result":[{"metric":{"b":"\u00e9", "a":"1"},"value":[1,"1"]},{"metric":{"n":"2"}},{"value":[2,"2"],"metric":{}}]}"#;
        let answer = instant(&success(data)).unwrap();
        let found: Vec<_> =
            answer.series().map(|found| (found.text.as_str(), found.samples[0].value)).collect();
        assert_eq!(found, [(r#"{"b":"\u00e9", "a":"1"}"#, 1.0), ("{}", 2.0)]);
        assert_eq!(answer.series().next().unwrap().text.labels().unwrap().to_string(), "{a=\"1\",b=\"é\"}");
    }

    #[test]
    fn what_is_no_answer_says_why() {
        let vector = |value: &str| success(&format!(r#"{{"resultType":"vector","result":[{value}]}}"#));
        for (name, body, expected) in [
            ("a range vector", success(r#"{"resultType":"matrix","result":[]}"#), "Rejected"),
            ("a string", success(r#"{"resultType":"string","result":[1,"text"]}"#), "Rejected"),
            ("a string that is a number", success(r#"{"resultType":"string","result":[1,"7"]}"#), "Rejected"),
            (
                "an error with status 200",
                r#"{"status":"error","errorType":"bad_data","error":"no"}"#.into(),
                "(bad_data): no",
            ),
            ("no data", r#"{"status":"success"}"#.into(), "Malformed"),
            ("truncated", r#"{"status":"success","data":{"resultType":"vec"#.into(), "Malformed"),
            ("HTML", "<html>".into(), "a page instead of JSON"),
            ("nothing", String::new(), "Malformed"),
            ("another API", r#"{"hello":"world"}"#.into(), "missing field `status`"),
            ("a number not in a string", vector(r#"{"metric":{},"value":[1,1]}"#), "Malformed"),
            ("labels that are no object", vector(r#"{"metric":5,"value":[1,"1"]}"#), "Malformed"),
            ("a label that is no string", vector(r#"{"metric":{"a":1},"value":[1,"1"]}"#), "Malformed"),
            ("no labels", vector(r#"{"value":[1,"1"]}"#), "missing field `metric`"),
            ("labels twice", vector(r#"{"metric":{},"metric":{},"value":[1,"1"]}"#), "duplicate field"),
            ("samples twice", vector(r#"{"metric":{},"value":[1,"1"],"values":[]}"#), "duplicate field"),
            ("a word as a value", vector(r#"{"metric":{},"value":[1,"x"]}"#), "not a number"),
            ("a time without a value", vector(r#"{"metric":{},"value":[1]}"#), "Malformed"),
            ("a pair called a vector", vector(r#"1,"2""#), "shape"),
            (
                "three things called a scalar",
                success(r#"{"resultType":"scalar","result":[1,"2","3"]}"#),
                "Malformed",
            ),
            ("nesting without end", "[".repeat(100_000), "Malformed"),
        ] {
            let text = print(instant_series(&body));
            assert!(text.contains(expected), "{name}: {text}");
        }
        assert!(print(range_series(&vector(""))).contains("shape"));
    }
}
