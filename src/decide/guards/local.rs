//! Guards that know what the core remembers: switches, clocks, windows, budgets, what is under way.

use std::time::Duration;

use crate::model::{Budget, CheckValue, MaintenanceWindow, Object, Rate, Reason, Scope, Timestamp, Touched};

use super::super::attempts::Attempts;
use super::super::config::{Config, Policy};
use super::{AllSaid, Said};

/// What the core knows when it looks at a plan.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The settings of all policies together.
    pub config: &'a Config,
    /// The policy that would act.
    pub policy: &'a Policy,
    /// What it would act on.
    pub touched: &'a Touched,
    /// The time.
    pub now: Timestamp,
    /// When the core began.
    pub started: Timestamp,
    /// When the alert began to fire.
    pub firing_since: Timestamp,
    /// Whether the stop switch is set.
    pub paused: bool,
    /// Whether the daemon is stopping.
    pub shutting_down: bool,
    /// Whether the alert is part of a storm.
    pub in_storm: bool,
    /// Whether the policy has run for this target and episode.
    pub has_run: bool,
    /// When what was attempted.
    pub attempts: &'a Attempts,
    /// When the policy's runs ended that did not help.
    pub failures: &'a [Timestamp],
    /// What of that another run works on.
    pub busy: Option<Object>,
    /// Runs under way, over all policies.
    pub in_flight: usize,
}

/// Asks every guard, the gravest first.
pub fn ask(facts: &Facts<'_>) -> AllSaid {
    let Facts { config, policy, touched, now, .. } = *facts;
    let mut said = AllSaid::new();
    said.extend([
        already_run(facts.has_run),
        paused(facts.paused),
        shutting_down(facts.shutting_down),
        startup_grace(facts.started, config.startup_grace, now),
        storm(facts.in_storm),
        maintenance(&config.maintenance, now),
        min_firing(facts.firing_since, policy.min_firing, now),
        breaker(facts.failures, policy.breaker, now),
    ]);
    for limit in policy.budgets.iter().chain(&config.budgets) {
        said.push(budget(&facts.attempts.of(limit.scope, &policy.name, touched), *limit, now));
    }
    said.push(target_busy(facts.busy.as_ref()));
    said.push(in_flight(facts.in_flight, config.max_in_flight));
    said
}

/// The stop switch.
pub fn paused(paused: bool) -> Said {
    Said::when(!paused, Reason::Paused, if paused { "the stop switch is set" } else { "not set" })
}

/// Nothing new begins while the daemon stops.
fn shutting_down(shutting_down: bool) -> Said {
    Said::when(!shutting_down, Reason::ShuttingDown, if shutting_down { "stopping" } else { "running" })
}

/// Nothing begins in the first moments: what is known then may be old.
fn startup_grace(started: Timestamp, grace: Duration, now: Timestamp) -> Said {
    let end = started + grace;
    if now >= end {
        return Said::pass(Reason::Starting, CheckValue::Since(end));
    }
    Said::until(Reason::Starting, CheckValue::Until(end), end)
}

/// Many new alerts at once have a shared cause.
pub fn storm(in_storm: bool) -> Said {
    let value = if in_storm { "more new alerts than remediation.storm allows" } else { "calm" };
    Said::when(!in_storm, Reason::Storm, value)
}

/// While people work on what is watched nothing is done to it.
pub fn maintenance(windows: &[MaintenanceWindow], now: Timestamp) -> Said {
    match windows.iter().find(|window| window.covers(now)) {
        Some(window) => Said::hold(Reason::Maintenance, format!("the window '{}' is open", window.name)),
        None => Said::pass(Reason::Maintenance, "no window is open"),
    }
}

/// The alert must have been firing for some time.
fn min_firing(since: Timestamp, min_firing: Duration, now: Timestamp) -> Said {
    let ripe = since + min_firing;
    let value = CheckValue::Firing(now.since(since), min_firing);
    if now >= ripe { Said::pass(Reason::TooYoung, value) } else { Said::until(Reason::TooYoung, value, ripe) }
}

/// One run per policy, target and episode.
fn already_run(has_run: bool) -> Said {
    Said::when(!has_run, Reason::AlreadyRun, if has_run { "it has" } else { "it has not" })
}

/// So many attempts and no more, counted from the attempt, whatever became of it.
fn budget(attempts: &[Timestamp], Budget { scope, rate }: Budget, now: Timestamp) -> Said {
    let guard = match scope {
        Scope::PolicyTarget => Reason::Cooldown,
        Scope::Target => Reason::TargetBudget,
        Scope::Policy => Reason::PolicyBudget,
        Scope::Fleet => Reason::FleetBudget,
    };
    limited(guard, attempts, rate, now)
}

/// A policy whose last runs did not help is not trusted until the first of them is long enough ago.
fn breaker(failures: &[Timestamp], rate: Rate, now: Timestamp) -> Said {
    limited(Reason::BreakerOpen, failures, rate, now)
}

