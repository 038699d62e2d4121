//! What holds learning back while it fires: the key `hold_learning`.

use crate::scoring::WhileFiring;

use super::names::label_name;
use super::section::Section;
use super::values::matcher;

const MATCHERS_HINT: &str = "write at least one matcher, for example severity=\"critical\"";

/// The alerts that hold learning back, of all queries or of one.
pub(super) fn while_firing(section: &mut Section) -> Option<WhileFiring> {
    section.child("hold_learning", |section| {
        let matchers = section
            .required_list("while_firing", MATCHERS_HINT, |item| item.value(matcher))
            .unwrap_or_default();
        let on = section.list("on", |item| item.value(label_name)).unwrap_or_default();
        WhileFiring { matchers, on }
    })
}
