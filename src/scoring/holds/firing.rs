//! Alerts that hold learning back while they fire, as Prometheus's series `ALERTS` tells, past and present.

use std::collections::BTreeMap;

use crate::model::{Labels, Matcher, Series};

/// Alerts told apart at most; further ones hold nothing back.
const MOST_ALERTS: usize = 10_000;

/// Which alerts hold back which series.
#[derive(Clone, Debug, PartialEq)]
pub struct WhileFiring {
    /// All of them must match; at least one.
    pub matchers: Vec<Matcher>,
    /// The labels that an alert and a series must share; none: the alert holds back every series.
    pub on: Vec<String>,
}

impl WhileFiring {
    /// The PromQL that finds the alerts: one series each, or one for all where the labels do not matter.
    pub fn expr(&self) -> String {
        let matchers: Vec<String> = self.matchers.iter().map(ToString::to_string).collect();
        format!(r#"count by ({}) (ALERTS{{alertstate="firing",{}}})"#, self.on.join(", "), matchers.join(","))
    }
}

/// When alerts fired, by the labels they share with the series they hold back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Firing {
    on: Vec<String>,
    /// Ticks in ascending order, in milliseconds.
    ticks: BTreeMap<Vec<Box<str>>, Vec<i64>>,
}

impl Firing {
    /// From the answer to [`WhileFiring::expr`].
    pub fn new(on: &[String], answer: &[Series]) -> Self {
        let mut firing = Self { on: on.to_vec(), ticks: BTreeMap::new() };
        for series in answer.iter().take(MOST_ALERTS) {
            let times = series.samples.iter().map(|sample| sample.at.as_millis()).collect();
            if let Some(key) = firing.key(&series.labels) {
                firing.ticks.insert(key, times);
            }
        }
        firing
    }

    /// Whether nothing fires.
    pub fn is_empty(&self) -> bool {
        self.ticks.is_empty()
    }

    /// The ticks at which an alert fires that holds back this series.
    pub fn of(&self, labels: &Labels) -> &[i64] {
        if self.ticks.is_empty() {
            return &[];
        }
        let ticks = self.key(labels).and_then(|key| self.ticks.get(&key));
        ticks.map_or(&[], Vec::as_slice)
    }

    /// `None` where a label is missing.
    fn key(&self, labels: &Labels) -> Option<Vec<Box<str>>> {
        self.on.iter().map(|name| labels.get(name).map(Into::into)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Sample, Timestamp};

    fn alert(labels: &[(&str, &str)], ticks: &[i64]) -> Series {
        let sample = |at: &i64| Sample { at: Timestamp::from_millis(*at), value: 1.0 };
        Series { labels: labels.iter().copied().collect(), samples: ticks.iter().map(sample).collect() }
    }

    #[test]
    fn an_alert_holds_back_the_series_that_share_its_labels() {
        let on = ["instance".to_owned(), "job".to_owned()];
        let answer = [
            alert(&[("instance", "a"), ("job", "node")], &[1, 2]),
            alert(&[("instance", "b"), ("job", "node")], &[3]),
            alert(&[("job", "node")], &[9]),
        ];
        let firing = Firing::new(&on, &answer);
        for (labels, ticks) in [
            (&[("instance", "a"), ("job", "node"), ("device", "sda")][..], &[1, 2][..]),
            (&[("instance", "b"), ("job", "node")], &[3]),
            (&[("instance", "a"), ("job", "app")], &[]),
            (&[("job", "node")], &[]),
        ] {
            assert_eq!(firing.of(&labels.iter().copied().collect()), ticks, "{labels:?}");
        }
        let all = Firing::new(&[], &[alert(&[], &[5])]);
        assert_eq!(all.of(&Labels::default()), [5]);
        assert!(Firing::new(&[], &[]).is_empty());
    }

    #[test]
    fn the_question_is_one_expression_that_parses() {
        let matchers = [r#"severity=~"critical|page""#, r#"team!="a\"b""#];
        let matchers = matchers.iter().map(|text| text.parse().unwrap()).collect::<Vec<Matcher>>();
        for on in [&[][..], &["instance".to_owned(), "job".to_owned()]] {
            let expr = WhileFiring { matchers: matchers.clone(), on: on.to_vec() }.expr();
            promql_parser::parser::parse(&expr).unwrap();
        }
    }
}
