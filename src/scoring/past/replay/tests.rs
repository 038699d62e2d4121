//! A range in pieces of any size gives what a subject says that is fed tick by tick.

mod history;

use self::history::*;
use super::super::Past;
use super::*;
use crate::detect::{GroupKind, Model};
use crate::model::{Labels, Score, When};
use crate::scoring::budget::SeriesBudget;
use crate::scoring::groups::Groups;
use crate::scoring::targets::Targets;
use crate::scoring::tracker::Tracker;
use crate::scoring::{GroupModel, MemberQuery, Query};

const MODELS: [Model; 3] = [Model::Auto, Model::Seasonal, Model::Prophet];

fn pieces(first: i64, last: i64, size: i64) -> impl Iterator<Item = (i64, i64)> {
    (first..=last).step_by(size as usize).map(move |from| (from, (from + size - 1).min(last)))
}

/// Everything seen, the edges of bands only where they are wanted.
#[derive(Default)]
struct Seen {
    scores: Vec<(Timestamp, ScoredSeries)>,
    begun: usize,
    bands: bool,
}

impl Seen {
    /// Bits, as NaN is not equal to itself.
    fn bits(&self) -> Vec<([u64; 4], String)> {
        let bits = |(tick, scored): &(Timestamp, ScoredSeries)| {
            let score = scored.score;
            let edges = if self.bands { [score.lower, score.upper] } else { [0.0; 2] };
            let numbers = [score.score, score.expected, edges[0], edges[1]].map(f64::to_bits);
            let rest = ScoredSeries {
                score: Score { value: 0.0, expected: 0.0, lower: 0.0, upper: 0.0, ..score },
                ..scored.clone()
            };
            (numbers, format!("{tick} {rest:?}"))
        };
        self.scores.iter().map(bits).collect()
    }

