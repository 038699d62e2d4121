//! The snapshot as metric families.
//!
//! Counts of what is not on the page are read from the snapshot itself, so they cannot drift from it.

use std::fmt::Result;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::MetricType;

use crate::model::{Score, ScoredSeries};

use super::{Exporter, Snapshot, lines};

/// A family with one sample per series: name, help, the value, and which series have it.
struct Family {
    name: &'static str,
    help: &'static str,
    value: fn(&Score) -> f64,
    shown: fn(&ScoredSeries) -> bool,
}

fn always(_: &ScoredSeries) -> bool {
    true
}

/// What was said of the last sample is nothing to be said of none.
fn while_there(series: &ScoredSeries) -> bool {
    series.absent_since.is_none()
}

/// A group has no value but its score.
fn with_its_value(series: &ScoredSeries) -> bool {
    while_there(series) && series.contributions.is_none()
}

fn with_its_band(series: &ScoredSeries) -> bool {
    while_there(series) && series.with_band
}

const FAMILIES: [Family; 5] = [
    Family {
        name: "anomaly_score",
        help: "How anomalous the series is: 0 is as expected, 1 and above is an anomaly.",
        value: |score| score.score,
        shown: always,
    },
    Family {
        name: "anomaly_value",
        help: "The value that was scored, in the unit of its query.",
        value: |score| score.value,
        shown: with_its_value,
    },
    Family {
        name: "anomaly_expected",
        help: "The value that was expected, in the unit of its query.",
        value: |score| score.expected,
        shown: with_its_band,
    },
    Family {
        name: "anomaly_expected_lower",
        help: "The lower edge of the expected band: a value there scores 1.",
        value: |score| score.lower,
        shown: with_its_band,
    },
    Family {
        name: "anomaly_expected_upper",
        help: "The upper edge of the expected band: a value there scores 1.",
        value: |score| score.upper,
        shown: with_its_band,
    },
];

impl Collector for Exporter {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result {
        let snapshot = self.snapshot();
        for family in &FAMILIES {
            let mut metric = encoder.encode_descriptor(family.name, family.help, None, MetricType::Gauge)?;
            let shown = snapshot.rows().filter(|row| (family.shown)(row.series));
            let samples = shown.map(|row| (row.score_labels(), (family.value)(&row.series.score)));
            lines::encode(&mut metric, family.name, samples)?;
        }
        encode_states(&snapshot, &mut encoder)?;
        encode_members(&snapshot, &mut encoder)?;
        encode_counts(&snapshot, &mut encoder)
    }
}

fn encode_states(snapshot: &Snapshot, encoder: &mut DescriptorEncoder<'_>) -> Result {
    let (name, help) =
        ("anomaly_state", "The episode: 0 normal, 1 anomalous, 2 sustained, 3 new level just accepted.");
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    let shown = snapshot.rows().filter(|row| row.with_state);
    let samples = shown.map(|row| (row.state_labels(), row.series.score.state as u32));
    lines::encode(&mut metric, name, samples)
}

fn encode_members(snapshot: &Snapshot, encoder: &mut DescriptorEncoder<'_>) -> Result {
    let (name, help) =
        ("anomaly_contribution", "A member's share of its group's score, from 0 to 1, while there is one.");
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    lines::encode(&mut metric, name, snapshot.members().map(|(labels, share)| ((labels, ""), share)))
}

fn encode_counts(snapshot: &Snapshot, encoder: &mut DescriptorEncoder<'_>) -> Result {
    let altered = snapshot.altered();
    let help = "Series whose scores are on this page.";
    encoder
        .encode_descriptor("smartcloudops_exporter_series", help, None, MetricType::Gauge)?
        .encode_gauge(&snapshot.row_count())?;
    let help = "Series left off this page because another has the same labels.";
    encoder
        .encode_descriptor("smartcloudops_exporter_duplicate_series", help, None, MetricType::Gauge)?
        .encode_gauge(&snapshot.duplicates())?;
    let help = "Input labels whose name cannot be written: renamed, or dropped for want of any name.";
    let mut metric =
        encoder.encode_descriptor("smartcloudops_exporter_altered_labels", help, None, MetricType::Gauge)?;
    for (change, count) in [("renamed", altered.renamed), ("dropped", altered.dropped)] {
        metric.encode_family(&[("change", change)])?.encode_gauge(&count)?;
    }
    Ok(())
}
