//! Self-metrics of the Prometheus and Alertmanager clients.