    fn alarms(&self) -> usize {
        self.scores.iter().filter(|(_, scored)| scored.score.alarm).count()
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

    fn see(&mut self, tick: Timestamp, scores: &[ScoredSeries]) {
        self.scores.extend(scores.iter().map(|scored| (tick, scored.clone())));
    }
}

fn tracker_of(model: Model) -> Tracker {
    Tracker::new(Query { model, ..query("a") }, SeriesBudget::new(10))
}

fn tracker() -> Tracker {
    tracker_of(Model::Auto)
}

fn groups(kind: GroupKind) -> Groups {
    Groups::new(model(kind), SeriesBudget::new(10))
}

fn set_holds(subject: &mut impl Subject) {
    let held_by = subject.held_by();
    let holds = Holds::of_each(&held_by, &config().maintenance, &[], |_| Vec::new());
    subject.set_holds(holds);
}

/// What the daemon does: the history at once, then an instant answer each tick.
fn live(mut subject: impl Subject, bands: bool) -> Seen {
    let exprs = subject.exprs().len();
    set_holds(&mut subject);
    subject.observe(&answers(exprs, BEGIN, START - 1)).unwrap();
    subject.forget(at(START - 1));
    let mut seen = Seen { bands, ..Seen::default() };
    for tick in START..=END {
        subject.observe(&answers(exprs, tick, tick)).unwrap();
        if subject.misses_any() {
            match is_dark(tick) {
                true => subject.note_dark(at(tick)),
                false => _ = subject.judge_missing(at(tick), &Targets::new(&up(tick)), GONE),
            }
        }
        subject.forget(at(tick));
        let published = subject.published(GONE, at(tick));
        let is_told = |it: &&ScoredSeries| it.score.at == at(tick) || it.absent_since.is_some();
        if !is_dark(tick) {
            seen.see(at(tick), &published.iter().filter(is_told).cloned().collect::<Vec<_>>());
        }
    }
    seen
}

/// From the start to the end, after so many ticks of history.
fn replay<S: Subject>(subject: S, history: i64) -> Replay<S> {
    let range = PastRange {
        start: at(START),
        end: at(END),
        warm_up: Duration::from_millis((history * INTERVAL) as u64),
    };
    Replay::new(&config(), subject, Ticks::new(Duration::from_secs(600), 0, 1), range).unwrap()
}

fn past(subject: impl Subject, size: i64, bands: bool) -> Seen {
    let exprs = subject.exprs().len();
    let mut past = replay(subject, START - BEGIN + 1);
    past.targets = targets();
    let mut seen = Seen { bands, ..Seen::default() };
    set_holds(&mut past.subject);
    for (first, last) in pieces(BEGIN, START - 1, size) {
        past.take_history(&[], &[answers(exprs, first, last)]).unwrap();
    }
    past.begin(past.history.unwrap(), &mut seen);
    for (first, last) in pieces(START, END, size) {
        let rounds = [answers(exprs, first, last)];
        let mut unread = Unread::new(&rounds);
        assert_eq!(past.go_on(&mut unread, at(first), at(last), &mut seen).unwrap(), None);
    }
    assert_eq!((past.refused, past.duplicates), (0, 0));
    seen
}

#[test]
fn a_range_in_pieces_gives_the_scores_of_live_ticks_to_the_bit() {
    for model in MODELS {
        let live = live(tracker_of(model), false);
        assert!(live.alarms() > 2, "the incident alarms, and both outages ({model:?})");
        for size in [1, 97, 10_000] {
            let seen = past(tracker_of(model), size, false);
            assert_eq!(seen.begun, 3, "the series of the history");
            assert!(seen.bits() == live.bits(), "{model:?} in pieces of {size}");
        }
    }
}

#[test]
fn the_groups_of_a_range_have_the_scores_of_live_ticks_to_the_bit() {
    for kind in [GroupKind::Pca, GroupKind::IsolationForest] {
        let live = live(groups(kind), false);
        assert!(live.scores.iter().any(|(_, scored)| scored.score.score > 0.0), "{kind:?}");
        let parts = live.scores.iter().filter_map(|(_, scored)| scored.contributions.as_ref());
        assert!(
            kind != GroupKind::Pca || parts.map(|parts| parts.len()).max() > Some(1),
            "members are named"
        );
        for size in [1, 97, 10_000] {
            assert!(past(groups(kind), size, false).bits() == live.bits(), "{kind:?} in pieces of {size}");
        }
    }
}

#[test]
fn the_bands_are_those_of_live_ticks_where_they_are_wanted() {
    for model in MODELS {
        assert!(
            past(tracker_of(model), 240, true).bits() == live(tracker_of(model), true).bits(),
            "{model:?}"
        );
    }
}

#[test]
fn an_outage_is_told_until_the_series_is_back_and_what_left_with_its_target_is_none() {
    let seen = past(tracker(), 240, false);
    let told = |series: &str| -> Vec<(i64, bool)> {
        let of = seen.scores.iter().filter(|(_, scored)| {
            scored.absent_since.is_some() && scored.labels.get("instance") == Some(series)
        });
        of.map(|(tick, scored)| (tick.as_millis() / INTERVAL, scored.outage)).collect()
    };
    let first: Vec<(i64, bool)> = told("2").into_iter().filter(|(tick, _)| *tick < 340).collect();
    assert_eq!(first.iter().map(|(tick, _)| *tick).collect::<Vec<_>>(), (300..306).collect::<Vec<_>>());
    assert!(!first[0].1 && first[5].1, "{first:?}");
    let dark = told("2").into_iter().filter(|(tick, _)| is_dark(*tick)).count();
    assert_eq!((dark, told("3").len()), (0, 0));
}

#[test]
fn scoring_stops_where_the_targets_are_needed_and_goes_on_from_there() {
    let mut past = replay(tracker(), 0);
    let rounds = [answers(1, START, END)];
    let (mut unread, mut seen) = (Unread::new(&rounds), Seen::default());
    let stop = past.go_on(&mut unread, at(START), at(END), &mut seen).unwrap();
    assert_eq!(stop, Some(at(300)), "the first tick at which a series is missing");
    let count = seen.scores.len();
    past.targets = targets();
    assert_eq!(past.go_on(&mut unread, at(300), at(END), &mut seen).unwrap(), None);
    let next: Vec<_> = seen.scores[count..].iter().take_while(|(tick, _)| *tick == at(300)).collect();
    assert_eq!(next.len(), 4, "three that are there, and the one that is missing");
}

#[test]
fn queries_and_models_have_the_ticks_the_daemon_has_for_them() {
    let range = PastRange { start: at(10), end: at(12), warm_up: Duration::from_secs(1200) };
    for (index, phase, ticks) in [(0, 0, 4), (1, 200, 4), (2, 400, 4)] {
        let past = Past::new(&config(), index, range).unwrap();
        let phase = Duration::from_secs(phase);
        let last = if phase.is_zero() { at(12) } else { at(11) + phase };
        assert_eq!((past.span(), past.tick_count()), ((at(10) + phase, last), ticks), "{index}");
    }
    let instant =
        PastRange { start: at(10) + Duration::from_millis(1), end: at(10) + Duration::from_secs(1), ..range };
    assert!(Past::new(&config(), 0, instant).is_none());
}

#[test]
fn series_over_the_cap_are_counted_once() {
    let mut past = replay(Tracker::new(query("a"), SeriesBudget::new(2)), 0);
    let rounds = [answers(1, 5, 9)];
    past.go_on(&mut Unread::new(&rounds), at(5), at(9), &mut Seen::default()).unwrap();
    assert_eq!(past.refused(), 1, "of three series, over five ticks");
}
