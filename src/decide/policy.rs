//! Policy and alert → plan: the target named, every template filled in, or a named reason why not.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{Action, Alert, Class, Episode, Plan, PlannedStep, Reason, RunKey, Verification};

use super::action::Subject;
use super::config::{Config, Policy, Step, Target, VerifyTemplate};
use super::effect::EffectQuestion;
use super::proof;
use super::protected;
use super::template::{Template, TemplateError, is_misleading};
use super::world::{GroupQuestion, Question};

/// Bytes of a target's name.
const MAX_TARGET: usize = 256;

/// A refusal: the reason from the closed list, and the particulars in one line.
pub type Refused = (Reason, String);

/// The target of a policy for an alert: never guessed, never defaulted.
pub fn target<'a>(config: &Config, target: &Target, alert: &'a Alert) -> Result<&'a str, Refused> {
    let label = &target.label;
    let name = alert.labels.get(label).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| (Reason::TargetMissing, format!("the alert has no label '{label}'")))?;
    if name.len() > MAX_TARGET {
        return Err((
            Reason::TargetRefused,
            format!("the label '{label}' is longer than {MAX_TARGET} bytes"),
        ));
    }
    if !target.pattern.is_match(name) || is_misleading(name) {
        return Err((
            Reason::TargetRefused,
            format!("the label '{label}' does not match {}", target.pattern),
        ));
    }
    if config.protected.iter().any(|protected| protected == name) {
        return Err((Reason::TargetProtected, "the target is listed under remediation.protected".to_owned()));
    }
    Ok(name)
}

/// The complete plan of a policy for an episode.
pub fn plan(config: &Config, policy: &Policy, episode: &Episode) -> Result<Plan, Refused> {
    let alert = &episode.alert;
    let target = target(config, &policy.target, alert)?;
    let key = RunKey { policy: policy.name.clone(), target: target.into(), episode: episode.id };
    let subject = Subject { key: &key, label: &policy.target.label };
    let render = |(index, step)| {
        let planned = planned(policy, step, alert, subject, index + 1 == policy.steps.len())
            .map_err(|error| (Reason::TemplateRefused, format!("steps[{index}]: {error}")))?;
        match protected::named_by(&planned.action, &config.protected) {
            Some(what) => Err((Reason::TargetProtected, format!("steps[{index}] names {what}"))),
            None => Ok(planned),
        }
    };
    // Thousands of plans may be kept: none takes more room than its steps.
    let mut steps = Vec::with_capacity(policy.steps.len());
    for step in policy.steps.iter().enumerate() {
        steps.push(render(step)?);
    }
    let host = policy.target.host_of(target).map(str::to_owned);
    Ok(Plan { key, host, steps })
}

/// Everything that is asked about the world before a step of the plan is carried out.
pub fn question(policy: &Policy, plan: &Plan, step: usize, alert: &Arc<Alert>) -> Result<Question, Refused> {
    let target = &plan.key.target;
    let fill = |template: &Template| fill(template, alert, target);
    let all = |templates: &[Template]| {
        // Thousands of questions may wait at once: no list takes more room than what is in it.
        let mut filled = Vec::with_capacity(templates.len());
        for template in templates {
            filled.push(fill(template)?);
        }
        Ok::<_, Refused>(filled)
    };
    let verification = plan.steps.get(step).and_then(|step| step.verify.as_ref());
    let at_most_of = policy.at_most.as_ref().and_then(|limit| limit.of.as_ref()).map(fill);
    Ok(Question {
        alert: Some(alert.clone()),
        target: target.clone(),
        with: policy.confirm_with.clone(),
        evidence: all(&policy.evidence)?,
        conditions: all(&policy.conditions)?,
        group: group_question(policy, alert, target)?,
        at_most_of: at_most_of.transpose()?,
        baseline: verification.map(|verify| verify.expr.clone()),
        effect: verification.map(|_| EffectQuestion::new(policy, target, alert)).transpose()?,
        touched: BTreeSet::new(),
        lookups: Vec::new(),
    })
}

