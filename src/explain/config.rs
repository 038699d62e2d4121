//! What explanations look at besides what every Prometheus has.

use std::collections::BTreeMap;

use super::graph::Graph;

/// Settings of explanations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// PromQL with a series for each change within the last hour, such as a deployment, beside the changes that are
    /// looked for always. A value that is a time, in seconds since 1970, is when it was. At most ten, each of 4096
    /// bytes. Default none.
    pub changes: Vec<String>,
    /// Who calls whom; `None`: nobody has told, and nothing is asked.
    pub graph: Option<Graph>,
    /// The expression of each watched query, by its name.
    pub queries: BTreeMap<String, String>,
}
