//! What holds learning back: firing alerts, maintenance windows, requests. Pure but for `requests`.
//!
//! A sample that is held is scored as any other and teaches nothing. In a maintenance window it raises no
//! alarm either, as in Alertmanager's mute time intervals: what still lasts when the window ends alarms then.
//! Each cause is known by its times, so that history is read under the holds it had.

mod firing;
mod requests;

use std::sync::Arc;

pub use firing::{Firing, WhileFiring};
pub use requests::{HoldError, Request, Requests, Wish};

use crate::detect::Hold;
use crate::metrics::scoring::HoldCause;
use crate::model::{Labels, MaintenanceWindow, Timestamp};

/// All that may hold back the series of one query over one span of ticks.
#[derive(Clone, Debug, Default)]
pub struct Holds {
    /// Maintenance windows.
    pub windows: Arc<[MaintenanceWindow]>,
    /// Requests for this query, those that are over lately included.
    pub requests: Vec<Request>,
    /// The alerts that fire at the span's ticks.
    pub firing: Arc<Firing>,
}

/// What is asked to learn what holds learning back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeldBy<'a> {
    /// The query or model that requests name.
    pub name: &'a str,
    /// The alerts while which nothing is learnt; none for most.
    pub while_firing: Option<&'a WhileFiring>,
}

/// The alerts that some ask for, each once.
pub fn alerts_of<'a>(held_by: &[HeldBy<'a>]) -> Vec<&'a WhileFiring> {
    let mut alerts: Vec<&WhileFiring> = Vec::new();
    for while_firing in held_by.iter().filter_map(|by| by.while_firing) {
        if !alerts.contains(&while_firing) {
            alerts.push(while_firing);
        }
    }
    alerts
}

/// What may hold back one series.
pub struct OfSeries<'a> {
    windows: &'a [MaintenanceWindow],
    requests: Vec<&'a Request>,
    firing: &'a [i64],
}

impl Holds {
    /// What holds back each of these; the windows stand with the first, as they hold back all alike. `firing` has the
    /// answers to their alerts.
    pub fn of_each(
        held_by: &[HeldBy<'_>],
        windows: &Arc<[MaintenanceWindow]>,
        firing: &[(&WhileFiring, Arc<Firing>)],
        requests: impl Fn(&str) -> Vec<Request>,
    ) -> Vec<Self> {
        let found = |alerts: &WhileFiring| {
            firing.iter().find(|(of, _)| *of == alerts).map(|(_, firing)| firing.clone())
        };
        let one = |(place, by): (usize, &HeldBy<'_>)| Self {
            windows: if place == 0 { windows.clone() } else { Arc::default() },
            requests: requests(by.name),
            firing: by.while_firing.and_then(found).unwrap_or_default(),
        };
        held_by.iter().enumerate().map(one).collect()
    }

    /// Whether nothing is held back, whatever the series.
    pub fn is_idle(&self) -> bool {
        self.windows.is_empty() && self.requests.is_empty() && self.firing.is_empty()
    }

    /// What concerns one series.
    pub fn of(&self, labels: &Labels) -> OfSeries<'_> {
        OfSeries {
            windows: &self.windows,
            requests: self.requests.iter().filter(|request| request.is_for(labels)).collect(),
            firing: self.firing.of(labels),
        }
    }
}

impl OfSeries<'_> {
    /// Why a sample is held back; a maintenance window before all else, since it mutes as well.
    pub fn cause(&self, at: Timestamp) -> Option<HoldCause> {
        if self.windows.iter().any(|window| window.covers(at)) {
            return Some(HoldCause::Maintenance);
        }
        if self.requests.iter().any(|request| request.covers(at)) {
            return Some(HoldCause::Request);
        }
        self.firing.binary_search(&at.as_millis()).is_ok().then_some(HoldCause::Firing)
    }
}

/// What a detector is told.
pub fn hold(cause: Option<HoldCause>) -> Hold {
    match cause {
        None => Hold::Nothing,
        Some(HoldCause::Firing | HoldCause::Request) => Hold::Learning,
        Some(HoldCause::Maintenance) => Hold::Alarms,
    }
}
