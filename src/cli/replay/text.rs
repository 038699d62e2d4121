//! An account as text: each policy in a line, then what would have been done, then what held it back.

use std::fmt::{self, Display, Formatter};

use crate::model::{DecisionVerdict, Labels};
use crate::remediation::{Account, Told};

/// Decisions of a kind that are listed; JSON has all of them.
const LISTED: usize = 50;

/// The account for people.
pub(super) struct Text<'a>(pub &'a Account);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Account { start, end, alerts, .. } = self.0;
        writeln!(f, "From {start} to {end}: {alerts} alerts.")?;
        writeln!(
            f,
            "The most that today's policies would have done, as if nothing of it had had an effect:\n"
        )?;
        self.policies(f)?;
        self.runs(f)?;
        self.held(f)
    }
}

impl Text<'_> {
    fn policies(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<32} {:>6} {:>8} {:>6}  held back by", "policy", "runs", "actions", "asked")?;
        for (name, one) in &self.0.policies {
            let held: Vec<String> =
                one.held.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
            let held = if held.is_empty() { "nothing".to_owned() } else { held.join(", ") };
            writeln!(f, "{name:<32} {:>6} {:>8} {:>6}  {held}", one.runs, one.actions, one.asked)?;
        }
        Ok(())
    }

    fn runs(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nWhat would have been done:")?;
        for run in self.0.runs.iter().take(LISTED) {
            let (key, steps) = (&run.plan.key, run.acted_at.len());
            let kinds: Vec<&str> = run.plan.steps.iter().take(steps).map(|step| step.action.kind()).collect();
            writeln!(f, "  {}  {} on {}: {}", run.begun_at, key.policy, key.target, kinds.join(", "))?;
        }
        more(f, self.0.runs.len())
    }

    fn held(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let held: Vec<&Told> = self.0.decisions.iter().filter(|told| is_held(told)).collect();
        writeln!(f, "\nWhat would have been held back:")?;
        for Told { labels, decision } in held.iter().take(LISTED) {
            let DecisionVerdict::Hold { reason, detail, .. } = &decision.verdict else { continue };
            let policy = decision.policy.as_deref().unwrap_or("(no policy)");
            let detail = if detail.is_empty() { String::new() } else { format!(": {detail}") };
            writeln!(f, "  {}  {policy} for {}: {reason}{detail}", decision.at, name(labels))?;
        }
        more(f, held.len())
    }
}

/// The end of an alert holds back nothing that was still wanted.
fn is_held(told: &Told) -> bool {
    matches!(&told.decision.verdict, DecisionVerdict::Hold { reason, .. } if *reason != crate::model::Reason::Resolved)
}

fn more(f: &mut Formatter<'_>, count: usize) -> fmt::Result {
    match count {
        0 => writeln!(f, "  nothing"),
        _ if count > LISTED => writeln!(f, "  and {} more; --output json has them all", count - LISTED),
        _ => Ok(()),
    }
}

/// Label values are untrusted: control characters would break the line.
fn name(labels: &Labels) -> String {
    labels.to_string().replace(char::is_control, " ")
}
