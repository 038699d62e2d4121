//! The hash tables of the core. Thousands of alerts are looked up some fifty times each, and the standard hash is a
//! third of that; this one is seeded anew in every process as well, so nobody chooses labels that collide.

use foldhash::fast::RandomState;

/// A table by keys.
pub type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
/// A set of keys.
pub type HashSet<K> = std::collections::HashSet<K, RandomState>;
