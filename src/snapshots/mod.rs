//! Detector state on disk: versioned, checksummed, replaced atomically.
