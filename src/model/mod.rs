//! Plain data that the stages hand to each other: series and samples, alerts and episodes, plans,
//! outcomes and the reasons for doing nothing. It imports nothing of ours and does no I/O.

mod action;
mod alert;
mod approval;
mod before;
mod budget;
mod check;
mod check_value;
mod class;
mod decision;
mod delivery;
mod duration;
mod effect;
mod episode;
mod labels;
mod maintenance;
mod matcher;
mod number;
mod object;
mod outcome;
mod plan;
mod proportion;
mod rate;
mod reason;
mod score;
mod secret;
mod success;
mod time;

pub use action::{
    Action, AlertmanagerAction, AutoscalingAction, CommandAction, ContainerLookup, DockerAction,
    DockerOperation, ESCALATION, Ec2Action, Ec2Operation, Ec2Wait, EscalationAction, HttpAction,
    InstanceLookup, KubernetesAction, KubernetesOperation, Lookup, SHELL_SCRIPT, ScaleChange, Scaling,
    SilenceAction, SsmAction, SystemdAction, SystemdOperation, WorkloadKind, is_escalation,
};
pub use alert::{Alert, AlertStatus};
pub use approval::{ANONYMOUS, Approval, ApprovalId, ApprovalRequest, ApprovalState, DAEMON, is_reserved};
pub use before::Before;
pub use budget::{Budget, Scope};
pub use check::Check;
pub use check_value::CheckValue;
pub use class::Class;
pub use decision::{Decision, DecisionVerdict, Lift, Run, StepRecord};
pub use delivery::{Delivery, DeliveryId, DeliverySource};
pub use duration::{DurationError, format_duration, parse_duration, push_duration};
pub use effect::{AlertChange, AlertReading, Better, Effect, IndicatorChange, Measurement, PeersChange};
pub use episode::{Episode, EpisodeChange, EpisodeId};
pub use labels::{Fingerprint, Labels, escape_promql};
pub use maintenance::{LONGEST_NAME, MaintenanceWindow, Weekly, When};
pub use matcher::{Matcher, MatcherError, Operator, matches_all, parse_selector};
pub use number::format_number;
pub use object::{Object, ObjectKind, Touched};
pub use outcome::{ActError, ActReport, Observation, RunOutcome, Verdict};
pub use plan::{Plan, PlannedStep, RunId, RunKey, Verification};
pub use proportion::Proportion;
pub use rate::{Rate, RateError};
pub use reason::Reason;
pub use score::{AnomalyState, Contribution, Direction, Sample, Score, ScoredSeries, Series};
pub use secret::{Secret, SecretError, SecretSource};
pub use success::{SuccessRate, Tally};
pub use time::Timestamp;
