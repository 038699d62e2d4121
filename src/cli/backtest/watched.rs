//! What a backtest scores: the configured queries, then the models of their series. Pure.

use crate::model::Rate;
use crate::scoring::{Config, GroupModel, Query};

/// A query or a model.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Watched {
    /// The value of the label `query`.
    pub name: String,
    /// The PromQL; of a model what it groups.
    pub expr: String,
    /// What judges it.
    pub model: String,
    /// Metrics that it needs.
    pub requires: Vec<String>,
    /// The false alarms that a series, or a group, may cost.
    pub budget: Rate,
    /// Whether the scores are those of groups.
    pub of_groups: bool,
}

impl Watched {
    /// All, in the order of the configuration.
    pub fn all(config: &Config) -> Vec<Self> {
        config.queries.iter().map(Self::from).chain(config.models.iter().map(Self::from)).collect()
    }
}

impl From<&Query> for Watched {
    fn from(query: &Query) -> Self {
        Self {
            name: query.name.clone(),
            expr: query.expr.clone(),
            model: query.model.name().to_owned(),
            requires: query.requires.clone(),
            budget: query.detect.false_alarms,
            of_groups: false,
        }
    }
}

impl From<&GroupModel> for Watched {
    fn from(model: &GroupModel) -> Self {
        Self {
            name: model.name.clone(),
            expr: model.definition(),
            model: model.kind.name().to_owned(),
            requires: Vec::new(),
            budget: model.detect.false_alarms,
            of_groups: true,
        }
    }
}
