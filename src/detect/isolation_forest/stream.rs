//! A forest kept up to date over a stream of rows.
//!
//! A row is scored by the forest of the rows before it, then learnt. A new forest is grown on a schedule,
//! while the model is young, and when the present is no longer what was learnt. A rare row is learnt at a
//! tenth of the chance, so that an incident of minutes or hours does not become the norm; one that lasts
//! does, once.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::forest::all_finite;
use super::random::Random;
use super::recent::{RECENT_ROWS, Recent};
use super::reservoir::Reservoir;
use super::training::{Cause, Trained};
use super::{Columns, Damage, Forest, ModelConfig, Reading, Rows};
use crate::model::Timestamp;

/// Rows that are only learnt, before the first forest.
const WARM_UP_ROWS: usize = 128;
/// What a rare row teaches, as a share of a usual one.
const RARE_SHARE: f64 = 0.1;
/// The share of the remembered rows that a drift replaces by the last hours'.
const DRIFT_SHARE: usize = 4;
/// The least a duration of the settings counts, in milliseconds.
const LEAST_MILLIS: u128 = 60_000;

/// What a model has learnt; nothing in it depends on the configuration but the sizes. With the default
/// settings and 8 columns about 0.4 MB: 131 kB of rows, 9 kB of the last hours, the rest the forest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ForestState {
    columns: u32,
    /// Since when the rows remembered are a sample of all rows, in milliseconds.
    since: Option<i64>,
    /// Time of the last row taken, in milliseconds.
    last: Option<i64>,
    reservoir: Reservoir,
    recent: Recent,
    trained: Option<Trained>,
}

/// Scores one group's rows as they come, in constant memory.
pub struct ForestModel {
    config: ModelConfig,
    state: ForestState,
}

impl ForestModel {
    /// A model of rows of so many values that has seen nothing.
    pub fn new(columns: Columns, config: ModelConfig) -> Self {
        let state = ForestState {
            columns: columns.into(),
            since: None,
            last: None,
            reservoir: Reservoir::new(config.forest.seed),
            recent: Recent::default(),
            trained: None,
        };
        Self { config, state }
    }

    /// Goes on where the state was taken, to the bit if the configuration is the same. Refuses a state of
    /// rows of another length, and one whose parts do not go together.
    pub fn restore(columns: Columns, config: ModelConfig, state: ForestState) -> Result<Self, Damage> {
        let (stored, wanted) = (state.columns as usize, columns.as_usize());
        if stored != wanted {
            return Err(Damage::Columns { stored, wanted });
        }
        let rows = state.reservoir.is_sound(wanted) && state.recent.is_sound(wanted);
        if !rows || state.reservoir.len(wanted) > Rows::MOST as usize {
            return Err(Damage::Rows);
        }
        let sound = |trained: &Trained| trained.is_sound() && trained.forest.columns() == wanted;
        if !state.trained.as_ref().is_none_or(sound) {
            return Err(Damage::Shape);
        }
        let mut model = Self { config, state };
        model.configure(config);
        Ok(model)
    }

    /// Goes on under another configuration with what was learnt.
    pub fn configure(&mut self, config: ModelConfig) {
        self.config = config;
        let columns = self.columns();
        self.state.reservoir.shrink(config.rows.as_usize(), columns);
    }

    /// What was learnt, for a snapshot.
    pub fn state(&self) -> &ForestState {
        &self.state
    }

    /// The forest that scores, and why it was grown; `None` before the first 128 rows.
    pub fn forest(&self) -> Option<(&Forest, Cause)> {
        self.state.trained.as_ref().map(|trained| (&trained.forest, trained.cause))
    }

    /// The forest that scores with what is known of its growth.
    pub(super) fn trained(&self) -> Option<&Trained> {
        self.state.trained.as_ref()
    }

    /// Scores a row by the rows before it and learns nothing: for times when learning is held back.
    pub fn read(&self, row: &[f64]) -> Option<Reading> {
        self.state.trained.as_ref()?.forest.read(row)
    }

