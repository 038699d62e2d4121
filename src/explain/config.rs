//! What explanations look at besides what every Prometheus has.

use std::collections::BTreeMap;

use super::graph::Graph;

/// Settings of explanations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// PromQL expressions with a series for each change within the last hour, such as deployments; a value that is a
    /// time of it, in seconds since the epoch, is when it happened. At most ten. Default none.
    pub changes: Vec<String>,
    /// Who calls whom; `None`: nobody has told, and nothing is asked.
    pub graph: Option<Graph>,
    /// The expression of each watched query, by its name.
    pub queries: BTreeMap<String, String>,
}
