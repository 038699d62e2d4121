//! The targets Prometheus scrapes.

use super::Row;
use crate::model::Direction::{Above, Below};

pub(super) const UP: &[Row] = &[
    Row("up_targets_down", "1 - avg by (job) (up)", &["up"], Above, 0.01),
    Row("up_targets", "count by (job) (up)", &["up"], Below, 0.5),
    Row(
        "up_scrape_seconds",
        "avg by (job) (scrape_duration_seconds)",
        &["scrape_duration_seconds"],
        Above,
        0.25,
    ),
];
