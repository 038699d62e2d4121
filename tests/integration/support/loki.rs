//! A stand-in for Loki, of which there is no package: the two routes that the daemon asks, as Loki's HTTP API
//! documents them. It takes nothing for granted: a parameter, an escape or a character too many is refused, as Loki
//! refuses it.

mod logql;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use serde_json::{Value, json};

use super::serve::{Body, Serving, serve};
use logql::Expression;

/// `max_entries_limit_per_query` of Loki.
const MAX_LINES: usize = 5000;

/// The labels of a stream, and its lines with their times in nanoseconds.
pub type Stream = (BTreeMap<String, String>, Vec<(i64, String)>);

/// A running stand-in.
pub struct Loki {
    serving: Serving,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Loki {
    /// Starts with these streams.
    pub async fn start(streams: Vec<Stream>) -> Self {
        let (streams, asked) = (Arc::new(streams), Arc::<Mutex<Vec<String>>>::default());
        let log = Arc::clone(&asked);
        let serving = serve(None, move |request| {
            let (status, kind, body) = answer(&request, &streams, &log)
                .unwrap_or_else(|refusal| (StatusCode::BAD_REQUEST, "text/plain; charset=utf-8", refusal));
            let body: Body = Full::from(body).map_err(|never| match never {}).boxed_unsync();
            let response = Response::builder().status(status).header("content-type", kind).body(body);
            async move { response.expect("the header is valid") }
        })
        .await;
        Self { serving, asked }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.serving.address)
    }

    /// Every expression so far that it could read.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no holder panics").clone()
    }
}

type Answer = Result<(StatusCode, &'static str, String), String>;

fn answer(request: &Request<Incoming>, streams: &[Stream], asked: &Mutex<Vec<String>>) -> Answer {
    if request.method() != Method::GET {
        return Err("only GET is served here".to_owned());
    }
    let data = match request.uri().path() {
        "/loki/api/v1/status/buildinfo" => {
            json!({"version": "3.7.8", "revision": "stand-in", "goVersion": "go1.26"})
        }
        "/loki/api/v1/query_range" => {
            let question = Question::read(request.uri().query().unwrap_or_default())?;
            asked.lock().expect("no holder panics").push(question.text.clone());
            json!({"status": "success", "data": {"resultType": "streams", "result": question.find(streams), "stats": {}}})
        }
        _ => return Ok((StatusCode::NOT_FOUND, "text/plain", "404 page not found\n".to_owned())),
    };
    Ok((StatusCode::OK, "application/json; charset=UTF-8", data.to_string()))
}

/// A range query.
struct Question {
    text: String,
    expression: Expression,
    start: i64,
    end: i64,
    limit: usize,
}

impl Question {
    fn read(query: &str) -> Result<Self, String> {
        let mut parameters = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()).into_owned() {
            if parameters.insert(name.clone(), value).is_some() {
                return Err(format!("{name} is given twice"));
            }
        }
        let mut take = |name: &str| parameters.remove(name).ok_or_else(|| format!("{name} is missing"));
        let text = take("query")?;
        let number = |text: String| text.parse::<i64>().map_err(|error| format!("{text}: {error}"));
        let (start, end) = (number(take("start")?)?, number(take("end")?)?);
        let limit = usize::try_from(number(take("limit")?)?).map_err(|error| error.to_string())?;
        let direction = take("direction")?;
        let within = (1..=MAX_LINES).contains(&limit);
        if !parameters.is_empty() || start >= end || !within || direction != "backward" {
            return Err(format!("{parameters:?} {start} {end} {limit} {direction}"));
        }
        let expression = Expression::parse(&text).map_err(|fault| format!("parse error : {fault}"))?;
        Ok(Self { text, expression, start, end, limit })
    }

    /// The newest lines, by their streams.
    fn find(&self, streams: &[Stream]) -> Vec<Value> {
        let mut found = Vec::new();
        for (index, (labels, lines)) in streams.iter().enumerate() {
            let wanted = |(at, line): &&(i64, String)| {
                (self.start..self.end).contains(at) && self.expression.matches(labels, line)
            };
            found.extend(lines.iter().filter(wanted).map(|(at, line)| (*at, index, line)));
        }
        found.sort_by_key(|(at, _, _)| std::cmp::Reverse(*at));
        found.truncate(self.limit);
        let of = |index: usize| {
            let values = found.iter().filter(|(_, of, _)| *of == index);
            values.map(|(at, _, line)| json!([at.to_string(), line])).collect::<Vec<_>>()
        };
        let stream = |(index, (labels, _)): (usize, &Stream)| json!({"stream": labels, "values": of(index)});
        streams.iter().enumerate().map(stream).filter(|found| found["values"] != json!([])).collect()
    }
}
