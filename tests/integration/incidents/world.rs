//! Series out of a short notation, and the text that a Prometheus is back-filled with.
//!
//! A series is `metric{label="value"}`; `[1-3]` in a value makes three of it. What it did is one piece or several,
//! divided by `|`; each but the first begins with its minute, and holds until the next:
//!
//! - `0.2` or `0.2 ~0.01`: a value, and how much it wavers;
//! - `0.2 to 0.9 ~0.01`: from one value to another, evenly until the next piece or the end;
//! - `rate 5 ~1`: a counter that grows by five a second;
//! - `time -12`: the time of that minute, in seconds since the epoch;
//! - `gone`: no samples.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::file::{Incident, Shape};

/// Minutes of history of a series that is scored, and of every other.
pub const SCORED: i64 = 1440;
const OTHERS: i64 = 180;
/// Samples lie a minute apart and go on for some minutes after the question, so that none is stale by then.
const AHEAD: i64 = 4;

/// One series with its samples: seconds since the epoch, value.
#[derive(Clone, Debug)]
pub struct Made {
    pub metric: String,
    pub labels: BTreeMap<String, String>,
    pub samples: Vec<(i64, f64)>,
}

/// Every series of an incident whose minute 0 is at `zero`, in seconds since the epoch.
pub fn world(incident: &Incident, zero: i64) -> Vec<Made> {
    let scored = |metric: &str| incident.watch.iter().any(|watch| watch.expr.contains(metric));
    let all = incident.series.iter().flat_map(|(series, shape)| {
        let text = match shape {
            Shape::Number(value) => value.to_string(),
            Shape::Text(text) => text.clone(),
        };
        let pieces = pieces(&text);
        expanded(series).into_iter().map(move |series| {
            let (metric, labels) = parse(&series);
            let first = if scored(&metric) { -SCORED } else { -OTHERS };
            let samples = samples(&pieces, &series, first, incident.after + AHEAD, zero);
            Made { metric, labels, samples }
        })
    });
    all.collect()
}

/// As OpenMetrics: the samples of a metric together, by series.
pub fn text(world: &[Made]) -> String {
    let mut by_metric: BTreeMap<&str, String> = BTreeMap::new();
    for Made { metric, labels, samples } in world {
        let labels: Vec<String> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")))
            .collect();
        let text = by_metric.entry(metric).or_default();
        for (at, value) in samples {
            writeln!(text, "{metric}{{{}}} {value} {at}", labels.join(",")).expect("memory");
        }
    }
    let typed = by_metric.into_iter().map(|(metric, text)| format!("# TYPE {metric} unknown\n{text}"));
    typed.collect::<String>() + "# EOF\n"
}

/// `a[1-3]b[x,y]`: one for each.
fn expanded(series: &str) -> Vec<String> {
    let Some((head, rest)) = series.split_once('[') else { return vec![series.to_owned()] };
    let (range, tail) = rest.split_once(']').unwrap_or_else(|| panic!("{series}: no ]"));
    let all: Vec<String> = match range.split_once('-') {
        Some((first, last)) => {
            let number = |text: &str| text.parse::<u32>().unwrap_or_else(|_| panic!("{series}: [{range}]"));
            (number(first)..=number(last)).map(|number| number.to_string()).collect()
        }
        None => range.split(',').map(str::to_owned).collect(),
    };
    all.iter().flat_map(|one| expanded(&format!("{head}{one}{tail}"))).collect()
}

fn parse(series: &str) -> (String, BTreeMap<String, String>) {
    let Some((metric, rest)) = series.split_once('{') else { return (series.to_owned(), BTreeMap::new()) };
    let inner = rest.strip_suffix('}').unwrap_or_else(|| panic!("{series}: no closing brace"));
    let label = |pair: &str| {
        let (name, value) = pair.split_once("=\"").unwrap_or_else(|| panic!("{series}: {pair}"));
        (name.trim_start_matches(',').to_owned(), value.to_owned())
    };
    (
        metric.to_owned(),
        inner
            .split_terminator('"')
            .collect::<Vec<_>>()
            .chunks(2)
            .map(|pair| label(&pair.join("\"")))
            .collect(),
    )
}

