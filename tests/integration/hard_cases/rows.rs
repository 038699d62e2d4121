//! The rows. Minute 0 is the event; before it the series is what it always was.

use super::made::noise;

const DAY: i64 = 1440;
/// Two days of past, as the comparison with Grafana's rules has.
const PAST: i64 = 2 * DAY;
/// After an event of ten hours' length it can be accepted.
const AFTER: i64 = 600;
/// An alarm within three samples is one within minutes.
const AT_ONCE: (i64, i64) = (0, 3);
/// Eight hours of staying there.
const ACCEPTED: Option<(i64, i64)> = Some((478, 500));

/// One series and what must be said of it.
pub struct Case {
    /// The label `case`.
    pub name: &'static str,
    /// What must happen.
    pub sentence: &'static str,
    /// Minutes before and after minute 0.
    pub before: i64,
    pub after: i64,
    /// Scored as `rate` of a counter.
    pub counter: bool,
    /// The sample of a minute, given the row's seed; `None`: there is none.
    pub value: fn(u64, i64) -> Option<f64>,
    /// One alarm in each of these, and none elsewhere from `judged_from` on.
    pub alarms: &'static [(i64, i64)],
    pub judged_from: i64,
    /// One level is accepted there; `None`: none ever.
    pub accepted: Option<(i64, i64)>,
}

/// The row that an alert holds back, from minute to minute.
pub const HELD: (&str, i64, i64) = ("held", 0, 480);
/// Minutes before midnight between which there is maintenance: no other row has an event then.
pub const MAINTENANCE: (i64, i64) = (AFTER + DAY, AFTER + DAY - 120);

const PLAIN: Case = Case {
    name: "",
    sentence: "",
    before: PAST,
    after: AFTER,
    counter: false,
    value: |_, _| None,
    alarms: &[],
    judged_from: -PAST,
    accepted: None,
};

/// 100 with noise of 3 %.
fn quiet(seed: u64, minute: i64) -> f64 {
    100.0 + 3.0 * noise(seed, minute)
}

/// What is quiet and becomes another multiple of itself for good.
const fn step(name: &'static str, sentence: &'static str, value: fn(u64, i64) -> Option<f64>) -> Case {
    Case { name, sentence, value, alarms: &[AT_ONCE], accepted: ACCEPTED, ..PLAIN }
}

fn stepped(seed: u64, minute: i64, becomes: f64) -> Option<f64> {
    let value = quiet(seed, minute);
    Some(if minute >= 0 { value * becomes } else { value })
}

/// What a counter that starts from zero before `first` has counted: about 600 a minute.
fn counted(seed: u64, first: i64, minute: i64) -> f64 {
    (first..=minute).map(|minute| 600.0 + 30.0 * noise(seed, minute)).sum()
}

fn is(minute: i64, from: i64, length: i64) -> bool {
    (from..from + length).contains(&minute)
}

