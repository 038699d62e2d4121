//! Every expression of the dashboards, and Grafana's variables in them.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// What a panel is shown over, in seconds; `$__range`.
pub const RANGE: u64 = 900;
/// Between two points of a panel, in seconds; `$__interval`.
pub const STEP: u64 = 3;
/// `$__rate_interval`: Grafana takes four scrapes or more.
const RATE_INTERVAL: &str = "60s";

/// What becomes of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Lines over time.
    Lines,
    /// Rows, bars or numbers of now.
    Rows,
    /// The values of a variable.
    Options,
    /// Marks at times.
    Annotation,
}

/// An expression of a panel, or what a variable asks for.
#[derive(Debug)]
pub struct Expression {
    /// Which panel or variable.
    pub place: String,
    /// Of a variable: its name, and its value for "All" where it has that.
    pub variable: Option<(String, Option<String>)>,
    /// As in the file.
    pub text: String,
    /// What becomes of it.
    pub used: Use,
}

impl Expression {
    /// Of a variable: its name, and the value that it has when a dashboard is opened.
    pub fn value(&self, options: &[String]) -> Option<(String, String)> {
        let (name, all) = self.variable.clone()?;
        Some((name, all.or_else(|| options.first().cloned())?))
    }

    /// With a value in the place of each variable; `${name}`, `${name:format}` and `$name`.
    pub fn filled_in(&self, variables: &BTreeMap<String, String>) -> String {
        let variable = regex::Regex::new(r"\$(?:\{(\w+)(?::\w+)?\}|([A-Za-z_]\w*))").expect("it is valid");
        let value = |captures: &regex::Captures| {
            let name = captures.get(1).or(captures.get(2)).expect("one of them").as_str();
            match name {
                "__rate_interval" => RATE_INTERVAL.to_owned(),
                "__range" => format!("{RANGE}s"),
                "__interval" => format!("{STEP}s"),
                // A variable without a value stays: Prometheus refuses it, with its place.
                _ => variables.get(name).unwrap_or(&captures[0].to_owned()).clone(),
            }
        };
        variable.replace_all(&self.text, value).into_owned()
    }
}

/// The dashboards by title, each with its expressions: variables first, in their order.
pub fn dashboards() -> Vec<(String, Vec<Expression>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards");
    let files =
        std::fs::read_dir(folder).expect("the folder exists").map(|entry| entry.expect("a file").path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    files.sort();
    assert!(files.len() >= 5, "{files:?}");
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).expect("it can be read");
        let dashboard: Value = serde_json::from_str(&text).expect("a dashboard is JSON");
        (dashboard["title"].as_str().expect("a title").to_owned(), expressions(&dashboard))
    };
    files.iter().map(read).collect()
}

fn expressions(dashboard: &Value) -> Vec<Expression> {
    let variables = list(&dashboard["templating"]["list"]).filter_map(of_variable);
    let panels =
        list(&dashboard["panels"]).flat_map(|panel| std::iter::once(panel).chain(list(&panel["panels"])));
    let annotations = list(&dashboard["annotations"]["list"]).filter_map(of_annotation);
    let expressions: Vec<_> = variables.chain(panels.flat_map(of_panel)).chain(annotations).collect();
    assert!(expressions.len() > 10, "{} expressions in {}", expressions.len(), dashboard["title"]);
    expressions
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn of_variable(variable: &Value) -> Option<Expression> {
    let name = text(&variable["name"])?;
    Some(Expression {
        place: format!("variable {name}"),
        text: text(&variable["query"]["query"])?,
        variable: Some((name, text(&variable["allValue"]))),
        used: Use::Options,
    })
}

fn of_annotation(annotation: &Value) -> Option<Expression> {
    let place = format!("annotation {}", annotation["name"]);
    Some(Expression { place, text: text(&annotation["expr"])?, variable: None, used: Use::Annotation })
}

fn of_panel(panel: &Value) -> impl Iterator<Item = Expression> {
    let place = format!("panel {}", panel["title"]);
    list(&panel["targets"]).map(move |target| {
        let used = if target["instant"] == true { Use::Rows } else { Use::Lines };
        let text = text(&target["expr"]).unwrap_or_else(|| panic!("{place}: no expression"));
        Expression { place: format!("{place} {}", target["refId"]), text, variable: None, used }
    })
}
