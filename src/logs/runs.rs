//! What the journal has of a run, as records: what each action printed and answered, what the proof said, how it
//! ended. Pure.

use super::{Record, Source};
use crate::log::Level;
use crate::model::{
    ActError, ActReport, Lift, Run, RunOutcome, StepRecord, Timestamp, Verdict, format_duration,
};

/// Lines of one output; of a longer one these are the last.
const MAX_LINES: usize = 500;

/// Whether a run is one of the service asked for: its policy, its target, or what it acts on.
pub(super) fn is_of(run: &Run, asked: &str) -> bool {
    let touched = run.plan.touches();
    *run.plan.key.policy == *asked
        || touched.iter().flat_map(|object| object.names()).any(|name| name == asked)
}

/// What a run said, step by step.
pub(super) fn records(run: &Run) -> Vec<Record> {
    let mut teller = Teller { run, about: vec![("run", run.id.to_string())], records: Vec::new() };
    teller.about.push(("target", run.plan.key.target.to_string()));
    for (index, step) in run.steps.iter().enumerate() {
        teller.step(index, step);
    }
    teller.end();
    teller.records
}

struct Teller<'a> {
    run: &'a Run,
    /// What every record has as fields.
    about: Vec<(&'static str, String)>,
    records: Vec<Record>,
}

impl Teller<'_> {
    fn step(&mut self, index: usize, step: &StepRecord) {
        let shared = self.about.len();
        self.about.push(("step", (index + 1).to_string()));
        if let Some(planned) = self.run.plan.steps.get(index) {
            self.about.push(("action", planned.action.kind().to_owned()));
            let objects: Vec<String> = planned.action.touches().iter().map(ToString::to_string).collect();
            self.about.extend((!objects.is_empty()).then(|| ("object", objects.join(", "))));
        }
        self.tell(step.begun_at, Level::Info, "the step is begun");
        if let Some((at, result)) = &step.acted {
            self.result(*at, result);
        }
        if let Some((at, verdict)) = step.verified {
            let why = step.effect.as_ref().map_or("", |effect| effect.why.as_str());
            self.verdict(at, verdict, why);
        }
        if let Some(lift) = &step.lift {
            self.lift(lift);
        }
        self.about.truncate(shared);
    }

    fn lift(&mut self, lift: &Lift) {
        self.tell(lift.begun_at, Level::Info, "the silence is to be lifted");
        if let Some((at, result)) = &lift.ended {
            self.result(*at, result);
        }
    }

    fn result(&mut self, at: Timestamp, result: &Result<ActReport, ActError>) {
        match result {
            Ok(report) => {
                self.output(at, Level::Info, &report.output);
                self.tell(at, Level::Info, &report.summary);
            }
            Err(error) => {
                let (level, output) = match error {
                    ActError::NotStarted { .. } => (Level::Error, ""),
                    ActError::Failed { report } => (Level::Error, report.output.as_str()),
                    ActError::Unknown { report, .. } => (Level::Warn, report.output.as_str()),
                };
                self.output(at, level, output);
                self.tell(at, level, &error.to_string());
            }
        }
    }

    /// A record for each line.
    fn output(&mut self, at: Timestamp, level: Level, output: &str) {
        let lines: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
        let left_out = lines.len().saturating_sub(MAX_LINES);
        if left_out > 0 {
            self.tell(at, level, &format!("[{left_out} lines left out]"));
        }
        self.about.push(("stream", "output".to_owned()));
        lines[left_out..].iter().for_each(|line| self.tell(at, level, line));
        self.about.pop();
    }

    fn verdict(&mut self, at: Timestamp, verdict: Verdict, why: &str) {
        let level = match verdict {
            Verdict::Helped => Level::Info,
            Verdict::NoEffect | Verdict::Unknown => Level::Warn,
            Verdict::Worse => Level::Error,
        };
        let colon = if why.is_empty() { "" } else { ": " };
        self.tell(at, level, &format!("the proof says {}{colon}{why}", verdict.as_str()));
    }

    fn end(&mut self) {
        if let Some((at, outcome)) = self.run.ended {
            let took = format_duration(at.since(self.run.begun_at));
            let sentence = format!("the run ended after {took}: {}", outcome.as_str());
            self.tell(at, level_of(outcome), &sentence);
        }
        if let Some((at, _)) = self.run.relapsed {
            self.tell(at, Level::Warn, "the run had helped and did not for long: did_not_last");
        }
    }

    fn tell(&mut self, at: Timestamp, level: Level, message: &str) {
        let fields = self.about.iter().map(|(name, value)| (*name, value.as_str()));
        let about = (at, Source::Remediation, Some(level));
        self.records.push(Record::new(about, (&self.run.plan.key.policy, message), fields));
    }
}

fn level_of(outcome: RunOutcome) -> Level {
    match outcome {
        RunOutcome::Helped => Level::Info,
        RunOutcome::DidNotLast | RunOutcome::NoEffect | RunOutcome::Unproven | RunOutcome::Aborted => {
            Level::Warn
        }
        RunOutcome::Worse | RunOutcome::Failed | RunOutcome::NotStarted | RunOutcome::Unknown => Level::Error,
    }
}

#[cfg(test)]
mod tests;
