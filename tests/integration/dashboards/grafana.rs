//! What Grafana's Prometheus data source asks, of a real Prometheus.

use serde_json::Value;

use super::expressions::{RANGE, STEP};
use super::history::now;
use crate::support::{Prometheus, http};

/// What came back.
#[derive(Debug, Default)]
pub struct Answer {
    /// Lines or rows.
    pub series: usize,
    /// Values that are numbers.
    pub numbers: usize,
    /// What a variable offers.
    pub options: Vec<String>,
}

/// Asks for the value of now.
pub async fn instant(prometheus: &Prometheus, expr: &str) -> Result<Answer, String> {
    let data = get(prometheus, "query", &[("query", expr)]).await?;
    Ok(summary(&data, |series| vec![&series["value"]]))
}

/// Asks for the time range of a panel.
pub async fn range(prometheus: &Prometheus, expr: &str) -> Result<Answer, String> {
    let (end, start, step) = (now().to_string(), (now() - RANGE).to_string(), STEP.to_string());
    let parameters = [("query", expr), ("start", &start), ("end", &end), ("step", &step)];
    let data = get(prometheus, "query_range", &parameters).await?;
    Ok(summary(&data, |series| series["values"].as_array().into_iter().flatten().collect()))
}

/// The values that a variable offers, by the two functions of Grafana that the dashboards use.
pub async fn options(prometheus: &Prometheus, query: &str) -> Result<Answer, String> {
    let options = offered(prometheus, query).await?;
    Ok(Answer { series: options.len(), numbers: options.len(), options })
}

async fn offered(prometheus: &Prometheus, query: &str) -> Result<Vec<String>, String> {
    if let Some(expr) = inside(query, "query_result") {
        let data = get(prometheus, "query", &[("query", expr)]).await?;
        let series = data["result"].as_array().into_iter().flatten();
        return Ok(series.map(|series| matchers_of(&series["metric"])).collect());
    }
    let (selector, label) = inside(query, "label_values")
        .and_then(|inside| inside.rsplit_once(','))
        .ok_or_else(|| format!("neither label_values(…, label) nor query_result(…): {query}"))?;
    let (end, start) = (now().to_string(), (now() - RANGE).to_string());
    let parameters = [("match[]", selector), ("start", &start), ("end", &end)];
    let data = get(prometheus, &format!("label/{}/values", label.trim()), &parameters).await?;
    Ok(data.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
}

fn inside<'a>(query: &'a str, function: &str) -> Option<&'a str> {
    query.strip_prefix(function)?.strip_prefix('(')?.strip_suffix(')')
}

/// What stands in the braces of a series, as the regex of such a variable cuts it out.
fn matchers_of(metric: &Value) -> String {
    let labels = metric.as_object().into_iter().flatten();
    labels.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(",")
}

async fn get(prometheus: &Prometheus, path: &str, parameters: &[(&str, &str)]) -> Result<Value, String> {
    let url = prometheus.process.url(&format!("/api/v1/{path}"));
    let answer = http().get(url).query(parameters).send().await.expect("Prometheus answers");
    let mut json: Value = answer.json().await.expect("Prometheus answers JSON");
    match json["status"] == "success" {
        true => Ok(json["data"].take()),
        false => Err(json["error"].to_string()),
    }
}

fn summary<'a>(data: &'a Value, points: impl Fn(&'a Value) -> Vec<&'a Value>) -> Answer {
    let Some(result) = data["result"].as_array() else { return Answer::default() };
    let is_number = |point: &&Value| point[1].as_str().is_some_and(|text| text != "NaN");
    let numbers = result.iter().flat_map(&points).filter(is_number).count();
    Answer { series: result.len(), numbers, options: Vec::new() }
}
