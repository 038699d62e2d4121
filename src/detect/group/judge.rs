//! The models of a group as one type: what scores a group's rows, whichever model was chosen.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::isolation_forest::{self, Columns, Damage, ForestState, GroupForest, ModelConfig};
use super::super::pca::{Pca, PcaConfig, PcaState, Unfit};
use super::{Config, Explanation, GroupDetector, GroupModel, GroupScore, GroupState, Hold, OtherModel};
use crate::model::Timestamp;

/// The fewest members that make a group.
const LEAST_FEATURES: usize = 2;
/// The most members of a group.
pub const MOST_FEATURES: usize = 64;

/// The models of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// Rows that few random cuts set apart.
    IsolationForest,
    /// Rows that break the way in which the members move together.
    Pca,
}

/// Settings of a group's model.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupConfig {
    /// Which model.
    pub kind: GroupKind,
    /// Of these the interval and the budget count: a group has no direction and no unit.
    pub detect: Config,
    /// The time between two forests while nothing drifts.
    pub retrain_every: Duration,
    /// Groups that differ in it draw other random numbers and take turns at retraining.
    pub seed: u64,
}

/// The rows cannot be those of a group, or the stored state is not this group's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unlike {
    /// Too few or too many members.
    #[error("a group of {0} members; it takes 2 to {MOST_FEATURES}")]
    Members(usize),
    /// A state of another model.
    #[error("the state of another model")]
    Model,
    /// A state of other tails.
    #[error(transparent)]
    Tails(#[from] OtherModel),
    /// A forest's state that is not sound.
    #[error(transparent)]
    Forest(#[from] Damage),
    /// A component model's state that is not sound.
    #[error(transparent)]
    Pca(#[from] Unfit),
}

/// Scores the rows of one group.
pub struct GroupJudge(Inner);

enum Inner {
    Forest(Box<GroupDetector<GroupForest>>),
    Pca(Box<GroupDetector<Pca>>),
}

/// What a judge has learnt, for a snapshot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JudgeState<'a> {
    model: ModelState<'a>,
    group: Cow<'a, GroupState>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "one lives at a time, between a snapshot and its judge")]
enum ModelState<'a> {
    Forest(Cow<'a, ForestState>),
    Pca(Cow<'a, PcaState>),
}

impl GroupKind {
    /// The model's name: the label `model`.
    pub fn name(self) -> &'static str {
        match self {
            Self::IsolationForest => "isolation_forest",
            Self::Pca => "pca",
        }
    }
}

impl GroupConfig {
    fn forest(&self) -> ModelConfig {
        let forest = isolation_forest::Config { seed: self.seed, ..Default::default() };
        ModelConfig { forest, retrain_every: self.retrain_every, ..Default::default() }
    }

    fn pca(&self) -> PcaConfig {
        PcaConfig::new(self.detect.interval)
    }
}

/// As many members as a group may have.
fn checked(features: usize) -> Result<Columns, Unlike> {
    let fits = (LEAST_FEATURES..=MOST_FEATURES).contains(&features);
    let columns = Columns::from_usize(features).ok().filter(|_| fits);
    columns.ok_or(Unlike::Members(features))
}

impl GroupJudge {
    /// A judge of rows of so many values that has seen nothing.
    pub fn new(config: &GroupConfig, features: usize) -> Result<Self, Unlike> {
        let columns = checked(features)?;
        let detect = &config.detect;
        Ok(Self(match config.kind {
            GroupKind::IsolationForest => {
                let model = GroupForest::new(columns, config.forest());
                Inner::Forest(Box::new(GroupDetector::new(detect, model)))
            }
            GroupKind::Pca => {
                Inner::Pca(Box::new(GroupDetector::new(detect, Pca::new(features, config.pca())?)))
            }
        }))
    }

    /// Goes on where the state was taken, to the bit if the configuration is the same.
    pub fn restore(config: &GroupConfig, features: usize, state: JudgeState<'_>) -> Result<Self, Unlike> {
        let columns = checked(features)?;
        let JudgeState { model, group } = state;
        let (detect, group) = (&config.detect, group.into_owned());
        Ok(Self(match (config.kind, model) {
            (GroupKind::IsolationForest, ModelState::Forest(model)) => {
                let model = GroupForest::restore(columns, config.forest(), model.into_owned())?;
                Inner::Forest(Box::new(GroupDetector::restore(detect, model, group)?))
            }
            (GroupKind::Pca, ModelState::Pca(model)) => {
                let model = Pca::restore(features, config.pca(), model.into_owned())?;
                Inner::Pca(Box::new(GroupDetector::restore(detect, model, group)?))
            }
            _ => return Err(Unlike::Model),
        }))
    }

    /// What was learnt, for a snapshot.
    pub fn state(&self) -> JudgeState<'_> {
        let model = match &self.0 {
            Inner::Forest(detector) => ModelState::Forest(Cow::Borrowed(detector.model().state())),
            Inner::Pca(detector) => ModelState::Pca(Cow::Borrowed(detector.model().state())),
        };
        JudgeState { model, group: Cow::Borrowed(self.group()) }
    }

    /// How many values make a row.
    pub fn features(&self) -> usize {
        match &self.0 {
            Inner::Forest(detector) => detector.model().columns(),
            Inner::Pca(detector) => detector.model().columns(),
        }
    }

    /// Scores a row by the rows before it, then learns it; see [`GroupDetector::observe`]. A value that is not
    /// finite is missing.
    pub fn observe(&mut self, at: Timestamp, row: &[f64]) -> Option<GroupScore> {
        match &mut self.0 {
            Inner::Forest(detector) => detector.observe(at, row),
            Inner::Pca(detector) => detector.observe(at, row),
        }
    }

    /// Sets what is held back from the next row on; see [`GroupDetector::hold`].
    pub fn hold(&mut self, hold: Hold) {
        match &mut self.0 {
            Inner::Forest(detector) => detector.hold(hold),
            Inner::Pca(detector) => detector.hold(hold),
        }
    }

    /// The last score taken apart; see [`GroupDetector::explain`].
    pub fn explain(&self) -> Option<&Explanation> {
        match &self.0 {
            Inner::Forest(detector) => detector.explain(),
            Inner::Pca(detector) => detector.explain(),
        }
    }

    /// Whether the next row that can be read has a score.
    pub fn is_ready(&self) -> bool {
        match &self.0 {
            Inner::Forest(detector) => detector.is_ready(),
            Inner::Pca(detector) => detector.is_ready(),
        }
    }

    /// When the episode under way began.
    pub fn since(&self) -> Option<Timestamp> {
        match &self.0 {
            Inner::Forest(detector) => detector.since(),
            Inner::Pca(detector) => detector.since(),
        }
    }

    /// Takes over the episode of the judge before this one.
    pub fn follow(&mut self, before: &Self) {
        match &mut self.0 {
            Inner::Forest(detector) => detector.follow(before.group()),
            Inner::Pca(detector) => detector.follow(before.group()),
        }
    }

    fn group(&self) -> &GroupState {
        match &self.0 {
            Inner::Forest(detector) => detector.state(),
            Inner::Pca(detector) => detector.state(),
        }
    }
}
