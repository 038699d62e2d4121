//! The dashboards against real servers: every expression of every panel, variable and annotation, asked as Grafana
//! asks it, answers with numbers, soon, and with no more than a person can read.

mod expressions;
mod fleet;
mod grafana;
mod history;
mod scene;
mod world;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use expressions::{Expression, Use, dashboards};
use grafana::Answer;
use scene::Scene;

/// What an expression may cost.
const COST: Duration = Duration::from_secs(1);
/// How long data may take to come, and a turn of this machine in which nobody else is at work on it.
const COMES_WITHIN: Duration = Duration::from_secs(20);
/// Lines that can be told apart in one panel.
const READABLE_LINES: usize = 24;
/// Rows of one table.
const READABLE_ROWS: usize = 50;

/// The shipped rules on the false-alarm budget, evaluated as often as this Prometheus scrapes.
pub fn budget_rules() -> String {
    let mut rules: serde_yaml::Value =
        serde_yaml::from_str(include_str!("../../rules/smartcloudops.yml")).expect("the rules are YAML");
    let groups = rules["groups"].as_sequence_mut().expect("the rules have groups");
    groups.retain(|group| group["name"] == "smartcloudops-budget");
    groups[0]["interval"] = "1s".into();
    serde_yaml::to_string(&rules).expect("YAML can be written")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_expression_finds_data_soon_and_no_more_than_a_person_can_read() {
    let mut scene = Scene::start().await;
    scene.play().await;
    let mut faults = Vec::new();
    for (dashboard, expressions) in dashboards() {
        let mut variables = BTreeMap::new();
        for expression in &expressions {
            let asked = expression.filled_in(&variables);
            match judge(&mut scene, expression, &asked).await {
                Ok(answer) => variables.extend(expression.value(&answer.options)),
                Err(fault) => faults.push(format!("{dashboard}, {}: {fault}\n    {asked}", expression.place)),
            }
        }
    }
    scene.keep();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Asks until there is an answer with numbers, given in time at least once: others may be at work on this machine.
async fn judge(scene: &mut Scene, expression: &Expression, asked: &str) -> Result<Answer, String> {
    let (begun, mut fastest) = (Instant::now(), Duration::MAX);
    loop {
        let asking = Instant::now();
        let answer = scene.answer(expression, asked).await?;
        fastest = fastest.min(asking.elapsed());
        if answer.numbers > 0 && fastest <= COST {
            return readable(expression, answer);
        }
        if begun.elapsed() > COMES_WITHIN {
            return Err(match answer.numbers {
                0 => "no data".to_owned(),
                _ => format!("took {fastest:?} and more"),
            });
        }
        scene.turn().await;
    }
}

fn readable(expression: &Expression, answer: Answer) -> Result<Answer, String> {
    let bound = match expression.used {
        Use::Lines => READABLE_LINES,
        Use::Rows => READABLE_ROWS,
        Use::Options | Use::Annotation => return Ok(answer),
    };
    match answer.series <= bound {
        true => Ok(answer),
        false => Err(format!("{} series, more than the {bound} that can be read", answer.series)),
    }
}
