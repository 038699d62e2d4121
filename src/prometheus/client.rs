//! The questions asked of Prometheus.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde::Deserialize;

use super::merge::Merger;
use super::range::{Window, split};
use super::rules::{AlertRule, Groups, Rule};
use super::targets::{Found as FoundTargets, ScrapeTarget};
use super::{Answer, BuildError, Config, QueryError, decode};
use crate::http_client::{Api, Call, Decode, Limits, one_line};
use crate::metrics::prometheus::{Kind, PrometheusMetrics, Server};
use crate::model::{Labels, Series, Timestamp, escape_promql, format_duration};

/// Metric names looked up in one request.
const NAMES_PER_REQUEST: usize = 100;
/// Times at which a range is looked at for metrics.
const LOOKS: u32 = 100;

/// A Prometheus, or what speaks its API: Thanos, Mimir, Cortex, VictoriaMetrics. A clone shares
/// connections and the bound on concurrency.
#[derive(Clone)]
pub struct Client {
    api: Arc<Api>,
}

/// What runs there.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct BuildInfo {
    /// For example `2.42.0`; empty where the server does not tell, as VictoriaMetrics.
    #[serde(default)]
    pub version: String,
    /// The commit, or empty.
    #[serde(default)]
    pub revision: String,
}

impl Client {
    /// Prepares a client; nothing is sent yet. Errors name the setting at fault.
    pub fn new(config: &Config, metrics: PrometheusMetrics) -> Result<Self, BuildError> {
        let limits = Limits {
            timeout: config.timeout,
            max_concurrency: config.max_concurrency,
            max_response_bytes: config.max_response_bytes,
            retries: config.retries,
        };
        let api = Api::new(Server::Prometheus, &config.url, &config.http, limits, metrics)?;
        Ok(Self { api: Arc::new(api) })
    }

    /// The value of every series of an expression at one time. A scalar is one series without labels;
    /// an expression that yields a range vector or a string is [`QueryError::Rejected`].
    pub async fn query(&self, expr: &str, at: Timestamp) -> Result<Vec<Series>, QueryError> {
        self.instant(Kind::Instant, expr, Some(at)).await
    }

    /// The series of an expression at `start`, `start + step`, … up to and including `end`.
    ///
    /// Ranges of more than 11,000 steps are asked piece by piece, one request at a time; the size limit
    /// holds for each of them. The step counts in whole milliseconds.
    pub async fn query_range(
        &self,
        expr: &str,
        start: Timestamp,
        end: Timestamp,
        step: Duration,
    ) -> Result<Vec<Series>, QueryError> {
        let mut merger = Merger::default();
        for window in split(start, end, step)? {
            merger.add(self.post(range_call(expr, window, step), decode::range_series).await?);
        }
        Ok(self.merged(merger, expr))
    }

    /// The value of every series of an expression at one time, as [`Self::query`] has it, but with labels
    /// unread. Two series may have the same labels; see [`Self::report_duplicates`].
    pub async fn ask(&self, expr: &str, at: Timestamp) -> Result<Answer, QueryError> {
        self.post(instant_call(Kind::Instant, expr, Some(at)), decode::instant).await
    }

    /// The series of an expression over a range, as [`Self::query_range`] has it, but with labels unread:
    /// one answer for each request, in the order of their times.
    pub async fn ask_range(
        &self,
        expr: &str,
        start: Timestamp,
        end: Timestamp,
        step: Duration,
    ) -> Result<Vec<Answer>, QueryError> {
        let mut answers = Vec::new();
        for window in split(start, end, step)? {
            answers.push(self.post(range_call(expr, window, step), decode::range).await?);
        }
        Ok(answers)
    }

    /// Counts and logs series of one answer that have the labels of another: the first was kept.
    pub fn report_duplicates(&self, expr: &str, duplicates: u64) {
        if duplicates > 0 {
            self.api.metrics().duplicate_series(duplicates);
            tracing::warn!(expr = %one_line(expr), duplicates, "series with equal labels in one answer: the first is kept");
        }
    }

    /// Which of the metrics have a sample now, that is within the server's look-back of 5 minutes.
    pub async fn metrics_present(&self, names: &[String]) -> Result<HashSet<String>, QueryError> {
        let mut present = HashSet::new();
        for names in names.chunks(NAMES_PER_REQUEST) {
            let found = self.instant(Kind::Metadata, &presence(names), None).await?;
            present
                .extend(found.iter().filter_map(|series| series.labels.get("__name__")).map(str::to_owned));
        }
        Ok(present)
    }

    /// Which of the metrics have a sample between two times, both included, as far as a look at a hundred times
    /// shows.
    pub async fn metrics_present_within(
        &self,
        names: &[String],
        (start, end): (Timestamp, Timestamp),
    ) -> Result<HashSet<String>, QueryError> {
        let step = (end.since(start) / LOOKS).max(Duration::from_secs(1));
        let mut present = HashSet::new();
        for names in names.chunks(NAMES_PER_REQUEST) {
            let found = self.query_range(&presence(names), start, end, step).await?;
            present
                .extend(found.iter().filter_map(|series| series.labels.get("__name__")).map(str::to_owned));
        }
        Ok(present)
    }

