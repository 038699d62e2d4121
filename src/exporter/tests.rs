//! The page as scrapers see it: golden files, `promtool`, a strict reader, a real Prometheus.

mod real;
mod strict;

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Unit;
use proptest::prelude::*;

use super::*;
use crate::metrics::daemon::DaemonMetrics;
use crate::model::{AnomalyState, Contribution, Labels, Score, ScoredSeries, Timestamp};

use strict::read_strictly;

const OPENMETRICS: Option<&str> = Some("application/openmetrics-text;version=1.0.0");

fn scored(query: &str, model: &str, labels: &[(&str, &str)], score: f64) -> ScoredSeries {
    let mut scored = ScoredSeries { model: model.into(), ..ScoredSeries::plain(query, labels, score) };
    scored.score = Score {
        at: Timestamp::from_millis(1_700_000_000_000),
        value: 0.25,
        expected: 0.5,
        lower: f64::NEG_INFINITY,
        upper: 0.75,
        state: AnomalyState::Sustained,
        ..scored.score
    };
    scored
}

/// Scores that show every rule of the page, given out of order.
fn sample_scores() -> Vec<ScoredSeries> {
    let mut quiet = scored("up", "auto", &[("job", "a"), ("__name__", "up")], 0.0);
    quiet.with_band = false;
    quiet.score.state = AnomalyState::Normal;
    let mut learning = scored("cpu", "auto", &[("instance", "b:9100")], 0.0);
    learning.score.upper = f64::INFINITY;
    learning.score.value = f64::NAN;
    let part = |feature: &str, share| Contribution {
        feature: feature.into(),
        query: "disk".into(),
        labels: Labels::default(),
        share,
    };
    let parts = [part("disk{device=\"sda\"}", 0.75), part("cpu", 0.25), part("cpu", 0.125)];
    let mut host = scored("host", "pca", &[("feature", "f"), ("instance", "a")], 1.5);
    (host.with_band, host.contributions) = (false, Some(parts.into()));
    let mut calm = scored("host", "pca", &[("instance", "b")], 0.25);
    (calm.with_band, calm.contributions) = (false, Some([].into()));
    vec![
        host,
        calm,
        quiet,
        scored("cpu", "seasonal", &[("instance", "a:9100")], 3.5),
        learning,
        scored("cpu", "auto", &[("instance", "a:9100")], 1.25),
        scored("cpu", "auto", &[("instance", "a:9100")], 99.0),
        scored(
            "disk",
            "auto",
            &[("path", "C:\\a \"b\"\n"), ("query", "q"), ("model", "m"), ("a.b", "} inf")],
            1.0,
        ),
    ]
}

fn sample_registry() -> (Registry, Exporter) {
    let mut registry = Registry::default();
    let requests = Family::<[(&str, &str); 1], Counter>::default();
    requests.get_or_create(&[("code", "200")]).inc_by(7);
    registry.register("demo_requests", "Requests answered", requests);
    let seconds = Histogram::new([0.1, 1.0]);
    seconds.observe(0.5);
    registry.register_with_unit("demo_duration", "Time taken", Unit::Seconds, seconds);
    registry.register("demo_build", "What this is", Info::new([("version", "1.2.3")]));
    let exporter = Exporter::register(&mut registry);
    exporter.publish(Snapshot::new(sample_scores()));
    (registry, exporter)
}

fn page(registry: &Registry, accept: Option<&str>) -> String {
    String::from_utf8(encode(registry, accept, None).unwrap().body).unwrap()
}

fn page_of(series: Vec<ScoredSeries>, accept: Option<&str>) -> String {
    let mut registry = Registry::default();
    Exporter::register(&mut registry).publish(Snapshot::new(series));
    page(&registry, accept)
}

#[test]
fn the_text_page_is_the_golden_file() {
    assert_eq!(page(&sample_registry().0, None), include_str!("testdata/page.txt"), "testdata/page.txt");
}

#[test]
fn the_openmetrics_page_is_the_golden_file() {
    let golden = include_str!("testdata/page.openmetrics.txt");
    assert_eq!(page(&sample_registry().0, OPENMETRICS), golden, "testdata/page.openmetrics.txt");
}

