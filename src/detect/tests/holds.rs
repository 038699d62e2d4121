//! What is held back, and what goes on meanwhile.

use super::*;
use crate::model::AnomalyState;

for_every_model! {
    a_held_incident_alarms_and_teaches_nothing
    a_level_is_not_accepted_while_learning_is_held_back
    in_a_maintenance_window_nothing_alarms_and_what_outlasts_it_does_then
    the_same_holds_give_the_same_scores
}

/// Two days of noise, then what `value` makes of the minutes since, under the hold of each minute.
fn held(model: Model, minutes: i64, hold: impl Fn(i64) -> Hold, factor: impl Fn(i64) -> f64) -> Vec<Score> {
    let mut detector = model.build(&config());
    let mut scores = Vec::new();
    for minute in -2 * DAY..minutes {
        detector.hold(hold(minute));
        let value = (100.0 + 3.0 * noise(minute + 2 * DAY)) * factor(minute);
        let score = detector.observe(sample(minute + 2 * DAY, value)).unwrap();
        scores.extend((minute >= 0).then_some(score));
    }
    scores
}

fn a_held_incident_alarms_and_teaches_nothing(model: Model) {
    let incident = |minute: i64| if (0..600).contains(&minute) { 4.0 } else { 1.0 };
    let hold = |minute: i64| if (0..600).contains(&minute) { Hold::Learning } else { Hold::Nothing };
    let quiet = held(model, 700, |_| Hold::Nothing, |_| 1.0);
    let scores = held(model, 700, hold, incident);
    assert!(alarms(&scores).len() == 1 && alarms(&scores)[0] < 3, "{:?}", alarms(&scores));
    assert!(scores[3..600].iter().all(|score| score.score >= 1.0), "it never becomes ordinary");
    assert!(scores.iter().all(|score| score.state != AnomalyState::NewLevel));
    let width = |score: &Score| score.upper - score.lower;
    assert!(scores[640..].iter().all(|score| score.score < 1.0));
    assert!(width(&scores[690]) < 1.3 * width(&quiet[690]), "{:?} {:?}", scores[690], quiet[690]);
}

fn a_level_is_not_accepted_while_learning_is_held_back(model: Model) {
    let step = |minute: i64| if minute >= 0 { 1.45 } else { 1.0 };
    let hold = |minute: i64| if (0..DAY).contains(&minute) { Hold::Learning } else { Hold::Nothing };
    let scores = held(model, 2 * DAY, hold, step);
    let accepted: Vec<_> = (0..scores.len()).filter(|&i| scores[i].state == AnomalyState::NewLevel).collect();
    assert!(accepted.len() == 1 && accepted[0] as i64 >= DAY + 470, "{accepted:?}");
    assert_eq!(alarms(&scores).len(), 1);
}

fn in_a_maintenance_window_nothing_alarms_and_what_outlasts_it_does_then(model: Model) {
    let hold = |minute: i64| if (0..120).contains(&minute) { Hold::Alarms } else { Hold::Nothing };
    for (ends, alarmed) in [(100, false), (300, true)] {
        let incident = |minute: i64| if (10..ends).contains(&minute) { 4.0 } else { 1.0 };
        let scores = held(model, 400, hold, incident);
        assert!(scores[..120].iter().all(|score| score.state == AnomalyState::Normal && !score.alarm));
        assert!(scores[15..100].iter().all(|score| score.score >= 1.0), "the score is not muted");
        assert_eq!(alarms(&scores), if alarmed { vec![120] } else { vec![] });
    }
}

fn the_same_holds_give_the_same_scores(model: Model) {
    let hold = |minute: i64| [Hold::Nothing, Hold::Learning, Hold::Alarms][(minute / 37 % 3).max(0) as usize];
    let factor = |minute: i64| if minute % 101 > 90 { 3.0 } else { 1.0 };
    assert_eq!(held(model, 600, hold, factor), held(model, 600, hold, factor));
}
