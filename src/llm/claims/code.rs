//! Commands and code in an answer: what stands in backticks, and what only a shell understands.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Programs whose names mean a command to run; what the evidence names is free.
const PROGRAMS: [&str; 22] = [
    "sudo",
    "kubectl",
    "systemctl",
    "journalctl",
    "helm",
    "curl",
    "wget",
    "ssh",
    "scp",
    "psql",
    "mysql",
    "chmod",
    "chown",
    "iptables",
    "crictl",
    "amtool",
    "promtool",
    "pkill",
    "killall",
    "apt-get",
    "yum",
    "rm",
];

static SPAN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"``([^`]+)``|`([^`]+)`").expect("it is valid"));
/// What joins or fills in commands.
static SHELL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\$\(|\$\{|&&|\|\||>>|<<|(?:^| )\| ?[a-z]|(?i)<script").expect("it is valid")
});

/// What stands in backticks, with the backticks.
pub(super) fn spans(sentence: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    SPAN.captures_iter(sentence).filter_map(|found| {
        let inside = found.get(1).or_else(|| found.get(2))?;
        Some((found.get_match().range(), inside.as_str().trim()))
    })
}

/// Whether a text has signs of a shell in it.
pub(super) fn is_shell(text: &str) -> bool {
    SHELL.is_match(text)
}

/// Whether a word is a program to call or an option of one.
pub(super) fn is_command(word: &str) -> bool {
    let option = word.trim_start_matches('-');
    let is_option = word.starts_with('-') && option.starts_with(|c: char| c.is_ascii_alphabetic());
    is_option || PROGRAMS.contains(&word)
}

/// One blank for any, as code is compared.
pub(super) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
