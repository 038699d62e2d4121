//! Steps on Auto Scaling groups.

use std::time::Duration;

use crate::config::document::Node;
use crate::config::item::Parsed;
use crate::config::section::Section;
use crate::config::values::{choice, duration, seconds, text};
use crate::decide::template::Template;
use crate::decide::{ActionTemplate, AutoscalingTemplate};
use crate::model::AutoscalingAction;

use super::scaling::scaling;
use super::{chosen, holds_template};

const GROUP_HINT: &str = "write the name of the Auto Scaling group";
const WAITS: [(&str, bool); 1] = [("in_service", true)];

/// Another desired capacity.
pub(super) fn autoscaling(section: &mut Section) -> Option<ActionTemplate> {
    let group = section.required("group", GROUP_HINT, group);
    let scaling = scaling(section, 0);
    let wait = section.value_or("wait", false, choice(&WAITS));
    let default = Duration::from_secs(if wait { 600 } else { 30 });
    let timeout = section.value_or("timeout", default, duration(seconds(2, 3600)));
    Some(ActionTemplate::Autoscaling(AutoscalingTemplate { group: group?, scaling: scaling?, wait, timeout }))
}

fn group(node: &Node) -> Parsed<Template> {
    let source = text(node)?;
    if !holds_template(source) && !AutoscalingAction::is_group(source) {
        return Err(
            "must be a plain name: at most 255 letters, digits and -_.:/@+=, or a template".to_owned()
        );
    }
    chosen(source)
}
