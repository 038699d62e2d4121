//! Templates over an alert, escaped for where their result goes.

/// A compiled template.
#[derive(Clone, Debug)]
pub struct Template {
    source: String,
}
