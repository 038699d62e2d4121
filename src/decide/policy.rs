//! Policy and alert → plan: the target named, every template filled in, or a named reason why not.

use crate::model::{
    Action, Alert, CommandAction, Ec2Action, Episode, HttpAction, Plan, PlannedStep, Reason, RunKey,
    Verification, matches_all,
};

use super::config::{ActionTemplate, Config, Policy, Step, Target};
use super::template::{Template, TemplateError};

/// Bytes of a target's name.
const MAX_TARGET: usize = 256;

/// A refusal: the reason from the closed list, and the particulars in one line.
pub type Refused = (Reason, String);

/// The policies that an alert concerns, in the order of the file.
pub fn matching<'a>(config: &'a Config, alert: &Alert) -> impl Iterator<Item = &'a Policy> {
    config.policies.iter().filter(|policy| matches_all(&policy.matchers, &alert.labels))
}

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
    let whole = target.pattern.find(name).is_some_and(|found| found.range() == (0..name.len()));
    if !whole || name.chars().any(char::is_control) {
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
    let render = |(index, step)| {
        planned(step, alert, target)
            .map_err(|error| (Reason::TemplateRefused, format!("steps[{index}]: {error}")))
    };
    let steps: Vec<PlannedStep> =
        policy.steps.iter().enumerate().map(render).collect::<Result<_, Refused>>()?;
    let key = RunKey { policy: policy.name.clone(), target: target.to_owned(), episode: episode.id };
    Ok(Plan { key, steps })
}

fn planned(step: &Step, alert: &Alert, target: &str) -> Result<PlannedStep, TemplateError> {
    let fill = |template: &Template| template.render(alert, target);
    let action = match &step.action {
        ActionTemplate::Command { program, arguments, timeout } => {
            let arguments = arguments.iter().map(fill);
            let argv = std::iter::once(Ok(program.clone())).chain(arguments).collect::<Result<_, _>>()?;
            Action::Command(CommandAction { argv, timeout: *timeout })
        }
        ActionTemplate::Http { method, url, bearer, headers, body, timeout } => Action::Http(HttpAction {
            method: method.clone(),
            url: fill(url)?,
            bearer: bearer.clone(),
            headers: headers.clone(),
            body: body.as_ref().map(fill).transpose()?.unwrap_or_default(),
            timeout: *timeout,
        }),
        ActionTemplate::Ec2 { operation, instance_id, timeout } => Action::Ec2(Ec2Action {
            operation: *operation,
            instance_id: checked_instance_id(fill(instance_id)?)?,
            timeout: *timeout,
        }),
    };
    let verify = step
        .verify
        .as_ref()
        .map(|verify| Ok(Verification { expr: fill(&verify.expr)?, within: verify.within }));
    Ok(PlannedStep { action, verify: verify.transpose()? })
}

/// Whatever else a label holds, such as an address, a name or a list, is not an instance.
fn checked_instance_id(text: String) -> Result<String, TemplateError> {
    if Ec2Action::is_instance_id(&text) {
        return Ok(text);
    }
    Err(TemplateError::result("the result is not the id of an EC2 instance, such as i-0123456789abcdef0"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::samples::{config, episode};
    use super::super::template::Escape;
    use super::*;
    use crate::model::Ec2Operation;

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

    #[test]
    fn an_ec2_step_takes_nothing_but_an_instance_id() {
        let mut config = config();
        let template = Template::compile("{{ labels.instance_id }}", Escape::Argument).unwrap();
        config.policies[0].steps[0].action = ActionTemplate::Ec2 {
            operation: Ec2Operation::Reboot,
            instance_id: template,
            timeout: Duration::from_secs(30),
        };
        for (value, expected, claim) in [
            ("i-0123456789abcdef0", Ok("i-0123456789abcdef0"), "the id of an instance"),
            ("i-0123456789abcdef0 i-1234abcd", Err(Reason::TemplateRefused), "two ids"),
            ("i-*", Err(Reason::TemplateRefused), "a pattern"),
            ("web:80", Err(Reason::TemplateRefused), "an address"),
            ("", Err(Reason::TemplateRefused), "nothing"),
        ] {
            let labels = [("alertname", "AppDown"), ("instance", "web:80"), ("instance_id", value)];
            let plan = plan(&config, &config.policies[0], &episode(&labels, 0));
            let found = plan.map_err(|(reason, _)| reason).map(|plan| match &plan.steps[0].action {
                Action::Ec2(action) => action.instance_id.clone(),
                other => panic!("not an EC2 action: {other:?}"),
            });
            assert_eq!(found, expected.map(str::to_owned), "{claim}");
        }
    }
}
