//! So many alerts at once that nothing is done about any of them.

use super::*;

#[test]
fn a_storm_stops_everything_that_began_with_it() {
    let mut config = config();
    config.storm.per_alert = "2/1m".parse().unwrap();
    let mut engine = engine(config);
    for number in 0..3 {
        let instance = format!("web{number}:80");
        let one = episode(&[("alertname", "AppDown"), ("instance", &instance)], 0);
        engine.handle_change(&EpisodeChange::Opened(one), at(1));
    }
    let seen = run_to_act(&mut engine, &firing(), at(2));
    assert_eq!(seen.iter().filter(|name| *name == "storm").count(), 3, "{seen:?}");
    assert!(!seen.contains(&"Begin".to_owned()));
}

#[test]
fn what_began_in_a_storm_is_left_alone_after_a_reload_and_a_restart() {
    let mut config = config();
    config.storm.per_alert = "2/1m".parse().unwrap();
    let config = Arc::new(config);
    let app = |number: i64, start| {
        let instance = format!("web{number}:80");
        episode(&[("alertname", "AppDown"), ("instance", &instance)], start)
    };
    let storm: Vec<Episode> = (0..3).map(|number| app(number, number)).collect();
    let mut engine = Engine::new(config.clone(), Restored::default(), at(0));
    for episode in &storm {
        engine.handle_change(&EpisodeChange::Opened(episode.clone()), at(3));
    }
    run_to_act(&mut engine, &firing(), at(4));
    engine.reconfigure(config.clone(), at(5));
    engine.reconfigure(config.clone(), at(1000));
    assert_eq!(run_to_act(&mut engine, &firing(), at(1000)), Vec::<String>::new(), "after a reload");

    for (now, sentence) in [(5, "in the storm"), (1000, "after it")] {
        let restored = Restored { episodes: storm.clone(), ..Restored::default() };
        let mut engine = Engine::new(config.clone(), restored, at(now));
        assert_eq!(run_to_act(&mut engine, &firing(), at(now)), ["storm"; 3], "started anew {sentence}");
        engine.handle_change(&EpisodeChange::Opened(app(9, now)), at(now));
        let seen = run_to_act(&mut engine, &firing(), at(now));
        assert_eq!(seen.contains(&"Act 0".to_owned()), now == 1000, "a new alert {sentence}: {seen:?}");
    }
    let calm = vec![app(0, 0), app(1, 1), app(2, 61)];
    let mut engine = Engine::new(config, Restored { episodes: calm, ..Restored::default() }, at(1000));
    assert!(!run_to_act(&mut engine, &firing(), at(1000)).contains(&"storm".to_owned()));
}
