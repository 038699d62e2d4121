//! What a plan's steps look up is known before it is decided on, so that what is busy, counted, approved and written
//! down is what will be acted on.

use crate::model::{Lookup, Plan, Reason};

use super::guards::Said;
use super::protected;

/// What each lookup led to: an id or a name; or why that is not known.
pub type Found = Vec<(Lookup, Result<String, String>)>;

/// All that has to be looked up for a plan, each once.
pub fn of(plan: &Plan) -> Vec<Lookup> {
    let mut lookups = Vec::new();
    for lookup in plan.steps.iter().filter_map(|step| step.action.lookup()) {
        if !lookups.contains(&lookup) {
            lookups.push(lookup);
        }
    }
    lookups
}

/// Puts into the plan what its lookups led to. What is not known holds it, as does what is protected.
pub fn resolve(plan: &mut Plan, found: &Found, protected: &[String]) -> Vec<Said> {
    let mut said: Vec<Said> = of(plan).iter().map(|lookup| led_to(lookup, found)).collect();
    for (index, step) in plan.steps.iter_mut().enumerate() {
        let Some(lookup) = step.action.lookup() else { continue };
        if let Some((_, Ok(name))) = found.iter().find(|(other, _)| *other == lookup) {
            step.action.set_found(name.clone());
        }
        if let Some(what) = protected::named_by(&step.action, protected) {
            said.push(Said::hold(Reason::TargetProtected, format!("steps[{index}] leads to {what}")));
        }
    }
    said
}

fn led_to(lookup: &Lookup, found: &Found) -> Said {
    match found.iter().find(|(other, _)| other == lookup) {
        Some((_, Ok(name))) => Said::pass(Reason::LookupFailed, format!("{lookup} is {name}")),
        Some((_, Err(why))) => Said::hold(Reason::LookupFailed, why.clone()),
        None => Said::hold(Reason::LookupFailed, format!("{lookup} was not looked up")),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::samples::episode;
    use super::*;
    use crate::model::{Action, Ec2Action, Ec2Operation, InstanceLookup, PlannedStep, RunKey};

    fn plan(instances: &[InstanceLookup]) -> Plan {
        let action = |instance: &InstanceLookup| {
            let (operation, timeout) = (Ec2Operation::Reboot, Duration::from_secs(1));
            let instance = instance.clone();
            Action::Ec2(Ec2Action { operation, instance, found: None, wait: None, timeout })
        };
        let steps = instances.iter().map(|one| PlannedStep { action: action(one), verify: None }).collect();
        let (policy, target) = ("reboot".into(), "10.0.0.5:9100".into());
        let key = RunKey { policy, target, episode: episode(&[("a", "b")], 0).id };
        Plan { key, host: None, steps }
    }

    #[test]
    fn a_plan_goes_on_with_what_all_its_lookups_led_to_and_holds_else() {
        let id = InstanceLookup::InstanceId("i-1234abcd".to_owned());
        let address = InstanceLookup::PrivateIp("10.0.0.5".to_owned());
        let tag = InstanceLookup::Tag { key: "Name".to_owned(), value: "web".to_owned() };
        let led = |lookup: &InstanceLookup, to: Result<&str, &str>| {
            (Lookup::Instance(lookup.clone()), to.map(str::to_owned).map_err(str::to_owned))
        };
        let address_is = led(&address, Ok("i-1"));
        let (unknown, protected) = (Some(Reason::LookupFailed), Some(Reason::TargetProtected));
        for (instances, found, expected, ids, sentence) in [
            (vec![&id], vec![], None, vec![None], "an id means itself"),
            (vec![&address], vec![address_is.clone()], None, vec![Some("i-1")], "found"),
            (
                vec![&address, &id, &address],
                vec![address_is.clone()],
                None,
                vec![Some("i-1"), None, Some("i-1")],
                "each step",
            ),
            (vec![&address], vec![], unknown, vec![None], "nobody has looked"),
            (
                vec![&address],
                vec![led(&tag, Ok("i-1"))],
                unknown,
                vec![None],
                "somebody has looked for another",
            ),
            (vec![&address], vec![led(&address, Err("two"))], unknown, vec![None], "not exactly one"),
            (vec![&address, &tag], vec![address_is.clone()], unknown, vec![Some("i-1"), None], "one of two"),
            (vec![&tag], vec![led(&tag, Ok("i-0monitor"))], protected, vec![Some("i-0monitor")], "protected"),
        ] {
            let mut plan = plan(&instances.into_iter().cloned().collect::<Vec<_>>());
            let said = resolve(&mut plan, &found, &["i-0monitor".to_owned()]);
            let held = said.iter().find_map(Said::held).map(|held| held.reason);
            let found: Vec<Option<&str>> = plan.steps.iter().map(|step| step.action.found()).collect();
            assert_eq!((held, found), (expected, ids), "{sentence}");
        }
    }
}