pub const ROWS: &[Case] = &[
    step("zero", "traffic drops to zero: one alarm, then the level is accepted", |s, m| stepped(s, m, 0.0)),
    step("minus_45", "-45 %: one alarm, then accepted", |s, m| stepped(s, m, 0.55)),
    step("plus_45", "+45 %: one alarm, then accepted", |s, m| stepped(s, m, 1.45)),
    step("minus_80", "-80 %: one alarm, then accepted", |s, m| stepped(s, m, 0.2)),
    step("plus_60", "+60 %: one alarm, then accepted", |s, m| stepped(s, m, 1.6)),
    step("x2", "twice as much: one alarm, then accepted", |s, m| stepped(s, m, 2.0)),
    step("x10", "ten times as much: one alarm, then accepted", |s, m| stepped(s, m, 10.0)),
    Case {
        name: "memory",
        sentence: "memory climbs from 70 to 95 % in ten minutes: one alarm, then accepted",
        value: |s, m| Some(70.0 + 25.0 * (m.clamp(0, 10) as f64 / 10.0) + 1.5 * noise(s, m)),
        alarms: &[(0, 12)],
        accepted: Some((478, 515)),
        ..PLAIN
    },
    step("negative", "a gauge at -20 falls to -40: one alarm, then accepted", |s, m| {
        Some(noise(s, m) - if m >= 0 { 40.0 } else { 20.0 })
    }),
    Case {
        name: "daily_peak",
        sentence: "a daily peak of four times as much never alarms once two days have shown it",
        before: 2 * DAY,
        after: 6 * DAY,
        value: |s, m| Some(if is(m.rem_euclid(DAY), 600, 60) { 4.0 } else { 1.0 } * quiet(s, m)),
        judged_from: 0,
        ..PLAIN
    },
    Case {
        name: "spike_x50",
        sentence: "a spike of 50 times for half an hour: one alarm, and none when it is over",
        value: |s, m| Some(if is(m, 0, 30) { 50.0 } else { 1.0 } * quiet(s, m)),
        alarms: &[AT_ONCE],
        ..PLAIN
    },
    Case {
        name: "hour_x4",
        sentence: "four times as much for an hour: one alarm, and none when it is over",
        value: |s, m| Some(if is(m, 0, 60) { 4.0 } else { 1.0 } * quiet(s, m)),
        alarms: &[AT_ONCE],
        ..PLAIN
    },
    Case {
        name: "after_the_spike",
        sentence: "a spike of 50 times does not hide four times as much twelve hours later",
        after: 1000,
        value: |s, m| {
            let factor = if is(m, 0, 30) {
                50.0
            } else if is(m, 750, 60) {
                4.0
            } else {
                1.0
            };
            Some(factor * quiet(s, m))
        },
        alarms: &[AT_ONCE, (750, 753)],
        ..PLAIN
    },
    Case {
        name: "second_hour_x4",
        sentence: "four times as much for an hour alarms again 17 hours later",
        after: 1300,
        value: |s, m| Some(if is(m, 0, 60) || is(m, 1080, 60) { 4.0 } else { 1.0 } * quiet(s, m)),
        alarms: &[AT_ONCE, (1080, 1090)],
        ..PLAIN
    },
    Case {
        name: "hour_of_zero",
        sentence: "zero for an hour: one alarm, and the recovery is none",
        value: |s, m| Some(if is(m, 0, 60) { 0.0 } else { quiet(s, m) }),
        alarms: &[AT_ONCE],
        ..PLAIN
    },
    Case {
        name: "stuck",
        sentence: "a restless series that is stuck at its mean: one alarm within two hours, accepted after eight more",
        value: |s, m| Some(if m >= 0 { 100.0 } else { quiet(s, m) }),
        alarms: &[(20, 120)],
        accepted: Some((500, 600)),
        ..PLAIN
    },
    Case {
        name: "flat",
        sentence: "a line that is always flat never alarms, rounding included",
        value: |_, m| Some((0.1 + 0.2) * (1.0 + f64::EPSILON * m.rem_euclid(3) as f64)),
        ..PLAIN
    },
    Case {
        name: "flat_zero",
        sentence: "a line that is always zero never alarms",
        value: |_, _| Some(0.0),
        ..PLAIN
    },
    Case {
        name: "first_samples",
        sentence: "the first samples ever say nothing, whatever they are",
        before: 90,
        after: 0,
        value: |_, m| Some(if m % 3 == 0 { 1e9 } else { -1e-9 }),
        ..PLAIN
    },
    Case {
        name: "newborn",
        sentence: "a quiet series raises no alarm in its first hours",
        before: 600,
        after: 0,
        value: |s, m| Some(quiet(s, m)),
        judged_from: -600,
        ..PLAIN
    },
    Case {
        name: "counter_reset",
        sentence: "a counter that starts anew under rate raises no alarm",
        before: DAY,
        counter: true,
        value: |s, m| Some(counted(s, if m >= 0 { 0 } else { -DAY }, m)),
        ..PLAIN
    },
    Case {
        name: "not_a_number",
        sentence: "NaN and infinities raise no alarm and hide none an hour later",
        value: |s, m| {
            Some(match m {
                -180..-120 => f64::NAN,
                -120..-100 => f64::INFINITY,
                -100..-80 => f64::NEG_INFINITY,
                0.. => 1.6 * quiet(s, m),
                _ => quiet(s, m),
            })
        },
        alarms: &[AT_ONCE],
        accepted: ACCEPTED,
        ..PLAIN
    },
    Case {
        name: "gap",
        sentence: "a gap of six hours raises no alarm and hides none after it",
        value: |s, m| if is(m, -400, 360) { None } else { stepped(s, m, 1.6) },
        alarms: &[AT_ONCE],
        accepted: ACCEPTED,
        ..PLAIN
    },
    Case {
        name: "sparse",
        sentence: "a series that is there for ten minutes an hour raises no alarm",
        value: |s, m| (m.rem_euclid(60) < 10).then(|| quiet(s, m)),
        ..PLAIN
    },
    step("tiny", "1e-300 doubles: one alarm, then accepted", |s, m| {
        stepped(s, m, 2.0).map(|value| value * 1e-302)
    }),
    step("huge", "5e299 doubles: one alarm, then accepted", |s, m| {
        stepped(s, m, 2.0).map(|value| value * 5e297)
    }),
    step("constant_step", "a constant makes one step: one alarm, then accepted", |_, m| {
        Some(if m >= 0 { 7.07 } else { 7.0 })
    }),
    Case {
        name: HELD.0,
        sentence: "a step is not accepted while an alert holds learning back, but eight hours after that",
        after: 1100,
        value: |s, m| stepped(s, m, 1.45),
        alarms: &[AT_ONCE],
        accepted: Some((955, 985)),
        ..PLAIN
    },
    Case {
        name: "maintenance",
        sentence: "four times as much for an hour in a maintenance window is no alarm",
        value: |s, m| Some(if is(m, 30 - DAY, 60) { 4.0 } else { 1.0 } * quiet(s, m)),
        ..PLAIN
    },
];
