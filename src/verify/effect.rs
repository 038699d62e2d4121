//! What was seen before and after an action → the verdict, and why, in words.
//!
//! An action has helped only if nothing speaks against it: the verification expression holds and did not before, the
//! alert's own expression is over, the indicator got better by more than that of the peers. Where everyone recovered
//! alike it was not the action. What would have to be known and is not makes the verdict unknown.

use std::collections::BTreeSet;

use crate::model::{
    AlertChange, AlertReading, Better, Effect, IndicatorChange, Measurement, Observation, PeersChange,
    Verdict, format_number,
};

use super::judge;
use super::peers::{self, ENOUGH, Movement};

/// What was seen of a step.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// What the verification expression said just before the action; `None`: not known.
    pub baseline: Option<&'a Observation>,
    /// What it says now.
    pub latest: &'a Observation,
    /// What was measured just before the action; `None`: nothing is known of it.
    pub before: Option<&'a Measurement>,
    /// What is measured now.
    pub after: &'a Measurement,
    /// Which way the policy's indicator gets better; `None`: it has none.
    pub better: Option<Better>,
    /// Peers on which something else was done meanwhile: they are none.
    pub touched: &'a BTreeSet<String>,
    /// Whether the effect has had all its time.
    pub deadline_passed: bool,
    /// Whether it is known that the action was begun: what nobody may have done has helped nobody.
    pub begun: bool,
}

/// Whether it is time to measure more than the verification expression: at the deadline, and before it once that
/// expression decides and no indicator needs its time.
pub fn is_due(
    baseline: Option<&Observation>,
    latest: &Observation,
    better: Option<Better>,
    deadline_passed: bool,
) -> bool {
    deadline_passed || (better.is_none() && judge(baseline, latest, false).is_some())
}

/// Why something that got better was not helped.
const NEVER_BEGUN: &str = "whether the action was ever begun is not known";

/// Judges the effect; `None`: it is too early to tell.
pub fn conclude(evidence: &Evidence<'_>) -> Option<Effect> {
    let (alert_change, alert) = alert(evidence);
    let (indicator_change, indicator) = indicator(evidence);
    let findings = [proof(evidence), alert, indicator];
    let (verdict, decisive) = verdict(&findings);
    let nothing_to_wait_for = alert_change.is_none() && *evidence.latest == Observation::Holds;
    let early = verdict == Verdict::Helped || (verdict == Verdict::Unknown && nothing_to_wait_for);
    if !evidence.deadline_passed && (!early || evidence.better.is_some()) {
        return None;
    }
    let (mut verdict, mut why) = (verdict, words(&findings, decisive));
    if verdict == Verdict::Helped && !evidence.begun {
        (verdict, why) = (Verdict::Unknown, format!("{NEVER_BEGUN}; {why}"));
    }
    Some(Effect {
        verdict,
        why,
        recovered: recovered(evidence, alert_change.as_ref()),
        alert: alert_change,
        indicator: indicator_change,
    })
}

/// What one of the three kinds of evidence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// The action made it better.
    Helped,
    /// It did not.
    NoEffect,
    /// What the alert is about goes on.
    GoesOn,
    /// Something got worse.
    Worse,
    /// What would have to be known is not.
    Missing,
    /// Nothing, either way.
    Nothing,
}

/// What it says, and in words; empty if there is nothing to say.
type Finding = (Says, String);

/// The verdict, and the finding that decided.
fn verdict(findings: &[Finding; 3]) -> (Verdict, usize) {
    let says = |wanted: Says| findings.iter().position(|(says, _)| *says == wanted);
    if let Some(place) = says(Says::Worse) {
        return (Verdict::Worse, place);
    }
    if findings[0].0 == Says::NoEffect {
        return (Verdict::NoEffect, 0);
    }
    if let Some(place) = says(Says::Missing) {
        return (Verdict::Unknown, place);
    }
    match (says(Says::NoEffect), says(Says::GoesOn), says(Says::Helped)) {
        (Some(place), _, _) => (Verdict::NoEffect, place),
        // One says that it is over and the other that it is not: who is right is not known.
        (None, Some(place), Some(_)) => (Verdict::Unknown, place),
        (None, Some(place), None) => (Verdict::NoEffect, place),
        (None, None, Some(place)) => (Verdict::Helped, place),
        (None, None, None) => (Verdict::Unknown, 0),
    }
}

