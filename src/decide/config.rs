//! Remediation policies, checked: every pattern and template is compiled when the file is read.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use regex::Regex;

use crate::model::{Budget, Class, MaintenanceWindow, Matcher, Rate};

use super::action::ActionTemplate;
use super::autonomy::Terms;
use super::effect::Indicator;
use super::share::{AtMost, Group};
use super::template::Template;

/// What may be done, and what holds it back.
#[derive(Clone, Debug)]
pub struct Config {
    /// For every policy that does not say otherwise. Default shadow.
    pub mode: Mode,
    /// What is done about which alert. Every policy that matches is considered, in the order of the file.
    pub policies: Vec<Policy>,
    /// Nothing is done for so long after the start. Default 30 s.
    pub startup_grace: Duration,
    /// Runs under way at once, over all policies. Default 4.
    pub max_in_flight: usize,
    /// More new alerts than this have a shared cause, and nothing is done. Default 30 per 1m.
    pub storm: Storm,
    /// What nothing is ever done to, as exact texts: targets, and whatever a step names. The daemon itself,
    /// Prometheus and Alertmanager are protected always ([`ALWAYS`](super::protected::ALWAYS)).
    pub protected: Vec<String>,
    /// While this file exists nothing is done, as if the stop switch were set. Default none.
    pub stop_file: Option<PathBuf>,
    /// How often anything may be done to one target or at all, over all policies. Default 6 per 1d on a target, and 20
    /// per 1h and 60 per 1d on all.
    pub budgets: Vec<Budget>,
    /// While one of them is open nothing is done.
    pub maintenance: Vec<MaintenanceWindow>,
    /// If a larger share of all scraped targets is down, from 0 to 1, nothing is done: it is the monitoring that is
    /// broken. Default 0.5.
    pub max_targets_down: f64,
    /// How long an approval can be given, and used. Default 30 min.
    pub approval_valid_for: Duration,
    /// What a policy in the mode `earned` must earn for the next level, and loses one by.
    pub terms: Terms,
}

/// More new episodes than this are a storm: recorded, not acted on.
#[derive(Clone, Debug, PartialEq)]
pub struct Storm {
    /// Over all alerts.
    pub total: Rate,
    /// For one `alertname`.
    pub per_alert: Rate,
}

/// Whether plans are carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Plans are recorded only.
    Shadow,
    /// A person approves each plan.
    Ask,
    /// Plans are carried out.
    Enforce,
    /// As much of that as the policy has earned.
    Earned,
}

/// Who must confirm, just before acting, that the alert still fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmWith {
    /// Alertmanager: active, neither silenced nor inhibited.
    Alertmanager,
    /// Prometheus: `ALERTS{alertstate="firing"}`.
    Prometheus,
}

/// One policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The label `policy`; differs from all others.
    pub name: Arc<str>,
    /// Overrides the general mode.
    pub mode: Option<Mode>,
    /// All must match the alert's labels, and one must need a value. Never empty.
    pub matchers: Vec<Matcher>,
    /// Which label names the target, and what it must look like.
    pub target: Target,
    /// What is done, in order. The first step that fails ends the run. Each has exactly one action. Never empty.
    pub steps: Vec<Step>,
    /// How often this policy may act on one target or at all. Default 1 per 30m on a target.
    pub budgets: Vec<Budget>,
    /// How many of its runs at once there may be.
    pub at_most: Option<AtMost>,
    /// After so many runs that did not help the policy waits until the first of them is so long ago. Default 3 per
    /// 6h.
    pub breaker: Rate,
    /// How grave its programs and calls are; other steps are at least as grave as they are known to be.
    /// `destructive` always asks. Default disruptive.
    pub class: Class,
    /// Whether a person approves each plan, whatever the mode. Default no.
    pub needs_approval: bool,
    /// PromQL that must hold for the alert to be believed; values are escaped for double-quoted strings. At most
    /// ten.
    pub evidence: Vec<Template>,
    /// PromQL that must hold just before acting. At most ten.
    pub conditions: Vec<Template>,
    /// Who stands in for the target meanwhile. What is worked on counts as not healthy, and the last healthy member
    /// is never acted on.
    pub group: Option<Group>,
    /// What shows, beside the alert's own expression and `verify`, whether a step helps. Measured before it and at
    /// the end of its `within`, of the target and of peers to which nothing was done.
    pub indicator: Option<Indicator>,
    /// How long the alert must have been firing. Default 0.
    pub min_firing: Duration,
    /// Who must confirm just before acting that the alert still fires; never empty. Default both where an
    /// Alertmanager is configured, else Prometheus.
    pub confirm_with: Arc<[ConfirmWith]>,
}

impl Policy {
    /// Whether it earns what it may do.
    pub fn is_earned(&self, config: &Config) -> bool {
        self.mode.unwrap_or(config.mode) == Mode::Earned
    }
}

/// Where the target's name comes from.
#[derive(Clone, Debug)]
pub struct Target {
    /// A label of the alert.
    pub label: Arc<str>,
    /// Matches the whole value. A part `(?P<host>…)` names the host, for budgets and for one run at a time.
    pub pattern: Regex,
}

/// The name of the group of a target's pattern that takes the host out of it.
pub const HOST: &str = "host";

impl Target {
    /// The host of a target, where the pattern says which part of it that is.
    pub fn host_of<'t>(&self, target: &'t str) -> Option<&'t str> {
        self.pattern.capture_names().flatten().find(|name| *name == HOST)?;
        let host = self.pattern.captures(target)?.name(HOST)?.as_str();
        (!host.is_empty()).then_some(host)
    }
}

/// One step of a policy.
#[derive(Clone, Debug)]
pub struct Step {
    /// What is done.
    pub action: ActionTemplate,
    /// How the effect is proved. Without it the alert itself is the proof of the last step, unless that is
    /// harmless; another step is followed by the next at once.
    pub verify: Option<VerifyTemplate>,
}

/// How an effect is proved.
#[derive(Clone, Debug)]
pub struct VerifyTemplate {
    /// The step has helped once this returns something that is not zero. Without it the alert must be gone.
    pub expr: Option<Template>,
    /// How long the effect may take. Default 2 min.
    pub within: Duration,
    /// How long it must go on doing so; needs `expr`. Default a quarter of that, a minute at most.
    pub lasts: Duration,
}
