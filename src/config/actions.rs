//! The steps of a policy: a command, an HTTP request or something done to an EC2 instance, and the proof
//! of its effect.

use std::path::Path;
use std::time::Duration;

use crate::decide::template::{Escape, Template};
use crate::decide::{ActionTemplate, Step, VerifyTemplate};
use crate::model::SecretSource;

use super::addresses::{action_url, headers};
use super::aws;
use super::document::Node;
use super::item::{Item, Parsed};
use super::secrets::{CREDENTIALS, secret};
use super::section::Section;
use super::values::{any_text, choice, duration, seconds, text};

const METHODS: [(&str, &str); 4] = [("POST", "POST"), ("PUT", "PUT"), ("PATCH", "PATCH"), ("GET", "GET")];
const SHELLS: [&str; 6] = ["sh", "bash", "dash", "zsh", "ksh", "ash"];
const HAND_TO_A_SHELL: [&str; 3] = ["ssh", "su", "runuser"];
const ACTIONS: [&str; 3] = ["command", "http", "ec2"];
const ARGV_HINT: &str = "write the program's absolute path and its arguments, one item each";

/// One step.
pub(super) fn step(section: &mut Section) -> Option<Step> {
    let command = section.child("command", command);
    let http = section.child("http", http);
    let ec2 = section.child("ec2", aws::ec2);
    let verify = section.child("verify", verify);
    one_action(section);
    // Some(None): it is there and has a fault.
    let verify = verify.map_or(Some(None), |verify| verify.map(Some));
    Some(Step { action: command.or(http).or(ec2)??, verify: verify? })
}

fn one_action(section: &Section) {
    let given: Vec<&str> = ACTIONS.into_iter().filter(|action| section.has(action)).collect();
    if given.is_empty() {
        section.fault("command", "is required unless there is http or ec2; write what shall be done");
    }
    for other in given.iter().skip(1) {
        section.fault(other, &format!("excludes {}; make two steps of it", given[0]));
    }
    if given.contains(&"ec2") && !cfg!(feature = "aws") {
        section.fault("ec2", "cannot be done: this build has no AWS support; use one with the feature aws");
    }
}

fn command(section: &mut Section) -> Option<ActionTemplate> {
    let mut is_program = true;
    let argv = section.required_list("argv", ARGV_HINT, |item| {
        let template = if is_program { program(item) } else { argument(item) };
        is_program = false;
        template
    });
    let timeout = section.value_or("timeout", Duration::from_secs(60), duration(seconds(1, 3600)));
    let mut argv = argv?.into_iter();
    let (program, _) = argv.next()?;
    let (texts, arguments): (Vec<String>, Vec<Template>) = argv.unzip();
    if shell_runs_template(&program, &texts) {
        section.fault("argv", "has a shell run what an alert says; call the program itself");
        return None;
    }
    Some(ActionTemplate::Command { program, arguments, timeout })
}

/// The program is compiled like an argument so that both have one type; its template is not used.
fn program(item: &Item) -> Option<(String, Template)> {
    item.value(|node| {
        let program = text(node)?;
        if holds_template(program) {
            return Err("must be a fixed program: only its arguments may hold templates".to_owned());
        }
        if !Path::new(program).is_absolute() {
            return Err("must be an absolute path, for example /usr/bin/systemctl".to_owned());
        }
        Ok((program.to_owned(), template(program, Escape::Argument)?))
    })
}

fn argument(item: &Item) -> Option<(String, Template)> {
    item.value(|node| {
        let argument = any_text(node)?;
        Ok((argument.to_owned(), template(argument, Escape::Argument)?))
    })
}

/// `sh -c "… {{ label }}"` would run whatever an alert carries, behind `sudo` or `env` as well; `ssh` and
/// `su` hand their arguments to a shell by themselves.
fn shell_runs_template(program: &str, arguments: &[String]) -> bool {
    let names = || std::iter::once(program).chain(arguments.iter().map(String::as_str)).filter_map(file_name);
    let runs_text = |argument: &String| {
        argument.starts_with('-') && !argument.starts_with("--") && argument.contains('c')
    };
    let shell = names().any(|name| SHELLS.contains(&name)) && arguments.iter().any(runs_text);
    let hands_on = names().any(|name| HAND_TO_A_SHELL.contains(&name));
    (shell || hands_on) && arguments.iter().any(|argument| holds_template(argument))
}

fn file_name(path: &str) -> Option<&str> {
    Path::new(path).file_name().and_then(|name| name.to_str())
}

fn holds_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

fn template(text: &str, escape: Escape) -> Parsed<Template> {
    Template::compile(text, escape).map_err(|error| error.to_string())
}

fn http(section: &mut Section) -> Option<ActionTemplate> {
    let method = section.value_or("method", "POST", choice(&METHODS));
    let hint = "write the address to call, for example https://hooks.example.org/restart/{{ target }}";
    let url = section.required("url", hint, url_template);
    let bearer = section.child("authorization", bearer);
    let headers = headers(section, "headers");
    let body = section.value("body", |node| template(text(node)?, Escape::Json));
    if method == "GET" && section.has("body") {
        section.fault("body", "is not sent with GET; use POST or remove it");
    }
    let timeout = section.value_or("timeout", Duration::from_secs(10), duration(seconds(1, 600)));
    let bearer = bearer.map_or(Some(None), |bearer| bearer.map(Some));
    Some(ActionTemplate::Http {
        method: method.to_owned(),
        url: url?,
        bearer: bearer?,
        headers,
        body,
        timeout,
    })
}

fn url_template(node: &Node) -> Parsed<Template> {
    let url = text(node)?;
    action_url(url)?;
    template(url, Escape::Url)
}

fn bearer(section: &mut Section) -> Option<SecretSource> {
    // What is written here is not repeated: it may be the secret.
    section.value("type", |node| match text(node)? {
        "Bearer" => Ok(()),
        _ => Err("must be Bearer; an action knows no other scheme".to_owned()),
    });
    secret(section, &CREDENTIALS)
}

fn verify(section: &mut Section) -> Option<VerifyTemplate> {
    let hint = "write a PromQL expression that returns something once the step has helped";
    let expr = section.required("expr", hint, |node| template(text(node)?, Escape::PromQl));
    let within = section.value_or("within", Duration::from_secs(120), duration(seconds(1, 86_400)));
    Some(VerifyTemplate { expr: expr?, within })
}
