//! Random timelines, 100,000 events in all: whatever happens, the rules hold.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::super::super::world::Presence;
use super::world::World;

/// One thing that happens to the core.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// An alert fires, again or anew.
    Fire(u8, bool),
    Resolve(u8),
    /// The oldest question is answered: what Prometheus says, whether the condition holds, how many of five are healthy.
    Answer(Presence, bool, u8),
    /// The oldest action ends.
    Outcome(u8),
    /// The oldest proof is looked at.
    Probe(bool),
    /// A person answers the oldest request for approval.
    Approve(bool),
    Pause(bool),
    Restart,
    /// The policies are read again; they may be others now.
    Reload(bool),
    /// Time passes, or the clock is set back.
    Time(i64),
    /// The clock is set forward.
    Forward(i64),
}

fn events() -> impl Strategy<Value = Event> {
    let presence =
        prop_oneof![6 => Just(Presence::Firing), 1 => Just(Presence::Absent), 1 => Just(Presence::Silenced)];
    let condition = prop::bool::weighted(0.85);
    // Questions wait for two minutes and proofs for one, budgets for half an hour.
    let seconds = prop_oneof![6 => 0..10i64, 3 => 10..90i64, 2 => -400..4000i64];
    prop_oneof![
        12 => (0..4u8, prop::bool::weighted(0.15)).prop_map(|(which, new)| Event::Fire(which, new)),
        3 => (0..4u8).prop_map(Event::Resolve),
        70 => (presence, condition, 2..6u8).prop_map(|(presence, holds, well)| Event::Answer(presence, holds, well)),
        14 => prop_oneof![4 => Just(0u8), 1 => Just(2), 1 => Just(3)].prop_map(Event::Outcome),
        20 => prop::bool::weighted(0.2).prop_map(Event::Probe),
        10 => prop::bool::weighted(0.8).prop_map(Event::Approve),
        2 => prop::bool::weighted(0.3).prop_map(Event::Pause),
        1 => Just(Event::Restart),
        1 => any::<bool>().prop_map(Event::Reload),
        1 => (60..9000i64).prop_map(Event::Forward),
        20 => seconds.prop_map(Event::Time),
    ]
}

/// How often random timelines came to what the rules are about.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reached {
    pub begun: usize,
    pub further_steps: usize,
    pub leaves_used: usize,
    pub no_effect: usize,
    pub not_known: usize,
    pub answers_to_other_policies: usize,
    pub taken_up_after_a_restart: usize,
    pub relapsed: usize,
}

#[test]
fn whatever_happens_the_rules_hold() {
    let total = Cell::new(Reached::default());
    let cases = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) };
    let timelines = prop::collection::vec(events(), 300..400);
    let held = TestRunner::new(cases).run(&timelines, |events| {
        let mut world = World::new(total.get());
        events.into_iter().for_each(|event| world.happen(event));
        total.set(world.finish());
        Ok(())
    });
    held.unwrap_or_else(|error| panic!("{error}"));
    let Reached { begun, further_steps, leaves_used, no_effect, not_known, .. } = total.get();
    let Reached { answers_to_other_policies, taken_up_after_a_restart, relapsed, .. } = total.get();
    for (reached, least) in [
        (begun, 800),
        (further_steps, 40),
        (leaves_used, 150),
        (no_effect, 200),
        (not_known, 50),
        (answers_to_other_policies, 100),
        (taken_up_after_a_restart, 100),
        (relapsed, 5),
    ] {
        assert!(reached >= least, "too seldom for a proof: {:?}", total.get());
    }
}
