//! What holds learning back: firing alerts, maintenance windows, requests. Pure but for `requests`.
//!
//! A sample that is held is scored as any other and teaches nothing. In a maintenance window it raises no
//! alarm either, as in Alertmanager's mute time intervals: what still lasts when the window ends alarms then.
//! Each cause is known by its times, so that history is read under the holds it had.

mod firing;
mod maintenance;
mod requests;

use std::sync::Arc;

pub use firing::{Firing, WhileFiring};
pub use maintenance::{LONGEST_NAME, Weekly, When, Window};
pub use requests::{HoldError, Request, Requests, Wish};

use crate::detect::Hold;
use crate::metrics::scoring::HoldCause;
use crate::model::{Labels, Timestamp};

/// All that may hold back the series of one query over one span of ticks.
#[derive(Clone, Debug, Default)]
pub struct Holds {
    /// Maintenance windows.
    pub windows: Arc<[Window]>,
    /// Requests for this query, those that are over lately included.
    pub requests: Vec<Request>,
    /// The alerts that fire at the span's ticks.
    pub firing: Firing,
}

/// What may hold back one series.
pub struct OfSeries<'a> {
    windows: &'a [Window],
    requests: Vec<&'a Request>,
    firing: &'a [i64],
}

impl Holds {
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
