//! States that survive, states that are damaged, and settings that cannot be.

use jiff::civil::date;

use super::*;
use crate::detect::prophet::{ConfigError, Holiday, State, StateError};

#[test]
fn a_state_survives_a_round_trip_to_the_bit() {
    let config = Config { time_zone: berlin(), ..Config::default() };
    let fitted = fit(&usual(), &config);
    let bytes = postcard::to_stdvec(fitted.state()).unwrap();
    let state: State = postcard::from_bytes(&bytes).unwrap();
    let restored = Fitted::restore(state, &config).unwrap();
    for hours in 0..1000 {
        let time = at(MARCH + hours * HOUR);
        assert_eq!(restored.predict(time), fitted.predict(time));
    }
    let elsewhere = Fitted::restore(fitted.state().clone(), &Config::default());
    assert!(matches!(elsewhere, Err(StateError::TimeZone { .. })), "{elsewhere:?}");
}

#[test]
fn damaged_states_are_refused() {
    type Damage = fn(&mut State);
    let damages: [(Damage, &str); 12] = [
        (|state| state.span = 0, "no history"),
        (|state| state.start = i64::MAX, "a start beyond the calendar"),
        (|state| state.span = i64::MAX, "an end beyond the calendar"),
        (|state| state.scale = 0.0, "no scale"),
        (|state| state.scale = f64::INFINITY, "an infinite scale"),
        (|state| state.noise = f64::NAN, "noise that is no number"),
        (|state| state.level = f64::NAN, "a level that is no number"),
        (|state| state.changes[3].1 = 1e300, "a huge change"),
        (|state| state.changes.swap(0, 1), "changepoints out of order"),
        (|state| state.changes[24].0 = 1.5, "a changepoint behind the history"),
        (|state| state.waves[2].truncate(7), "a sine without its cosine"),
        (|state| state.waves[1] = vec![0.0; 2000], "too many harmonics"),
    ];
    let fitted = fit(&usual(), &Config::default());
    for (damage, case) in damages {
        let mut state = fitted.state().clone();
        damage(&mut state);
        let restored = Fitted::restore(state, &Config::default());
        assert!(matches!(restored, Err(StateError::Damaged(_))), "{case}: {restored:?}");
    }
}

#[test]
fn impossible_settings_are_refused() {
    let usual = Config::default;
    let holiday = Holiday { name: "long".to_owned(), dates: Vec::new(), days_before: 0, days_after: 30 };
    let many = (0..9).map(|number| Holiday { name: number.to_string(), ..holiday.clone() }).collect();
    let dates = vec![date(2026, 1, 1); 2115];
    for (config, expected) in [
        (Config { changepoints: 201, ..usual() }, ConfigError::Changepoints(201)),
        (Config { changepoint_range: 0.0, ..usual() }, ConfigError::Range(0.0)),
        (Config { changepoint_range: 1.1, ..usual() }, ConfigError::Range(1.1)),
        (Config { changepoint_prior_scale: 0.0, ..usual() }, ConfigError::PriorScale(0.0)),
        (
            Config { seasonality_prior_scale: f64::INFINITY, ..usual() },
            ConfigError::PriorScale(f64::INFINITY),
        ),
        (Config { holidays_prior_scale: -1.0, ..usual() }, ConfigError::PriorScale(-1.0)),
        (Config { weekly: Some(51), ..usual() }, ConfigError::Order(51)),
        (Config { time_zone: TimeZone::unknown(), ..usual() }, ConfigError::TimeZone),
        (
            Config { holidays: vec![Holiday { days_before: 31, ..holiday.clone() }], ..usual() },
            ConfigError::Window("long".to_owned()),
        ),
        (Config { holidays: many, ..usual() }, ConfigError::HolidayColumns(279)),
        (
            Config { holidays: vec![Holiday { dates, ..holiday }], ..usual() },
            ConfigError::HolidayDays(65_565),
        ),
    ] {
        assert_eq!(config.check(), Err(expected));
    }
    let range = Config { changepoint_range: f64::NAN, ..usual() }.check();
    assert!(matches!(range, Err(ConfigError::Range(_))));
}
