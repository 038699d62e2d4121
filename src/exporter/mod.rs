//! The last scores as a Prometheus collector over an immutable snapshot.