/// What is asked about a policy's group, where it has one.
pub(super) fn group_question(
    policy: &Policy,
    alert: &Alert,
    target: &str,
) -> Result<Option<Box<GroupQuestion>>, Refused> {
    let Some(group) = &policy.group else { return Ok(None) };
    let (members, healthy) = (fill(&group.members, alert, target)?, fill(&group.healthy, alert, target)?);
    Ok(Some(GroupQuestion { members, healthy, label: group.label.clone() }.into()))
}

/// A template of a question, filled in.
pub(super) fn fill(template: &Template, alert: &Alert, target: &str) -> Result<String, Refused> {
    let filled = template.render(alert, target);
    filled.map_err(|error| (Reason::TemplateRefused, format!("{}: {error}", template.source())))
}

/// How grave a plan is: as its gravest step.
pub fn class(policy: &Policy, plan: &Plan) -> Class {
    let of_step = |step: &PlannedStep| match step.action.class() {
        Some(known) => known.max(policy.class),
        None => policy.class,
    };
    plan.steps.iter().map(of_step).max().unwrap_or(policy.class)
}

fn planned(
    policy: &Policy,
    step: &Step,
    alert: &Alert,
    subject: Subject<'_>,
    is_last: bool,
) -> Result<PlannedStep, TemplateError> {
    let fill = |template: &Template| template.render(alert, &subject.key.target);
    let action = step.action.fill(subject, &fill)?;
    let verify = match &step.verify {
        Some(VerifyTemplate { expr: Some(expr), within, lasts }) => {
            Some(Verification { expr: fill(expr)?, within: *within, at_the_end: false, lasts: *lasts })
        }
        Some(VerifyTemplate { expr: None, within, .. }) => proof::of_alert(alert, *within),
        None if is_last && is_to_end_alert(&action, policy) => proof::of_alert(alert, proof::WITHIN),
        None => None,
    };
    Ok(PlannedStep { action, verify })
}

/// What only tells somebody ends no alert by itself.
fn is_to_end_alert(action: &Action, policy: &Policy) -> bool {
    let class = action.class().unwrap_or(policy.class);
    class > Class::Harmless && !matches!(action, Action::Alertmanager(_))
}

#[cfg(test)]
mod tests {
    use super::super::action::ActionTemplate;
    use super::super::samples::{config, episode};
    use super::super::template::Escape;
    use super::*;
    use crate::model::Action;
    use std::time::Duration;

    #[test]
    fn a_target_is_named_or_refused_and_never_guessed() {
        let mut config = config();
        config.protected = vec!["monitor:9090".to_owned()];
        let long = "a".repeat(300);
        for (label, value, expected) in [
            ("instance", "web:80", Ok("web:80")),
            ("instance", "", Err(Reason::TargetMissing)),
            ("host", "web:80", Err(Reason::TargetMissing)),
            ("instance", "web", Err(Reason::TargetRefused)),
            ("instance", "web:80; reboot", Err(Reason::TargetRefused)),
            ("instance", "web:80\n", Err(Reason::TargetRefused)),
            ("instance", "monitor:9090", Err(Reason::TargetProtected)),
            ("instance", long.as_str(), Err(Reason::TargetRefused)),
        ] {
            let episode = episode(&[("alertname", "AppDown"), (label, value)], 0);
            let found = target(&config, &config.policies[0].target, &episode.alert);
            assert_eq!(found.map_err(|(reason, _)| reason), expected, "{label}={value}");
        }
    }

