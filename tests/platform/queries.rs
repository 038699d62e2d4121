//! Finds every PromQL expression of the rules and dashboards, and the metrics they name.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use promql_parser::parser::Expr;
use promql_parser::util::{ExprVisitor, walk_expr};
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;

/// A rule of a rule file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub alert: Option<String>,
    pub record: Option<String>,
    pub expr: String,
    #[serde(default)]
    pub labels: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    pub annotations: std::collections::BTreeMap<String, String>,
    #[serde(rename = "for")]
    pub _hold: Option<String>,
    #[serde(rename = "keep_firing_for")]
    pub _keep: Option<String>,
}

#[derive(Deserialize)]
struct RuleFile {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

/// An expression, and where it stands.
#[derive(Debug)]
pub struct Query {
    pub place: String,
    pub expr: String,
}

/// The policies of the shipped example, those commented out among them.
pub fn policies() -> Vec<serde_yaml::Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("smartcloudops.example.yml");
    let text = fs::read_to_string(file).unwrap();
    let comment = Regex::new(r"(?m)^( *)#(\S|  +\S)").expect("it is valid");
    let example: serde_yaml::Value = serde_yaml::from_str(&comment.replace_all(&text, "$1$2")).unwrap();
    example["remediation"]["policies"].as_sequence().expect("there are policies").clone()
}

/// Every expression of a policy, with a name in the place of each template.
pub fn policy_queries(policy: &serde_yaml::Value) -> Vec<Query> {
    let place = format!("policy {}", policy["name"].as_str().unwrap_or_default());
    let list = |name| policy[name].as_sequence().cloned().unwrap_or_default();
    let steps = list("steps").into_iter().map(|step| step["verify"]["expr"].clone());
    let group = ["members", "healthy"].map(|name| policy["group"][name].clone());
    let all = [list("evidence"), list("conditions"), steps.collect(), group.to_vec()].concat();
    let template = Regex::new(r"\{\{[^}]*\}\}").expect("it is valid");
    let texts = all.iter().filter_map(serde_yaml::Value::as_str);
    texts
        .map(|text| Query { place: place.clone(), expr: template.replace_all(text, "x").into_owned() })
        .collect()
}

/// The files with an extension directly in a folder of the repository.
pub fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = paths.map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|e| e == extension)).collect();
    files.sort();
    assert!(!files.is_empty(), "no .{extension} in {}", folder.display());
    files
}

/// Every rule of `rules/`.
pub fn rules() -> Vec<Rule> {
    files("rules", "yml").iter().flat_map(|file| rules_of(file)).collect()
}

/// Every rule of one file.
pub fn rules_of(file: &Path) -> Vec<Rule> {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let read: RuleFile = serde_yaml::from_str(&text).unwrap();
    read.groups.into_iter().flat_map(|group| group.rules).collect()
}

/// Every dashboard of `dashboards/`.
pub fn dashboards() -> Vec<Value> {
    let read = |file: PathBuf| serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    files("dashboards", "json").into_iter().map(read).collect()
}

/// Every expression of the rules, and of the dashboards with Grafana's variables filled in.
pub fn queries() -> Vec<Query> {
    let rules = rules().into_iter().map(|rule| Query {
        place: format!("rule {}", rule.alert.or(rule.record).unwrap_or_default()),
        expr: rule.expr,
    });
    rules.chain(dashboards().iter().flat_map(dashboard_queries)).collect()
}