    /// Scores a row by the rows before it, then learns it. `None` before the first forest, and for a row
    /// that is not newer than the last one, of another length or not finite; such a row changes nothing.
    pub fn observe(&mut self, at: Timestamp, row: &[f64]) -> Option<Reading> {
        let now = at.as_millis();
        let late = self.state.last.is_some_and(|last| now <= last);
        if late || row.len() != self.columns() || !all_finite(row) {
            return None;
        }
        let reading = self.read(row);
        self.learn(now, row, reading.as_ref().map(|reading| reading.score));
        if let Some(cause) = self.due(now) {
            self.retrain(now, cause);
        }
        reading
    }

    pub(super) fn columns(&self) -> usize {
        self.state.columns as usize
    }

    fn learn(&mut self, now: i64, row: &[f64], score: Option<f64>) {
        let rare =
            score.zip(self.state.trained.as_ref()).is_some_and(|(score, forest)| forest.is_rare(score));
        let chance = self.chance(now) * if rare { RARE_SHARE } else { 1.0 };
        self.state.reservoir.offer(row, chance, self.config.rows.as_usize());
        if let Some(score) = score {
            let apart = millis(self.config.drift_after) / RECENT_ROWS as i64;
            self.state.recent.offer(now, apart, row, score);
        }
        self.state.since.get_or_insert(now);
        self.state.last = Some(now);
    }

    /// The chance of a usual row to be remembered: that of a uniform sample until the model is as old as
    /// its memory, from then on what keeps the mean age there.
    fn chance(&self, now: i64) -> f64 {
        let rows = self.config.rows.as_usize();
        let (Some(since), Some(last)) = (self.state.since, self.state.last) else { return 1.0 };
        if self.state.reservoir.len(self.columns()) < rows {
            return 1.0;
        }
        let span = now.saturating_sub(since).min(millis(self.config.memory));
        (now.saturating_sub(last) as f64 * rows as f64 / span as f64).min(1.0)
    }

    /// Why a new forest is to be grown now, if it is.
    fn due(&self, now: i64) -> Option<Cause> {
        let rows = self.state.reservoir.len(self.columns());
        let Some(trained) = &self.state.trained else {
            return (rows >= WARM_UP_ROWS).then_some(Cause::Growth);
        };
        if self.state.recent.least_mean().is_some_and(|mean| trained.has_drifted(mean)) {
            return Some(Cause::Drift);
        }
        if rows >= 2 * trained.rows as usize {
            return Some(Cause::Growth);
        }
        (self.turn(now) != trained.turn).then_some(Cause::Schedule)
    }

    /// The number of the turn that this time belongs to. Turns of models with other seeds begin at other
    /// times, so that not all are retrained at once.
    fn turn(&self, now: i64) -> i64 {
        let every = millis(self.config.retrain_every);
        let phase = Random::new(self.config.forest.seed).below(every as usize) as i64;
        now.saturating_add(phase).div_euclid(every)
    }

    fn retrain(&mut self, now: i64, cause: Cause) {
        if cause == Cause::Drift {
            self.take_over_the_last_hours(now);
        }
        let (columns, turn) = (self.columns(), self.turn(now));
        let rows = self.state.reservoir.matrix(columns);
        let Some(trained) = Trained::grow(&self.config.forest, rows, cause, turn) else { return };
        match cause {
            Cause::Drift => self.state.recent.clear(),
            Cause::Growth | Cause::Schedule => self.state.recent.rescore(&trained.forest),
        }
        self.state.trained = Some(trained);
    }

    /// Makes the last hours a part of what is normal; what was before them fades as new rows come in.
    fn take_over_the_last_hours(&mut self, now: i64) {
        let (columns, most) = (self.columns(), self.config.rows.as_usize());
        let share = self.state.reservoir.len(columns).div_ceil(DRIFT_SHARE);
        for row in self.state.recent.rows(columns).cycle().take(share) {
            self.state.reservoir.offer(row, 1.0, most);
        }
        self.state.since = Some(now.saturating_sub(millis(self.config.drift_after)));
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis().max(LEAST_MILLIS)).unwrap_or(i64::MAX)
}
