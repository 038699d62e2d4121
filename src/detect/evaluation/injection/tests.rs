//! What each fault looks like, and where it is refused.

use super::*;

/// 2,000 rows of 5 minutes with a rhythm of 100 rows around 50, and a jitter.
fn rows() -> Vec<(i64, f64)> {
    let wave = |row: i64| (row as f64 * std::f64::consts::TAU / 100.0).sin();
    (0..2000).map(|row| (row * 300, 50.0 + wave(row) + ((row * 7919) % 101) as f64 / 1000.0)).collect()
}

fn healthy() -> Healthy {
    Healthy::new("a.csv".to_owned(), rows()).unwrap()
}

fn with(healthy: &Healthy, kind: Kind, size: f64, seed: u64) -> Option<Labelled> {
    healthy.with(Fault { kind, size }, seed).map(|faulty| faulty.series)
}

/// Differences of the rows that were changed from what was recorded.
fn differences(healthy: &Healthy, faulty: &Labelled) -> Vec<f64> {
    let event = faulty.events()[0];
    (event.first..=event.last).map(|row| faulty.values()[row] - healthy.series().values()[row]).collect()
}

#[test]
fn nothing_but_the_labelled_rows_is_changed() {
    let healthy = healthy();
    for kind in Kind::ALL {
        let faulty = with(&healthy, kind, kind.sizes()[0], 1).unwrap_or_else(|| panic!("{kind:?}"));
        let &[event] = faulty.events() else { panic!("{kind:?}: {:?}", faulty.events()) };
        assert!(event.first >= 800 && event.last < 1900, "{kind:?} {event:?}");
        for (row, (value, recorded)) in faulty.values().iter().zip(healthy.series().values()).enumerate() {
            let inside = (event.first..=event.last).contains(&row);
            assert!(inside || value == recorded, "{kind:?} changes row {row}");
        }
        assert!(
            differences(&healthy, &faulty).iter().any(|change| *change != 0.0),
            "{kind:?} changes nothing"
        );
    }
}

#[test]
fn sizes_are_in_spreads() {
    let healthy = healthy();
    let largest = |kind, size| {
        let differences = differences(&healthy, &with(&healthy, kind, size, 3).unwrap());
        let largest = differences.iter().fold(0.0, |most: f64, change| most.max(change.abs()));
        (differences.len(), largest / healthy.spread)
    };
    let close = |(rows, size): (usize, f64), expected: (usize, f64)| {
        assert!(rows == expected.0 && (size - expected.1).abs() < 1e-9, "{rows} {size} {expected:?}");
    };
    close(largest(Kind::Spike, 8.0), (3, 8.0));
    close(largest(Kind::LevelShift, 4.0), (48, 4.0));
    close(largest(Kind::SlowDrift, 4.0), (288, 4.0));
    let noise = differences(&healthy, &with(&healthy, Kind::NoiseBurst, 4.0, 3).unwrap());
    let spread = (noise.iter().map(|change| change * change).sum::<f64>() / noise.len() as f64).sqrt();
    assert!((spread / healthy.spread - 4.0).abs() < 1.5, "{spread}");
}

#[test]
fn the_spread_knows_the_bursts_of_a_calm_series() {
    let spread = |value: fn(i64) -> f64| {
        let rows = rows().into_iter().enumerate().map(|(row, (time, _))| (time, value(row as i64)));
        Healthy::new(String::new(), rows.collect()).unwrap().spread
    };
    fn jitter(row: i64) -> f64 {
        ((row * 7919) % 101) as f64 / 100.0
    }
    let (calm, bursts) = (spread(jitter), spread(|row| jitter(row) + 100.0 * f64::from(row % 20 == 0)));
    assert!(calm < 0.5 && bursts > 20.0, "{calm} {bursts}");
    assert!(spread(|row| f64::from(row == 5)) > 0.0, "all but one are the same");
}

#[test]
fn the_week_around_the_fault_counts_and_its_end_neither_way() {
    let rows: Vec<(i64, f64)> = (0..12_000).map(|row| (row * 300, ((row * 7919) % 101) as f64)).collect();
    let healthy = Healthy::new(String::new(), rows).unwrap();
    assert_eq!(healthy.series().probation(), 4800);
    for seed in 0..20 {
        let Faulty { series, aftermath } =
            healthy.with(Fault { kind: Kind::Spike, size: 4.0 }, seed).unwrap();
        let (event, counted) = (series.events()[0], series.probation()..series.times().len());
        assert_eq!(counted.len(), 2016, "{counted:?}");
        assert!(counted.start >= 4800 && counted.contains(&event.last), "{event:?} {counted:?}");
        assert_eq!(aftermath, event.last + 1..event.last + 13);
    }
}

#[test]
fn the_seed_decides_where() {
    let healthy = healthy();
    let place = |seed| with(&healthy, Kind::Spike, 4.0, seed).unwrap().events()[0].first;
    assert_eq!(place(1), place(1));
    assert!((2..10).any(|seed| place(seed) != place(1)));
    let sign = |seed| differences(&healthy, &with(&healthy, Kind::Spike, 4.0, seed).unwrap())[0] > 0.0;
    assert!((2..20).any(|seed| sign(seed) != sign(1)));
}

#[test]
fn what_would_be_no_fault_is_refused() {
    let series = |value: fn(f64) -> f64| {
        let rows = rows().into_iter().map(|(time, recorded)| (time, value(recorded))).collect();
        Healthy::new(String::new(), rows).unwrap()
    };
    let constant = series(|_| 5.0);
    let near_zero = series(|value| value - 50.0);
    let steps = series(|value| if value > 50.0 { 1.0 } else { 0.0 });
    for (healthy, name, refused) in [
        (&constant, "a constant", vec![Kind::Spike, Kind::LevelShift, Kind::Stall, Kind::ShapeChange]),
        (&near_zero, "values near zero", vec![Kind::Zero]),
        (&steps, "values that stand still for long", vec![Kind::Stall]),
    ] {
        for kind in refused {
            assert_eq!(with(healthy, kind, kind.sizes()[0], 1), None, "{kind:?} in {name}");
        }
        assert!(with(healthy, Kind::Vanishing, f64::NAN, 1).is_some(), "{name}");
    }
    assert!(with(&constant, Kind::Zero, f64::NAN, 1).is_some(), "0 instead of 5");
}

#[test]
fn series_without_a_history_are_not_taken() {
    assert!(Healthy::new(String::new(), rows()[..500].to_vec()).is_none(), "less than two days");
    assert!(Healthy::new(String::new(), Vec::new()).is_none());
    let missing = (0..2000).map(|row| (row * 300, f64::NAN)).collect();
    assert!(Healthy::new(String::new(), missing).is_none(), "no value at all");
    let still = (0..2000).map(|row| (0, f64::from(row))).collect();
    assert!(Healthy::new(String::new(), still).is_none(), "no time passes");
}
