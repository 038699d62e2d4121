//! Steps on units of systemd, and the section `systemd`.

use std::time::Duration;

use crate::act::SystemdConfig;
use crate::config::document::Node;
use crate::config::item::Parsed;
use crate::config::section::Section;
use crate::config::values::{choice, duration, seconds, text};
use crate::decide::template::Template;
use crate::decide::{ActionTemplate, SystemdTemplate};
use crate::model::{SystemdAction, SystemdOperation};

use super::{chosen, holds_template};

const OPERATIONS: [(&str, SystemdOperation); 4] = [
    ("restart", SystemdOperation::Restart),
    ("start", SystemdOperation::Start),
    ("stop", SystemdOperation::Stop),
    ("reload", SystemdOperation::Reload),
];
const DO_HINT: &str = "write what is done to the unit: restart, start, stop or reload";
const UNIT_HINT: &str = "write the unit's full name, for example app.service";

/// How systemd is reached.
pub(in crate::config) fn section(section: &mut Section) -> SystemdConfig {
    SystemdConfig { bus: section.value("bus", bus) }
}

fn bus(node: &Node) -> Parsed<String> {
    let address = text(node)?;
    let path =
        address.strip_prefix("unix:path=").filter(|path| path.starts_with('/') && !path.contains([';', ',']));
    path.map(|_| address.to_owned()).ok_or_else(|| {
        "is not the address of a bus on this host; write for example unix:path=/run/dbus/system_bus_socket".to_owned()
    })
}

/// Something done to a unit.
pub(super) fn systemd(section: &mut Section) -> Option<ActionTemplate> {
    let operation = section.required("do", DO_HINT, choice(&OPERATIONS));
    let unit = section.required("unit", UNIT_HINT, unit);
    let timeout = section.value_or("timeout", Duration::from_secs(90), duration(seconds(2, 3600)));
    Some(ActionTemplate::Systemd(SystemdTemplate { operation: operation?, unit: unit?, timeout }))
}

/// Which service is meant is written here, and never in an alert; which of its instances may be.
fn unit(node: &Node) -> Parsed<Template> {
    let source = text(node)?;
    let sample = match holds_template(source) {
        false => source.to_owned(),
        true => {
            let (begin, end) = (source.find('{').unwrap_or_default(), source.rfind('}').unwrap_or_default());
            let (before, after) = (&source[..begin], source.get(end + 1..).unwrap_or_default());
            if !before.contains('@') || after.contains('@') {
                return Err(
                    "may hold a template only behind the @, as in app@{{ labels.name }}.service".to_owned()
                );
            }
            format!("{before}x{after}")
        }
    };
    if !SystemdAction::is_unit(&sample) {
        return Err("is not the full name of one unit that can be restarted, such as app.service or \
                    app@{{ labels.name }}.service"
            .to_owned());
    }
    chosen(source)
}
