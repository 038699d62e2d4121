//! The rules that Prometheus evaluates.

use super::arguments::Rules;
use super::{Finding, LookupError, Lookups};
use crate::prometheus::Rule;

impl Lookups {
    pub(super) async fn rules(&self, asked: &Rules) -> Result<Finding, LookupError> {
        let rules = self.ask(|client| async move { client.rules().await }).await?;
        Ok(found(rules, asked))
    }
}

fn found(mut rules: Vec<Rule>, asked: &Rules) -> Finding {
    let wanted = asked.name.as_deref().map(str::to_lowercase);
    rules.retain(|rule| wanted.as_deref().is_none_or(|name| rule.name.to_lowercase().contains(name)));
    let active = rules.iter().filter(|rule| rule.is_active()).count();
    let failing = rules.iter().filter(|rule| rule.error.is_some()).count();
    let title =
        format!("{} rules, {active} of them pending or firing, {failing} of them failing.", rules.len());
    rules.retain(|rule| !asked.active_only || rule.is_active() || rule.error.is_some());
    rules.sort_by_key(|rule| !(rule.is_active() || rule.error.is_some()));
    let more = rules.len().saturating_sub(asked.limit.0);
    Finding::new(&title, rules.iter().take(asked.limit.0).map(line)).and_more(more)
}

fn line(rule: &Rule) -> String {
    let state = if rule.state.is_empty() { String::new() } else { format!(", {}", rule.state) };
    let failed =
        rule.error.as_ref().map(|error| format!("; its evaluation fails: {error}")).unwrap_or_default();
    format!("{} ({}, group {}{state}): {}{failed}", rule.name, rule.kind, rule.group, rule.query)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str, state: &str, error: Option<&str>) -> Rule {
        let kind = if state.is_empty() { "recording" } else { "alerting" };
        Rule {
            group: "g".to_owned(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            query: "up == 0".to_owned(),
            state: state.to_owned(),
            error: error.map(str::to_owned),
        }
    }

    #[test]
    fn rules_that_matter_now_come_first() {
        let all = || {
            vec![
                rule("a:b", "", None),
                rule("Quiet", "inactive", None),
                rule("Down", "firing", None),
                rule("Broken", "inactive", Some("parse error")),
            ]
        };
        let active = found(all(), &Rules { active_only: true, ..Rules::default() });
        assert_eq!(active.title, "4 rules, 1 of them pending or firing, 1 of them failing.");
        assert_eq!(
            active.lines,
            [
                "Down (alerting, group g, firing): up == 0",
                "Broken (alerting, group g, inactive): up == 0; its evaluation fails: parse error",
            ]
        );
        let named = found(all(), &Rules { name: Some("QUI".to_owned()), ..Rules::default() });
        assert_eq!(named.lines, ["Quiet (alerting, group g, inactive): up == 0"]);
        assert_eq!(found(all(), &Rules::default()).lines.len(), 4);
    }
}
