//! A series scored as the daemon scores it live: samples by the default model, their absence by the series' presence.
//! Its target stays, so a series that is missing has vanished.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use crate::detect::evaluation::{Labelled, Scored};
use crate::detect::{self, Config, Detector, Gap, Hold, Presence};
use crate::model::{Rate, Sample, Timestamp};
use crate::scoring;

/// The interval of a series whose time stands still.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(60);

/// Scores a series row by row; a row without a number is a tick without a sample. Alarms in the aftermath are dropped.
pub fn scored(series: Labelled, aftermath: Range<usize>, budget: Rate) -> Scored {
    let mut live = Live::new(Config {
        interval: Duration::try_from_secs_f64(series.interval()).unwrap_or(DEFAULT_INTERVAL),
        false_alarms: budget,
        narrowing: detect::Narrowing::default(),
        time_zone: jiff::tz::TimeZone::UTC,
        holidays: Arc::default(),
    });
    let samples = series.times().iter().zip(series.values());
    let (scores, mut alarms): (Vec<f64>, Vec<bool>) = samples
        .map(|(time, value)| Sample { at: Timestamp::from_millis(time * 1000), value: *value })
        .map(|sample| live.pass(sample))
        .unzip();
    let end = aftermath.end.min(alarms.len());
    alarms[aftermath.start.min(end)..end].fill(false);
    Scored::with_alarms(series, scores, &alarms).expect("there is a score for each row")
}

struct Live {
    config: Config,
    detector: Box<dyn Detector>,
    /// With the last sample's time; `None` before the first.
    presence: Option<(Presence, Timestamp)>,
}

impl Live {
    fn new(config: Config) -> Self {
        Self { detector: detect::build(&config), config, presence: None }
    }

    /// The score and whether it alarms.
    fn pass(&mut self, sample: Sample) -> (f64, bool) {
        if !sample.value.is_finite() {
            return self.missing(sample.at);
        }
        self.see(sample.at);
        self.detector.pass(sample).map_or((0.0, false), |score| (score.score, score.alarm))
    }

    fn missing(&mut self, at: Timestamp) -> (f64, bool) {
        let Some((presence, last_seen)) = &mut self.presence else { return (0.0, false) };
        let gap = gap(*last_seen, at.since(*last_seen));
        if gap.lasted > scoring::Config::usual_vanished_after(self.config.interval) {
            return (0.0, false);
        }
        let absence = presence.missing(at, &gap, &self.config);
        (absence.score, absence.alarm)
    }

    fn see(&mut self, at: Timestamp) {
        let interval = self.config.interval;
        let (presence, last_seen) = self.presence.get_or_insert_with(|| (Presence::new(at), at));
        let elapsed = at.since(*last_seen);
        if elapsed > interval + interval / 2 {
            presence.returned(at, &gap(*last_seen, elapsed - interval), &self.config);
        }
        *last_seen = at.max(*last_seen);
    }
}

fn gap(last_seen: Timestamp, lasted: Duration) -> Gap {
    Gap { last_seen, lasted, departures: 0.0, hold: Hold::default() }
}
