//! Which figure of Python's is which of the binary's.

use serde_json::Value;

/// Figures differ by no more than this.
const TOLERANCE: f64 = 1e-6;

/// Python's name, and the path in the binary's report.
const FIGURES: [(&str, &str); 45] = [
    ("n_series", "/series"),
    ("@1_events", "/scored_events"),
    ("n_pts", "/scored_rows"),
    ("days", "/series_days"),
    ("nab", "/nab/standard"),
    ("nab_thr", "/nab/standard_threshold"),
    ("nab@1", "/nab/standard_at_1"),
    ("nab_low_FP", "/nab/low_fp"),
    ("nab_low_FN", "/nab/low_fn"),
    ("vus_pr", "/vus/pr"),
    ("vus_roc", "/vus/roc"),
    ("ptF1", "/best_point_f1/pooled/value"),
    ("ptF1_thr", "/best_point_f1/pooled/threshold"),
    ("ptF1_series", "/best_point_f1/mean_of_series"),
    ("@1_thr", "/at_1/threshold"),
    ("@1_det", "/at_1/detected"),
    ("@1_rec", "/at_1/event_recall"),
    ("@1_false", "/at_1/false_runs"),
    ("@1_fpd", "/at_1/false_runs_per_series_day"),
    ("@1_prec_e", "/at_1/event_precision"),
    ("@1_f1_e", "/at_1/event_f1"),
    ("@1_notes", "/at_1/false_notifications"),
    ("@1_npd", "/at_1/false_notifications_per_series_day"),
    ("@1_prec_h", "/at_1/hard_precision"),
    ("@1_f1_h", "/at_1/hard_event_f1"),
    ("@1_prec_p", "/at_1/point_precision"),
    ("@1_rec_p", "/at_1/point_recall"),
    ("@1_f1_p", "/at_1/point_f1"),
    ("@1_fc1", "/at_1/composite_fc1"),
    ("@1_pa", "/at_1/point_adjusted_f1_inflated"),
    ("@1_alarm_frac", "/at_1/alarm_share"),
    ("@1_notes", "/budget/seen"),
    ("delay_pts", "/median_delay/rows"),
    ("delay_rel", "/median_delay/share"),
    ("evF1", "/oracle/event_f1/value"),
    ("evF1_thr", "/oracle/event_f1/threshold"),
    ("evF1h", "/oracle/hard_event_f1/value"),
    ("evF1h_thr", "/oracle/hard_event_f1/threshold"),
    ("Fc1", "/oracle/composite_fc1/value"),
    ("Fc1_thr", "/oracle/composite_fc1/threshold"),
    ("PA", "/oracle/point_adjusted_f1_inflated/value"),
    ("PA_thr", "/oracle/point_adjusted_f1_inflated/threshold"),
    ("rec@0.02", "/recall_within/0/event_recall"),
    ("rec@0.1", "/recall_within/1/event_recall"),
    ("rec@0.5", "/recall_within/2/event_recall"),
];
/// What Python says of each series.
const BY_SERIES: [&str; 2] = ["vus_each", "per_file"];

/// Panics at a figure that differs, and at one of Python's that is compared with nothing.
pub fn compare(theirs: &Value, ours: &Value) {
    for name in theirs.as_object().expect("figures by name").keys() {
        let known = FIGURES.iter().any(|(figure, _)| figure == name) || BY_SERIES.contains(&name.as_str());
        assert!(known, "{name} has no counterpart in the binary's report");
    }
    for (name, path) in FIGURES {
        let found = ours.pointer(path).unwrap_or_else(|| panic!("no {path} in\n{ours:#}"));
        equal(&theirs[name], found, path);
    }
    let files = theirs["per_file"].as_array().expect("a list of series");
    let series = ours["per_series"].as_array().expect("a list of series");
    assert_eq!(files.len(), series.len());
    for (file, series) in files.iter().zip(series) {
        assert_eq!(file["name"], series["name"]);
        for (name, path) in [("hit", "detected"), ("fp_pts", "alarms_outside"), ("got", "nab_gain")] {
            equal(&file[name], &series[path], &format!("{path} of {}", series["name"]));
        }
        let name = file["name"].as_str().expect("a name");
        equal(&theirs["vus_each"][name], &series["vus_pr"], &format!("vus_pr of {name}"));
    }
}

fn equal(theirs: &Value, ours: &Value, name: &str) {
    let equal = match (theirs.as_f64(), ours.as_f64()) {
        (Some(theirs), Some(ours)) => (theirs - ours).abs() <= TOLERANCE,
        _ => theirs.is_null() && ours.is_null(),
    };
    assert!(equal, "{name}: Python {theirs}, the binary {ours}");
}
