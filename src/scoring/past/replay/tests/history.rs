//! Three days of four series, with an incident, two outages, an end and a time at which nothing is known.

use super::*;

/// The time between ticks, in milliseconds. Times are counted in ticks.
pub(super) const INTERVAL: i64 = 600_000;
pub(super) const DAY: i64 = 144;
/// The history begins here, and the range there.
pub(super) const BEGIN: i64 = -700;
pub(super) const START: i64 = 150;
pub(super) const END: i64 = START + 3 * DAY;
/// A series that is missing is told for so long.
pub(super) const GONE: Duration = Duration::from_secs(14_400);

pub(super) fn query(name: &str) -> Query {
    Query::plain(name, "x", Duration::from_secs(600))
}

pub(super) fn model(kind: GroupKind) -> GroupModel {
    let member = |name: &str| MemberQuery { name: name.to_owned(), expr: "x".to_owned(), while_firing: None };
    GroupModel {
        name: "group".to_owned(),
        kind,
        members: vec![member("a"), member("b")],
        group_by: Vec::new(),
        retrain_every: Duration::from_secs(86_400),
        detect: query("a").detect,
    }
}

pub(super) fn config() -> Config {
    let night = When::Once { starts: at(520), ends: at(530) };
    Config {
        interval: Duration::from_secs(600),
        history: Duration::from_secs(86_400),
        max_series: 10,
        backfill_concurrency: 1,
        vanished_after: GONE,
        snapshot_interval: Duration::from_secs(600),
        maintenance: Arc::from([MaintenanceWindow { name: "night".to_owned(), when: night }]),
        queries: vec![query("a"), query("b")],
        models: vec![model(GroupKind::Pca)],
    }
}

pub(super) fn at(tick: i64) -> Timestamp {
    Timestamp::from_millis(tick * INTERVAL)
}

/// Prometheus has no data.
pub(super) fn is_dark(tick: i64) -> bool {
    (364..367).contains(&tick)
}

/// The value of series number `series` at a tick; `None` where it has none.
pub(super) fn value(series: i64, tick: i64) -> Option<f64> {
    let noise = (tick * 7919 + series * 104_729) % 101;
    match (series, tick) {
        _ if is_dark(tick) => None,
        (0, 280..284) => Some(500.0),
        (1, 260..263) => Some(f64::NAN),
        // Down for some hours, then for more than a day.
        (2, 300..306 | 360..500) => None,
        // A series that begins late, and ends with its target.
        (3, _) if !(2 * DAY..400).contains(&tick) => None,
        _ => Some(100.0 + noise as f64 / 10.0),
    }
}

/// The range answer for the ticks from `first` to `last`.
pub(super) fn answer(first: i64, last: i64) -> Answer {
    let mut answer = Answer::default();
    for series in 0..4 {
        let sample = |tick| Some(Sample { at: at(tick), value: value(series, tick)? });
        answer.push(&format!("{{\"instance\":\"{series}\"}}"), (first..=last).filter_map(sample));
    }
    answer
}

/// One answer for each expression.
pub(super) fn answers(exprs: usize, first: i64, last: i64) -> Vec<Answer> {
    (0..exprs).map(|_| answer(first, last)).collect()
}

/// The targets of a tick.
pub(super) fn up(tick: i64) -> Vec<Labels> {
    let is_there = |series: &i64| !is_dark(tick) && (*series != 3 || (2 * DAY..400).contains(&tick));
    let labels = |series: i64| [("instance", series.to_string().as_str())].into_iter().collect();
    (0..4).filter(is_there).map(labels).collect()
}

pub(super) fn targets() -> PastTargets {
    let ticks = |labels: &Labels| (START..=END).filter(|tick| up(*tick).contains(labels)).map(at).collect();
    let all = up(2 * DAY);
    let up = all.iter().map(|labels| (labels.clone(), ticks(labels))).collect();
    PastTargets::told(Span { first: at(START), last: at(END) }, up)
}
