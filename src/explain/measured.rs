//! The values of an alert's expression around its beginning: what is asked, and what the answer says. Pure.

use std::time::Duration;

use serde::Serialize;

use super::expression::comparison;
use super::narrow::narrowed;
use crate::model::{Alert, Labels, Series, Timestamp, format_number as number};

/// How far before the beginning values are read, and how long after it.
const AROUND: Duration = Duration::from_secs(1800);
/// The distance of two values.
const STEP: Duration = Duration::from_secs(60);

/// A range query for the values of one alert.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasuredQuestion {
    /// The expression, narrowed to the alert's place.
    pub query: String,
    /// The first value's time.
    pub start: Timestamp,
    /// The last one's, at most.
    pub end: Timestamp,
    /// The distance of two.
    pub step: Duration,
    begins: Timestamp,
    labels: Labels,
    measured: String,
    limit: Option<(String, f64)>,
}

/// What an alert's expression said.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// What was evaluated: the expression, or the side of it that is compared.
    pub expr: String,
    /// What it is compared with, as `> 0.9`; `None` where the expression says more than that.
    pub limit: Option<String>,
    /// The median of the half hour before the alert began; `None`: no value.
    pub before: Option<f64>,
    /// The value at its beginning, or the first after it.
    pub at_start: Option<f64>,
    /// The latest value, and when it is of.
    pub last: Option<(Timestamp, f64)>,
    /// When it first crossed the limit in what was read, without coming back before the alert began.
    pub crossed: Option<Timestamp>,
}

impl MeasuredQuestion {
    /// The values of an alert's expression from half an hour before its beginning to half an hour after it.
    pub fn new(expr: &str, alert: &Alert, now: Timestamp) -> Self {
        let compared = comparison(expr);
        let measured = compared.map_or(expr, |one| one.measured).to_owned();
        let limit = compared.map(|one| (one.operator.to_owned(), one.limit));
        let begins = alert.starts_at.min(now);
        Self {
            query: narrowed(&measured, &alert.labels),
            start: begins - AROUND,
            end: (begins + AROUND).min(now),
            step: STEP,
            begins,
            labels: alert.labels.clone(),
            measured,
            limit,
        }
    }

    /// Of several series the one that shares most labels with the alert, by its labels where two share as many.
    pub fn read(self, answer: &[Series]) -> Measured {
        let fits = |series: &&Series| {
            series.labels.iter().all(|(name, value)| {
                name == "__name__" || self.labels.get(name).is_none_or(|own| own == value)
            })
        };
        let shared = |series: &Series| {
            series.labels.iter().filter(|(name, value)| self.labels.get(name) == Some(value)).count()
        };
        let mut fitting: Vec<&Series> = answer.iter().filter(fits).collect();
        fitting.sort_by(|a, b| shared(b).cmp(&shared(a)).then_with(|| a.labels.cmp(&b.labels)));
        let values: Vec<(Timestamp, f64)> = fitting
            .first()
            .into_iter()
            .flat_map(|series| &series.samples)
            .filter(|sample| sample.value.is_finite())
            .map(|sample| (sample.at, sample.value))
            .collect();
        let before = values.iter().filter(|(at, _)| *at < self.begins).map(|(_, value)| *value);
        Measured {
            before: median(before.collect()),
            at_start: values.iter().find(|(at, _)| *at >= self.begins).map(|(_, value)| *value),
            last: values.last().copied(),
            crossed: self.crossed(&values),
            limit: self.limit.map(|(operator, limit)| format!("{operator} {}", number(limit))),
            expr: self.measured,
        }
    }

    fn crossed(&self, values: &[(Timestamp, f64)]) -> Option<Timestamp> {
        let (operator, limit) = self.limit.as_ref()?;
        let until = self.begins + STEP;
        let early: Vec<_> = values.iter().filter(|(at, _)| *at <= until).collect();
        let beyond = early.iter().rev().take_while(|(_, value)| holds(*value, operator, *limit));
        let first = beyond.last()?;
        // The first value of all says nothing of when it crossed.
        early.first().filter(|begin| begin.0 != first.0).map(|_| first.0)
    }
}

fn holds(value: f64, operator: &str, limit: f64) -> bool {
    match operator {
        ">" => value > limit,
        "<" => value < limit,
        ">=" => value >= limit,
        "<=" => value <= limit,
        "==" => value == limit,
        _ => value != limit,
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[middle]),
        _ => Some(values[middle - 1] / 2.0 + values[middle] / 2.0),
    }
}

impl Measured {
    /// One sentence without its end; `None` where there is no value.
    pub fn words(&self) -> Option<String> {
        let (at, last) = self.last?;
        let mut words = format!("{} is {} at {at}", self.expr, number(last));
        if let Some(value) = self.at_start {
            words.push_str(&format!(", {} when the alert began", number(value)));
        }
        if let Some(value) = self.before {
            words.push_str(&format!(", {} in the half hour before (median)", number(value)));
        }
        if let Some(limit) = &self.limit {
            words.push_str(&format!("; the alert fires where it is {limit}"));
        }
        if let Some(at) = self.crossed {
            words.push_str(&format!(", which it is since {at}"));
        }
        Some(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AlertStatus, Sample};

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(minutes * 60_000)
    }

    fn alert(labels: &[(&str, &str)]) -> Alert {
        Alert {
            status: AlertStatus::Firing,
            labels: labels.iter().copied().collect(),
            annotations: Labels::default(),
            starts_at: at(100),
            ends_at: None,
            generator_url: String::new(),
        }
    }

    fn series(labels: &[(&str, &str)], values: &[(i64, f64)]) -> Series {
        let samples =
            values.iter().map(|(minute, value)| Sample { at: at(*minute), value: *value }).collect();
        Series { labels: labels.iter().copied().collect(), samples }
    }

    #[test]
    fn values_before_at_and_after_the_beginning_are_told() {
        let labels = [("alertname", "Busy"), ("instance", "a:80")];
        let question = MeasuredQuestion::new("busy > 0.9", &alert(&labels), at(110));
        assert_eq!((question.start, question.end), (at(70), at(110)));
        let values = [(95, 0.2), (96, 0.95), (97, 0.3), (98, 0.91), (100, 0.97), (110, 0.99)];
        let answer = [series(&[("instance", "b:80")], &[(100, 5.0)]), series(&labels[1..], &values)];
        let told = question.read(&answer);
        assert_eq!(told.before, Some(0.605), "the median of four");
        assert_eq!((told.at_start, told.last), (Some(0.97), Some((at(110), 0.99))));
        assert_eq!(told.crossed, Some(at(98)), "what came back did not last");
        assert_eq!(
            told.words().expect("there are values"),
            "busy is 0.99 at 1970-01-01T01:50:00Z, 0.97 when the alert began, 0.605 in the half hour before (median); \
             the alert fires where it is > 0.9, which it is since 1970-01-01T01:38:00Z"
        );
    }

    #[test]
    fn without_values_nothing_is_said() {
        let question = || MeasuredQuestion::new("absent(up)", &alert(&[]), at(110));
        for answer in [vec![], vec![series(&[], &[(100, f64::NAN)])]] {
            let told = question().read(&answer);
            assert_eq!((told.words(), told.crossed, told.limit), (None, None, None));
        }
    }
}
