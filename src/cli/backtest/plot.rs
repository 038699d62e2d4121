//! Series as shapes: paths in a frame of fixed size, which the page stretches to its width. Pure.

use serde::Serialize;

use super::assemble::Plot;
use super::envelope::Column;
use super::report::Episode;
use super::words;

/// The frame's width; heights are those of the upper part, with values, and of the lower, with scores.
const WIDTH: f64 = 1000.0;
const VALUE_HEIGHT: f64 = 200.0;
const SCORE_HEIGHT: f64 = 60.0;
/// Room above and below the values, as a share of their range.
const MARGIN: f64 = 0.06;
/// How far beyond the values the band is followed, as a share of their range.
const BAND_ROOM: f64 = 0.6;
/// Labels on the axis of time.
const TIMES: usize = 4;

/// One plot, ready to be put on a page. Paths hold digits, letters and signs of SVG alone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Drawing {
    /// The area of the band.
    pub band: String,
    /// The line of what was expected.
    pub expected: String,
    /// The area between the lowest and the highest values.
    pub values: String,
    /// The area under the scores.
    pub scores: String,
    /// Where the score is 1, from the top of the lower part.
    pub line: String,
    /// The numbers at the top and the bottom of the upper part, and the score at the top of the lower.
    pub high: String,
    /// At the bottom.
    pub low: String,
    /// The score.
    pub high_score: String,
    /// The episodes.
    pub shades: Vec<Shade>,
    /// The alarms.
    pub marks: Vec<String>,
    /// The axis of time, at even distances from one end to the other.
    pub times: Vec<String>,
}

/// One episode.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Shade {
    /// Its left edge.
    pub x: String,
    /// Its width.
    pub width: String,
    /// What it is.
    pub title: String,
}

/// Draws a series with its episodes.
pub(super) fn draw(plot: &Plot, episodes: &[&Episode]) -> Drawing {
    let columns: Vec<Column> = plot.envelope.columns().collect();
    let values = Scale::of_values(&columns);
    let highest = columns.iter().map(|column| column.score).fold(1.25, f64::max);
    let scores = Scale { low: 0.0, high: highest, height: SCORE_HEIGHT };
    let has_band = |column: &Column| column.lower.is_finite() || column.upper.is_finite();
    let band = |column: &Column| has_band(column).then_some((column.lower, column.upper));
    let range = |column: &Column| column.low.is_finite().then_some((column.low, column.high));
    let expected =
        |column: &Column| column.expected.is_finite().then_some((column.expected, column.expected));
    let score = |column: &Column| column.score.is_finite().then_some((0.0, column.score));
    Drawing {
        band: area(&columns, &values, band),
        expected: area(&columns, &values, expected),
        values: area(&columns, &values, range),
        scores: area(&columns, &scores, score),
        line: digits(scores.y(1.0)),
        high: words::value(values.high),
        low: words::value(values.low),
        high_score: format!("{highest:.1}"),
        shades: episodes.iter().map(|episode| shade(plot, episode)).collect(),
        marks: episodes
            .iter()
            .filter_map(|it| it.alarm)
            .map(|at| digits(WIDTH * plot.grid.place(at)))
            .collect(),
        times: times(plot),
    }
}

/// From numbers to heights below the top of the frame.
struct Scale {
    low: f64,
    high: f64,
    height: f64,
}

impl Scale {
    /// The range of the values, and of the band as far as it stays near them.
    fn of_values(columns: &[Column]) -> Self {
        let low = columns.iter().map(|column| column.low).fold(f64::NAN, f64::min);
        let high = columns.iter().map(|column| column.high).fold(f64::NAN, f64::max);
        let (low, high) = if low.is_nan() { (0.0, 0.0) } else { (low, high) };
        let span = if high > low { high - low } else { high.abs().max(1.0) * 0.1 };
        let edge = |from: f64, edge: fn(&Column) -> f64, outer: fn(f64, f64) -> f64| {
            columns.iter().map(edge).filter(|edge| edge.is_finite()).fold(from, outer)
        };
        let lower = edge(low, |column| column.lower, f64::min).max(low - BAND_ROOM * span);
        let upper = edge(high, |column| column.upper, f64::max).min(high + BAND_ROOM * span);
        let room = MARGIN * (upper - lower).max(span);
        Self { low: lower - room, high: upper + room, height: VALUE_HEIGHT }
    }

    fn y(&self, number: f64) -> f64 {
        (self.height * (self.high - number) / (self.high - self.low)).clamp(0.0, self.height)
    }
}

/// The area between two numbers of each column, one closed shape for each run of columns that have them.
fn area(columns: &[Column], scale: &Scale, pair: impl Fn(&Column) -> Option<(f64, f64)>) -> String {
    let width = WIDTH / columns.len() as f64;
    let pairs: Vec<Option<(f64, f64)>> = columns.iter().map(pair).collect();
    let mut path = String::new();
    let mut from = 0;
    for run in pairs.chunk_by(|a, b| a.is_some() == b.is_some()) {
        let whole: Vec<(f64, f64)> = run.iter().copied().flatten().collect();
        if let (Some(first), Some(last)) = (whole.first(), whole.last()) {
            let left = from as f64 * width;
            let middle = |index: usize| left + (index as f64 + 0.5) * width;
            let inner = whole.iter().enumerate().map(|(index, pair)| (middle(index), *pair));
            let right = left + whole.len() as f64 * width;
            let points: Vec<_> = [(left, *first)].into_iter().chain(inner).chain([(right, *last)]).collect();
            let there = points.iter().map(|(x, (_, upper))| (*x, *upper));
            let back = points.iter().rev().map(|(x, (lower, _))| (*x, *lower));
            path += &shape(there.chain(back), scale);
        }
        from += run.len();
    }
    path
}

