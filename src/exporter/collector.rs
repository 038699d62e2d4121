//! The snapshot as metric families.
//!
//! Counts of what is not on the page are read from the snapshot itself, so they cannot drift from it.

use std::fmt::{Result, Write};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, LabelSetEncoder, MetricEncoder};
use prometheus_client::metrics::MetricType;

use crate::model::{Score, ScoredSeries};

use super::{Exporter, Snapshot};

/// A family with one sample per series: name, help, the value, and whether it belongs to the band.
struct Family {
    name: &'static str,
    help: &'static str,
    value: fn(&Score) -> f64,
    band: bool,
}

const FAMILIES: [Family; 5] = [
    Family {
        name: "anomaly_score",
        help: "How anomalous the series is: 0 is as expected, 1 and above is an anomaly.",
        value: |score| score.score,
        band: false,
    },
    Family {
        name: "anomaly_value",
        help: "The value that was scored, in the unit of its query.",
        value: |score| score.value,
        band: false,
    },
    Family {
        name: "anomaly_expected",
        help: "The value that was expected, in the unit of its query.",
        value: |score| score.expected,
        band: true,
    },
    Family {
        name: "anomaly_expected_lower",
        help: "The lower edge of the expected band: a value there scores 1.",
        value: |score| score.lower,
        band: true,
    },
    Family {
        name: "anomaly_expected_upper",
        help: "The upper edge of the expected band: a value there scores 1.",
        value: |score| score.upper,
        band: true,
    },
];

impl Collector for Exporter {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result {
        let snapshot = self.snapshot();
        for family in &FAMILIES {
            let mut metric = encoder.encode_descriptor(family.name, family.help, None, MetricType::Gauge)?;
            encode_family(family, &snapshot, &mut metric)?;
        }
        encode_states(&snapshot, &mut encoder)?;
        encode_counts(&snapshot, &mut encoder)
    }
}

fn encode_family(family: &Family, snapshot: &Snapshot, metric: &mut MetricEncoder<'_>) -> Result {
    let shown = |series: &ScoredSeries| series.with_band || !family.band;
    for (row, series) in snapshot.rows().filter(|(_, series)| shown(series)) {
        let value = (family.value)(&series.score);
        metric.encode_family(&Prepared(row.score_labels()))?.encode_gauge(&value)?;
    }
    Ok(())
}

fn encode_states(snapshot: &Snapshot, encoder: &mut DescriptorEncoder<'_>) -> Result {
    let help = "The episode: 0 normal, 1 anomalous, 2 sustained, 3 new level just accepted.";
    let mut metric = encoder.encode_descriptor("anomaly_state", help, None, MetricType::Gauge)?;
    for (row, series) in snapshot.rows().filter(|(row, _)| row.with_state) {
        let state = series.score.state as u32;
        metric.encode_family(&Prepared(row.state_labels()))?.encode_gauge(&state)?;
    }
    Ok(())
}

fn encode_counts(snapshot: &Snapshot, encoder: &mut DescriptorEncoder<'_>) -> Result {
    let altered = snapshot.altered();
    let help = "Series whose scores are on this page.";
    encoder
        .encode_descriptor("smartcloudops_exporter_series", help, None, MetricType::Gauge)?
        .encode_gauge(&(snapshot.rows().len() as u64))?;
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

/// Label text that is already escaped. The library writes a label's key as it stands, so the whole text
/// goes out as one key without a value.
struct Prepared<'a>((&'a str, &'a str));

impl EncodeLabelSet for Prepared<'_> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> Result {
        let mut label = encoder.encode_label();
        let mut key = label.encode_label_key()?;
        key.write_str(self.0.0)?;
        key.write_str(self.0.1)
    }
}
