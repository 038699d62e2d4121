//! Self-metrics of the scoring loop and the snapshots.
