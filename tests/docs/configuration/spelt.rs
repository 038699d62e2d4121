//! The defaults of the page against the daemon: a file in which all are spelt out means what it means without them.

use serde_yaml::{Mapping, Value};
use smartcloudops::config::{self, Overrides};

use super::tree::{Block, Key, Need, Shape};

/// Something of everything, with what must be written and nothing else.
const LEAST: &str = r#"
prometheus: {url: "http://localhost:9090"}
alertmanager: {url: "http://localhost:9093"}
logs: {loki: {url: "http://localhost:3100"}}
queries: [{name: q, expr: up}, {name: r, expr: up}]
models: [{name: m, type: pca, queries: [q, r], group_by: [instance]}]
explain: {openai: {model: m, api_key_env: KEY}}
notify: [{name: n, url: "http://localhost"}]
slack: {signing_secret_env: SECRET}
web: {tokens: [{name: t, token_env: TOKEN, scopes: [read]}]}
remediation:
  policies:
    - name: p
      matchers: ['alertname="A"']
      target: {label: instance, pattern: localhost}
      steps:
        - command: {argv: [/bin/true]}
          verify: {expr: up}
        - http: {url: "http://localhost"}
        - systemd: {do: restart, unit: app.service}
        - docker: {do: restart, name: app}
        - alertmanager: {alert: {labels: {severity: page}}}
        - alertmanager: {silence: {}}
"#;

/// What a text means, for comparison.
fn meaning(file: &Value) -> String {
    let text = serde_yaml::to_string(file).unwrap();
    let config = config::parse(&text, &Overrides::default());
    format!("{:#?}", config.unwrap_or_else(|faults| panic!("{faults}\n{text}")))
}

/// Spells out the defaults of a block and of what it holds; how many.
fn spell(blocks: &[Block], index: usize, value: &mut Mapping) -> usize {
    let is_written_already = index == 0 || !value.is_empty();
    let mut count = 0;
    for key in &blocks[index].keys {
        let name = Value::from(key.name.as_str());
        let literal = key.default.as_deref().and_then(|text| text.strip_prefix('`')?.strip_suffix('`'));
        match (key.block, value.get_mut(&name)) {
            (Some((inner, _)), Some(Value::Sequence(items))) => {
                let items = items.iter_mut().filter_map(Value::as_mapping_mut);
                count += items.map(|item| spell(blocks, inner, item)).sum::<usize>();
            }
            (Some((inner, _)), Some(Value::Mapping(held))) => count += spell(blocks, inner, held),
            (Some((inner, Shape::One)), None) if is_written_already && stands_alone(blocks, inner) => {
                let mut held = Mapping::new();
                count += spell(blocks, inner, &mut held);
                if !held.is_empty() {
                    value.insert(name, Value::Mapping(held));
                }
            }
            (None, None) if literal.is_some() => {
                count += 1;
                value.insert(name, serde_yaml::from_str(literal.unwrap_or_default()).unwrap());
            }
            _ => {}
        }
    }
    count
}

/// Whether nothing has to be written in a block, so that it may be there or not. Of actions one alone is.
fn stands_alone(blocks: &[Block], index: usize) -> bool {
    let is_action = blocks[index].paths[0].contains("steps[]");
    let is_required = |key: &Key| {
        key.need != Need::Never || key.default.as_ref().is_some_and(|text| text.starts_with("required"))
    };
    !is_action && !blocks[index].keys.iter().any(is_required)
}

/// Fails if a default on the page is not the daemon's.
pub fn check(blocks: &[Block]) {
    let least: Value = serde_yaml::from_str(LEAST).unwrap();
    let mut spelt = least.clone();
    let count = spell(blocks, 0, spelt.as_mapping_mut().unwrap());
    assert!(count > 70, "only {count} defaults are spelt out");
    let (expected, found) = (meaning(&least), meaning(&spelt));
    let differs = expected.lines().zip(found.lines()).find(|(expected, found)| expected != found);
    assert!(differs.is_none(), "without and with the defaults of the page: {differs:?}");
    assert_eq!(expected.lines().count(), found.lines().count());
}
