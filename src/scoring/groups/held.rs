//! What holds a group back: whatever holds back itself, or one of its members.
//!
//! A row with a member that is not to be learnt is not to be learnt: it says how that one moves with the others.

use super::Groups;
use super::group::Group;
use crate::metrics::scoring::HoldCause;
use crate::model::Timestamp;
use crate::scoring::holds::{HeldBy, Holds};

impl Groups {
    /// The model itself, then its queries in their order.
    pub(super) fn holders(&self) -> Vec<HeldBy<'_>> {
        let own = HeldBy { name: &self.model.name, while_firing: None };
        let members = self.model.members.iter();
        let members =
            members.map(|member| HeldBy { name: &member.name, while_firing: member.while_firing.as_ref() });
        std::iter::once(own).chain(members).collect()
    }

    /// Notes what holds back the row of this time, in these groups.
    pub(super) fn hold_rows(&mut self, groups: &[usize], at: Timestamp) {
        let holds = &self.holds;
        for &group in groups {
            let group = &mut self.groups[group];
            group.held = cause(holds, group, at);
        }
    }
}

/// Why a group's row is held back.
fn cause(holds: &[Holds], group: &Group, at: Timestamp) -> Option<HoldCause> {
    if holds.iter().all(Holds::is_idle) {
        return None;
    }
    let (own, of_queries) = holds.split_first()?;
    own.of(&group.labels).cause(at).or_else(|| {
        group.members_at(at).find_map(|member| {
            let holds = of_queries.get(member.query).filter(|holds| !holds.is_idle())?;
            holds.of(&member.labels).cause(at)
        })
    })
}
