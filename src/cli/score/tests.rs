//! Folders of series through the command: the same scores as the detector gives, whatever the number of
//! threads, and one bad file that stops no other.

use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::*;
use crate::cli::arguments::NarrowingFlags;
use crate::model::{Direction, Sample, Timestamp};

const MINUTE: i64 = 60_000;
/// The row of the spike.
const SPIKE: usize = 501;

fn arguments(input: PathBuf, output: PathBuf) -> Score {
    Score {
        input,
        output,
        model: Model::Auto,
        interval: Interval::Auto,
        false_alarms: "1 per 30d".parse().unwrap(),
        narrowing: narrowing(Direction::Both, 0.0),
        explain: false,
        threads: NonZeroUsize::new(1),
    }
}

fn narrowing(direction: Direction, min_deviation: f64) -> NarrowingFlags {
    NarrowingFlags {
        direction,
        min_deviation,
        min_relative_deviation: 0.0,
        data_range: None,
        min_duration: Duration::ZERO,
        time_zone: jiff::tz::TimeZone::UTC,
    }
}

/// Noise with a missing value, a repeated row and a spike.
fn series(seed: u64) -> Vec<(i64, f64)> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut rows: Vec<(i64, f64)> = (0..600).map(|row| (row * MINUTE, 50.0 + 10.0 * random.f64())).collect();
    rows[200].1 = f64::NAN;
    rows.insert(300, rows[299]);
    rows[SPIKE].1 = 500.0;
    rows
}

fn text(rows: &[(i64, f64)]) -> String {
    let row = |(at, value): &(i64, f64)| {
        let value = if value.is_nan() { String::new() } else { csv::number(*value) };
        format!("{},{value},0\n", Timestamp::from_millis(*at))
    };
    format!("TimeStamp,Value,Label\n{}", rows.iter().map(row).collect::<String>())
}

