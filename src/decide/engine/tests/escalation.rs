//! Alerts that the daemon has raised itself.

use super::*;

#[test]
fn an_alert_of_our_own_is_never_acted_on() {
    for (value, expected) in [("escalation", "escalation"), ("another", "Confirm")] {
        let labels = [("alertname", "AppDown"), ("instance", "web:80"), ("smartcloudops", value)];
        let mut engine = engine(config());
        engine.handle_change(&EpisodeChange::Opened(episode(&labels, 0)), at(1));
        assert_eq!(names(&commands(&mut engine)), [expected]);
    }
}

#[test]
fn neither_time_nor_new_policies_nor_a_restart_change_that() {
    let labels = [("alertname", "AppDown"), ("instance", "web:80"), ("smartcloudops", "escalation")];
    let own = episode(&labels, 0);
    let mut first = engine(config());
    first.handle_change(&EpisodeChange::Opened(own.clone()), at(1));
    assert_eq!(names(&commands(&mut first)), ["escalation"]);
    first.handle_change(&EpisodeChange::Repeated(own.clone()), at(2));
    first.reconfigure(Arc::new(config()), at(3));
    first.handle_timeout(at(4000));
    assert!(commands(&mut first).is_empty());
    let restored = Restored { episodes: vec![own], ..Restored::default() };
    let mut second = Engine::new(Arc::new(config()), restored, at(5000));
    assert_eq!(names(&commands(&mut second)), ["escalation"]);
}
