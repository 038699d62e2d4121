//! Histories that are short, broken, constant, huge, or without noise.

use super::*;
use crate::detect::prophet::{FitError, Forecast, State};

fn is_finite(forecast: Forecast) -> bool {
    let parts = forecast.components;
    [
        forecast.value,
        forecast.trend,
        forecast.deviation,
        parts.yearly,
        parts.weekly,
        parts.daily,
        parts.holidays,
    ]
    .into_iter()
    .all(f64::is_finite)
}

#[test]
fn histories_without_two_times_are_refused() {
    let nothing = |times: &[i64], values: &[f64]| {
        let times: Vec<Timestamp> = times.iter().copied().map(at).collect();
        Prophet::fit(&times, values, &Config::default()).err()
    };
    assert_eq!(nothing(&[], &[]), Some(FitError::TooFew));
    assert_eq!(nothing(&[1], &[1.0]), Some(FitError::TooFew));
    assert_eq!(nothing(&[1, 1, 1], &[1.0, 2.0, 3.0]), Some(FitError::TooFew));
    assert_eq!(nothing(&[1, 2, 3], &[f64::NAN, 2.0, f64::INFINITY]), Some(FitError::TooFew));
    assert_eq!(nothing(&[1, 2], &[1.0]), Some(FitError::Lengths { times: 2, values: 1 }));
    assert_eq!(nothing(&[1, 2], &[1.0, 2.0]), None);
}

#[test]
fn missing_values_and_the_order_of_times_change_nothing() {
    let (mut times, mut values) = usual();
    let clean = fit(&(times.clone(), values.clone()), &Config::default());
    for (place, value) in [(400, f64::NAN), (17, f64::INFINITY), (3, f64::NEG_INFINITY)] {
        times.insert(place, at(MARCH + 7 * DAY + 13));
        values.insert(place, value);
    }
    times.reverse();
    values.reverse();
    assert_eq!(fit(&(times, values), &Config::default()).state(), clean.state());
}

#[test]
fn a_constant_goes_on_as_it_was() {
    for value in [0.0, 7.5, -1e300, 5e-324] {
        let fitted = fit(&history(200, HOUR, |_| value), &Config::default());
        for millis in [MARCH - DAY, MARCH + DAY, MARCH + 1000 * DAY] {
            let forecast = fitted.predict(at(millis));
            assert_eq!((forecast.value, forecast.components), (value, Default::default()));
            assert!(forecast.deviation <= 1e-6 * value.abs().max(0.01));
        }
    }
}

#[test]
fn a_series_without_noise_is_found() {
    let value = |millis| 5.0 + 3.0 * phase(millis, DAY).sin() + (millis - MARCH) as f64 / DAY as f64;
    let fitted = fit(&history(504, HOUR, value), &Config::default());
    for ahead in 0..48 {
        let millis = MARCH + 21 * DAY + ahead * HOUR;
        let forecast = fitted.predict(at(millis));
        assert!((forecast.value - value(millis)).abs() < 1e-3, "{ahead}: {forecast:?}");
        assert!((forecast.components.daily - 3.0 * phase(millis, DAY).sin()).abs() < 1e-3);
    }
}

/// Few samples and much noise, so that every prior has a say.
#[test]
fn no_parameter_can_be_moved_to_a_more_probable_model() {
    let value = |millis| 3.0 - 5.0 * ((millis - MARCH) as f64 / DAY as f64) + 4.0 * noise(millis);
    let history = history(40, 90 * MINUTE, value);
    let config = Config { changepoints: 5, ..Config::default() };
    let fitted = fit(&history, &config);
    let moved = |change: &dyn Fn(&mut State)| {
        let mut state = fitted.state().clone();
        change(&mut state);
        let moved = Fitted::restore(state, &config).unwrap();
        objective(&moved, history.0.iter().copied().zip(history.1.iter().copied()))
    };
    let mode = moved(&|_| ());
    for step in [1e-6, -1e-6] {
        let mut objectives = vec![
            moved(&|state| state.level += step),
            moved(&|state| state.slope += step),
            moved(&|state| state.noise += step),
        ];
        objectives.extend((0..8).map(|wave| moved(&|state| state.waves[2][wave] += step)));
        objectives.extend((0..5).map(|change| moved(&|state| state.changes[change].1 += step)));
        assert!(objectives.iter().all(|objective| *objective > mode), "{mode} {objectives:?}");
    }
}

