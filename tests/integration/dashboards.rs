//! The expressions of the dashboards, with Grafana's variables filled in, and rules that they rest on.

use serde_json::Value;

/// Every expression of every panel and variable.
pub fn expressions() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/dashboards");
    let mut expressions = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder exists") {
        let text = std::fs::read_to_string(entry.expect("it can be listed").path()).expect("it can be read");
        let dashboard: Value = serde_json::from_str(&text).expect("a dashboard is JSON");
        collect(&dashboard["panels"], &mut expressions);
    }
    assert!(expressions.len() > 20, "{}", expressions.len());
    expressions.sort();
    expressions.dedup();
    expressions
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(expr) = fields.get("expr").and_then(Value::as_str) {
                found.push(filled_in(expr));
            }
            fields.values().for_each(|field| collect(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

/// Variables select everything, intervals are a minute.
fn filled_in(expr: &str) -> String {
    let mut filled =
        expr.replace("$__rate_interval", "1m").replace("$__interval", "1m").replace("$__range", "10m");
    while let Some(start) = filled.find('$') {
        let rest = &filled[start + 1..];
        let length = match rest.starts_with('{') {
            true => rest.find('}').map_or(rest.len(), |end| end + 1),
            false => rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()),
        };
        filled.replace_range(start..start + 1 + length, ".*");
    }
    filled
}

/// The shipped rules on the false-alarm budget, evaluated as often as this Prometheus scrapes.
pub fn budget_rules() -> String {
    let mut rules: serde_yaml::Value =
        serde_yaml::from_str(include_str!("../../rules/smartcloudops.yml")).expect("the rules are YAML");
    let groups = rules["groups"].as_sequence_mut().expect("the rules have groups");
    groups.retain(|group| group["name"] == "smartcloudops-budget");
    groups[0]["interval"] = "1s".into();
    serde_yaml::to_string(&rules).expect("YAML can be written")
}
