//! How a number of instances or replicas changes, and how far it may.

use serde::{Deserialize, Serialize};

/// A change, and the policy's own bounds on its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scaling {
    /// By how many, or to how many.
    #[serde(flatten)]
    pub change: ScaleChange,
    /// The result is no smaller; `None`: as small as the other side allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u32>,
    /// The result is no greater; `None`: as great as the other side allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u32>,
}

/// How a number changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScaleChange {
    /// By so many more. At least 1.
    Up(u32),
    /// By so many less. At least 1.
    Down(u32),
    /// To exactly so many.
    To(u32),
}

impl Scaling {
    /// The number to set where it is `current`, within the policy's bounds and those from `least` to `most`. A
    /// step is cut short at a bound, a number beyond one is refused, and so is what would change nothing or
    /// go the other way; the sentence says why.
    pub fn goal(&self, current: u32, least: u32, most: u32) -> Result<u32, String> {
        let least = least.max(self.at_least.unwrap_or(least));
        let most = most.min(self.at_most.unwrap_or(most));
        let bounds = format!("the bounds are {least} to {most}");
        if least > most {
            return Err(format!("no number is allowed: {bounds}"));
        }
        let (goal, goes_there) = match self.change {
            ScaleChange::Up(step) => {
                let goal = current.saturating_add(step).min(most);
                (goal, goal > current)
            }
            ScaleChange::Down(step) => {
                let goal = current.saturating_sub(step).max(least);
                (goal, goal < current)
            }
            ScaleChange::To(number) if !(least..=most).contains(&number) => {
                return Err(format!("{number} is not allowed: {bounds}"));
            }
            ScaleChange::To(number) => (number, number != current),
        };
        match (least..=most).contains(&goal) {
            _ if !goes_there => Err(format!("it is {current} already: {bounds}")),
            false => Err(format!("a step to {goal} is not allowed: {bounds}")),
            true => Ok(goal),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scaling(change: ScaleChange, at_least: Option<u32>, at_most: Option<u32>) -> Scaling {
        Scaling { change, at_least, at_most }
    }

    #[test]
    fn a_change_keeps_within_both_bounds_and_its_direction() {
        use ScaleChange::{Down, To, Up};
        let refused = |reason: &str| Err(reason.to_owned());
        for (change, at_least, at_most, current, expected, claim) in [
            (Up(1), None, None, 3, Ok(4), "a step up"),
            (Up(5), None, None, 8, Ok(10), "a step is cut short at the group's bound"),
            (Up(5), None, Some(9), 8, Ok(9), "and at the policy's"),
            (Up(1), None, None, 10, refused("it is 10 already: the bounds are 1 to 10"), "at the bound"),
            (Up(1), None, Some(4), 6, refused("it is 6 already: the bounds are 1 to 4"), "above it"),
            (Up(u32::MAX), None, None, 3, Ok(10), "a step too great for a number"),
            (Down(1), None, None, 3, Ok(2), "a step down"),
            (Down(9), Some(2), None, 5, Ok(2), "a step is cut short at the policy's bound"),
            (Down(1), Some(5), None, 2, refused("it is 2 already: the bounds are 5 to 10"), "below it"),
            (Up(1), Some(5), None, 2, refused("a step to 3 is not allowed: the bounds are 5 to 10"), "short"),
            (To(4), None, None, 3, Ok(4), "a number"),
            (To(3), None, None, 3, refused("it is 3 already: the bounds are 1 to 10"), "what it is"),
            (To(11), None, None, 3, refused("11 is not allowed: the bounds are 1 to 10"), "beyond a bound"),
            (To(4), Some(20), None, 3, refused("no number is allowed: the bounds are 20 to 10"), "apart"),
        ] {
            assert_eq!(scaling(change, at_least, at_most).goal(current, 1, 10), expected, "{claim}");
        }
    }

    proptest! {
        #[test]
        fn a_goal_is_allowed_and_new(
            change in prop_oneof![
                (1..=u32::MAX).prop_map(ScaleChange::Up),
                (1..=u32::MAX).prop_map(ScaleChange::Down),
                any::<u32>().prop_map(ScaleChange::To),
            ],
            bounds: (Option<u32>, Option<u32>), own: (u32, u32), current: u32,
        ) {
            let scaling = scaling(change, bounds.0, bounds.1);
            if let Ok(goal) = scaling.goal(current, own.0, own.1) {
                prop_assert!(own.0 <= goal && goal <= own.1);
                prop_assert!(bounds.0.is_none_or(|least| least <= goal));
                prop_assert!(bounds.1.is_none_or(|most| goal <= most));
                let asked_for = match change {
                    ScaleChange::Up(step) => goal > current && goal - current <= step,
                    ScaleChange::Down(step) => goal < current && current - goal <= step,
                    ScaleChange::To(number) => goal == number && goal != current,
                };
                prop_assert!(asked_for, "{goal}");
            }
        }
    }
}
