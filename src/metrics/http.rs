//! Self-metrics of the HTTP server.
