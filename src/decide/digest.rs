//! What a policy is, in one number: whether it has changed since something was earned with it, or begun.

use super::config::Policy;

/// A checksum (CRC-32) of whatever decides what a policy does to whom: of its name, mode and limits it says nothing.
/// It may differ between versions of the daemon that read a policy differently.
pub fn digest(policy: &Policy) -> u32 {
    let Policy { matchers, target, steps, class, evidence, conditions, group, .. } = policy;
    let Policy { indicator, min_firing, confirm_with, needs_approval, .. } = policy;
    let acts = format!("{matchers:?} {target:?} {steps:?} {class:?} {needs_approval:?}");
    let if_so =
        format!("{evidence:?} {conditions:?} {group:?} {indicator:?} {min_firing:?} {confirm_with:?}");
    crc32fast::hash(format!("{acts} {if_so}").as_bytes())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::config::Mode;
    use super::super::samples::{config, group};
    use super::super::template::{Escape, Template};
    use super::*;
    use crate::model::Class;

    #[test]
    fn it_changes_with_what_is_done_and_not_with_who_may() {
        let policy = || config().policies.remove(0);
        let expr = || Template::compile("up == 1", Escape::PromQl).unwrap();
        let mut twice = policy();
        twice.steps.push(twice.steps[0].clone());
        let mut unproved = policy();
        unproved.steps[0].verify = None;
        for (other, same, sentence) in [
            (policy(), true, "the same"),
            (Policy { mode: Some(Mode::Enforce), ..policy() }, true, "another mode"),
            (Policy { budgets: Vec::new(), ..policy() }, true, "other budgets"),
            (twice, false, "one more step"),
            (unproved, false, "another proof"),
            (Policy { matchers: Vec::new(), ..policy() }, false, "other alerts"),
            (Policy { class: Class::Harmless, ..policy() }, false, "another class"),
            (Policy { conditions: vec![expr()], ..policy() }, false, "another condition"),
            (Policy { group: Some(group("2")), ..policy() }, false, "another group"),
            (Policy { min_firing: Duration::from_secs(1), ..policy() }, false, "another wait"),
        ] {
            assert_eq!(digest(&policy()) == digest(&other), same, "{sentence}");
        }
    }
}
