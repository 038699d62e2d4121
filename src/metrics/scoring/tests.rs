//! What the scoring metrics look like on the page.

use super::*;
use crate::metrics::page;
use crate::model::AnomalyState;

#[test]
fn every_series_of_a_query_exists_at_zero_from_the_start() {
    let mut registry = Registry::default();
    ScoringMetrics::register(&mut registry).for_query("cpu");
    let page = page(&registry);
    for series in [
        "smartcloudops_scoring_series 0",
        "smartcloudops_scoring_series_refused_total 0",
        "smartcloudops_scoring_samples_total{query=\"cpu\"} 0",
        "smartcloudops_scoring_evaluations_total{query=\"cpu\",outcome=\"success\"} 0",
        "smartcloudops_scoring_evaluations_total{query=\"cpu\",outcome=\"prometheus_error\"} 0",
        "smartcloudops_scoring_evaluations_total{query=\"cpu\",outcome=\"no_data\"} 0",
        "smartcloudops_scoring_absent_series{query=\"cpu\"} 0",
        "smartcloudops_scoring_held_series{query=\"cpu\",cause=\"firing\"} 0",
        "smartcloudops_scoring_held_series{query=\"cpu\",cause=\"maintenance\"} 0",
        "smartcloudops_scoring_held_series{query=\"cpu\",cause=\"request\"} 0",
        "smartcloudops_scoring_anomalies{query=\"cpu\",state=\"anomalous\"} 0",
        "smartcloudops_scoring_anomalies{query=\"cpu\",state=\"sustained\"} 0",
        "smartcloudops_scoring_alarms_total{query=\"cpu\"} 0",
        "smartcloudops_false_alarm_budget_expected_total{query=\"cpu\"} 0.0",
        "smartcloudops_false_alarm_budget_seen_total{query=\"cpu\"} 0",
        "smartcloudops_scoring_last_success_timestamp_seconds{query=\"cpu\"} 0.0",
        "smartcloudops_scoring_evaluation_duration_seconds_count 0",
        "smartcloudops_scoring_missed_ticks_total 0",
        "smartcloudops_scoring_backfill_progress_ratio 0.0",
        "smartcloudops_snapshot_last_success_timestamp_seconds 0.0",
        "smartcloudops_snapshot_size_bytes{query=\"cpu\"} 0",
        "smartcloudops_snapshot_failures_total 0",
    ] {
        assert!(page.lines().any(|line| line == series), "{series} is missing in\n{page}");
    }
}

#[test]
fn what_happened_is_counted() {
    let mut registry = Registry::default();
    let metrics = ScoringMetrics::register(&mut registry);
    let query = metrics.for_query("cpu");
    let at = Timestamp::from_millis(1_700_000_000_500);
    query.samples_scored(7);
    query.alarms_raised(2);
    query.budget_spent(0.25, 1);
    query.absent(3);
    query.held(&[HoldCause::Firing, HoldCause::Request, HoldCause::Firing]);
    query.evaluated(EvaluationOutcome::Success, at);
    query.evaluated(EvaluationOutcome::PrometheusError, at + Duration::from_secs(60));
    query.states([AnomalyState::Anomalous, AnomalyState::Normal, AnomalyState::Anomalous]);
    metrics.snapshot_succeeded(at);
    query.snapshot_sized(4096);
    metrics.evaluated(Duration::from_millis(12));
    metrics.backfill_progress(1.5);
    let page = page(&registry);
    for series in [
        "smartcloudops_scoring_samples_total{query=\"cpu\"} 7",
        "smartcloudops_scoring_alarms_total{query=\"cpu\"} 2",
        "smartcloudops_false_alarm_budget_expected_total{query=\"cpu\"} 0.25",
        "smartcloudops_false_alarm_budget_seen_total{query=\"cpu\"} 1",
        "smartcloudops_scoring_absent_series{query=\"cpu\"} 3",
        "smartcloudops_scoring_held_series{query=\"cpu\",cause=\"firing\"} 2",
        "smartcloudops_scoring_held_series{query=\"cpu\",cause=\"maintenance\"} 0",
        "smartcloudops_scoring_last_success_timestamp_seconds{query=\"cpu\"} 1700000000.5",
        "smartcloudops_scoring_anomalies{query=\"cpu\",state=\"anomalous\"} 2",
        "smartcloudops_snapshot_size_bytes{query=\"cpu\"} 4096",
        "smartcloudops_scoring_evaluation_duration_seconds_count 1",
        "smartcloudops_scoring_backfill_progress_ratio 1.0",
    ] {
        assert!(page.lines().any(|line| line == series), "{series} is missing in\n{page}");
    }
}

#[test]
fn a_forgotten_query_leaves_the_page() {
    let mut registry = Registry::default();
    let metrics = ScoringMetrics::register(&mut registry);
    metrics.for_query("cpu");
    metrics.forget_query("cpu");
    assert!(!page(&registry).contains("cpu"));
}
