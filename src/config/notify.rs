//! The list `notify`: whom to tell what.

use std::time::Duration;

use crate::notify::{Address, Config, Format, Receiver, Topic};

use super::addresses::base_url;
use super::names::{Names, name};
use super::secrets::{SECRET, SLACK_WEBHOOK_URL, URL, secret};
use super::section::Section;
use super::servers::tls;
use super::values::{choice, duration, matcher, seconds};

/// Receivers at most: each has a task and a connection of its own.
const MOST_RECEIVERS: usize = 20;
const TOPICS: [(&str, Topic); 4] = [
    ("firing", Topic::Firing),
    ("resolved", Topic::Resolved),
    ("approval", Topic::Approval),
    ("remediation", Topic::Remediation),
];
const URL_HINT: &str = "write where messages go; an address that holds a token goes into a file of its own, named \
                        with url_file or slack_webhook_url_file";
const FORMATS: [(&str, Format); 2] = [("json", Format::Json), ("slack", Format::Slack)];

/// Everybody who is told something.
pub(super) fn notify(root: &mut Section) -> Config {
    let mut names = Names::default();
    let receivers =
        root.list("notify", |item| item.section(|section| receiver(section, &mut names)).flatten());
    let receivers = receivers.unwrap_or_default();
    if receivers.len() > MOST_RECEIVERS {
        root.fault(
            "notify",
            &format!("has more than {MOST_RECEIVERS} receivers; tell one that tells others"),
        );
    }
    Config { receivers }
}

fn receiver(section: &mut Section, names: &mut Names) -> Option<Receiver> {
    let hint = "write who is told, for example on-call";
    let name = section.required("name", hint, |node| names.claim(node, name));
    let (address, usual) = address(section);
    let format = section.value_or("format", usual, choice(&FORMATS));
    let hint = "write some of firing, resolved, approval, remediation";
    let topics = match section.is_written("on") {
        true => section.required_list("on", hint, |item| item.value(choice(&TOPICS))),
        false => section.list("on", |_| None),
    };
    let signing_key = match SECRET.is_written(section) {
        true => secret(section, &SECRET),
        false => SECRET.place(section),
    };
    let matchers = section.list("matchers", |item| item.value(matcher));
    let times = times(section);
    let tls = section.child_or_empty("tls_config", tls);
    let defaults = Receiver::new(&name?, address?);
    let [group_wait, timeout, give_up_after] = times;
    Some(Receiver {
        format,
        topics: topics.unwrap_or(defaults.topics),
        signing_key,
        matchers: matchers.unwrap_or_default(),
        tls,
        group_wait: group_wait.unwrap_or(defaults.group_wait),
        timeout: timeout.unwrap_or(defaults.timeout),
        give_up_after: give_up_after.unwrap_or(defaults.give_up_after),
        ..Receiver::new(&defaults.name, defaults.address)
    })
}

/// How long to gather, for one attempt, and for a message in all.
fn times(section: &mut Section) -> [Option<Duration>; 3] {
    [
        section.value("group_wait", duration(seconds(0, 300))),
        section.value("timeout", duration(Duration::from_millis(100)..=Duration::from_secs(60))),
        section.value("give_up_after", duration(seconds(1, 86_400))),
    ]
}

/// The one address, and the form that is usual for it. Whoever knows the address of a webhook of Slack may write there, so
/// it is a secret, as is any address with a token in it.
fn address(section: &mut Section) -> (Option<Address>, Format) {
    let (is_slack, is_placed) = (SLACK_WEBHOOK_URL.is_written(section), URL.is_placed(section));
    let is_plain = section.is_written("url");
    if usize::from(is_slack) + usize::from(is_placed) + usize::from(is_plain) > 1 {
        let place = if is_plain { "url" } else { "slack_webhook_url_file" };
        section.fault(
            place,
            "is one of several addresses; keep one of url, url_file and slack_webhook_url_file",
        );
    }
    let placed = URL.place(section).map(Address::Secret);
    if is_slack {
        section.value("url", base_url);
        return (secret(section, &SLACK_WEBHOOK_URL).map(Address::Secret), Format::Slack);
    }
    SLACK_WEBHOOK_URL.place(section);
    let plain = match is_placed {
        true => section.value("url", base_url),
        false => section.required("url", URL_HINT, base_url),
    };
    (placed.or(plain.map(Address::Plain)), Format::Json)
}
