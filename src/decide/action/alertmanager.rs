//! Steps that tell Alertmanager something: an alert is always marked as ours, and a silence is always bound to
//! the target.

use std::time::Duration;

use crate::model::{AlertmanagerAction, ESCALATION, EscalationAction, Labels, Matcher, SilenceAction};

use super::super::template::{Template, TemplateError};
use super::Subject;

/// The name of an alert that is given none.
const ALERTNAME: &str = "SmartcloudopsEscalation";

/// See [`AlertmanagerAction`].
#[derive(Clone, Debug)]
pub enum AlertmanagerTemplate {
    /// Post an alert.
    Alert(EscalationTemplate),
    /// Create a silence.
    Silence(SilenceTemplate),
}

/// See [`EscalationAction`].
#[derive(Clone, Debug)]
pub struct EscalationTemplate {
    /// Beside `smartcloudops="escalation"`, `policy` and `target`, which are set always. Without `alertname` the
    /// name is `SmartcloudopsEscalation`. At most 30.
    pub labels: Vec<(String, Template)>,
    /// Text for people.
    pub annotations: Vec<(String, Template)>,
    /// Default 1 h.
    pub lasts: Duration,
    /// Default 20 s.
    pub timeout: Duration,
}

/// See [`SilenceAction`].
#[derive(Clone, Debug)]
pub struct SilenceTemplate {
    /// Beside the one for the target, whose label is that of `target`. At most 30.
    pub matchers: Vec<Template>,
    /// Why. Without it the name of the alert; policy and run are named besides.
    pub comment: Option<Template>,
    /// Default 1 h.
    pub lasts: Duration,
    /// Default 20 s.
    pub timeout: Duration,
}

impl AlertmanagerTemplate {
    pub(super) fn fill(
        &self,
        subject: Subject<'_>,
        fill: &impl Fn(&Template) -> Result<String, TemplateError>,
    ) -> Result<AlertmanagerAction, TemplateError> {
        Ok(match self {
            Self::Alert(template) => AlertmanagerAction::Alert(template.fill(subject, fill)?),
            Self::Silence(template) => AlertmanagerAction::Silence(template.fill(subject, fill)?),
        })
    }
}

impl EscalationTemplate {
    fn fill(
        &self,
        subject: Subject<'_>,
        fill: &impl Fn(&Template) -> Result<String, TemplateError>,
    ) -> Result<EscalationAction, TemplateError> {
        let key = subject.key;
        let own = [ESCALATION, ("policy", &*key.policy), ("target", &*key.target)];
        let labels = filled(&self.labels, fill)?;
        let labels = [("alertname", ALERTNAME)].into_iter().chain(labels.iter()).chain(own).collect();
        Ok(EscalationAction {
            policy: key.policy.to_string(),
            labels,
            annotations: filled(&self.annotations, fill)?,
            lasts: self.lasts,
            timeout: self.timeout,
        })
    }
}

impl SilenceTemplate {
    /// Whatever the policy asks for, the target's own label comes first, and a person who is called stays called.
    fn fill(
        &self,
        subject: Subject<'_>,
        fill: &impl Fn(&Template) -> Result<String, TemplateError>,
    ) -> Result<SilenceAction, TemplateError> {
        let mut matchers = vec![
            Matcher::equal(subject.label, &subject.key.target),
            Matcher::not_equal(ESCALATION.0, ESCALATION.1),
        ];
        for template in &self.matchers {
            let matcher = fill(template)?.parse::<Matcher>();
            let matcher = matcher.map_err(|_| TemplateError::result("the result is not a matcher"))?;
            if !matchers.contains(&matcher) {
                matchers.push(matcher);
            }
        }
        let why = self.comment.as_ref().map(fill).transpose()?;
        let action = SilenceAction {
            policy: subject.key.policy.to_string(),
            episode: subject.key.episode,
            matchers,
            why: why.unwrap_or_else(|| format!("{} is acted on", subject.key.target)),
            lasts: self.lasts,
            timeout: self.timeout,
        };
        checked(action, subject)
    }
}

/// A matcher that asks for another target leaves nothing to silence.
fn checked(action: SilenceAction, subject: Subject<'_>) -> Result<SilenceAction, TemplateError> {
    let target: Labels = [(subject.label, &*subject.key.target)].into_iter().collect();
    let mut of_target = action.matchers.iter().filter(|matcher| matcher.name() == subject.label);
    if !action.is_narrow() || !of_target.all(|matcher| matcher.matches(&target)) {
        return Err(TemplateError::result("the matchers leave out the target itself"));
    }
    Ok(action)
}

