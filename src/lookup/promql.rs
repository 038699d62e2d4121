//! PromQL, at one time and over a range.

use super::range::{Instant, Range};
use super::{Finding, LookupError, Lookups};
use crate::model::{Sample, Series, format_duration, format_number as number};

/// Series shown.
const MAX_SERIES: usize = 50;
/// Samples of the first series shown.
const MAX_SAMPLES: usize = 60;

impl Lookups {
    pub(super) async fn query(&self, asked: &Instant) -> Result<Finding, LookupError> {
        let (expr, at) = (asked.expr.clone(), asked.at);
        let series = self.ask(|client| async move { client.query(&expr, at).await }).await?;
        Ok(at_one_time(series, asked))
    }

    pub(super) async fn query_range(&self, asked: &Range) -> Result<Finding, LookupError> {
        let Range { expr, start, end, step } = asked.clone();
        let series =
            self.ask(|client| async move { client.query_range(&expr, start, end, step).await }).await?;
        Ok(over_a_range(series, asked))
    }
}

fn at_one_time(mut series: Vec<Series>, asked: &Instant) -> Finding {
    series.sort_by_cached_key(|one| one.labels.to_string());
    let title = format!("{} has {} series at {}.", asked.expr, series.len(), asked.at);
    let value = |one: &Series| one.samples.last().map_or(f64::NAN, |sample| sample.value);
    let lines = series.iter().take(MAX_SERIES).map(|one| format!("{} = {}", one.labels, number(value(one))));
    Finding::new(&title, lines).and_more(series.len().saturating_sub(MAX_SERIES))
}

fn over_a_range(mut series: Vec<Series>, asked: &Range) -> Finding {
    series.retain(|one| !one.samples.is_empty());
    series.sort_by_cached_key(|one| one.labels.to_string());
    let step = format_duration(asked.step);
    let title = format!(
        "{} has {} series from {} to {}, a sample every {step}.",
        asked.expr,
        series.len(),
        asked.start,
        asked.end
    );
    let samples = series.first().map(|one| samples(&one.samples)).unwrap_or_default();
    let lines = series.iter().take(MAX_SERIES).map(summary);
    let lines: Vec<String> = match series.len() {
        0 => Vec::new(),
        _ => lines.chain([format!("Samples of the first series: {samples}")]).collect(),
    };
    Finding::new(&title, lines).and_more(series.len().saturating_sub(MAX_SERIES))
}

/// One series in a line.
fn summary(series: &Series) -> String {
    let finite: Vec<&Sample> = series.samples.iter().filter(|sample| sample.value.is_finite()).collect();
    let (Some(first), Some(last)) = (finite.first(), finite.last()) else {
        return format!("{}: {} samples, none of them a number", series.labels, series.samples.len());
    };
    let least = finite.iter().min_by(|a, b| a.value.total_cmp(&b.value)).unwrap_or(first);
    let most = finite.iter().max_by(|a, b| a.value.total_cmp(&b.value)).unwrap_or(first);
    let mean = finite.iter().map(|sample| sample.value / finite.len() as f64).sum();
    format!(
        "{}: {} samples, first {}, last {}, least {} at {}, greatest {} at {}, mean {}",
        series.labels,
        series.samples.len(),
        number(first.value),
        number(last.value),
        number(least.value),
        least.at,
        number(most.value),
        most.at,
        number(mean)
    )
}

/// Samples as `time value`, evenly thinned to what is shown.
fn samples(samples: &[Sample]) -> String {
    let every = samples.len().div_ceil(MAX_SAMPLES).max(1);
    let shown = samples.iter().step_by(every).map(|sample| format!("{} {}", sample.at, number(sample.value)));
    shown.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::{Labels, Timestamp};

    fn series(instance: &str, values: &[f64]) -> Series {
        let at = |index: usize| Timestamp::from_millis(index as i64 * 60_000);
        let samples = values.iter().enumerate().map(|(index, value)| Sample { at: at(index), value: *value });
        let labels: Labels = [("instance", instance)].into_iter().collect();
        Series { labels, samples: samples.collect() }
    }

    #[test]
    fn values_are_told_by_series_in_order() {
        let asked = Instant { expr: "up".to_owned(), at: Timestamp::from_millis(0) };
        let found = at_one_time(vec![series("b", &[0.0]), series("a", &[1.0])], &asked);
        assert_eq!(found.title, "up has 2 series at 1970-01-01T00:00:00Z.");
        assert_eq!(found.lines, [r#"{instance="a"} = 1"#, r#"{instance="b"} = 0"#]);
        let many = (0..70).map(|index| series(&format!("{index}"), &[1.0])).collect();
        assert_eq!(at_one_time(many, &asked).left_out, 20);
    }

    #[test]
    fn a_range_is_told_by_its_extremes() {
        let asked = Range {
            expr: "load".to_owned(),
            start: Timestamp::from_millis(0),
            end: Timestamp::from_millis(180_000),
            step: Duration::from_secs(60),
        };
        let found = over_a_range(
            vec![series("a", &[1.0, 5.0, f64::NAN, 3.0]), series("b", &[f64::NAN]), series("c", &[])],
            &asked,
        );
        assert_eq!(
            found.lines,
            [
                r#"{instance="a"}: 4 samples, first 1, last 3, least 1 at 1970-01-01T00:00:00Z, greatest 5 at 1970-01-01T00:01:00Z, mean 3"#,
                r#"{instance="b"}: 1 samples, none of them a number"#,
                "Samples of the first series: 1970-01-01T00:00:00Z 1, 1970-01-01T00:01:00Z 5, 1970-01-01T00:02:00Z NaN, 1970-01-01T00:03:00Z 3",
            ]
        );
        assert!(over_a_range(Vec::new(), &asked).lines.is_empty());
    }
}
