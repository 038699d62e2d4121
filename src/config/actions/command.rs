//! Steps that run a program.

use std::path::Path;
use std::time::Duration;

use crate::config::item::Item;
use crate::config::section::Section;
use crate::config::values::{any_text, duration, seconds, text};
use crate::decide::ActionTemplate;
use crate::decide::template::{Escape, Template};

use super::{holds_template, template};

const SHELLS: [&str; 6] = ["sh", "bash", "dash", "zsh", "ksh", "ash"];
const HAND_TO_A_SHELL: [&str; 3] = ["ssh", "su", "runuser"];
const ARGV_HINT: &str = "write the program's absolute path and its arguments, one item each";

/// A program with its arguments.
pub(super) fn command(section: &mut Section) -> Option<ActionTemplate> {
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