fn filled(
    templates: &[(String, Template)],
    fill: &impl Fn(&Template) -> Result<String, TemplateError>,
) -> Result<Labels, TemplateError> {
    let pairs = templates.iter().map(|(name, template)| Ok((name.as_str(), fill(template)?)));
    pairs.collect::<Result<Vec<_>, TemplateError>>().map(|pairs| pairs.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::super::super::policy::plan;
    use super::super::super::samples::{config, episode};
    use super::super::super::template::Escape;
    use super::super::ActionTemplate;
    use super::*;
    use crate::model::{Action, Reason, is_escalation};

    const EVIL: &str = r#"x"} or {a="b"#;
    const TIME: Duration = Duration::from_secs(60);

    fn planned(template: AlertmanagerTemplate) -> Result<AlertmanagerAction, Reason> {
        let mut config = config();
        config.policies[0].steps[0].action = ActionTemplate::Alertmanager(template);
        let labels = [("alertname", "AppDown"), ("instance", "web:80"), ("evil", EVIL), ("bad", "a\nb")];
        let plan = plan(&config, &config.policies[0], &episode(&labels, 0));
        plan.map_err(|(reason, _)| reason).map(|plan| match &plan.steps[0].action {
            Action::Alertmanager(action) => action.clone(),
            other => panic!("not an action on Alertmanager: {other:?}"),
        })
    }

    fn alert(labels: &[(&str, &str)]) -> Result<Labels, Reason> {
        let compiled = |(name, text): &(&str, &str)| {
            ((*name).to_owned(), Template::compile(text, Escape::Text).unwrap())
        };
        let labels = labels.iter().map(compiled).collect();
        let template = EscalationTemplate { labels, annotations: Vec::new(), lasts: TIME, timeout: TIME };
        planned(AlertmanagerTemplate::Alert(template)).map(|action| match action {
            AlertmanagerAction::Alert(alert) => alert.labels,
            other => panic!("not an alert: {other:?}"),
        })
    }

    fn silence(matchers: &[&str]) -> Result<Vec<String>, Reason> {
        let compiled = |text: &&str| Template::compile(text, Escape::PromQl).unwrap();
        let matchers = matchers.iter().map(compiled).collect();
        let template = SilenceTemplate { matchers, comment: None, lasts: TIME, timeout: TIME };
        planned(AlertmanagerTemplate::Silence(template)).map(|action| match action {
            AlertmanagerAction::Silence(silence) => {
                silence.matchers.iter().map(ToString::to_string).collect()
            }
            other => panic!("not a silence: {other:?}"),
        })
    }

    #[test]
    fn an_alert_is_marked_as_ours_whatever_it_is_given() {
        let plain = alert(&[]).unwrap();
        assert_eq!(
            plain.to_string(),
            r#"{alertname="SmartcloudopsEscalation",policy="restart",smartcloudops="escalation",target="web:80"}"#
        );
        let given =
            [("alertname", "Page"), ("smartcloudops", "no"), ("target", "b"), ("team", "{{ labels.evil }}")];
        let labels = alert(&given).unwrap();
        assert!(is_escalation(&labels));
        assert_eq!((labels.get("alertname"), labels.get("target")), (Some("Page"), Some("web:80")));
        assert_eq!(labels.get("team"), Some(EVIL));
        assert_eq!(alert(&[("team", "{{ labels.bad }}")]), Err(Reason::TemplateRefused));
        assert_eq!(alert(&[("team", "{{ labels.none }}")]), Err(Reason::TemplateRefused));
    }

    #[test]
    fn a_silence_is_for_the_target_and_never_for_who_is_called() {
        let own = [r#"instance="web:80""#, r#"smartcloudops!="escalation""#];
        for (matchers, more) in [
            (&[][..], &[][..]),
            (&[r#"instance="{{ target }}""#], &[]),
            (&[r#"job=~"app|db""#], &[r#"job=~"app|db""#]),
            (&[r#"alertname="{{ alertname }}""#], &[r#"alertname="AppDown""#]),
            (&[r#"x="{{ labels.evil }}""#], &[r#"x="x\"} or {a=\"b""#]),
        ] {
            let expected: Vec<&str> = own.iter().chain(more).copied().collect();
            assert_eq!(silence(matchers).unwrap(), expected, "{matchers:?}");
        }
        for refused in [r#"instance="b:80""#, r#"instance!="{{ target }}""#, r#"x="{{ labels.bad }}""#] {
            assert_eq!(silence(&[refused]), Err(Reason::TemplateRefused), "{refused}");
        }
    }
}
