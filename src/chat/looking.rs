//! Looking things up for one answer: each look-up has an id, and a failure is told like a finding.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::answer::LookedUp;
use super::plan::{Keep, Planned};
use crate::lookup::{Finding, Lookup, LookupError, Lookups};
use crate::model::Timestamp;

/// What was looked up so far.
pub(super) struct Looking<'l> {
    lookups: &'l Lookups,
    now: Timestamp,
    until: tokio::time::Instant,
    done: Vec<LookedUp>,
}

impl<'l> Looking<'l> {
    /// For an answer that begins now and looks things up for so long.
    pub fn new(lookups: &'l Lookups, now: Timestamp, limit: Duration) -> Self {
        Self { lookups, now, until: tokio::time::Instant::now() + limit, done: Vec::new() }
    }

    /// Looks one thing up; whatever comes of it is noted and given back.
    pub async fn look(&mut self, name: &str, arguments: &Value, keep: &Keep) -> &LookedUp {
        let begun = Instant::now();
        let found = self.find(name, arguments).await;
        let failed = found.is_err();
        let Finding { title, lines, left_out } = found.unwrap_or_else(|error| Finding {
            title: format!("It could not be looked up: {error}"),
            lines: Vec::new(),
            left_out: 0,
        });
        let all = lines.len();
        let lines: Vec<String> = lines.into_iter().filter(|line| keep.admits(line)).collect();
        let title = if *keep == Keep::All || failed {
            title
        } else {
            format!("{title} {}", kept(keep, lines.len(), all))
        };
        let id = format!("l{}", self.done.len() + 1);
        let name = name.chars().take(40).collect();
        let seconds = begun.elapsed().as_secs_f64();
        self.done.push(LookedUp {
            id,
            name,
            arguments: arguments.clone(),
            title,
            lines,
            left_out,
            seconds,
            failed,
        });
        &self.done[self.done.len() - 1]
    }

    /// Looks up all that is planned; what is optional and fails leaves no trace.
    pub async fn look_all(&mut self, planned: &[Planned]) {
        for one in planned {
            self.look(one.name, &one.arguments, &one.keep).await;
            if one.optional && self.done.last().is_some_and(|last| last.failed) {
                self.done.pop();
            }
        }
    }

    async fn find(&self, name: &str, arguments: &Value) -> Result<Finding, LookupError> {
        let lookup = Lookup::parse(name, arguments, self.now)?;
        let late = |_| LookupError::NoTimeLeft { lookup: lookup.name() };
        tokio::time::timeout_at(self.until, self.lookups.run(&lookup, self.now)).await.map_err(late).flatten()
    }

    pub fn count(&self) -> usize {
        self.done.len()
    }

    pub fn done(&self) -> &[LookedUp] {
        &self.done
    }

    pub fn finish(self) -> Vec<LookedUp> {
        self.done
    }
}

fn kept(keep: &Keep, count: usize, all: usize) -> String {
    let what = match keep {
        Keep::Target(target) => format!("on {target}"),
        Keep::During(_) | Keep::All => "in the time asked about".to_owned(),
    };
    format!("{count} of these {all} {what}:")
}
