//! The figures of the benchmark, by scenario, target and split.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use super::protocol::{Answer, Cut};
use super::scenario::{Complaint, Split};

/// Everything that is reported.
#[derive(Debug, Serialize)]
pub struct Report {
    /// A line per scenario, target and split, then all scenarios together.
    pub lines: Vec<Line>,
    /// Each issue.
    pub issues: Vec<Answer>,
    /// Each cut of normal time.
    pub cuts: Vec<Cut>,
    /// Whether the text has a line for each issue.
    #[serde(skip)]
    pub per_issue: bool,
}

/// Figures of some issues.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// The scenario; `None` for all.
    pub scenario: Option<String>,
    /// What was complained about; `None` for either.
    pub target: Option<Complaint>,
    /// The part of the benchmark; `None` for both.
    pub split: Option<Split>,
    /// How many issues.
    pub issues: usize,
    /// Mean chance that the cause comes first, ties in random order.
    pub top_1: f64,
    /// Mean chance that it is among the first three.
    pub top_3: f64,
    /// The share of issues on which nothing was said.
    pub empty: f64,
    /// The share of cuts of normal time on which nothing was said; only where both splits are together.
    pub specificity: Option<f64>,
}

impl Report {
    /// Sums up answers.
    pub fn of(issues: Vec<Answer>, cuts: Vec<Cut>, per_issue: bool) -> Self {
        let mut scenarios: Vec<&str> = issues.iter().map(|answer| answer.scenario.as_str()).collect();
        scenarios.dedup();
        let mut named: Vec<Option<&str>> = scenarios.iter().map(|name| Some(*name)).collect();
        if scenarios.len() > 1 {
            named.push(None);
        }
        let mut lines = Vec::new();
        for scenario in named {
            for target in [Some(Complaint::Latency), Some(Complaint::Availability), None] {
                for split in [Some(Split::Train), Some(Split::Test), None] {
                    lines.extend(line(&issues, &cuts, scenario, target, split));
                }
            }
        }
        Self { lines, issues, cuts, per_issue }
    }
}

fn line(
    issues: &[Answer],
    cuts: &[Cut],
    scenario: Option<&str>,
    target: Option<Complaint>,
    split: Option<Split>,
) -> Option<Line> {
    let fits = |name: &str, complaint: Complaint| {
        scenario.is_none_or(|wanted| wanted == name) && target.is_none_or(|wanted| wanted == complaint)
    };
    let of_split = |answer: &&Answer| split.is_none_or(|wanted| wanted == answer.split);
    let chosen: Vec<&Answer> =
        issues.iter().filter(|answer| fits(&answer.scenario, answer.target)).filter(of_split).collect();
    let cuts = cuts.iter().filter(|cut| split.is_none() && fits(&cut.scenario, cut.target));
    let first = mean(chosen.iter().map(|answer| answer.top_1))?;
    Some(Line {
        scenario: scenario.map(str::to_owned),
        target,
        split,
        issues: chosen.len(),
        top_1: first,
        top_3: mean(chosen.iter().map(|answer| answer.top_3))?,
        empty: mean(chosen.iter().map(|answer| share(answer.suspects == 0)))?,
        specificity: mean(cuts.map(|cut| share(cut.empty))),
    })
}

fn share(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

/// `None` of nothing.
fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = |line: &Line| line.scenario.clone().unwrap_or_else(|| "all".to_owned());
        let width = self.lines.iter().map(|line| name(line).len()).max().unwrap_or(0).max("scenario".len());
        writeln!(f, "{:width$}  target        split  issues  top-1  top-3  empty  specificity", "scenario")?;
        for line in &self.lines {
            let target = line.target.map_or("both", Complaint::name);
            let split = line.split.map_or("both", Split::name);
            let Line { issues, top_1, top_3, empty, .. } = line;
            write!(
                f,
                "{:width$}  {target:<12}  {split:<5}  {issues:>6}  {top_1:.3}  {top_3:.3}  {empty:.3}",
                name(line)
            )?;
            match line.specificity {
                Some(specificity) => writeln!(f, "  {specificity:>11.3}")?,
                None => writeln!(f)?,
            }
        }
        if self.per_issue { self.each(f) } else { Ok(()) }
    }
}

impl Report {
    fn each(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for answer in &self.issues {
            let Answer { scenario, issue, cause, top_1, top_3, .. } = answer;
            let (split, target) = (answer.split.name(), answer.target.name());
            writeln!(
                f,
                "\n{scenario}/{split}/{issue}, {target}: {cause}, top-1 {top_1:.3}, top-3 {top_3:.3}"
            )?;
            for (node, score) in &answer.first {
                writeln!(f, "  {score:.3}  {node}")?;
            }
        }
        Ok(())
    }
}