#[test]
fn a_unit_is_only_a_unit() {
    let (times, values) = usual();
    let fitted = fit(&(times.clone(), values.clone()), &Config::default());
    for factor in [-1.0, 1e-290, 2f64.powi(900)] {
        let other: Vec<f64> = values.iter().map(|value| value * factor).collect();
        let other = fit(&(times.clone(), other), &Config::default());
        for hours in [0, 100, 600] {
            let [a, b] = [&fitted, &other].map(|fitted| fitted.predict(at(MARCH + hours * HOUR)).value);
            assert!((b / factor - a).abs() < 1e-6, "{factor}: {a} {b}");
        }
    }
}

#[test]
fn absurd_histories_give_finite_forecasts() {
    let absurd = [0.0, 1.0, -1.0, 1e300, -1e300, f64::MAX, f64::MIN, 1e-300, 5e-324, f64::NAN, f64::INFINITY];
    let times = [i64::MIN, i64::MAX, 0, 1, 2, MARCH, MARCH + 1, MARCH + DAY];
    for seed in 0..300 {
        let mut random = fastrand::Rng::with_seed(seed);
        let count = random.usize(2..80);
        let history: (Vec<Timestamp>, Vec<f64>) = (0..count)
            .map(|number| {
                let millis = match seed % 3 {
                    0 => times[random.usize(..times.len())],
                    1 => MARCH + random.i64(..30 * DAY),
                    _ => MARCH + number as i64 / 3 * 400 * DAY,
                };
                let usual = random.f64();
                (at(millis), if random.f64() < 0.3 { absurd[random.usize(..absurd.len())] } else { usual })
            })
            .unzip();
        let config = Config {
            daily: Some(random.usize(..9)),
            yearly: Some(2),
            time_zone: berlin(),
            ..Config::default()
        };
        let Ok(fitted) = Prophet::fit(&history.0, &history.1, &config) else { continue };
        for millis in times.into_iter().chain([MARCH + 50 * DAY]) {
            let forecast = fitted.predict(at(millis));
            assert!(is_finite(forecast), "seed {seed}: {forecast:?}");
        }
        assert!(
            Fitted::restore(fitted.state().clone(), &config).is_ok(),
            "seed {seed}: {:?}",
            fitted.state()
        );
    }
}

#[test]
fn seasons_that_samples_cannot_tell_apart_are_harmless() {
    let config = Config { daily: Some(12), weekly: Some(50), yearly: Some(10), ..Config::default() };
    let fitted = fit(&history(60, 12 * HOUR, |millis| 3.0 + noise(millis)), &config);
    for half_days in 0..60 {
        let value = fitted.predict(at(MARCH + half_days * 12 * HOUR)).value;
        assert!((2.0..4.0).contains(&value), "{value}");
    }
}

#[test]
fn the_deviation_is_the_noise_and_grows_behind_the_history() {
    let bent = |millis: i64| (millis - MARCH - 10 * DAY).max(0) as f64 / HOUR as f64 + noise(millis);
    let fitted = fit(&history(504, HOUR, bent), &Config::default());
    let deviation = |days| fitted.predict(at(MARCH + days * DAY)).deviation;
    assert_eq!(deviation(-5), fitted.noise());
    assert_eq!(deviation(20), fitted.noise());
    assert!((fitted.noise() - 1.0 / 12f64.sqrt()).abs() < 0.05, "{}", fitted.noise());
    assert!(deviation(22) > deviation(20) && deviation(40) > deviation(22));
}
