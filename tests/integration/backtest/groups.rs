//! One of two hosts stops following the other's load within its range, and later one series vanishes.

use super::*;

const CONFIG: &str = "\
scoring: {interval: 5m, history: 2d, vanished_after: 1d}
presets: []
queries:
  - {name: load, expr: app_load}
  - {name: rate, expr: app_rate}
models:
  - {name: host_pca, type: pca, queries: [load, rate], group_by: [zone]}
  - {name: host_forest, type: isolation_forest, queries: [load, rate], group_by: [zone]}
";
/// On the third day, for two hours, `b` goes the other way.
const BREAK: std::ops::Range<i64> = START + 5 * DAY / 2..START + 5 * DAY / 2 + 7200;
/// On the fourth day `b` is gone for half a day, and then its target.
const GONE: std::ops::Range<i64> = START + 3 * DAY + 3600..START + 3 * DAY + DAY / 2;

fn history() -> String {
    let mut text = String::new();
    let mut metric = |name: &str, value: &dyn Fn(&str, i64) -> Option<f64>| {
        writeln!(text, "# TYPE {name} gauge").unwrap();
        for instance in ["a", "b"] {
            for at in (0..POINTS).map(|point| START + STEP * point) {
                if let Some(value) = value(instance, at) {
                    let labels = format!("instance=\"{instance}\",job=\"app\",zone=\"z\"");
                    writeln!(text, "{name}{{{labels}}} {value} {at}").unwrap();
                }
            }
        }
    };
    let load = |instance: &str, at: i64, seed: u64| {
        let mut random = fastrand::Rng::with_seed(at as u64 * 7 + seed);
        let is_high = (at / 3600 % 2 == 0) != (instance == "b" && BREAK.contains(&at));
        let level = if is_high { 30.0 } else { 10.0 };
        level + random.f64() + random.f64()
    };
    metric("app_load", &|instance, at| {
        let is_there = instance == "a" || !GONE.contains(&at);
        is_there.then(|| load(instance, at, u64::from(instance == "b")))
    });
    metric("app_rate", &|instance, at| Some(load("a", at, 3 + u64::from(instance == "b"))));
    metric("up", &|_, _| Some(1.0));
    text + "# EOF\n"
}

fn episodes<'a>(report: &'a Report, query: &str) -> Vec<&'a Episode> {
    report.episodes.iter().filter(|episode| episode.query == query).collect()
}

#[tokio::test]
async fn groups_and_absences_are_found_where_they_were_whatever_the_threads() {
    let server = Prometheus::start_with_history("{}", &[], &history()).await;
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("config.yml"), CONFIG).unwrap();
    let url = format!("--prometheus.url={}", server.process.url("/"));
    let range = range();
    let asked: Vec<&str> = range.iter().map(String::as_str).chain([url.as_str()]).collect();
    let with = |more: &[&str]| succeed(&[asked.as_slice(), more].concat(), folder.path());

    let json = with(&["--output=json", "--threads=1"]);
    assert_eq!(json, with(&["--output=json", "--threads=2"]), "threads change nothing");
    let report: Report = serde_json::from_str(&json).unwrap();
    let names: Vec<(&str, bool)> =
        report.queries.iter().map(|query| (query.name.as_str(), query.of_groups)).collect();
    let expected = [("load", false), ("rate", false), ("host_pca", true), ("host_forest", true)];
    assert_eq!(names, expected);

    let broken = episodes(&report, "host_pca");
    let found = broken.iter().find(|it| BREAK.contains(&seconds(it.onset))).expect("the break is found");
    assert!(found.alarm.is_some() && found.labels.get("zone") == Some("z"), "{found:?}");
    let shares: f64 = found.contributors.iter().map(|part| part.share).sum();
    assert!(shares > 0.5 && shares < 1.0 + 1e-9, "{found:?}");
    let named = found.contributors.iter().find(|it| it.feature == r#"load{instance="b"}"#);
    let named = named.expect("the member that left is named");
    assert_eq!((named.query.as_str(), named.labels.get("instance")), ("load", Some("b")));

    let load = &report.queries[0];
    let absences: Vec<&Episode> =
        episodes(&report, "load").into_iter().filter(|it| it.absent_since.is_some()).collect();
    assert_eq!((load.absences, absences.len()), (1, 1), "{absences:?}");
    let absence = absences[0];
    assert_eq!(absence.labels.get("instance"), Some("b"));
    let (since, onset) = (seconds(absence.absent_since.unwrap()), seconds(absence.onset));
    // Prometheus looks back for 5 minutes.
    assert!((GONE.start..=GONE.start + STEP).contains(&since), "{absence:?}");
    assert!(onset > since && onset < since + 3600 && absence.alarm == Some(absence.onset), "{absence:?}");
    assert_eq!(absence.resolved.map(seconds), Some(GONE.end), "{absence:?}");
    assert!(absence.peak.value.is_nan() && absence.peak.score >= 1.0);
    assert_eq!(report.queries[1].absences, 0);

    let text = with(&[]);
    assert!(text.contains(", absent") && text.contains("host_pca{zone=\"z\"}: "), "{text}");
    with(&["--out=report.html", "--query", "host_pca", "host_forest"]);
    let html = std::fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(
        html.contains("load{instance=&quot;b&quot;}")
            && html.contains("load: app_load; rate: app_rate by (zone)"),
        "{html}"
    );
}
