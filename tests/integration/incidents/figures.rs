//! Whether each figure of a text is to be found in what was there: in the alerts as they were posted, in the series as
//! they were written, in what Prometheus and `/metrics` answer a client of their own. It shares no code with what it
//! checks.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use smartcloudops::model::Timestamp;

use super::file::{Fired, Incident};
use super::judge::pattern;
use super::run::{Told, begins, compared};

static TIME: LazyLock<Regex> = LazyLock::new(|| pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"));
static DURATION: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(\d+[dhms])+\b"));
static NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"-?\d+(\.\d+)?(e-?\d+)?"));
/// A line's own frame: the weight of a cause orders it, and is no figure of the world; nor is the share of another's
/// excess, up to all of it.
static WEIGHT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\(weight (0(\.\d{1,3})?|1), near \d+ alerts?\)|\(e\d+(, e\d+)*\)|(accounts for|leaves) (\d{1,2}(\.\d+)?(e-\d+)?|100)% of (the excess|that)\b",
    )
});

static LABEL: LazyLock<Regex> = LazyLock::new(|| pattern(r#"[a-zA-Z_]\w*="(\\.|[^"\\])*""#));

/// What is known of an incident.
pub struct Facts {
    /// Labels with their values, as they are written between braces.
    labels: BTreeSet<String>,
    /// Every word with a digit in it, the longest first.
    names: Vec<String>,
    /// In seconds since the epoch.
    times: BTreeSet<i64>,
    numbers: Vec<f64>,
    /// In seconds, besides the distances of times.
    durations: BTreeSet<i64>,
}

impl Facts {
    /// Everything that was there.
    pub fn of(incident: &Incident, told: &Told) -> Self {
        let mut facts = Self {
            labels: labels(incident, told),
            names: names(incident, told),
            times: times(incident, told),
            numbers: Vec::new(),
            durations: BTreeSet::new(),
        };
        facts.scores(told);
        for (alert, answer) in incident.alerts.iter().zip(&told.measured) {
            facts.measured(alert, answer, begins(alert, told.zero, told.read), told.read);
        }
        facts.numbers.extend(&told.called.numbers);
        facts.times.extend(&told.called.times);
        let earlier = incident.earlier.iter().map(|one| (one.to - one.from) * 60);
        facts.durations.extend(earlier);
        let scored = told.scored.iter().flat_map(|(all, odd)| [*all, *odd, all - odd]);
        let counts = scored.chain([incident.alerts.len(), incident.earlier.len()]);
        facts.numbers.extend(counts.map(|count| count as f64));
        facts
    }

    fn scores(&mut self, told: &Told) {
        let lines = told.metrics.lines().filter(|line| line.starts_with("anomaly_"));
        self.numbers.extend(lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()));
        // The alarm line.
        self.numbers.push(1.0);
        for anomaly in told.anomalies.as_array().into_iter().flatten() {
            let since =
                ["since", "absent_since"].into_iter().filter_map(|name| seconds(anomaly[name].as_str()?));
            self.times.extend(since);
        }
    }

    /// What may be said of an alert's expression, worked out here once more.
    fn measured(&mut self, alert: &Fired, answer: &Value, begins: f64, until: f64) {
        let fits = |series: &&Value| {
            let of = series["metric"].as_object().expect("labels");
            of.iter().all(|(name, value)| alert.labels.get(name).is_none_or(|own| own == value))
        };
        for series in answer.as_array().into_iter().flatten().filter(fits) {
            let value = |pair: &Value| Some((pair[0].as_f64()?, pair[1].as_str()?.parse::<f64>().ok()?));
            let values = series["values"].as_array().into_iter().flatten().filter_map(value);
            let values: Vec<(f64, f64)> =
                values.filter(|(at, value)| *at <= until && value.is_finite()).collect();
            self.numbers
                .extend(median(values.iter().filter(|(at, _)| *at < begins).map(|(_, value)| *value)));
            self.numbers.extend(values.iter().find(|(at, _)| *at >= begins).map(|(_, value)| *value));
            if let Some((at, value)) = values.last() {
                self.numbers.push(*value);
                self.times.insert(*at as i64);
            }
            self.crossed(alert, &values, begins);
        }
    }

    /// The limit, and since when it is crossed.
    fn crossed(&mut self, alert: &Fired, values: &[(f64, f64)], begins: f64) {
        let Some((operator, limit)) = compared(&alert.expr).1 else { return };
        self.numbers.push(limit);
        let holds = |value: f64| match operator {
            ">" => value > limit,
            "<" => value < limit,
            ">=" => value >= limit,
            "<=" => value <= limit,
            _ => value == limit,
        };
        let early = values.iter().rev().skip_while(|(at, _)| *at > begins + 60.0);
        self.times.extend(early.take_while(|(_, value)| holds(*value)).last().map(|(at, _)| *at as i64));
    }

    /// The figures of a text that are nowhere to be found.
    pub fn unsupported(&self, text: &str) -> Vec<String> {
        text.lines().flat_map(|line| self.of_line(line)).collect()
    }

    fn of_line(&self, line: &str) -> Vec<String> {
        let mut rest = WEIGHT.replace_all(line, " ").into_owned();
        let mut wrong = Vec::new();
        let mut told = |what: &str| wrong.push(format!("{what} in: {}", line.trim()));
        rest = LABEL
            .replace_all(&rest, |found: &regex::Captures| match self.labels.contains(&found[0]) {
                true => " ".to_owned(),
                false => found[0].to_owned(),
            })
            .into_owned();
        for name in &self.names {
            rest = rest.replace(name.as_str(), " ");
        }
        for time in TIME.find_iter(&rest) {
            if !seconds(time.as_str()).is_some_and(|at| self.times.contains(&at)) {
                told(time.as_str());
            }
        }
        rest = TIME.replace_all(&rest, " ").into_owned();
        for duration in DURATION.find_iter(&rest) {
            if !self.lasts(length(duration.as_str())) {
                told(duration.as_str());
            }
        }
        rest = DURATION.replace_all(&rest, " ").into_owned();
        for number in NUMBER.find_iter(&rest) {
            if !self.has(number.as_str()) {
                told(number.as_str());
            }
        }
        wrong
    }

    /// A length that is known, or the distance of two known times; whole seconds are cut, not rounded.
    fn lasts(&self, seconds: i64) -> bool {
        let apart = |from: &i64| (-1..=1).any(|slack| self.times.contains(&(from + seconds + slack)));
        self.durations.contains(&seconds) || self.times.iter().any(apart)
    }

    /// A number to its fourth digit, and a large one to its last before the point.
    fn has(&self, text: &str) -> bool {
        let Ok(number) = text.parse::<f64>() else { return false };
        let exact = match (text.contains('e'), number == 0.0) {
            (true, _) => number.abs() * 5.1e-4,
            (_, true) => 0.0,
            _ => 0.5001 * 10_f64.powf((number.abs().log10().floor() - 3.0).min(0.0)),
        };
        self.numbers.iter().any(|known| (known - number).abs() <= exact)
    }
}

fn labels(incident: &Incident, told: &Told) -> BTreeSet<String> {
    let series = told.world.iter().flat_map(|made| &made.labels);
    let alerts = incident.alerts.iter().flat_map(|alert| &alert.labels);
    series.chain(alerts).map(|(name, value)| format!("{name}={value:?}")).collect()
}

fn names(incident: &Incident, told: &Told) -> Vec<String> {
    let mut names = BTreeSet::new();
    for made in &told.world {
        names.insert(made.metric.clone());
        names.extend(made.labels.values().flat_map(|value| [value.clone(), host(value).to_owned()]));
    }
    for alert in &incident.alerts {
        names.extend(alert.labels.values().flat_map(|value| [value.clone(), host(value).to_owned()]));
        names.extend(alert.says.clone());
        names.extend([alert.expr.clone(), compared(&alert.expr).0.to_owned()]);
    }
    names.extend(incident.watch.iter().flat_map(|watch| [watch.name.clone(), watch.expr.clone()]));
    // A name that is a number would hide any number.
    let telling = |name: &String| name.chars().any(|c| c.is_ascii_digit()) && name.parse::<f64>().is_err();
    let mut names: Vec<String> = names.into_iter().filter(telling).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names
}

fn host(value: &str) -> &str {
    value.split_once(':').map_or(value, |(host, _)| host)
}

/// When something was: alerts, what series say of times, the edges of the windows that are looked at, the question.
fn times(incident: &Incident, told: &Told) -> BTreeSet<i64> {
    let minute = |minute: i64| told.zero + minute * 60;
    // Prometheus is asked as of up to ten seconds before.
    let mut times: BTreeSet<i64> = (told.asked.0 - 10..=told.asked.1).collect();
    for alert in &incident.alerts {
        times.extend([minute(alert.at), minute(alert.at - 60), minute(alert.at + 5)]);
    }
    let decided = told.decided.to_string();
    times.extend(TIME.find_iter(&decided).filter_map(|time| seconds(time.as_str())));
    times.extend(incident.earlier.iter().flat_map(|one| [minute(one.from), minute(one.to)]));
    for made in told.world.iter() {
        let is_time = |value: f64| value.fract() == 0.0 && (value as i64 - told.zero).abs() < 30 * 86_400;
        times
            .extend(made.samples.iter().filter(|(_, value)| is_time(*value)).map(|(_, value)| *value as i64));
        // The last sample before a gap, and the first ever.
        let appears = made.samples.first().map(|(at, _)| *at);
        let gaps = made
            .samples
            .windows(2)
            .filter(|pair| pair[1].0 - pair[0].0 > 60)
            .flat_map(|pair| [pair[0].0, pair[1].0]);
        times.extend(appears.into_iter().chain(gaps).chain(made.samples.last().map(|(at, _)| *at)));
    }
    times
}

/// The middle of values; none without one.
pub fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

fn seconds(time: &str) -> Option<i64> {
    let at: Timestamp = time.parse().ok()?;
    Some(at.as_millis().div_euclid(1000))
}

fn length(text: &str) -> i64 {
    let mut seconds = 0;
    let mut digits = String::new();
    for c in text.chars() {
        let unit = match c {
            'd' => 86_400,
            'h' => 3600,
            'm' => 60,
            's' => 1,
            digit => {
                digits.push(digit);
                continue;
            }
        };
        seconds += digits.parse::<i64>().unwrap_or(i64::MAX / 100_000) * unit;
        digits.clear();
    }
    seconds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            labels: ["version=\"2.4\"".to_owned()].into(),
            names: vec!["web-1:8080".to_owned(), "web-1".to_owned()],
            times: [0, 600].into(),
            numbers: vec![0.98765, 1234.5, 3.0, 0.000_012_345],
            durations: [7200].into(),
        }
    }

    #[test]
    fn a_figure_stands_only_where_it_is_known() {
        for (text, unsupported) in [
            ("web-1:8080 is 0.9877 at 1970-01-01T00:10:00Z, 10m later, for 2h", 0),
            ("web-1 is 1234, or 1.234e-5, 3 times", 0),
            ("{version=\"2.4\"} is 3", 0),
            ("{version=\"2.5\"} is 3", 1),
            ("it is 0.99", 1),
            ("it is 0.9878", 1),
            ("web-2 is 3", 1),
            ("at 1970-01-01T00:11:00Z", 1),
            ("for 11m", 1),
            ("1233 and 4 of 3", 2),
            ("web-1 (weight 0.73, near 2 alerts): 3", 0),
            ("web-1 (weight 73, near 2 alerts): 3", 2),
            ("web-1 accounts for 46.2% of the excess of web-2", 1),
            ("it accounts for 146% of the excess, and 46.2% of it", 2),
        ] {
            let found = facts().unsupported(text);
            assert_eq!(found.len(), unsupported, "{text}: {found:?}");
        }
    }
}
