//! Random timelines, 100,000 events in all: whatever happens, the rules hold.

use proptest::prelude::*;

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
    Reload,
    /// Time passes, or the clock is set back.
    Time(i64),
}

fn events() -> impl Strategy<Value = Event> {
    let presence =
        prop_oneof![6 => Just(Presence::Firing), 1 => Just(Presence::Absent), 1 => Just(Presence::Silenced)];
    let condition = prop::bool::weighted(0.85);
    prop_oneof![
        4 => (0..4u8, any::<bool>()).prop_map(|(which, new)| Event::Fire(which, new)),
        2 => (0..4u8).prop_map(Event::Resolve),
        12 => (presence, condition, 0..6u8).prop_map(|(presence, holds, well)| Event::Answer(presence, holds, well)),
        4 => (0..4u8).prop_map(Event::Outcome),
        4 => any::<bool>().prop_map(Event::Probe),
        3 => prop::bool::weighted(0.8).prop_map(Event::Approve),
        1 => any::<bool>().prop_map(Event::Pause),
        1 => Just(Event::Restart),
        1 => Just(Event::Reload),
        4 => (-400..4000i64).prop_map(Event::Time),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn whatever_happens_the_rules_hold(events in prop::collection::vec(events(), 300..400)) {
        let mut world = World::new();
        for event in events {
            world.happen(event);
        }
        world.finish();
    }
}
