//! Self-metrics of the journal.
