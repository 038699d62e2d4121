//! A series as long as one likes: a daily and an hourly rhythm, noise, and now and then a burst.

use smartcloudops::model::{Sample, Timestamp};

/// Samples in a day.
pub const DAY: usize = 1440;

/// One sample a minute, the same at every call.
pub fn minutes() -> impl Iterator<Item = Sample> {
    let mut random = fastrand::Rng::with_seed(7);
    (0..).map(move |minute: i64| {
        let wave = |period: f64| (minute as f64 / period * std::f64::consts::TAU).sin();
        let noise: f64 = (0..6).map(|_| random.f64() - 0.5).sum();
        let burst = if random.usize(..3 * DAY) == 0 { 40.0 } else { 0.0 };
        let value = 50.0 + 20.0 * wave(1440.0) + 5.0 * wave(60.0) + 3.0 * noise + burst;
        Sample { at: Timestamp::from_millis(1_700_000_000_000 + minute * 60_000), value }
    })
}
