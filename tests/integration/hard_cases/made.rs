//! Made-up samples. They end at the last midnight, so that a run on another hour of the day is the same run.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use super::rows::{Case, HELD};

/// The last midnight that is at least an hour ago, in seconds.
pub fn midnight() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is right").as_secs() as i64;
    (now - 3600).div_euclid(86_400) * 86_400
}

/// Normal noise of deviation 1, the same for the same seed and minute.
pub fn noise(seed: u64, minute: i64) -> f64 {
    let mut random = fastrand::Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ minute as u64);
    (-2.0 * (1.0 - random.f64()).ln()).sqrt() * (std::f64::consts::TAU * random.f64()).cos()
}

/// All samples of all rows, and the alert that holds one of them back.
pub fn text_of(rows: &[Case], midnight: i64) -> String {
    let (mut gauges, mut counters) = (String::from("# TYPE case_value gauge\n"), String::new());
    for (index, case) in rows.iter().enumerate() {
        let half = if index % 2 == 0 { "even" } else { "odd" };
        for minute in -case.before..case.after {
            let Some(value) = (case.value)(index as u64, minute) else { continue };
            let at = midnight - (case.after - minute) * 60;
            let line = if case.counter {
                writeln!(counters, "case_total{{case=\"{}\"}} {value:e} {at}", case.name)
            } else {
                writeln!(gauges, "case_value{{case=\"{}\",half=\"{half}\"}} {} {at}", case.name, text(value))
            };
            line.expect("a String can be written");
        }
    }
    gauges + "# TYPE case counter\n" + &counters + &alerts(rows, midnight) + "# EOF\n"
}

fn alerts(rows: &[Case], midnight: i64) -> String {
    let held = rows.iter().find(|case| case.name == HELD.0).expect("a row is held");
    let mut text = String::from("# TYPE ALERTS gauge\n");
    for minute in HELD.1..HELD.2 {
        let at = midnight - (held.after - minute) * 60;
        writeln!(text, "ALERTS{{alertname=\"Held\",alertstate=\"firing\",case=\"{}\"}} 1 {at}", HELD.0)
            .expect("a String can be written");
    }
    text
}

/// As OpenMetrics writes a number.
fn text(value: f64) -> String {
    match value {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        _ if value.is_nan() => "NaN".to_owned(),
        finite => format!("{finite:e}"),
    }
}
