//! A scenario of the PetShop benchmark (M. Hardt et al., CLeaR 2024): its graph, its normal time and its issues.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, ensure};
use serde::{Deserialize, Serialize};

use super::recording::{Recording, metrics_file, read_graph};
use crate::rank::DependencyGraph;

const GRAPH: &str = "graph.csv";

/// Which part of the benchmark an issue belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Faults of one node, for choosing methods.
    Train,
    /// Faults of all nodes, for judging them.
    Test,
}

impl Split {
    /// Its folder, and its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Test => "test",
        }
    }
}

/// What is complained about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Complaint {
    /// Mean latency, in seconds.
    Latency,
    /// Availability, in percent.
    Availability,
}

impl Complaint {
    /// Its name in files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Latency => "latency",
            Self::Availability => "availability",
        }
    }
}

/// A target: a series of a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Target {
    /// The node.
    pub node: String,
    /// The metric.
    pub metric: Complaint,
    /// The statistic.
    pub agg: String,
}

/// One fault, with what was recorded around it.
#[derive(Clone, Debug)]
pub struct Issue {
    /// Its folder's name.
    pub name: String,
    /// Its part of the benchmark.
    pub split: Split,
    /// What was complained about.
    pub target: Target,
    /// The node at fault.
    pub cause: String,
    /// The rows around the complaint.
    pub abnormal: Recording,
}

/// All of one folder.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its folder's name.
    pub name: String,
    /// Who calls whom.
    pub graph: DependencyGraph,
    /// The normal time.
    pub normal: Recording,
    /// Train before test, each by name.
    pub issues: Vec<Issue>,
}

/// The scenarios of folders: each itself, or those in it by name.
pub fn read_all(folders: &[PathBuf]) -> anyhow::Result<Vec<Scenario>> {
    let mut found = Vec::new();
    for folder in folders {
        let scenarios = match folder.join(GRAPH).is_file() {
            true => vec![folder.clone()],
            false => subfolders(folder)?.into_iter().filter(|inner| inner.join(GRAPH).is_file()).collect(),
        };
        ensure!(!scenarios.is_empty(), "{}: neither it nor a folder in it has a {GRAPH}", folder.display());
        found.extend(scenarios);
    }
    found.iter().map(|folder| Scenario::read(folder)).collect()
}

impl Scenario {
    fn read(folder: &Path) -> anyhow::Result<Self> {
        let graph = read_graph(&folder.join(GRAPH))?;
        let mut issues = Vec::new();
        for split in [Split::Train, Split::Test] {
            let place = folder.join(split.name());
            if place.is_dir() {
                for issue in subfolders(&place)? {
                    issues.push(Issue::read(&issue, split)?);
                }
            }
        }
        ensure!(!issues.is_empty(), "{}: has no issue in train or test", folder.display());
        let normal = Recording::read(&metrics_file(&folder.join("noissue")))?;
        Ok(Self { name: last_part(folder), graph, normal, issues })
    }
}

/// What a file of a target says.
#[derive(Deserialize)]
struct TargetFile {
    target: Target,
    root_cause: Cause,
}

#[derive(Deserialize)]
struct Cause {
    node: String,
}

impl Issue {
    fn read(folder: &Path, split: Split) -> anyhow::Result<Self> {
        let path = folder.join("target.json");
        let name = path.display();
        let text = fs::read_to_string(&path).with_context(|| format!("{name}: cannot be read"))?;
        let file: TargetFile = serde_json::from_str(&text)
            .map_err(|error| anyhow!("{name}:{}: says no target and cause: {error}", error.line()))?;
        let abnormal = Recording::read(&metrics_file(folder))?;
        Ok(Self {
            name: last_part(folder),
            split,
            target: file.target,
            cause: file.root_cause.node,
            abnormal,
        })
    }
}

/// The folders of a folder by name, without hidden ones.
fn subfolders(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let cannot = || format!("{}: cannot be read", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let path = entry.with_context(cannot)?.path();
        if path.is_dir() && !last_part(&path).starts_with('.') {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn last_part(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
