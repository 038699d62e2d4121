//! The section `snapshots`: where trained models come from.

use crate::snapshots::Config;
use crate::snapshots::models::Location;

use super::addresses::base_url;
use super::section::Section;
use super::values::text;

/// Where models come from; the region is that of `aws`. A relative folder starts from the folder of the file.
pub(super) fn snapshots(section: &mut Section, region: Option<String>) -> Config {
    let location = section.value("models_from", |node| text(node)?.parse::<Location>());
    let models_from = location.map(|location| match location {
        Location::Folder(folder) => Location::Folder(section.folder().join(folder)),
        bucket => bucket,
    });
    Config { models_from, endpoint_url: section.value("endpoint_url", base_url), region }
}