    /// The label sets under which an alert fires at one time, as Alertmanager is told of them but for
    /// external labels: without `__name__` and `alertstate`.
    pub async fn alerts_firing(&self, alertname: &str) -> Result<Vec<Labels>, QueryError> {
        let name = escape_promql(alertname);
        let expr = format!(r#"ALERTS{{alertname="{name}",alertstate="firing"}}"#);
        let firing = self.instant(Kind::Alerts, &expr, None).await?;
        Ok(firing.iter().map(|series| series.labels.without(&["__name__", "alertstate"])).collect())
    }

    /// The alerting rules of a name; none where the server has no rules.
    pub async fn alert_rules(&self, alertname: &str) -> Result<Vec<AlertRule>, QueryError> {
        let call = Call {
            kind: Kind::Alerts,
            method: Method::GET,
            path: "api/v1/rules",
            parameters: vec![("type", "alert".to_owned()), ("rule_name[]", alertname.to_owned())],
            gzip: true,
        };
        let groups: Groups = self.api.ask(&call, decode::data).await?;
        Ok(groups.alerts(alertname))
    }

    /// Every rule that is evaluated there; none where the server has no rules.
    pub async fn rules(&self) -> Result<Vec<Rule>, QueryError> {
        let groups: Groups = self.api.ask(&metadata("api/v1/rules", Vec::new()), decode::data).await?;
        Ok(groups.all())
    }

    /// Every target that is scraped; none where the server scrapes nothing by itself.
    pub async fn targets(&self) -> Result<Vec<ScrapeTarget>, QueryError> {
        let active = vec![("state", "active".to_owned())];
        let found: FoundTargets = self.api.ask(&metadata("api/v1/targets", active), decode::data).await?;
        Ok(found.checked())
    }

    /// Which version runs there.
    pub async fn build_info(&self) -> Result<BuildInfo, QueryError> {
        self.api.ask(&metadata("api/v1/status/buildinfo", Vec::new()), decode::data).await
    }

    /// `None` asks for the server's own present.
    async fn instant(
        &self,
        kind: Kind,
        expr: &str,
        at: Option<Timestamp>,
    ) -> Result<Vec<Series>, QueryError> {
        let mut merger = Merger::default();
        merger.add(self.post(instant_call(kind, expr, at), decode::instant_series).await?);
        Ok(self.merged(merger, expr))
    }

    /// Posts a form: expressions may be longer than a URL.
    async fn post<T: Send + 'static>(&self, mut call: Call<'_>, decode: Decode<T>) -> Result<T, QueryError> {
        // The server gives up when we do, instead of working for nobody.
        call.parameters.push(("timeout", format_duration(self.api.timeout())));
        // VictoriaMetrics moves a range to multiples of its step, and the present back by 30 s, so that
        // it can cache; live and past answers would differ. Others ignore this.
        call.parameters.push(("nocache", "1".to_owned()));
        self.api.ask(&call, decode).await
    }

    fn merged(&self, merger: Merger, expr: &str) -> Vec<Series> {
        let (series, duplicates) = merger.finish();
        self.report_duplicates(expr, duplicates);
        series
    }
}

fn metadata<'a>(path: &'a str, parameters: Vec<(&'a str, String)>) -> Call<'a> {
    Call { kind: Kind::Metadata, method: Method::GET, path, parameters, gzip: true }
}

/// `None` asks for the server's own present.
fn instant_call(kind: Kind, expr: &str, at: Option<Timestamp>) -> Call<'static> {
    let time = at.map(|at| ("time", seconds(at)));
    let parameters = [("query", expr.to_owned())].into_iter().chain(time).collect();
    // One sample per series is mostly labels, which compress tenfold for little work.
    form(kind, "api/v1/query", parameters, true)
}

fn range_call(expr: &str, window: Window, step: Duration) -> Call<'static> {
    let parameters = vec![
        ("query", expr.to_owned()),
        ("start", seconds(window.start)),
        ("end", seconds(window.end)),
        ("step", (step.as_millis() as f64 / 1000.0).to_string()),
    ];
    // Compressing a long range costs the server five times the query itself, and saves a local network
    // nothing that matters.
    form(Kind::Range, "api/v1/query_range", parameters, false)
}

fn form<'a>(kind: Kind, path: &'a str, parameters: Vec<(&'a str, String)>, gzip: bool) -> Call<'a> {
    Call { kind, method: Method::POST, path, parameters, gzip }
}

/// Exact to the millisecond, never in exponent notation.
fn seconds(at: Timestamp) -> String {
    at.as_seconds().to_string()
}

/// One series per metric that exists.
fn presence(names: &[String]) -> String {
    let pattern = names.iter().map(|name| regex::escape(name)).collect::<Vec<_>>().join("|");
    format!(r#"count by (__name__) ({{__name__=~"{}"}})"#, escape_promql(&pattern))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_sent_to_the_millisecond() {
        for (millis, expected) in [
            (0, "0"),
            (1, "0.001"),
            (1_435_781_451_781, "1435781451.781"),
            (-1_500, "-1.5"),
            (4_102_444_800_000, "4102444800"),
        ] {
            assert_eq!(seconds(Timestamp::from_millis(millis)), expected);
        }
    }

    #[test]
    fn presence_is_one_expression_that_parses() {
        let names = ["up".to_owned(), "a:b".to_owned(), "odd\"} or vector(1".to_owned()];
        let expr = presence(&names);
        assert_eq!(expr, r#"count by (__name__) ({__name__=~"up|a:b|odd\"\\} or vector\\(1"})"#);
        promql_parser::parser::parse(&expr).unwrap();
    }
}
