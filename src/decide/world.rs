//! What is asked about the world just before acting, and what it says.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{Alert, Lookup, Measurement, Observation};

use super::config::ConfirmWith;
use super::effect::EffectQuestion;
use super::lookups::Found;

/// Everything that is asked, with every expression filled in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// The alert; `None` asks nothing of it.
    pub alert: Option<Arc<Alert>>,
    /// The target, which confirmations must concern.
    pub target: Arc<str>,
    /// Who must confirm that the alert fires.
    pub with: Arc<[ConfirmWith]>,
    /// Expressions that must hold for the alert to be believed.
    pub evidence: Vec<String>,
    /// Expressions that must hold besides.
    pub conditions: Vec<String>,
    /// The target's group.
    pub group: Option<Box<GroupQuestion>>,
    /// What a share of runs at once is taken of.
    pub at_most_of: Option<String>,
    /// The expression that proves the effect of the step to come.
    pub baseline: Option<String>,
    /// What the effect of the coming step is judged by besides; `None`: nothing verifies it.
    pub effect: Option<EffectQuestion>,
    /// Names of what something is done to: those are no peers.
    pub touched: BTreeSet<String>,
    /// What the plan's steps look up.
    pub lookups: Vec<Lookup>,
}

/// Who belongs to a group, and who of them is healthy.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupQuestion {
    /// One series a member.
    pub members: String,
    /// One series a healthy member.
    pub healthy: String,
    /// The label that names a member.
    pub label: Arc<str>,
}

/// What the world says just before acting; `None` where nobody asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Confirmation {
    /// Alertmanager's word.
    pub alertmanager: Option<Presence>,
    /// Prometheus's word.
    pub prometheus: Option<Presence>,
    /// How the alert's rule is.
    pub rule: Option<RuleHealth>,
    /// The share of all scraped targets that are down, from 0 to 1; or why it is not known.
    pub down: Option<Result<f64, String>>,
    /// How many samples targets have of the last minutes, as a share of what they had an hour before; or why it is
    /// not known.
    pub scraped: Option<Result<f64, String>>,
    /// What the evidence's expressions say, in their order.
    pub evidence: Vec<Observation>,
    /// What the conditions say, in their order.
    pub conditions: Vec<Observation>,
    /// The target's group, or why it is not known.
    pub group: Option<Result<Members, String>>,
    /// What a share of runs at once is taken of, or why it is not known.
    pub at_most_of: Option<Result<f64, String>>,
    /// What each lookup led to.
    pub found: Found,
    /// What proves the effect of the step to come, before it.
    pub baseline: Option<Observation>,
    /// What the effect is judged by besides, before the step.
    pub before: Option<Measurement>,
}

/// What one of them says of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It fires.
    Firing,
    /// It is silenced.
    Silenced,
    /// It is inhibited or muted.
    Inhibited,
    /// It is not known as active.
    Absent,
    /// There was no answer; the text says why.
    Unreachable(String),
}

/// How the rule of an alert is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleHealth {
    /// It was evaluated.
    Good {
        /// How long ago.
        age: Duration,
        /// How often it is.
        interval: Duration,
    },
    /// It was evaluated so far in the future that our clock or its own is wrong.
    Ahead(Duration),
    /// Its last evaluation failed; the text says why.
    Failing(String),
    /// It is none of this Prometheus's rules.
    NotKnown,
    /// It could not be asked; the text says why.
    Unreadable(String),
}

/// A group by the names of its members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// All of them.
    pub all: BTreeSet<String>,
    /// Those that are healthy.
    pub healthy: BTreeSet<String>,
}