/// A piece: from which minute on, and what.
type Piece = (i64, Form);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Value { from: f64, to: f64, noise: f64 },
    Rate { per_second: f64, noise: f64 },
    Time(i64),
    Gone,
}

fn pieces(text: &str) -> Vec<Piece> {
    let one = |(number, piece): (usize, &str)| {
        let mut words: Vec<&str> = piece.split_whitespace().collect();
        let fault = |_| panic!("{text}: {piece}");
        let from = if number == 0 { i64::MIN } else { words.remove(0).parse().unwrap_or_else(fault) };
        let noise = match words.last().and_then(|word| word.strip_prefix('~')) {
            Some(noise) => {
                words.pop();
                noise.parse().unwrap_or_else(|_| panic!("{text}: {piece}"))
            }
            None => 0.0,
        };
        let value = |word: &str| word.parse::<f64>().unwrap_or_else(|_| panic!("{text}: {piece}"));
        let form = match words[..] {
            ["gone"] => Form::Gone,
            ["time", minute] => Form::Time(minute.parse().unwrap_or_else(fault)),
            ["rate", rate] => Form::Rate { per_second: value(rate), noise },
            [from, "to", to] => Form::Value { from: value(from), to: value(to), noise },
            [one] => Form::Value { from: value(one), to: value(one), noise },
            _ => panic!("{text}: {piece}"),
        };
        (from, form)
    };
    text.split('|').enumerate().map(one).collect()
}

fn samples(pieces: &[Piece], series: &str, first: i64, last: i64, zero: i64) -> Vec<(i64, f64)> {
    let seed = series.bytes().fold(7_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let mut random = fastrand::Rng::with_seed(seed);
    let mut count = 0.0;
    let mut samples = Vec::new();
    for minute in first..=last {
        let current =
            pieces.iter().rposition(|(from, _)| *from <= minute).expect("the first has no beginning");
        let (from, form) = pieces[current];
        let until = pieces.get(current + 1).map_or(last, |next| next.0);
        // The sum of three is nearly normal.
        let wave = (0..3).map(|_| random.f64() * 2.0 - 1.0).sum::<f64>();
        let value = match form {
            Form::Gone => continue,
            Form::Time(minute) => (zero + minute * 60) as f64,
            Form::Rate { per_second, noise } => {
                count += 60.0 * (per_second + noise * wave).max(0.0);
                count
            }
            Form::Value { from: begin, to, noise } => {
                let from = from.max(first);
                let share = (minute - from) as f64 / (until - from).max(1) as f64;
                begin + (to - begin) * share + noise * wave
            }
        };
        samples.push((zero + minute * 60, value));
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_notation_makes_series() {
        assert_eq!(expanded(r#"up{a="h[1-2]",b="[x,y]"}"#).len(), 4);
        let (metric, labels) = parse(r#"up{instance="a:80",job="x"}"#);
        assert_eq!(
            (metric.as_str(), labels["instance"].as_str(), labels["job"].as_str()),
            ("up", "a:80", "x")
        );
        for (text, minutes, expected) in [
            ("2", -1..=0, vec![(-60, 2.0), (0, 2.0)]),
            ("1 | 0 gone | 1 3", -1..=1, vec![(-60, 1.0), (60, 3.0)]),
            ("0 to 4", 0..=4, vec![(0, 0.0), (60, 1.0), (120, 2.0), (180, 3.0), (240, 4.0)]),
            ("rate 1", 1..=2, vec![(60, 60.0), (120, 120.0)]),
            ("time -2 | 1 time 1", 0..=1, vec![(0, -120.0), (60, 60.0)]),
        ] {
            assert_eq!(samples(&pieces(text), "x", *minutes.start(), *minutes.end(), 0), expected, "{text}");
        }
    }
}