fn dashboard_queries(dashboard: &Value) -> Vec<Query> {
    let mut queries = Vec::new();
    let none = Vec::new();
    let list = |value: &Value| value.as_array().unwrap_or(&none).clone();
    let panels = list(&dashboard["panels"]);
    for panel in panels.iter().flat_map(|panel| [vec![panel.clone()], list(&panel["panels"])].concat()) {
        for target in list(&panel["targets"]) {
            let expr = fill_in(target["expr"].as_str().unwrap_or_default());
            queries.push(Query {
                place: format!("panel '{}'", panel["title"].as_str().unwrap_or_default()),
                expr,
            });
        }
    }
    for annotation in list(&dashboard["annotations"]["list"]) {
        let place = format!("annotation '{}'", annotation["name"].as_str().unwrap_or_default());
        queries.extend(annotation["expr"].as_str().map(|expr| Query { place, expr: fill_in(expr) }));
    }
    for variable in list(&dashboard["templating"]["list"]) {
        if let Some(query) = variable["query"]["query"].as_str() {
            let place = format!("variable '{}'", variable["name"].as_str().unwrap_or_default());
            queries.push(Query { place, expr: fill_in(&selector_of(query)) });
        }
    }
    queries
}

/// `label_values(SELECTOR, label)` → `SELECTOR`, `query_result(EXPR)` → `EXPR`; Grafana's functions, not PromQL's.
fn selector_of(query: &str) -> String {
    let inside =
        |name: &str| query.strip_prefix(name).and_then(|rest| rest.strip_prefix('(')?.strip_suffix(')'));
    let selector =
        inside("label_values").and_then(|inside| inside.rsplit_once(',')).map(|(selector, _)| selector);
    selector.or_else(|| inside("query_result")).expect("it is one of Grafana's two functions").to_owned()
}

/// Puts a value in the place of each of Grafana's variables.
pub fn fill_in(expr: &str) -> String {
    let values = [
        ("$__rate_interval", "5m"),
        ("$__interval", "1m"),
        ("$__range", "1h"),
        ("$query", ".*"),
        ("$instance", ".*"),
        ("$policy", ".*"),
        ("$daemon", ".*"),
        ("${series:raw}", "query=\"x\""),
    ];
    values.iter().fold(expr.to_owned(), |expr, (variable, value)| expr.replace(variable, value))
}

/// The names of the metrics that an expression selects.
pub fn metrics_of(expr: &Expr) -> BTreeSet<String> {
    struct Names(BTreeSet<String>);
    impl ExprVisitor for Names {
        type Error = std::convert::Infallible;

        fn pre_visit(&mut self, expr: &Expr) -> Result<bool, Self::Error> {
            let selector = match expr {
                Expr::VectorSelector(selector) => selector,
                Expr::MatrixSelector(matrix) => &matrix.vs,
                _ => return Ok(true),
            };
            self.0.insert(selector.name.clone().unwrap_or_else(|| format!("{selector}")));
            Ok(true)
        }
    }
    let mut names = Names(BTreeSet::new());
    let Ok(_) = walk_expr(&mut names, expr);
    names.0
}

/// The names of the daemon's metrics, and of what is recorded of them, that a text for people mentions.
pub fn mentioned(text: &str) -> BTreeSet<String> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(?:[a-z]+:)?(?:anomaly|smartcloudops)_[a-z_]+(?::[a-z0-9_]+)?").expect("it is valid")
    });
    NAME.find_iter(text).map(|name| name.as_str().to_owned()).collect()
}

/// Every sample name on the list of metrics, and those that the rules record.
pub fn known() -> BTreeSet<String> {
    let mut known: BTreeSet<String> = rules().into_iter().filter_map(|rule| rule.record).collect();
    let lines = include_str!("metrics.txt").lines().map(|line| line.split('#').next().unwrap_or_default());
    for (name, kind) in lines.filter_map(|line| line.split_once(' ')) {
        match kind {
            "histogram" => known.extend(["_bucket", "_sum", "_count"].map(|end| format!("{name}{end}"))),
            "counter" => drop(known.insert(format!("{}_total", name.trim_end_matches("_total")))),
            _ => drop(known.insert(name.to_owned())),
        }
    }
    known
}

/// The list's own names, a histogram without its endings, and what is recorded: what a text for people may mention.
pub fn mentionable() -> BTreeSet<String> {
    let lines = include_str!("metrics.txt").lines().filter_map(|line| line.split_once(' '));
    let listed = lines.map(|(name, _)| name.to_owned()).filter(|name| name != "#");
    listed.chain(rules().into_iter().filter_map(|rule| rule.record)).collect()
}