fn words(findings: &[Finding], decisive: usize) -> String {
    let others = findings.iter().enumerate().filter(|(place, _)| *place != decisive);
    let all = findings.get(decisive).into_iter().chain(others.map(|(_, finding)| finding));
    let said: Vec<&str> = all.map(|(_, words)| words.as_str()).filter(|words| !words.is_empty()).collect();
    said.join("; ")
}

fn recovered(evidence: &Evidence<'_>, alert: Option<&AlertChange>) -> bool {
    *evidence.latest == Observation::Holds
        && match alert.and_then(|alert| alert.holds) {
            Some(holds) => !holds,
            None => evidence.baseline != Some(&Observation::Holds),
        }
}

/// The verification expression.
fn proof(evidence: &Evidence<'_>) -> Finding {
    let finding = |says, words: &str| (says, words.to_owned());
    match (evidence.latest, evidence.baseline) {
        (Observation::Failed(why), _) => {
            (Says::Missing, format!("the verification could not be evaluated: {why}"))
        }
        (Observation::Holds, Some(Observation::Holds)) => {
            finding(Says::Nothing, "the verification holds, as it did before")
        }
        (Observation::Holds, Some(Observation::DoesNotHold)) => {
            finding(Says::Helped, "the verification holds and did not before")
        }
        (Observation::Holds, Some(Observation::Failed(why))) => {
            (Says::Missing, format!("the verification holds; what it said before is not known: {why}"))
        }
        (Observation::Holds, None) => {
            finding(Says::Missing, "the verification holds; what it said before is not known")
        }
        (Observation::DoesNotHold, Some(Observation::Holds)) => {
            finding(Says::Worse, "the verification held before and does not any more")
        }
        (Observation::DoesNotHold, _) => finding(Says::NoEffect, "the verification does not hold"),
    }
}

/// The alert's own expression.
fn alert(evidence: &Evidence<'_>) -> (Option<AlertChange>, Finding) {
    let before = evidence.before.and_then(|before| before.alert.as_ref()).and_then(|read| read.as_ref().ok());
    let after = match &evidence.after.alert {
        None => return (None, (Says::Nothing, String::new())),
        Some(Err(why)) => {
            let change = alert_change(before, None, evidence.touched);
            return (
                Some(change),
                (Says::Missing, format!("the alert's expression could not be evaluated: {why}")),
            );
        }
        Some(Ok(after)) => after,
    };
    let change = alert_change(before, Some(after), evidence.touched);
    let finding = alert_finding(&change);
    (Some(change), finding)
}

fn alert_finding(change: &AlertChange) -> Finding {
    let AlertChange { peers_before, peers_over, .. } = *change;
    match (change.holds, change.held) {
        (Some(true), _) => {
            let value = change.after.map_or(String::new(), |value| format!(", at {}", format_number(value)));
            (Says::GoesOn, format!("the alert's expression holds still{value}"))
        }
        (_, Some(true)) if peers_before > 0 && 2 * peers_over > peers_before => {
            let words = "peers recovered too: the alert's expression is over";
            (
                Says::NoEffect,
                format!("{words}, and so it is for {peers_over} of {peers_before} peers it held for"),
            )
        }
        (_, Some(true)) if peers_before > 0 => {
            let words = "the alert's expression is over";
            (Says::Helped, format!("{words}, and only for {peers_over} of {peers_before} peers it held for"))
        }
        (_, Some(true)) => (Says::Helped, "the alert's expression is over".to_owned()),
        (_, Some(false)) => (Says::Nothing, "the alert's expression is over, and was before".to_owned()),
        (_, None) => {
            (Says::Nothing, "the alert's expression is over; whether it held before is not known".to_owned())
        }
    }
}

