//! The section `aws`. Credentials are not read here: they come from AWS's own chain, as in every other
//! program.

use crate::act::AwsConfig;

use super::addresses::base_url;
use super::document::Node;
use super::item::Parsed;
use super::section::Section;
use super::values::text;

/// The longest name of a region.
const MAX_REGION: usize = 32;

/// How AWS is reached.
pub(super) fn aws(section: &mut Section) -> AwsConfig {
    AwsConfig {
        region: section.value("region", region),
        endpoint_url: section.value("endpoint_url", base_url),
        autoscaling_endpoint_url: section.value("autoscaling_endpoint_url", base_url),
        ssm_endpoint_url: section.value("ssm_endpoint_url", base_url),
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
