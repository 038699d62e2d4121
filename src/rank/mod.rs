//! Root-cause ranking: which node made a target slow, failing or idle.
//!
//! It takes series of usual and of unusual time by node, a graph of who calls whom if there is one, and a target,
//! and returns suspects in order with what speaks for each ([`rank`]). It is a plain function: no clock, no network,
//! no random numbers; the same question has the same answer to the bit.
//!
//! The idea is a balance. By how much a node's mean latency is above its median, times its requests, is the time that its
//! callers lost by it; by how much its share of failures is, times its requests, the failures that it handed them. Such
//! sums add up along calls, whatever the number of calls per request, so they compare in size and in shape:
//!
//! 1. The excess of each node, by row (`excess`), and how many of its own deviations that is: robust, of counts by
//!    a quasi-Poisson rate, so that 100 % availability has a scale (`spread`).
//! 2. Who accounts for whom (`share`): a node's own part is what its callees leave of its excess in a least-squares
//!    fit whose coefficients are at most 1. Its score is the share of the target's excess for which its own part
//!    accounts, less what chance may have done (`judge`).
//! 3. A way from the target must show the excess as well (`paths`): the score is at most the width of the widest
//!    way. Nodes that no known way reaches account for what the best of the others leaves over; so without a graph all
//!    compete, and with an incomplete one none is lost.
//! 4. The more significant of two alike is nearer to the fault (`order`); equal scores go by onset, then by the
//!    labels shared with the target.
//!
//! The list is empty where the target is as its history shows and nothing that stands out accounts for most of its
//! excess. The target itself is never in it: [`Target::unexplained`] is the share for which no dependency accounts.
//!
//! The idea that a node's own part is what is left once its dependencies are accounted for is that of conditional
//! anomaly scores (M. Li et al., KDD 2022, CIRCA; N. Okati et al., arXiv 2406.05014) and of additive noise models
//! (K. Budhathoki et al., ICML 2022). Here the coefficients are not learnt: usual time varies too little to teach them.

mod behind;
mod cycles;
mod excess;
mod graph;
mod incident;
mod judge;
mod order;
mod paths;
mod ranking;
mod share;
mod spread;
mod words;

use excess::Excess;
pub use graph::{DependencyGraph, GraphError, MAX_EDGES, MAX_NODES};
pub use incident::{Incident, Kind, MAX_HISTORY, MAX_ROWS, Metric, Node, RankError};
use judge::chance;
pub use order::rank;
pub use ranking::{Deviation, Explained, Ranking, Suspect, Target};

#[cfg(test)]
mod tests;
