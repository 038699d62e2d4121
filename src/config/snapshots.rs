//! The section `snapshots`: where trained models come from.

use crate::object_storage::{Access, Location};
use crate::snapshots::Config;

use super::addresses::base_url;
use super::section::Section;
use super::values::text;

/// Where models come from; the region is that of `aws`.
pub(super) fn snapshots(section: &mut Section, region: Option<String>) -> Config {
    let models_from = location(section, "models_from");
    Config { models_from, access: Access { endpoint_url: section.value("endpoint_url", base_url), region } }
}

/// A folder or a bucket. A relative folder starts from the folder of the file.
pub(super) fn location(section: &mut Section, key: &'static str) -> Option<Location> {
    let location = section.value(key, |node| text(node)?.parse::<Location>())?;
    Some(match location {
        Location::Folder(folder) => Location::Folder(section.folder().join(folder)),
        bucket => bucket,
    })
}
