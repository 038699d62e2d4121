//! Why nothing was done: one closed list, shared by log, metric label, journal and explanation.

use serde::{Deserialize, Serialize};

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal),+ $(,)?) => {
        /// Why an alert led to no action.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Reason {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $variant,)+
        }

        impl Reason {
            /// Every reason, for metrics that exist at zero from the start.
            pub const ALL: &[Reason] = &[$(Reason::$variant),+];

            /// The name used as label value, in JSON and in the journal.
            pub fn as_str(self) -> &'static str {
                match self { $(Reason::$variant => $name),+ }
            }

            /// One sentence for the engineer on call.
            pub fn meaning(self) -> &'static str {
                match self { $(Reason::$variant => concat!($($doc),+)),+ }
            }
        }
    };
}

reasons! {
    /// No policy's matchers match the alert.
    NoPolicy = "no_policy",
    /// The alert is one that this daemon has raised itself to call a person.
    Escalation = "escalation",
    /// The policy is in shadow mode: the plan is recorded, not carried out.
    Shadow = "shadow",
    /// Remediation is paused by the stop switch.
    Paused = "paused",
    /// The daemon has just started and waits out its grace period.
    Starting = "starting",
    /// The alert does not carry the label that names the target.
    TargetMissing = "target_missing",
    /// The target does not match the policy's pattern.
    TargetRefused = "target_refused",
    /// The target, or what a step names, is protected: listed, or a unit of the daemon or of its watchers.
    TargetProtected = "target_protected",
    /// A template could not be filled in from the alert, or its result is not safe to use.
    TemplateRefused = "template_refused",
    /// The alert has not been firing for long enough.
    TooYoung = "too_young",
    /// The target was acted on less than its cooldown ago.
    Cooldown = "cooldown",
    /// The target was acted on as often as its budget allows, over all policies.
    TargetBudget = "target_budget",
    /// The policy has acted as often as its budget allows, over all targets.
    PolicyBudget = "policy_budget",
    /// As much was done as the budget of the whole fleet allows.
    FleetBudget = "fleet_budget",
    /// The policy's last runs did not help: it is not trusted for a while.
    BreakerOpen = "breaker_open",
    /// A maintenance window is open.
    Maintenance = "maintenance",
    /// Another run is in flight on the same target.
    TargetBusy = "target_busy",
    /// As many runs as allowed are in flight.
    TooManyInFlight = "too_many_in_flight",
    /// The policy has already run for this target and episode.
    AlreadyRun = "already_run",
    /// So many alerts began at once that the cause must be shared: a person should look.
    Storm = "storm",
    /// The alert resolved before anything was done.
    Resolved = "resolved",
    /// Alertmanager says the alert is silenced.
    Silenced = "silenced",
    /// Alertmanager says the alert is inhibited or muted.
    Inhibited = "inhibited",
    /// Alertmanager does not know the alert as active.
    NotInAlertmanager = "not_in_alertmanager",
    /// Prometheus does not show the alert as firing.
    NotInPrometheus = "not_in_prometheus",
    /// Alertmanager could not be asked whether the alert is still active.
    AlertmanagerUnreachable = "alertmanager_unreachable",
    /// Prometheus could not be asked whether the alert still fires.
    PrometheusUnreachable = "prometheus_unreachable",
    /// A condition of the policy does not hold.
    ConditionFalse = "condition_false",
    /// A condition of the policy could not be evaluated.
    ConditionUnknown = "condition_unknown",
    /// What the alert rests on cannot be trusted: its rule fails, or too many targets cannot be scraped.
    EvidenceBroken = "evidence_broken",
    /// Too few members of the group would be left, or too many are worked on at once.
    BlastRadius = "blast_radius",
    /// The target is the last healthy member of its group.
    LastHealthy = "last_healthy",
    /// The target's group could not be read, or the target is not in it.
    GroupUnknown = "group_unknown",
    /// What a step names by a tag, an address or a label is not exactly one object, or could not be looked up.
    LookupFailed = "lookup_failed",
    /// A person must approve, and has not yet.
    ApprovalPending = "approval_pending",
    /// A person has refused.
    ApprovalRejected = "approval_rejected",
    /// Nobody approved in time.
    ApprovalExpired = "approval_expired",
    /// The intent could not be written to the journal.
    JournalUnavailable = "journal_unavailable",
    /// The daemon is shutting down.
    ShuttingDown = "shutting_down",
}

impl Reason {
    /// Reasons that have to do with no policy.
    pub const OF_NO_POLICY: [Reason; 2] = [Self::NoPolicy, Self::Escalation];
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
