//! Steps on Kubernetes: what comes from an alert names an object, and nothing else.

use std::time::Duration;

use crate::model::{KubernetesAction, KubernetesOperation};

use super::super::template::{Template, TemplateError};

/// See [`crate::model::KubernetesAction`].
#[derive(Clone, Debug)]
pub struct KubernetesTemplate {
    /// One of `kubernetes.namespaces`; a result that is not the name of a namespace is refused.
    pub namespace: Template,
    /// A result that is not the name of an object is refused.
    pub name: Template,
    /// What is done.
    pub operation: KubernetesOperation,
    /// Whether it waits.
    pub wait: bool,
    /// For the step, the wait included. Default 30 s; 2 min for a pod, and 10 min where it waits.
    pub timeout: Duration,
}

impl KubernetesTemplate {
    pub(super) fn fill(
        &self,
        fill: &impl Fn(&Template) -> Result<String, TemplateError>,
    ) -> Result<KubernetesAction, TemplateError> {
        let (namespace, name) = (fill(&self.namespace)?, fill(&self.name)?);
        if !KubernetesAction::is_namespace(&namespace) || !KubernetesAction::is_name(&name) {
            return Err(TemplateError::result(
                "the result is not the name of an object of Kubernetes, such as web-1",
            ));
        }
        let (operation, wait, timeout) = (self.operation, self.wait, self.timeout);
        Ok(KubernetesAction { namespace, name, operation, wait, timeout })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::policy::plan;
    use super::super::super::samples::{config, episode};
    use super::super::super::template::Escape;
    use super::super::ActionTemplate;
    use super::*;
    use crate::model::{Action, Reason};

    /// What a step acts on, whose namespace and name are a label of this value.
    fn planned(evil: &str) -> Result<String, Reason> {
        let template = || Template::compile("{{ labels.evil }}", Escape::Argument).unwrap();
        let mut config = config();
        config.policies[0].steps[0].action = ActionTemplate::Kubernetes(KubernetesTemplate {
            namespace: template(),
            name: template(),
            operation: KubernetesOperation::DeletePod,
            wait: false,
            timeout: Duration::from_secs(60),
        });
        let labels = [("alertname", "AppDown"), ("instance", "web:80"), ("evil", evil)];
        let plan = plan(&config, &config.policies[0], &episode(&labels, 0));
        plan.map_err(|(reason, _)| reason).map(|plan| match &plan.steps[0].action {
            Action::Kubernetes(action) => action.to_string(),
            other => panic!("not on Kubernetes: {other:?}"),
        })
    }

    #[test]
    fn a_kubernetes_step_takes_nothing_but_names() {
        assert_eq!(planned("web-1"), Ok("Pod web-1/web-1".to_owned()));
        for evil in ["../../nodes", "web/eviction", "web?x=y", "--all", "; rm -rf /", "{{ 7*7 }}", "", "Web"]
        {
            assert_eq!(planned(evil), Err(Reason::TemplateRefused), "{evil}");
        }
    }
}
