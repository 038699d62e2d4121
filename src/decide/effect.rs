//! How an effect is judged beyond a step's verification: by the alert's own expression, and by an indicator of the
//! policy beside that of untouched peers.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{Alert, Better, Measurement, Observation, Timestamp};

use super::config::Policy;
use super::policy::{Refused, fill, group_question};
use super::template::Template;
use super::world::GroupQuestion;

/// What shows whether a policy helps.
#[derive(Clone, Debug)]
pub struct Indicator {
    /// PromQL with one number for a target.
    pub expr: Template,
    /// Which way it gets better.
    pub better: Better,
    /// PromQL with one series for each peer. Without it the members of `group` are the peers, each filled in for
    /// `{{ target }}`.
    pub peers: Option<Template>,
}

/// What is measured before an action and after it.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectQuestion {
    /// The alert whose own expression is asked for.
    pub alert: Arc<Alert>,
    /// The target.
    pub target: Arc<str>,
    /// The label that names targets and peers.
    pub label: Arc<str>,
    /// The group whose members are peers.
    pub group: Option<Box<GroupQuestion>>,
    /// The policy's indicator.
    pub indicator: Option<Box<IndicatorQuestion>>,
}

/// An indicator with everything filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct IndicatorQuestion {
    /// The target's.
    pub expr: String,
    /// The same for any other member of the group.
    pub of_any: Template,
    /// Which way it gets better.
    pub better: Better,
    /// The expression for all peers, where the policy has one.
    pub peers: Option<String>,
}

impl EffectQuestion {
    /// What a policy asks about a target.
    pub fn new(policy: &Policy, target: &Arc<str>, alert: &Arc<Alert>) -> Result<Self, Refused> {
        let indicator = policy.indicator.as_ref().map(|indicator| {
            let peers = indicator.peers.as_ref().map(|peers| fill(peers, alert, target));
            Ok(Box::new(IndicatorQuestion {
                expr: fill(&indicator.expr, alert, target)?,
                of_any: indicator.expr.clone(),
                better: indicator.better,
                peers: peers.transpose()?,
            }))
        });
        let label = policy.group.as_ref().map_or(&policy.target.label, |group| &group.label);
        Ok(Self {
            alert: alert.clone(),
            target: target.clone(),
            label: label.clone(),
            group: group_question(policy, alert, target)?,
            indicator: indicator.transpose()?,
        })
    }

    /// Which way the indicator gets better; `None`: there is none.
    pub fn better(&self) -> Option<Better> {
        self.indicator.as_ref().map(|indicator| indicator.better)
    }
}

/// What an effect is judged by, and what was seen of it before.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// What is measured.
    pub question: EffectQuestion,
    /// What it was just before the action; `None`: not known.
    pub before: Option<Measurement>,
}

/// A question about a step that was carried out.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// The step's verification expression.
    pub expr: String,
    /// What it said before the action, where that is known.
    pub baseline: Option<Observation>,
    /// What the effect is judged by besides.
    pub watch: Option<Watch>,
    /// Targets something was done to meanwhile: they are no peers.
    pub touched: BTreeSet<String>,
    /// From then on the effect has failed to appear.
    pub deadline: Timestamp,
    /// Whether it is known that the action was begun.
    pub begun: bool,
}