fn folder(files: &[(&str, String)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join("in").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[test]
fn a_file_has_the_scores_of_a_detector_fed_directly() {
    for (model, own) in [
        (Model::Auto, detect::Model::Auto),
        (Model::Seasonal, detect::Model::Seasonal),
        (Model::Prophet, detect::Model::Prophet),
    ] {
        is_scored_as_by(model, own);
    }
}

fn is_scored_as_by(model: Model, own: detect::Model) {
    let rows = series(1);
    let folder = folder(&[("a.csv", text(&rows))]);
    let plain = arguments(folder.path().join("in/a.csv"), folder.path().join("out.csv"));
    let arguments = Score { model, ..plain };
    assert_eq!(score(&arguments).unwrap(), Report { scored: 1, faults: vec![] });

    let config = config(&arguments, Duration::from_secs(60), Path::new("a.csv")).unwrap();
    let mut detector = own.build(&config);
    let scored = csv::read(&arguments.output).unwrap();
    assert_eq!(scored.len(), rows.len());
    let columns = ["anomaly_score", "anomaly_expected", "anomaly_expected_lower", "anomaly_expected_upper"];
    let columns = columns.map(|name| scored.numbers(name).unwrap());
    let alarms = scored.numbers("alarm").unwrap();
    for (row, (at, value)) in rows.iter().enumerate() {
        let expected = detector.observe(Sample { at: Timestamp::from_millis(*at), value: *value });
        let given = [&columns[0], &columns[1], &columns[2], &columns[3]].map(|column| column[row]);
        let Some(expected) = expected else {
            assert_eq!((given[0], alarms[row], row), (0.0, 0.0, 300), "only the repeated row is passed over");
            assert_eq!(scored.texts("anomaly_expected").unwrap().nth(row), Some(""));
            continue;
        };
        let expected_numbers = [expected.score, expected.expected, expected.lower, expected.upper];
        assert_eq!(given.map(f64::to_bits), expected_numbers.map(f64::to_bits), "row {row}");
        assert_eq!(alarms[row], f64::from(u8::from(expected.alarm)), "row {row}");
        for evidence in detector.explain().unwrap().evidences {
            let tails = scored.numbers(&format!("evidence_{}", evidence.name)).unwrap();
            assert_eq!(tails[row].to_bits(), evidence.tail_probability().to_bits(), "row {row}");
        }
    }
    assert_eq!((alarms[SPIKE], alarms.iter().sum::<f64>()), (1.0, 1.0), "the spike alarms once: {own:?}");
    assert_eq!(scored.time_text[1], "1970-01-01T00:01:00Z", "times stay as they are written");
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let names = ["a.csv", "b/c.csv", "b/d.csv", "e.csv", "f.csv"];
    let files: Vec<(&str, String)> =
        names.into_iter().zip(1..).map(|(name, seed)| (name, text(&series(seed)))).collect();
    let folder = folder(&files);
    let scored = |threads: usize| {
        let output = folder.path().join(format!("out{threads}"));
        let threads = NonZeroUsize::new(threads);
        let arguments = Score { threads, ..arguments(folder.path().join("in"), output.clone()) };
        assert_eq!(score(&arguments).unwrap().scored, names.len());
        names.map(|name| fs::read(output.join(name)).unwrap())
    };
    let alone = scored(1);
    assert_eq!(alone, scored(2));
    assert_ne!(alone[0], alone[1], "the files differ");
}

#[test]
fn a_bad_file_is_named_and_the_others_are_scored() {
    let folder = folder(&[
        ("good.csv", text(&series(1))),
        ("other.csv", "a,b\n1,2\n".to_owned()),
        ("line.csv", "timestamp,value\n1,x\n".to_owned()),
        ("notes.md", "not a series".to_owned()),
    ]);
    let output = folder.path().join("out");
    let report = score(&arguments(folder.path().join("in"), output.clone())).unwrap();
    let prefix = format!("{}/in/", folder.path().display());
    let faults: Vec<String> = report.faults.iter().map(|fault| fault.replace(&prefix, "")).collect();
    assert_eq!(
        faults,
        [
            "line.csv:2: 'x' is not a number; leave the field empty where a value is missing",
            "other.csv: has no column of times; call it 'timestamp'; the header is 'a,b'",
        ]
    );
    let written: Vec<_> = fs::read_dir(output).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!((report.scored, written), (1, vec!["good.csv".into()]));
}

#[test]
fn the_flags_reach_the_detector() {
    let folder = folder(&[("a.csv", text(&series(1)))]);
    let alarms = |change: fn(Score) -> Score| {
        let plain = arguments(folder.path().join("in/a.csv"), folder.path().join("out.csv"));
        let arguments = change(plain);
        assert_eq!(score(&arguments).unwrap().faults, [] as [String; 0]);
        csv::read(&arguments.output).unwrap().numbers("alarm").unwrap()[SPIKE]
    };
    assert_eq!(alarms(|plain| plain), 1.0);
    assert_eq!(alarms(|plain| Score { narrowing: narrowing(Direction::Below, 0.0), ..plain }), 0.0);
    assert_eq!(alarms(|plain| Score { narrowing: narrowing(Direction::Both, 1000.0), ..plain }), 0.0);

    let every = arguments(folder.path().join("in/a.csv"), folder.path().join("out.csv"));
    let every = Score { interval: Interval::Fixed(Duration::from_secs(40 * 86_400)), ..every };
    let fault = score(&every).unwrap().faults.remove(0);
    assert!(fault.contains("allows every sample to alarm, as one comes each 40d"), "{fault}");
}

#[test]
fn explaining_adds_columns_and_changes_none() {
    let folder = folder(&[("a.csv", text(&series(1)))]);
    let scored = |explain: bool, output: &str| {
        let arguments = arguments(folder.path().join("in/a.csv"), folder.path().join(output));
        score(&Score { explain, ..arguments.clone() }).unwrap();
        fs::read_to_string(arguments.output).unwrap()
    };
    let (plain, explained) = (scored(false, "plain.csv"), scored(true, "explained.csv"));
    for (short, long) in plain.lines().zip(explained.lines()) {
        assert!(long.starts_with(short), "{short} {long}");
    }
    let added: Vec<&str> =
        plain.lines().zip(explained.lines()).map(|(short, long)| &long[short.len()..]).collect();
    assert_eq!(added[0], ",samples_seen,gate,nearest_from,nearest_distance");
    assert_eq!(added[1], ",1,warm_up,,");
    assert_eq!(added[201], ",200,finite,,", "a missing value");
    assert_eq!(added[301], ",,,,", "a repeated row");
    assert!(added[500].starts_with(",498,alarm_line,1970-01-01T0"), "{}", added[500]);
    assert!(added[SPIKE + 1].starts_with(",500,,1970-01-01T0"), "{}", added[SPIKE + 1]);
}

#[test]
fn an_empty_series_gives_an_empty_result() {
    let folder = folder(&[("a.csv", "timestamp,value\n".to_owned())]);
    let arguments = arguments(folder.path().join("in"), folder.path().join("out"));
    assert_eq!(score(&arguments).unwrap().scored, 1);
    let text = fs::read_to_string(folder.path().join("out/a.csv")).unwrap();
    assert_eq!(text.lines().count(), 1);
    assert!(text.starts_with("timestamp,value,anomaly_expected,"), "{text}");
}

/// Three columns that follow one load; from the break on the second goes the other way, within its range.
fn wide(rows: i64, breaks_at: i64) -> Vec<(i64, [f64; 3])> {
    let mut random = fastrand::Rng::with_seed(3);
    let row = |row: i64| {
        let load = if row / 30 % 2 == 0 { 10.0 } else { 30.0 };
        let second = if row >= breaks_at { 40.0 - load } else { load };
        (row * MINUTE, [load, second, load].map(|value| value + random.f64()))
    };
    (0..rows).map(row).collect()
}

fn wide_text(rows: &[(i64, [f64; 3])]) -> String {
    let row =
        |(at, [a, b, c]): &(i64, [f64; 3])| format!("{},{a},host,{b},{c},0\n", Timestamp::from_millis(*at));
    format!("ts,cpu,note,disk,net,label\n{}", rows.iter().map(row).collect::<String>())
}

#[test]
fn the_columns_of_a_file_are_one_group_row_by_row() {
    let rows = wide(1500, 1400);
    let folder = folder(&[("a.csv", wide_text(&rows))]);
    for (model, kind) in [(Model::Pca, GroupKind::Pca), (Model::IsolationForest, GroupKind::IsolationForest)]
    {
        let plain = arguments(folder.path().join("in/a.csv"), folder.path().join("out.csv"));
        let arguments = Score { model, ..plain };
        assert_eq!(score(&arguments).unwrap(), Report { scored: 1, faults: vec![] });
        let config = detect::GroupConfig {
            kind,
            detect: config(&arguments, Duration::from_secs(60), Path::new("a.csv")).unwrap(),
            retrain_every: Duration::from_secs(86_400),
            seed: crate::model::Labels::default().fingerprint().0,
        };
        let mut judge = detect::GroupJudge::new(&config, 3).unwrap();
        let scored = csv::read(&arguments.output).unwrap();
        let header = [
            "timestamp",
            "anomaly_score",
            "alarm",
            "contribution_cpu",
            "contribution_disk",
            "contribution_net",
        ];
        assert_eq!(
            (scored.header.as_slice(), scored.len()),
            (header.map(str::to_owned).as_slice(), rows.len())
        );
        let [scores, alarms, disks] =
            ["anomaly_score", "alarm", "contribution_disk"].map(|name| scored.numbers(name).unwrap());
        for (row, (at, values)) in rows.iter().enumerate() {
            let expected = judge.observe(Timestamp::from_millis(*at), values).unwrap();
            assert_eq!(scores[row].to_bits(), expected.score.to_bits(), "{kind:?} row {row}");
            assert_eq!(alarms[row] == 1.0, expected.alarm);
            let share = expected.contributions.iter().find(|part| part.feature == 1).map(|part| part.share);
            assert_eq!(Some(disks[row]).filter(|share| !share.is_nan()), share, "{kind:?} row {row}");
        }
        assert_eq!(alarms[1400..].iter().sum::<f64>(), 1.0, "{kind:?}: {:?}", &scores[1400..1420]);
        assert_eq!(alarms[..1400].iter().sum::<f64>(), 0.0, "{kind:?}");
    }
}

#[test]
fn a_model_that_does_not_fit_the_file_says_which_does() {
    let folder = folder(&[("one.csv", text(&series(1))), ("wide.csv", wide_text(&wide(300, 300)))]);
    let fault = |model, name: &str, change: fn(Score) -> Score| {
        let plain = arguments(folder.path().join("in").join(name), folder.path().join("out.csv"));
        let report = score(&change(Score { model, ..plain })).unwrap();
        report.faults.concat().replace(&format!("{}/in/", folder.path().display()), "")
    };
    for (model, name, expected) in [
        (
            Model::Pca,
            "one.csv",
            "one.csv: has one column of numbers at most (Value), and pca takes several; score it with --model auto",
        ),
        (
            Model::Auto,
            "wide.csv",
            "wide.csv: has 3 columns of numbers (cpu, disk, net), and this model takes one; call it 'value', or \
             score all of them together with --model pca or --model isolation_forest",
        ),
    ] {
        assert_eq!(fault(model, name, |plain| plain), expected);
    }
    let above = |plain| Score { narrowing: narrowing(Direction::Above, 0.0), ..plain };
    let expected = "wide.csv: --direction, --data-range and the least deviations and durations are for models of one series; \
         isolation_forest takes none";
    assert_eq!(fault(Model::IsolationForest, "wide.csv", above), expected);
}
