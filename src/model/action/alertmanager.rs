//! What can be told to Alertmanager: an alert that calls a person, and a silence for one target.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::{EpisodeId, Labels, Matcher, Operator, RunId};

/// The label that marks an alert of ours, and its value: nothing is ever done about such an alert.
pub const ESCALATION: (&str, &str) = ("smartcloudops", "escalation");

/// Whether a label set is that of an alert which this daemon has raised itself.
pub fn is_escalation(labels: &Labels) -> bool {
    labels.get(ESCALATION.0) == Some(ESCALATION.1)
}

/// What is told to Alertmanager.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertmanagerAction {
    /// Post an alert.
    Alert(EscalationAction),
    /// Create a silence.
    Silence(SilenceAction),
}

/// An alert to post. The same again is the same alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EscalationAction {
    /// The policy that posts it.
    pub policy: String,
    /// Its identity; [`ESCALATION`], the policy and the target are among them.
    pub labels: Labels,
    /// Text for people.
    pub annotations: Labels,
    /// From the step's intent to the alert's end.
    pub lasts: Duration,
    /// For the request.
    pub timeout: Duration,
}

/// A silence to create.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SilenceAction {
    /// The policy that creates it.
    pub policy: String,
    /// The episode it answers.
    pub episode: EpisodeId,
    /// What is silenced; see [`SilenceAction::is_narrow`].
    pub matchers: Vec<Matcher>,
    /// Why, in one line.
    pub why: String,
    /// From the step's intent to the silence's end.
    pub lasts: Duration,
    /// For the request, and for finding out what became of it.
    pub timeout: Duration,
}

impl AlertmanagerAction {
    /// The name of what is told, as in the configuration.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Alert(_) => "alert",
            Self::Silence(_) => "silence",
        }
    }
}

impl EscalationAction {
    /// Who has posted it: where to look further.
    pub fn origin(&self, run: RunId, step: usize) -> String {
        format!("policy {}, run {run}, steps[{step}]", self.policy)
    }
}

impl SilenceAction {
    /// Who has created it, and why. No other step of any run has the same text.
    pub fn comment(&self, run: RunId, step: usize) -> String {
        let Self { policy, episode, why, .. } = self;
        format!("policy {policy}, run {run}, steps[{step}], episode {episode}: {why}")
    }

    /// Whether it needs a label with a value: one that does not could silence everything.
    pub fn is_narrow(&self) -> bool {
        let names_one =
            |matcher: &Matcher| matcher.operator() == Operator::Equal && !matcher.value().is_empty();
        self.matchers.iter().any(names_one)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Action;
    use super::*;
    use crate::model::Timestamp;

    fn silence(matchers: &[&str]) -> SilenceAction {
        let labels: Labels = [("a", "b")].into_iter().collect();
        SilenceAction {
            policy: "p".to_owned(),
            episode: EpisodeId { fingerprint: labels.fingerprint(), started: Timestamp::from_millis(7) },
            matchers: matchers.iter().map(|matcher| matcher.parse().unwrap()).collect(),
            why: "it hangs".to_owned(),
            lasts: Duration::from_secs(60),
            timeout: Duration::from_secs(10),
        }
    }

    #[test]
    fn a_silence_is_narrow_where_one_label_must_have_a_value() {
        for (matchers, expected) in [
            (&[r#"instance="a""#][..], true),
            (&[r#"instance="a""#, r#"job=~".*""#], true),
            (&[], false),
            (&[r#"instance="""#], false),
            (&[r#"instance!="a""#], false),
            (&[r#"instance=~"a""#], false),
            (&[r#"instance=~".*""#], false),
        ] {
            assert_eq!(silence(matchers).is_narrow(), expected, "{matchers:?}");
        }
    }

    #[test]
    fn a_comment_names_policy_run_and_why() {
        let comment = silence(&[]).comment(RunId(12), 1);
        assert!(comment.starts_with("policy p, run 12, steps[1], episode "), "{comment}");
        assert!(comment.ends_with("-7: it hangs"), "{comment}");
    }

    #[test]
    fn the_journal_keeps_both_in_this_form() {
        let seconds = |name: &str, secs: u64| format!(r#""{name}":{{"secs":{secs},"nanos":0}}"#);
        let times = format!("{},{}", seconds("lasts", 60), seconds("timeout", 10));
        let silence = silence(&[r#"instance="a\"b""#]);
        let episode = serde_json::to_string(&silence.episode).unwrap();
        let alert = EscalationAction {
            policy: "p".to_owned(),
            labels: [ESCALATION].into_iter().collect(),
            annotations: Labels::default(),
            lasts: Duration::from_secs(60),
            timeout: Duration::from_secs(10),
        };
        for (action, text) in [
            (
                AlertmanagerAction::Alert(alert),
                format!(
                    r#"{{"alert":{{"policy":"p","labels":{{"smartcloudops":"escalation"}},"annotations":{{}},{times}}}}}"#
                ),
            ),
            (
                AlertmanagerAction::Silence(silence),
                format!(
                    r#"{{"silence":{{"policy":"p","episode":{episode},"matchers":["instance=\"a\\\"b\""],"why":"it hangs",{times}}}}}"#
                ),
            ),
        ] {
            let action = Action::Alertmanager(action);
            let text = format!(r#"{{"alertmanager":{text}}}"#);
            assert_eq!(serde_json::to_string(&action).unwrap(), text);
            assert_eq!(serde_json::from_str::<Action>(&text).unwrap(), action);
            assert_eq!(action.kind(), "alertmanager");
        }
    }
}
