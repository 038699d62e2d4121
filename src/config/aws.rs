//! The section `aws` and the steps that act on EC2. Credentials are not read here: they come from AWS's
//! own chain, as in every other program.

use std::time::Duration;

use crate::act::AwsConfig;
use crate::decide::ActionTemplate;
use crate::decide::template::{Escape, Template};
use crate::model::{Ec2Action, Ec2Operation};

use super::addresses::base_url;
use super::document::Node;
use super::item::Parsed;
use super::section::Section;
use super::values::{choice, duration, seconds, text};

const OPERATIONS: [(&str, Ec2Operation); 1] = [("reboot", Ec2Operation::Reboot)];
const DO_HINT: &str = "write what is done to the instance: reboot";
const ID_HINT: &str = "write where the instance's id comes from, for example \"{{ labels.instance_id }}\"";
/// The longest name of a region.
const MAX_REGION: usize = 32;

/// How AWS is reached.
pub(super) fn aws(section: &mut Section) -> AwsConfig {
    AwsConfig {
        region: section.value("region", region),
        endpoint_url: section.value("endpoint_url", base_url),
    }
}

/// It becomes a part of a server's name.
fn region(node: &Node) -> Parsed<String> {
    let region = text(node)?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let whole = region.starts_with(|c: char| c.is_ascii_lowercase()) && !region.ends_with('-');
    if whole && region.chars().all(plain) && region.len() <= MAX_REGION {
        return Ok(region.to_owned());
    }
    Err("is not the name of a region; write for example us-east-1".to_owned())
}

/// Something done to an instance.
pub(super) fn ec2(section: &mut Section) -> Option<ActionTemplate> {
    let operation = section.required("do", DO_HINT, choice(&OPERATIONS));
    let instance_id = section.required("instance_id", ID_HINT, instance_id);
    let timeout = section.value_or("timeout", Duration::from_secs(30), duration(seconds(2, 600)));
    Some(ActionTemplate::Ec2 { operation: operation?, instance_id: instance_id?, timeout })
}

fn instance_id(node: &Node) -> Parsed<Template> {
    let source = text(node)?;
    let is_fixed = !source.contains("{{") && !source.contains("{%");
    if is_fixed && !Ec2Action::is_instance_id(source) {
        return Err("is not the id of an instance, such as i-0123456789abcdef0, nor a template".to_owned());
    }
    Template::compile(source, Escape::Argument).map_err(|error| error.to_string())
}
