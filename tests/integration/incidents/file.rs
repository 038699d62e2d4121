//! The form of an incident's file: what the world looked like, and what is to be said of it. Times are minutes from the
//! first alert on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_yaml::Value;

/// One incident, as its file has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// The file's name without its ending; `-1`, `-3`, … belong to the development half, the others are held out.
    #[serde(skip)]
    pub name: String,
    /// What kind of incident it is; the table has a row for each.
    pub kind: String,
    /// What really happened, for people.
    pub truth: String,
    /// How many minutes the first alert has been firing when it is asked about.
    #[serde(default = "ten")]
    pub after: i64,
    /// What is delivered by the webhook.
    pub alerts: Vec<Fired>,
    /// Series, each with what it did; see `world.rs`.
    #[serde(default)]
    pub series: BTreeMap<String, Shape>,
    /// A recorded issue of PetShop, its folder in that of the scenario, instead of series.
    pub petshop: Option<String>,
    /// Whether the daemon is told who calls whom, where that was recorded.
    #[serde(skip)]
    pub calls: bool,
    /// What the daemon scores.
    #[serde(default)]
    pub watch: Vec<Watch>,
    /// Built-in queries that it scores besides.
    #[serde(default)]
    pub presets: Vec<String>,
    /// Its setting `explain.changes`.
    #[serde(default)]
    pub changes: Vec<String>,
    /// Alerts that fired before and ended.
    #[serde(default)]
    pub earlier: Vec<Earlier>,
    /// What is to be said.
    pub expect: Expect,
}

/// An alert that fires.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fired {
    /// `alertname` and all others.
    pub labels: BTreeMap<String, String>,
    /// The annotation `summary`.
    pub says: Option<String>,
    /// The rule's expression.
    pub expr: String,
    /// When it began.
    #[serde(default)]
    pub at: i64,
}

/// What a series did, in the notation of `world.rs`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Shape {
    Number(f64),
    Text(String),
}

/// A query of the daemon.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    pub name: String,
    pub expr: String,
    #[serde(default = "both")]
    pub direction: String,
}

/// An earlier episode of one of the alerts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earlier {
    /// Its place in `alerts`.
    #[serde(default)]
    pub alert: usize,
    pub from: i64,
    pub to: i64,
}

/// What a person who knows the truth expects to read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Places, as `label=value`, each of which is the cause; none: nothing that was seen explains it, and that is said.
    pub cause: Vec<String>,
    /// A regular expression for what speaks for the place.
    #[serde(default)]
    pub because: String,
    /// Regular expressions that the text fulfils.
    #[serde(default)]
    pub say: Vec<String>,
    /// Regular expressions for what is false: the text fulfils none.
    #[serde(default)]
    pub never: Vec<String>,
    /// Places that have nothing to do with it: none is told as the likeliest cause.
    #[serde(default)]
    pub innocent: Vec<String>,
}

fn ten() -> i64 {
    10
}

fn both() -> String {
    "both".to_owned()
}

/// Which half an incident belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Half {
    /// What is mended is mended by these alone.
    Development,
    /// Nobody looks at these before what is said of the others is right.
    HeldOut,
}

impl Incident {
    /// Odd ones are for development.
    pub fn half(&self) -> Half {
        let number = self.name.rsplit('-').next().and_then(|number| number.parse::<u32>().ok());
        match number.expect("an incident's file ends in its number") % 2 {
            1 => Half::Development,
            _ => Half::HeldOut,
        }
    }
}

/// The folder of the set.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/incidents")
}

/// Every incident of a folder by its file's name, or those whose name begins so.
pub fn read(folder: &Path, beginning: &str) -> Vec<Incident> {
    let entries = std::fs::read_dir(folder).expect("the set is there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "yml"));
    files.sort();
    let one = |file: PathBuf| {
        let name = file.file_stem().expect("a file").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).expect("it can be read");
        check_keys(&name, &text);
        let read: Incident = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        Incident { name, ..read }
    };
    files.into_iter().map(one).filter(|incident| incident.name.starts_with(beginning)).collect()
}

/// A key that comes twice would take the place of the first.
fn check_keys(name: &str, text: &str) {
    serde_yaml::from_str::<Value>(text).unwrap_or_else(|error| panic!("{name}: {error}"));
}
