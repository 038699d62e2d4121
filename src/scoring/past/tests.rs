//! A range in pieces of any size gives what a tracker says that is fed tick by tick.

use super::*;
use crate::detect;
use crate::model::{Labels, Score};
use crate::scoring::Query;

/// The time between ticks, in milliseconds. Times are counted in ticks.
const INTERVAL: i64 = 600_000;
const DAY: i64 = 144;
/// The range begins here.
const START: i64 = 150;
const END: i64 = START + 3 * DAY;
const MODELS: [detect::Model; 3] = [detect::Model::Auto, detect::Model::Seasonal, detect::Model::Prophet];

fn query(name: &str, model: detect::Model) -> Query {
    Query { model, ..Query::plain(name, "x", Duration::from_secs(600)) }
}

fn config(model: detect::Model) -> Config {
    Config {
        interval: Duration::from_secs(600),
        history: Duration::from_secs(86_400),
        max_series: 10,
        backfill_concurrency: 1,
        vanished_after: Duration::from_secs(600),
        snapshot_interval: Duration::from_secs(600),
        maintenance: Arc::from([]),
        queries: vec![query("a", model), query("b", model)],
        models: Vec::new(),
    }
}

fn at(tick: i64) -> Timestamp {
    Timestamp::from_millis(tick * INTERVAL)
}

/// The value of series number `series` at a tick; `None` where it has none.
fn value(series: i64, tick: i64) -> Option<f64> {
    let noise = (tick * 7919 + series * 104_729) % 101;
    match (series, tick) {
        (0, 280..284) => Some(500.0),
        (1, 260..263) => Some(f64::NAN),
        // Gone for more than a day, then back.
        (2, 300..460) => None,
        // A series that begins late.
        (3, _) if tick < 2 * DAY => None,
        _ => Some(100.0 + noise as f64 / 10.0),
    }
}

/// The range answer for the ticks from `first` to `last`.
fn answer(first: i64, last: i64) -> Answer {
    let mut answer = Answer::default();
    for series in 0..4 {
        let sample = |tick| Some(Sample { at: at(tick), value: value(series, tick)? });
        answer.push(&format!("{{\"series\":\"{series}\"}}"), (first..=last).filter_map(sample));
    }
    answer
}

fn pieces(first: i64, last: i64, size: i64) -> impl Iterator<Item = (i64, i64)> {
    (first..=last).step_by(size as usize).map(move |from| (from, (from + size - 1).min(last)))
}

/// Everything seen, the edges of bands only where they are wanted.
#[derive(Default)]
struct Seen {
    scores: Vec<(Labels, Score)>,
    begun: usize,
    bands: bool,
}

impl Seen {
    /// Bits, as NaN is not equal to itself.
    fn bits(&self) -> Vec<(String, [u64; 4], String)> {
        let bits = |(labels, score): &(Labels, Score)| {
            let edges = if self.bands { [score.lower, score.upper] } else { [0.0; 2] };
            let numbers = [score.score, score.expected, edges[0], edges[1]].map(f64::to_bits);
            (labels.to_string(), numbers, format!("{} {:?} {}", score.at, score.state, score.alarm))
        };
        self.scores.iter().map(bits).collect()
    }
}

impl Onlooker for Seen {
    fn read(&mut self, _: u64) {}

    fn begin(&mut self, scores: &[ScoredSeries]) {
        self.begun = scores.len();
    }

    fn wants_bands(&mut self, _: Timestamp) -> bool {
        self.bands
    }

    fn see(&mut self, _: Timestamp, scores: &[ScoredSeries]) {
        self.scores.extend(scores.iter().map(|scored| (scored.labels.clone(), scored.score)));
    }
}

/// What the daemon does: the history at once, then an instant answer each tick.
fn live(model: detect::Model, bands: bool) -> Seen {
    let mut tracker = Tracker::new(query("a", model), SeriesBudget::new(10));
    tracker.observe(&answer(1, START - 1)).unwrap();
    tracker.forget(at(START - 1));
    let mut seen = Seen { bands, ..Seen::default() };
    for tick in START..=END {
        tracker.observe(&answer(tick, tick)).unwrap();
        tracker.forget(at(tick));
        let scored = tracker.published(Duration::from_secs(600), at(tick));
        seen.see(at(tick), &scored.iter().filter(|it| it.score.at == at(tick)).cloned().collect::<Vec<_>>());
    }
    seen
}

fn past(model: detect::Model, size: i64, bands: bool) -> Seen {
    let warm_up = Duration::from_secs(600 * START as u64);
    let range = PastRange { start: at(START), end: at(END), warm_up };
    let mut past = Past::new(&config(model), 0, range).unwrap();
    let mut seen = Seen { bands, ..Seen::default() };
    for (first, last) in pieces(1, START - 1, size) {
        past.learn(&[answer(first, last)]).unwrap();
    }
    past.begin(&mut seen);
    for (first, last) in pieces(START, END, size) {
        let span = Span { first: at(first), last: at(last) };
        past.score(&[answer(first, last)], span, &mut seen).unwrap();
    }
    assert_eq!((past.refused, past.duplicates), (0, 0));
    seen
}

#[test]
fn a_range_in_pieces_gives_the_scores_of_live_ticks_to_the_bit() {
    for model in MODELS {
        let live_scores = live(model, false);
        let alarms = live_scores.scores.iter().filter(|(_, score)| score.alarm).count();
        assert!(alarms > 0, "the incident alarms {model:?}");
        for size in [1, 97, 10_000] {
            let seen = past(model, size, false);
            assert_eq!(seen.begun, 3, "the series of the history");
            assert!(seen.bits() == live_scores.bits(), "{model:?} in pieces of {size}");
        }
    }
}

#[test]
fn the_bands_are_those_of_live_ticks_where_they_are_wanted() {
    for model in MODELS {
        assert!(past(model, 240, true).bits() == live(model, true).bits(), "{model:?}");
    }
}

#[test]
fn a_query_has_the_ticks_the_daemon_has_for_it() {
    let range = PastRange { start: at(10), end: at(12), warm_up: Duration::from_secs(1200) };
    for (index, span, ticks) in [
        (0, (at(10), at(12)), 4),
        (1, (at(10) + Duration::from_secs(300), at(11) + Duration::from_secs(300)), 4),
    ] {
        let past = Past::new(&config(MODELS[0]), index, range).unwrap();
        assert_eq!((past.span(), past.tick_count()), (span, ticks), "{index}");
    }
    let instant =
        PastRange { start: at(10) + Duration::from_millis(1), end: at(10) + Duration::from_secs(1), ..range };
    assert!(Past::new(&config(MODELS[0]), 0, instant).is_none());
}

#[test]
fn series_over_the_cap_are_counted_once() {
    let config = Config { max_series: 2, ..config(MODELS[0]) };
    let range = PastRange { start: at(5), end: at(9), warm_up: Duration::ZERO };
    let mut past = Past::new(&config, 0, range).unwrap();
    let span = Span { first: at(5), last: at(9) };
    past.score(&[answer(5, 9)], span, &mut Seen::default()).unwrap();
    assert_eq!(past.refused(), 1, "of three series, over five ticks");
}
