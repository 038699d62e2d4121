//! Self-metrics of remediation.