fn shape(points: impl Iterator<Item = (f64, f64)>, scale: &Scale) -> String {
    let point = |(x, number)| format!("{} {}", digits(x), digits(scale.y(number)));
    format!("M{}Z", points.map(point).collect::<Vec<_>>().join("L"))
}

fn shade(plot: &Plot, episode: &Episode) -> Shade {
    let end =
        episode.onset + std::time::Duration::try_from_secs_f64(episode.duration_seconds).unwrap_or_default();
    let [left, right] = [episode.onset, end].map(|at| WIDTH * plot.grid.place(at));
    let title = format!(
        "{} to {}, peak {:.2}: {} where {} was expected",
        episode.onset,
        episode.end,
        episode.peak.score,
        words::value(episode.peak.value),
        words::value(episode.peak.expected)
    );
    Shade { x: digits(left), width: digits((right - left).max(1.5)), title }
}

fn times(plot: &Plot) -> Vec<String> {
    let places = (0..TIMES).map(|index| index as f64 / (TIMES - 1) as f64);
    let label = |place: f64| {
        let at = plot.grid.time(place);
        let time = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
        time.strftime("%m-%d %H:%M").to_string()
    };
    places.map(label).collect()
}

/// A tenth of a unit is finer than a pixel.
fn digits(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::backtest::sample;

    const NAN: f64 = f64::NAN;
    const INFINITE: f64 = f64::INFINITY;

    fn column(low: f64, high: f64, lower: f64, upper: f64) -> Column {
        Column { low, high, expected: low, lower, upper, score: 0.5 }
    }

    #[test]
    fn each_run_is_a_closed_shape_from_edge_to_edge() {
        let scale = Scale { low: 0.0, high: 10.0, height: 100.0 };
        let range = |column: &Column| column.low.is_finite().then_some((column.low, column.high));
        for (name, columns, expected) in [
            ("nothing", vec![column(NAN, NAN, NAN, NAN)], ""),
            ("one", vec![column(2.0, 4.0, NAN, NAN)], "M0 60L500 60L1000 60L1000 80L500 80L0 80Z"),
            (
                "a gap and what lies outside of the frame",
                vec![column(0.0, 20.0, NAN, NAN), column(NAN, NAN, NAN, NAN)],
                "M0 0L250 0L500 0L500 100L250 100L0 100Z",
            ),
        ] {
            assert_eq!(area(&columns, &scale, range), expected, "{name}");
        }
        let gap = [column(1.0, 1.0, NAN, NAN), column(NAN, NAN, NAN, NAN), column(1.0, 1.0, NAN, NAN)];
        assert_eq!(area(&gap, &scale, range).matches('M').count(), 2);
    }

    #[test]
    fn the_scale_holds_the_values_and_the_band_that_is_near() {
        for (name, columns, low, high) in [
            ("no band", vec![column(0.0, 100.0, NAN, NAN)], -6.0, 106.0),
            ("a near band", vec![column(0.0, 100.0, -50.0, 150.0)], -62.0, 162.0),
            ("a far band", vec![column(0.0, 100.0, -5e9, 5e9)], -73.2, 173.2),
            ("one open side", vec![column(0.0, 100.0, -INFINITE, 100.0)], -6.0, 106.0),
            ("a constant", vec![column(50.0, 50.0, NAN, NAN)], 49.7, 50.3),
            ("no value", vec![column(NAN, NAN, NAN, NAN)], -0.006, 0.006),
        ] {
            let scale = Scale::of_values(&columns);
            assert!(
                (scale.low - low).abs() < 1e-9 && (scale.high - high).abs() < 1e-9,
                "{name}: {} {}",
                scale.low,
                scale.high
            );
        }
    }

    #[test]
    fn a_drawing_has_its_episodes_and_alarms_in_place() {
        let report = sample::report();
        let drawing = draw(&sample::plot(), &[&report.episodes[0]]);
        assert_eq!(drawing.marks, ["500"]);
        assert_eq!((drawing.shades[0].x.as_str(), drawing.shades[0].width.as_str()), ("500", "100"));
        let title = "2026-01-05T00:05:00Z to 2026-01-05T00:05:00Z, peak 4.20: 99 where 10 was expected";
        assert_eq!(drawing.shades[0].title, title);
        assert_eq!(drawing.times, ["01-05 00:00", "01-05 00:03", "01-05 00:06", "01-05 00:10"]);
        assert_eq!((drawing.high_score.as_str(), drawing.line.as_str()), ("4.2", "45.7"));
        assert!(drawing.band.starts_with('M') && drawing.values.ends_with('Z'));
    }
}