    #[test]
    fn what_a_step_names_is_protected_as_well_as_the_target() {
        let episode = episode(&[("alertname", "AppDown"), ("instance", "web:80"), ("host", "monitor")], 0);
        for (argument, protected, expected) in [
            ("{{ labels.host }}", "monitor", Some("monitor, which remediation.protected lists as monitor")),
            (
                "{{ labels.host }}",
                "monitor:9090",
                Some("monitor, which remediation.protected lists as monitor:9090"),
            ),
            ("prometheus.service", "", Some("prometheus.service, which is protected always")),
            ("{{ labels.host }}", "db", None),
        ] {
            let mut config = config();
            config.protected = vec![protected.to_owned()];
            let ActionTemplate::Command { arguments, .. } = &mut config.policies[0].steps[0].action else {
                panic!("a command")
            };
            arguments.push(Template::compile(argument, Escape::Argument).unwrap());
            let refused = plan(&config, &config.policies[0], &episode).err();
            let expected = expected.map(|what| (Reason::TargetProtected, format!("steps[0] names {what}")));
            assert_eq!(refused, expected, "{argument}");
        }
    }

    #[test]
    fn a_plan_holds_what_the_templates_say() {
        let config = config();
        let plan = plan(
            &config,
            &config.policies[0],
            &episode(&[("alertname", "AppDown"), ("instance", "web:80")], 0),
        );
        let plan = plan.unwrap();
        let Action::Command(command) = &plan.steps[0].action else { panic!("a command") };
        assert_eq!(command.argv, ["/bin/restart", "web:80"]);
        assert_eq!(plan.steps[0].verify.as_ref().unwrap().expr, "up{instance=\"web:80\"} == 1");
    }

    #[test]
    fn without_an_expression_the_alert_itself_is_the_proof() {
        let episode = episode(&[("alertname", "AppDown"), ("instance", "web:80")], 0);
        let own = "up{instance=\"web:80\"} == 1";
        let gone = "absent(ALERTS{alertname=\"AppDown\",instance=~\"web:80|\"}) unless on () (present_over_time(up{instance=\"web:80\"}[1h]) unless up{instance=\"web:80\"} == 1)";
        let minute = Duration::from_secs(60);
        let template = config().policies[0].steps[0].verify.clone().unwrap();
        let silent = VerifyTemplate { expr: None, within: minute, lasts: Duration::ZERO };
        for (class, verify, expected, sentence) in [
            (
                Class::Disruptive,
                Some(template.clone()),
                Some((own, minute, false)),
                "an expression of its own",
            ),
            (Class::Disruptive, Some(silent.clone()), Some((gone, minute, true)), "a time alone"),
            (Class::Harmless, Some(silent), Some((gone, minute, true)), "a time alone of what is harmless"),
            (Class::Disruptive, None, Some((gone, proof::WITHIN, true)), "nothing is said"),
            (Class::Harmless, None, None, "nothing is said of what is harmless"),
        ] {
            let mut config = config();
            let policy = &mut config.policies[0];
            policy.class = class;
            policy.steps.insert(0, Step { verify: None, ..policy.steps[0].clone() });
            policy.steps[1].verify = verify;
            let plan = plan(&config, &config.policies[0], &episode).unwrap();
            let told =
                plan.steps[1].verify.as_ref().map(|one| (one.expr.as_str(), one.within, one.at_the_end));
            assert_eq!(told, expected, "{sentence}");
            assert_eq!(plan.steps[0].verify, None, "a step that another one follows at once");
        }
    }

    #[test]
    fn a_label_that_a_template_needs_and_the_alert_lacks_is_a_refusal() {
        let mut config = config();
        let template = super::super::template::Template::compile(
            "{{ labels.unit }}",
            super::super::template::Escape::Argument,
        );
        let ActionTemplate::Command { arguments, .. } = &mut config.policies[0].steps[0].action else {
            panic!()
        };
        arguments.push(template.unwrap());
        let refused = plan(
            &config,
            &config.policies[0],
            &episode(&[("alertname", "AppDown"), ("instance", "web:80")], 0),
        );
        assert_eq!(refused.unwrap_err().0, Reason::TemplateRefused);
    }
}