#[test]
fn a_missing_series_has_a_score_and_a_state_and_nothing_else() {
    let mut missing = scored("cpu", "auto", &[("instance", "a:9100")], 2.5);
    missing.absent_since = Some(Timestamp::default());
    let page = page_of(vec![missing], None);
    let samples: Vec<&str> = page.lines().filter(|line| line.starts_with("anomaly_")).collect();
    let (score, state) =
        (r#"query="cpu",model="auto",instance="a:9100""#, r#"query="cpu",instance="a:9100""#);
    assert_eq!(samples, [format!("anomaly_score{{{score}}} 2.5"), format!("anomaly_state{{{state}}} 2")]);
}

#[test]
fn the_content_type_names_the_format() {
    let (registry, _) = sample_registry();
    let text = encode(&registry, None, None).unwrap();
    assert_eq!(text.content_type, "text/plain; version=0.0.4; charset=utf-8");
    let open = encode(&registry, OPENMETRICS, None).unwrap();
    assert_eq!(open.content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

#[test]
fn a_compressed_page_unpacks_to_the_plain_one() {
    let names: Vec<String> = (0..2000).map(|index| format!("host-{index}:9100")).collect();
    let series = names.iter().map(|name| scored("cpu", "auto", &[("instance", name)], 0.5));
    let mut registry = Registry::default();
    Exporter::register(&mut registry).publish(Snapshot::new(series.collect::<Vec<_>>()));
    for accept in [None, OPENMETRICS] {
        let packed = encode(&registry, accept, Some("gzip, deflate")).unwrap();
        assert_eq!(packed.content_encoding, Some("gzip"));
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(&*packed.body).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, page(&registry, accept));
        assert!(packed.body.len() * 5 < unpacked.len(), "{} of {}", packed.body.len(), unpacked.len());
    }
}

#[test]
fn a_long_page_has_every_line_as_a_short_one_has_it() {
    let values = [0.0, -0.0, 1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 5e-324, f64::MAX, 1e16, 0.1];
    let spelt =
        ["0.0", "-0.0", "1.5", "NaN", "+Inf", "-Inf", "5e-324", "1.7976931348623157e+308", "1e+16", "0.1"];
    // Long enough for many pieces, and of lengths that let pieces end anywhere; the last value is the library's.
    let names: Vec<String> =
        (0..1401).map(|index| format!("{index:04}{}", "x".repeat(index * 7 % 90))).collect();
    let series = |index: usize| {
        let mut series = scored("cpu", "auto", &[("instance", &names[index])], 0.0);
        series.score.value = values[index % values.len()];
        series.with_band = !index.is_multiple_of(3);
        series
    };
    for accept in [None, OPENMETRICS] {
        let page = page_of((0..names.len()).map(series).collect(), accept);
        let lines: Vec<&str> = page.lines().filter(|line| line.starts_with("anomaly_value{")).collect();
        let expected = |(index, name): (usize, &String)| {
            let value = spelt[index % spelt.len()];
            format!("anomaly_value{{query=\"cpu\",model=\"auto\",instance=\"{name}\"}} {value}")
        };
        assert_eq!(lines, names.iter().enumerate().map(expected).collect::<Vec<_>>());
        assert_eq!(page.lines().filter(|line| line.starts_with("anomaly_expected{")).count(), 934);
        assert_eq!(read_strictly(&page), Ok(()));
    }
}

#[test]
fn blocks_make_the_page_that_their_series_make_together() {
    let (mut all, mut blocks) = (Vec::new(), Vec::new());
    for query in ["cpu", "disk", "up"] {
        let series: Vec<_> = sample_scores().into_iter().filter(|one| *one.query == *query).collect();
        all.extend(series.clone());
        blocks.push(std::sync::Arc::new(Block::new(series, None)));
    }
    let mut registry = Registry::default();
    Exporter::register(&mut registry).publish(Snapshot::of(blocks));
    for accept in [None, OPENMETRICS] {
        assert_eq!(page(&registry, accept), page_of(all.clone(), accept));
    }
}

#[test]
fn a_vanished_series_vanishes() {
    let (registry, exporter) = sample_registry();
    assert!(page(&registry, None).contains("anomaly_score{"));
    exporter.publish(Snapshot::default());
    assert!(!page(&registry, None).contains("anomaly_score{"));
    assert!(exporter.snapshot().is_empty());
}

#[test]
fn of_two_series_with_one_identity_the_first_given_stays_and_the_other_is_counted() {
    let text = page(&sample_registry().0, None);
    assert!(text.contains("anomaly_score{query=\"cpu\",model=\"auto\",instance=\"a:9100\"} 1.25\n"));
    assert!(!text.contains("} 99.0\n"));
    assert!(text.contains("\nsmartcloudops_exporter_duplicate_series 1\n"));
}

#[test]
fn readers_get_every_score_as_published() {
    let (_, exporter) = sample_registry();
    assert_eq!(exporter.snapshot().len(), sample_scores().len());
}

#[test]
fn the_order_given_does_not_matter() {
    let unique = || sample_scores().into_iter().filter(|series| series.score.score != 99.0);
    let backwards = unique().rev().collect();
    assert_eq!(page_of(unique().collect(), None), page_of(backwards, None));
}

/// Feeds a page to `promtool check metrics`.
fn promtool(page: &str) -> std::process::Output {
    let mut child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is not installed: apt-get install prometheus");
    child.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn promtool_finds_no_fault_in_the_text_page() {
    let (mut registry, _) = sample_registry();
    DaemonMetrics::register(&mut registry);
    let output = promtool(&page(&registry, None));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Labels as a hostile or careless exporter may have them.
fn hostile_scores() -> Vec<ScoredSeries> {
    let texts =
        ["", "\\", "\"", "\n", "\0", "\r", "} 1", "a\",b=\"", "# EOF", "é", "\u{202e}", "inf", "\u{fffd}"];
    let names =
        ["query", "model", "exported_query", "le", "a.b", "a_b", "9", "é", "__x", "", "# HELP", "a=\"b\""];
    let mut all = Vec::new();
    for text in texts {
        let known = [("instance", "i"), ("job", "j")];
        all.push(scored(text, text, &[known[0], known[1], ("path", text)], 1.0));
        all.extend(names.map(|name| scored("q", "m", &[known[0], known[1], (name, text)], 1.0)));
    }
    all
}

#[test]
fn promtool_reads_a_page_of_hostile_labels() {
    let output = promtool(&page_of(hostile_scores(), None));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!said.contains("error while linting") && !said.contains("parsing"), "{said}");
}

#[test]
fn the_strict_reader_refuses_what_it_should() {
    for page in [
        "a 1\n",
        "# TYPE a gauge\na{x=\"\"\"} 1\n",
        "# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n",
        "# TYPE a gauge\na 1\na 2\n",
        "# TYPE a gauge\na{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 1\n",
        "# TYPE a gauge\na inf\n",
        "# TYPE a gauge\na 1 17\n",
        "# TYPE a gauge\na{x=\"\\t\"} 1\n",
    ] {
        assert!(read_strictly(page).is_err(), "{page}");
    }
    assert_eq!(read_strictly(&page_of(hostile_scores(), None)), Ok(()));
}

fn any_label() -> impl Strategy<Value = (String, String)> {
    let name = prop_oneof![
        any::<String>(),
        "[a-c._é]{0,3}",
        Just("query".to_owned()),
        Just("model".to_owned()),
        Just("exported_query".to_owned()),
    ];
    (name, prop_oneof![any::<String>(), "[\\\\\"\n\0} a]{0,4}"])
}

proptest! {
    #[test]
    fn any_labels_give_a_page_that_can_be_read(
        series in prop::collection::vec((any::<String>(), prop::collection::vec(any_label(), 0..5), any::<f64>()), 0..8),
    ) {
        let series: Vec<_> = series.iter().map(|(query, labels, value)| {
            let labels: Vec<_> = labels.iter().map(|(name, value)| (&**name, &**value)).collect();
            scored(query, "auto", &labels, *value)
        }).collect();
        for accept in [None, OPENMETRICS] {
            prop_assert_eq!(read_strictly(&page_of(series.clone(), accept)), Ok(()));
        }
    }
}
