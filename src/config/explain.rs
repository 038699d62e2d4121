//! The section `explain`: what explanations look at.

use crate::explain::Config;

use super::dependencies::graph;
use super::section::Section;
use super::values::text;

/// Expressions for changes: each is asked up to three times for an explanation.
const MAX_CHANGES: usize = 10;
/// Bytes of one.
const MAX_EXPR: usize = 4096;

/// What explanations look at besides what every Prometheus has.
pub(super) fn section(section: &mut Section) -> Config {
    let expression = |node: &_| match text(node)? {
        long if long.len() > MAX_EXPR => Err(format!("must not be longer than {MAX_EXPR} bytes")),
        expr => Ok(expr.to_owned()),
    };
    let changes = section.list("changes", |item| item.value(expression)).unwrap_or_default();
    if changes.len() > MAX_CHANGES {
        section
            .fault("changes", &format!("has more than {MAX_CHANGES} expressions; keep those that tell most"));
    }
    Config { changes, graph: graph(section), ..Config::default() }
}
