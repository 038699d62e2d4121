//! Guards that know the target's peers: how many of them would be left, counting what is under way.

use std::collections::BTreeSet;

use crate::model::Reason;

use super::super::protected::means;
use super::super::share::{AtMost, Group, Share};
use super::super::world::Members;
use super::Said;

/// Whether the group can spare the target. `under_way` are the names of all that other runs touch.
pub fn spare(
    group: &Group,
    target: &str,
    members: Option<&Result<Members, String>>,
    under_way: &BTreeSet<String>,
) -> Vec<Said> {
    let members = match members {
        Some(Ok(members)) => members,
        Some(Err(why)) => return vec![Said::hold(Reason::GroupUnknown, why.clone())],
        None => return vec![Said::hold(Reason::GroupUnknown, "it was not read")],
    };
    if !members.all.contains(target) {
        let value = format!("the target is none of its {} members", members.all.len());
        return vec![Said::hold(Reason::GroupUnknown, value)];
    }
    let is_touched = |member: &str| under_way.iter().any(|name| means(member, name));
    let is_left = |member: &&String| member.as_str() != target && !is_touched(member);
    let left = members.healthy.iter().filter(is_left).count();
    let value = format!("{left} healthy of {} would be left", members.all.len());
    // A target that is not healthy takes nothing away.
    let takes = members.healthy.contains(target);
    let mut said = vec![
        Said::pass(Reason::GroupUnknown, format!("one of {} members", members.all.len())),
        Said::when(!takes || left > 0, Reason::LastHealthy, value.clone()),
    ];
    if let Some(keep) = group.keep {
        let least = keep.of(members.all.len() as f64).ceil() as usize;
        said.push(Said::when(
            !takes || left >= least,
            Reason::BlastRadius,
            format!("{value}, {least} must be"),
        ));
    }
    said
}

/// Whether one more run of a policy is not too many. `of`: what the share is taken of, where it is one.
pub fn at_most(limit: &AtMost, under_way: usize, of: Option<&Result<f64, String>>) -> Said {
    let of = match (limit.share, of) {
        (Share::Count(_), _) => 0.0,
        (Share::Percent(_), Some(Ok(of))) if of.is_finite() => *of,
        (Share::Percent(_), Some(Err(why))) => return Said::hold(Reason::BlastRadius, why.clone()),
        (Share::Percent(_), _) => {
            return Said::hold(Reason::BlastRadius, "what it is a share of is not known");
        }
    };
    let most = limit.share.of(of).floor();
    let value = format!("{under_way} under way, {most} may be");
    Said::when((under_way as f64) < most, Reason::BlastRadius, value)
}

#[cfg(test)]
mod tests {
    use super::super::super::samples::group;
    use super::*;

    fn members(all: &[&str], healthy: &[&str]) -> Result<Members, String> {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Ok(Members { all: set(all), healthy: set(healthy) })
    }

    #[test]
    fn a_group_spares_what_it_can() {
        let five = ["a", "b", "c", "d", "e"];
        let all = members(&five, &five);
        for (members, under_way, expected, sentence) in [
            (Some(&all), vec![], None, "four of five are left, and must be"),
            (Some(&all), vec!["b"], Some(Reason::BlastRadius), "b is worked on"),
            (Some(&all), vec!["x"], None, "x is none of them"),
            (Some(&members(&five, &["a", "b"])), vec![], Some(Reason::BlastRadius), "three are ill already"),
            (Some(&members(&five, &["b"])), vec![], None, "a is ill itself"),
            (Some(&members(&five, &["a"])), vec![], Some(Reason::LastHealthy), "a is the last"),
            (
                Some(&members(&five, &["a", "b"])),
                vec!["b"],
                Some(Reason::LastHealthy),
                "the other is worked on",
            ),
            (Some(&members(&["b"], &["b"])), vec![], Some(Reason::GroupUnknown), "a is no member"),
            (Some(&Err("x".to_owned())), vec![], Some(Reason::GroupUnknown), "it could not be read"),
            (None, vec![], Some(Reason::GroupUnknown), "it was not read"),
        ] {
            let under_way = under_way.into_iter().map(str::to_owned).collect();
            let held = spare(&group("80%"), "a", members, &under_way).iter().find_map(Said::held);
            assert_eq!(held.map(|held| held.reason), expected, "{sentence}");
        }
    }

    #[test]
    fn a_member_is_under_way_by_any_name_of_what_is_touched() {
        let all = ["10.0.0.5:9100", "10.0.0.6:9100"];
        for (under_way, expected, sentence) in [
            ("10.0.0.6:9100", Some(Reason::LastHealthy), "the member itself"),
            ("10.0.0.6", Some(Reason::LastHealthy), "the host that it is on"),
            ("10.0.0.6:9090", None, "another port is another target"),
            ("10.0.0.60", None, "another host"),
        ] {
            let under_way = BTreeSet::from([under_way.to_owned()]);
            let said = spare(&group("1"), all[0], Some(&members(&all, &all)), &under_way);
            let held = said.iter().find_map(Said::held);
            assert_eq!(held.map(|held| held.reason), expected, "{sentence}");
        }
    }

    #[test]
    fn not_more_at_once_than_a_share() {
        let share = |text: &str| AtMost { share: text.parse().unwrap(), of: None };
        for (limit, under_way, of, passes, sentence) in [
            ("2", 1, None, true, "the second of two"),
            ("2", 2, None, false, "the third of two"),
            ("20%", 0, Some(Ok(5.0)), true, "one of five"),
            ("20%", 1, Some(Ok(9.9)), false, "two of nine"),
            ("20%", 0, Some(Ok(3.0)), false, "less than one"),
            ("20%", 0, Some(Ok(f64::NAN)), false, "of no number"),
            ("20%", 0, Some(Err("x".to_owned())), false, "of what cannot be read"),
            ("20%", 0, None, false, "of what was not read"),
        ] {
            let said = at_most(&share(limit), under_way, of.as_ref());
            assert_eq!(said.held().is_none(), passes, "{sentence}");
        }
    }
}
