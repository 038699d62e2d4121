//! Steps that run a document on an instance: what comes from an alert is one plain word, or is refused.

use std::time::Duration;

use crate::model::SsmAction;

use super::super::template::{Template, TemplateError};
use super::InstanceTemplate;

/// See [`crate::model::SsmAction`].
#[derive(Clone, Debug)]
pub struct SsmTemplate {
    /// The fixed name of a document, instead of `commands`.
    pub document: String,
    /// Its parameters, each with its values.
    pub parameters: Vec<(String, Vec<SsmValue>)>,
    /// On which instance.
    pub instance: InstanceTemplate,
    /// For the step; the commands are told, too. Default 5 min.
    pub timeout: Duration,
}

/// One value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum SsmValue {
    /// As it is written in the policy.
    Fixed(String),
    /// A result that is not one plain word is refused; see [`SsmAction::is_value`].
    FromAlert(Template),
}

impl SsmTemplate {
    pub(super) fn fill(
        &self,
        fill: &impl Fn(&Template) -> Result<String, TemplateError>,
    ) -> Result<SsmAction, TemplateError> {
        let value = |value: &SsmValue| match value {
            SsmValue::Fixed(text) => Ok(text.clone()),
            SsmValue::FromAlert(template) => checked(fill(template)?),
        };
        let parameter = |(name, values): &(String, Vec<SsmValue>)| {
            let values = values.iter().map(value).collect::<Result<Vec<String>, TemplateError>>()?;
            Ok((name.clone(), values))
        };
        let parameters = self.parameters.iter().map(parameter).collect::<Result<_, TemplateError>>()?;
        let (document, instance) = (self.document.clone(), self.instance.fill(fill)?);
        Ok(SsmAction { document, parameters, instance, found: None, timeout: self.timeout })
    }
}

fn checked(text: String) -> Result<String, TemplateError> {
    if SsmAction::is_value(&text) {
        return Ok(text);
    }
    Err(TemplateError::result(
        "the result is not one plain word: letters, digits and -_.:@, a letter or digit first, at most 256",
    ))
}

#[cfg(test)]
mod tests {
    use super::super::super::policy::plan;
    use super::super::super::samples::{config, episode};
    use super::super::super::template::Escape;
    use super::super::ActionTemplate;
    use super::*;
    use crate::model::{Action, Reason};

    /// The parameters of a step, one of whose values is a label with this value.
    fn planned(evil: &str) -> Result<Vec<(String, Vec<String>)>, Reason> {
        let template = |text: &str| Template::compile(text, Escape::Argument).unwrap();
        let values = vec![
            SsmValue::Fixed("{{ fixed }}; it stays".to_owned()),
            SsmValue::FromAlert(template("{{ labels.evil }}")),
        ];
        let mut config = config();
        config.policies[0].steps[0].action = ActionTemplate::Ssm(SsmTemplate {
            document: "Restart".to_owned(),
            parameters: vec![("Service".to_owned(), values)],
            instance: InstanceTemplate::Id(template("i-1234abcd")),
            timeout: Duration::from_secs(60),
        });
        let labels = [("alertname", "AppDown"), ("instance", "web:80"), ("evil", evil)];
        let plan = plan(&config, &config.policies[0], &episode(&labels, 0));
        plan.map_err(|(reason, _)| reason).map(|plan| match &plan.steps[0].action {
            Action::Ssm(action) => action.parameters.clone(),
            other => panic!("not a run of a document: {other:?}"),
        })
    }

    #[test]
    fn what_an_alert_says_becomes_one_plain_word_or_nothing() {
        let expected = vec!["{{ fixed }}; it stays".to_owned(), "app@1.service".to_owned()];
        assert_eq!(planned("app@1.service"), Ok(vec![("Service".to_owned(), expected)]));
        for evil in ["; rm -rf /", "$(id)", "--flag", "a\nb", "{{ssm:password}}", "{{ 7*7 }}", "", "a b"] {
            assert_eq!(planned(evil), Err(Reason::TemplateRefused), "{evil}");
        }
        assert_eq!(planned(&"a".repeat(1 << 20)), Err(Reason::TemplateRefused));
    }
}