/// Holds while as many events as the rate allows lie in the window before `now`, or in the future.
fn limited(guard: Reason, events: &[Timestamp], rate: Rate, now: Timestamp) -> Said {
    let counts = |at: &Timestamp| *at + rate.per() > now;
    let (count, most) = (events.iter().copied().filter(counts).count(), rate.count() as usize);
    if count < most {
        return Said::pass(guard, CheckValue::Counted(count, rate, None));
    }
    let mut recent: Vec<Timestamp> = events.iter().copied().filter(counts).collect();
    let (_, frees, _) = recent.select_nth_unstable(count - most);
    let frees = *frees + rate.per();
    Said::until(guard, CheckValue::Counted(count, rate, Some(frees)), frees)
}

/// One action at a time on whatever is touched, whatever the policy.
fn target_busy(busy: Option<&Object>) -> Said {
    match busy {
        Some(object) => Said::hold(Reason::TargetBusy, format!("another run works on {object}")),
        None => Said::pass(Reason::TargetBusy, "free"),
    }
}

/// A cap over everything.
fn in_flight(running: usize, max: usize) -> Said {
    Said::when(running < max, Reason::TooManyInFlight, CheckValue::UnderWay(running, max))
}

#[cfg(test)]
mod tests {
    use super::super::super::samples::at;
    use super::*;
    use crate::model::{ObjectKind, When};

    #[test]
    fn each_guard_stops_alone_and_lets_pass_alone() {
        let rate: Rate = "2/10m".parse().unwrap();
        let limit = |scope| Budget { scope, rate };
        let minute = Duration::from_secs(60);
        let unit = Object::new(ObjectKind::Unit, "app.service");
        let when = When::Once { starts: at(0), ends: at(60) };
        let window = [MaintenanceWindow { name: "move".to_owned(), when }];
        for (said, expected, sentence) in [
            (paused(true), Some(Reason::Paused), "the switch is set"),
            (paused(false), None, "the switch is not set"),
            (shutting_down(true), Some(Reason::ShuttingDown), "stopping"),
            (shutting_down(false), None, "running"),
            (startup_grace(at(0), minute, at(59)), Some(Reason::Starting), "within the grace"),
            (startup_grace(at(0), minute, at(60)), None, "after the grace"),
            (startup_grace(at(0), minute, at(-500)), Some(Reason::Starting), "a clock that went back"),
            (storm(true), Some(Reason::Storm), "a storm"),
            (storm(false), None, "no storm"),
            (maintenance(&window, at(59)), Some(Reason::Maintenance), "in the window"),
            (maintenance(&window, at(60)), None, "after the window"),
            (min_firing(at(0), minute, at(30)), Some(Reason::TooYoung), "firing for half the time"),
            (min_firing(at(0), minute, at(60)), None, "firing for long enough"),
            (already_run(true), Some(Reason::AlreadyRun), "it has run"),
            (already_run(false), None, "it has not"),
            (breaker(&[at(0), at(1)], rate, at(2)), Some(Reason::BreakerOpen), "two did not help"),
            (breaker(&[at(0)], rate, at(2)), None, "one did not"),
            (budget(&[at(0)], limit(Scope::PolicyTarget), at(1)), None, "one of two"),
            (
                budget(&[at(0), at(1)], limit(Scope::PolicyTarget), at(2)),
                Some(Reason::Cooldown),
                "two of two",
            ),
            (budget(&[at(0), at(1)], limit(Scope::PolicyTarget), at(600)), None, "the first has left"),
            (
                budget(&[at(900), at(901)], limit(Scope::PolicyTarget), at(2)),
                Some(Reason::Cooldown),
                "in the future",
            ),
            (
                budget(&[at(0), at(1)], limit(Scope::Target), at(2)),
                Some(Reason::TargetBudget),
                "the target's",
            ),
            (budget(&[at(0)], limit(Scope::Target), at(2)), None, "the target has one left"),
            (
                budget(&[at(0), at(1)], limit(Scope::Policy), at(2)),
                Some(Reason::PolicyBudget),
                "the policy's",
            ),
            (budget(&[at(0)], limit(Scope::Policy), at(2)), None, "the policy has one left"),
            (budget(&[at(0), at(1)], limit(Scope::Fleet), at(2)), Some(Reason::FleetBudget), "the fleet's"),
            (budget(&[at(0)], limit(Scope::Fleet), at(2)), None, "the fleet has one left"),
            (target_busy(Some(&unit)), Some(Reason::TargetBusy), "busy"),
            (target_busy(None), None, "free"),
            (in_flight(4, 4), Some(Reason::TooManyInFlight), "full"),
            (in_flight(3, 4), None, "room for one"),
        ] {
            assert_eq!(said.held().map(|held| held.reason), expected, "{sentence}");
        }
    }

    #[test]
    fn a_budget_says_when_it_frees_something() {
        let limit = Budget { scope: Scope::PolicyTarget, rate: "2/10m".parse().unwrap() };
        let held = budget(&[at(200), at(0), at(100)], limit, at(300)).held().unwrap();
        assert_eq!(
            (held.until, held.detail.as_str()),
            (Some(at(700)), "3 of 2 in the last 10m, until 2023-11-14T22:25:00Z")
        );
    }
}