fn alert_change(
    before: Option<&AlertReading>,
    after: Option<&AlertReading>,
    touched: &BTreeSet<String>,
) -> AlertChange {
    let untouched = before.into_iter().flat_map(|before| before.peers.difference(touched));
    let peers: Vec<&String> = untouched.collect();
    let is_over = |peer: &&&String| after.is_some_and(|after| !after.peers.contains(**peer));
    AlertChange {
        held: before.map(|reading| reading.value.is_some()),
        holds: after.map(|reading| reading.value.is_some()),
        before: before.and_then(|reading| reading.value).filter(|value| value.is_finite()),
        after: after.and_then(|reading| reading.value).filter(|value| value.is_finite()),
        peers_before: peers.len(),
        peers_over: peers.iter().filter(is_over).count(),
    }
}

/// The policy's indicator.
fn indicator(evidence: &Evidence<'_>) -> (Option<IndicatorChange>, Finding) {
    let Some(better) = evidence.better else { return (None, (Says::Nothing, String::new())) };
    let value = |measured: Option<&Measurement>| match measured.and_then(|one| one.indicator.as_ref()) {
        None => Err("it was not measured".to_owned()),
        Some(read) => read.clone(),
    };
    let (before, after) = (value(evidence.before), value(Some(evidence.after)));
    let peers = peers(evidence, better);
    let known = |peers: &Result<Option<PeersChange>, String>| peers.as_ref().ok().cloned().flatten();
    let change = IndicatorChange {
        better,
        before: before.as_ref().ok().copied(),
        after: after.as_ref().ok().copied(),
        peers: known(&peers),
    };
    let missing =
        |what: &str, why: String| (Says::Missing, format!("the indicator{what} is not known: {why}"));
    let finding = match (before, after, peers) {
        (Err(why), _, _) => missing(" before the action", why),
        (_, Err(why), _) => missing(" after the action", why),
        (_, _, Err(why)) => missing(" of the peers", why),
        (Ok(before), Ok(after), Ok(peers)) => moved(better, before, after, peers.as_ref()),
    };
    (Some(change), finding)
}

/// The change of the peers that were measured both times; `None` without any.
fn peers(evidence: &Evidence<'_>, better: Better) -> Result<Option<PeersChange>, String> {
    let Some(after) = &evidence.after.peers else { return Ok(None) };
    let before = evidence.before.and_then(|before| before.peers.as_ref());
    let before = before.ok_or_else(|| "they were not measured before the action".to_owned())?;
    let (before, after) = (before.as_ref().map_err(Clone::clone)?, after.as_ref().map_err(Clone::clone)?);
    let untouched = before.iter().filter(|(name, _)| !evidence.touched.contains(*name));
    let both: Vec<(f64, f64)> =
        untouched.filter_map(|(name, before)| Some((*before, *after.get(name)?))).collect();
    Ok(peers::change(better, &both))
}

fn moved(better: Better, before: f64, after: f64, peers: Option<&PeersChange>) -> Finding {
    let gain = peers::gain(better, before, after);
    let way = |gain: f64| if gain < 0.0 { "worse" } else { "better" };
    let (from, to) = (format_number(before), format_number(after));
    let told =
        format!("the indicator went from {from} to {to}, {} by {}", way(gain), format_number(gain.abs()));
    let beside = match peers {
        None => "without a peer to compare with".to_owned(),
        Some(PeersChange { count, change, interval, .. }) => {
            let many = if *count == 1 { "1 peer".to_owned() } else { format!("{count} peers") };
            let median = format!("the median of {many} {} by {}", way(*change), format_number(change.abs()));
            match interval {
                Some(chance) => format!("{median}, give or take {}", format_number(*chance)),
                None => format!("{median}, without an interval, which takes {ENOUGH} peers"),
            }
        }
    };
    match peers::movement(better, before, after, peers) {
        Movement::Better => (Says::Helped, format!("{told}; {beside}")),
        Movement::AllBetter => (Says::NoEffect, format!("peers recovered too: {told}; {beside}")),
        Movement::None if peers.is_none() => {
            (Says::NoEffect, format!("no change to speak of: {told}; {beside}"))
        }
        Movement::None => (Says::NoEffect, format!("no change beyond that of the peers: {told}; {beside}")),
        Movement::Worse => (Says::Worse, format!("{told}; {beside}")),
    }
}

#[cfg(test)]
mod tests;
