//! Self-metrics of the webhook.
