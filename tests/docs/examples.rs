//! Blocks of the pages that somebody copies: configurations load, commands have the flags they are given.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use regex::Regex;

use crate::{lists, pages};

/// A fenced block of a page.
struct Block {
    /// The page, and the line.
    place: String,
    language: String,
    text: String,
}

impl Block {
    /// What its first line says that it is.
    fn title(&self) -> &str {
        self.text.lines().next().unwrap_or_default().trim_start_matches('#').trim()
    }
}

fn blocks() -> Vec<Block> {
    static FENCED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)^```(\w+)\n([\s\S]*?)^```$").unwrap());
    let mut blocks = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for found in FENCED.captures_iter(&text) {
            let line = text[..found.get(0).unwrap().start()].lines().count() + 1;
            let place = format!("{}:{line}", page.display());
            blocks.push(Block { place, language: found[1].to_owned(), text: found[2].to_owned() });
        }
    }
    blocks
}

fn yaml(title: &str) -> Vec<Block> {
    blocks()
        .into_iter()
        .filter(|block| block.language == "yaml" && block.title().starts_with(title))
        .collect()
}

fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn check(file: &Path) -> Output {
    let url = "--prometheus.url=http://localhost:9090";
    Command::new(env!("CARGO_BIN_EXE_smartcloudops")).args(["check", url]).arg(file).output().unwrap()
}

/// The features that a block needs, as its first line tells: `# smartcloudops.yml, with AWS`.
fn lacking(block: &Block) -> Vec<&'static str> {
    let features = [("AWS", cfg!(feature = "aws")), ("Kubernetes", cfg!(feature = "kubernetes"))];
    features
        .into_iter()
        .filter(|(name, is_in)| !is_in && block.title().contains(name))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn every_configuration_loads() {
    let folder = tempfile::tempdir().unwrap();
    let blocks = yaml("smartcloudops.yml");
    assert!(blocks.len() > 15, "only {} configurations found", blocks.len());
    for block in blocks {
        let output = check(&written(folder.path(), "smartcloudops.yml", &block.text));
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        let lacking = lacking(&block);
        // A build without an SDK refuses its steps, and finds nothing else to refuse.
        let faults =
            said.lines().filter(|line| line.contains("smartcloudops.yml:") && !line.ends_with(" fault"));
        let others: Vec<&str> = faults
            .filter(|line| !lacking.iter().any(|name| line.contains(&format!("no {name} support"))))
            .collect();
        let is_as_expected =
            output.status.success() == lacking.is_empty() && (lacking.is_empty() || others.is_empty());
        assert!(is_as_expected, "{}: {said}", block.place);
    }
}

/// What they name as files, tokens, is there only where they are deployed.
#[test]
fn every_configuration_that_is_deployed_loads() {
    static TOKEN_FILE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"token_file: [^,]+").unwrap());
    let folder = tempfile::tempdir().unwrap();
    let token = written(folder.path(), "token", "0123456789abcdef0123456789abcdef");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec!["deploy/compose/smartcloudops.yml", "deploy/debian/smartcloudops.yml"];
    files.push("deploy/kubernetes/base/smartcloudops.yml");
    if cfg!(feature = "kubernetes") {
        files.push("deploy/kubernetes/example/smartcloudops.yml");
    }
    for file in files {
        let text = fs::read_to_string(root.join(file)).unwrap();
        let named = format!("token_file: {}", token.display());
        let text = TOKEN_FILE.replace_all(&text, named.as_str());
        let output = check(&written(folder.path(), "smartcloudops.yml", &text));
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{file}: {said}");
    }
}

#[test]
fn every_block_of_yaml_says_what_it_is() {
    let known = ["smartcloudops.yml", "Shape", "prometheus.yml", "alertmanager.yml", "web.yml", "rules.yml"];
    for block in blocks().iter().filter(|block| block.language == "yaml") {
        let is_known =
            known.iter().any(|name| block.title().starts_with(name)) && block.text.starts_with('#');
        assert!(is_known, "{}: the first line shall be a comment with one of {known:?}", block.place);
        let parsed: Result<serde_yaml::Value, _> = serde_yaml::from_str(&block.text);
        assert!(parsed.is_ok(), "{}: {:?}", block.place, parsed.err());
    }
}

#[test]
fn what_prometheus_and_alertmanager_read_is_good_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let tools: [(&str, &[&str]); 3] = [
        ("prometheus.yml", &["promtool", "check", "config", "--syntax-only"]),
        ("alertmanager.yml", &["amtool", "check-config"]),
        ("rules.yml", &["promtool", "check", "rules"]),
    ];
    for (name, tool) in tools {
        for block in yaml(name).iter().filter(|block| !block.title().ends_with("in part")) {
            let file = written(folder.path(), name, &block.text);
            let output = Command::new(tool[0]).args(&tool[1..]).arg(file).output();
            let output =
                output.unwrap_or_else(|error| panic!("{}: {error}; tools/install.sh {}", tool[0], tool[0]));
            assert!(output.status.success(), "{}: {}", block.place, String::from_utf8_lossy(&output.stderr));
        }
    }
}

/// The commands of blocks of shell, without comments, with their continued lines.
fn commands() -> Vec<(String, String)> {
    let shell = blocks().into_iter().filter(|block| block.language == "sh");
    let lines = shell.flat_map(|block| {
        let joined = block.text.replace("\\\n", " ");
        joined.lines().map(|line| (block.place.clone(), line.to_owned())).collect::<Vec<_>>()
    });
    lines.filter(|(_, line)| !line.starts_with('#')).collect()
}

#[test]
fn every_command_of_the_daemon_has_the_flags_it_is_given() {
    static FLAG: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?:^| )(--[a-z][a-z.-]*)").unwrap());
    let names =
        ["backtest", "check", "evaluate", "export", "journal", "rank", "replay", "score", "serve", "train"];
    let mut count = 0;
    for (place, line) in commands() {
        let line = line.split(" # ").next().unwrap_or_default();
        let Some((_, arguments)) = line.split_once("smartcloudops ") else { continue };
        if !line.starts_with("smartcloudops ") && !line.contains("/smartcloudops ") {
            continue;
        }
        count += 1;
        let first = arguments.split_whitespace().next().unwrap_or_default();
        let command: &[&str] = match names.iter().find(|name| **name == first) {
            Some(_) if first == "journal" => &["journal", "verify"],
            Some(name) => &[name],
            None => &[],
        };
        let help = lists::help(command);
        for flag in FLAG.captures_iter(arguments) {
            assert!(help.contains(&flag[1]), "{place}: {command:?} has no flag {}: {line}", &flag[1]);
        }
    }
    assert!(count > 10, "only {count} commands found");
}

#[test]
fn every_target_of_make_exists() {
    let makefile = fs::read_to_string(crate::root().join("Makefile")).unwrap();
    let target = Regex::new(r"\bmake ([a-z][a-z-]+)").unwrap();
    let marked = Regex::new(r"`make ([a-z][a-z-]+)[^`]*`").unwrap();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let in_blocks =
            commands().into_iter().filter(|(place, _)| place.starts_with(&page.display().to_string()));
        let in_blocks: String = in_blocks.map(|(_, line)| line + "\n").collect();
        let found = target.captures_iter(&in_blocks).chain(marked.captures_iter(&text));
        for name in found.map(|found| found[1].to_owned()) {
            assert!(makefile.contains(&format!("\n{name}:")), "{}: no target {name}", page.display());
        }
    }
}
