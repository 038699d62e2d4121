//! Loop 2: deliveries, reports and timers → decide → act → verify → journal. The other place that waits
//! and reads the clock.
//!
//! One task owns the decision core; whatever takes time (questions to Prometheus and Alertmanager,
//! actions) runs beside it and comes back as a report. Everything that must not be lost goes to the
//! journal before its consequence: a delivery before its answer, an episode before its decision, an intent
//! before its action.

mod commands;
mod confirm;
mod confirming;
mod doubt;
mod handle;
mod intake;
mod leaves;
mod lifting;
mod lookups;
mod measure;
mod messages;
mod others;
mod outbox;
mod presence;
mod rates;
mod reconcile;
mod replay;
mod replica;
mod reports;
mod restore;
mod steady;
mod stop;
mod surroundings;
mod worker;

pub use handle::{Gone, Handle, NotRequested, Refused, Reserved, Wish};
pub use replay::{Account, PastAlert, PolicyAccount, ReplayRange, ReplayedRun, Told, past_alerts, replay};
pub use replica::Replica;
pub use surroundings::Surroundings;
