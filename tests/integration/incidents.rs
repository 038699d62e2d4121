//! What explanations are worth: incidents of many kinds, each a real Prometheus with its past and a daemon over it, and
//! whether `/explain` names the cause, says nothing false, and no figure that is nowhere to be found.
//!
//! `make incidents` prints the table. Where `INCIDENTS_MODEL` names a model, it is asked besides, and judged by the same
//! questions: `INCIDENTS_MODEL_URL` is its base URL, `INCIDENTS_MODEL_KEY_FILE` holds its key. `INCIDENTS_ONLY` is what the
//! names of the incidents begin with, `INCIDENTS_FOLDER` where the texts are left. Where `INCIDENTS_PETSHOP` is a folder of the
//! PetShop data set with `graph.csv`, `noissue`, `train` and `test`, incidents of it are played besides, with and without
//! its calls.

mod called;
mod changes;
mod figures;
mod file;
mod judge;
mod live;
mod petshop;
mod run;
mod sets;
mod summary;
mod table;
mod world;

use std::env::{var, var_os};
use std::path::PathBuf;
use std::time::Instant;

use futures::StreamExt;
use serde_json::{Value, json};

use crate::support::ModelServer;
use file::{Incident, folder, read};
use judge::{Verdict, judge};
use run::{Model, Told, play};
use sets::sets;
use summary::judge_summary;
use table::table;

/// Incidents played at once: each is a Prometheus and a daemon.
const AT_ONCE: usize = 3;

async fn judged(incidents: Vec<Incident>, model: Option<&Model>) -> Vec<Verdict> {
    let one = |incident: Incident| async move {
        let told = play(&incident, model).await;
        keep(&incident, &told);
        match model {
            Some(_) => judge_summary(&incident, &told),
            None => judge(&incident, &told),
        }
    };
    let played = futures::stream::iter(incidents).map(one).buffer_unordered(AT_ONCE);
    let mut verdicts: Vec<Verdict> = played.collect().await;
    verdicts.sort_by(|a, b| a.name.cmp(&b.name));
    verdicts
}

/// What was said, for people.
fn keep(incident: &Incident, told: &Told) {
    let Some(folder) = var_os("INCIDENTS_FOLDER").map(PathBuf::from) else { return };
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let text = format!("{}\n\n{}\n{:#}\n", incident.truth, told.text, told.json["summary"]);
    let told_calls = if incident.calls { "-calls" } else { "" };
    std::fs::write(folder.join(format!("{}{told_calls}.txt", incident.name)), text)
        .expect("the folder can be written");
}

#[tokio::test(flavor = "multi_thread")]
async fn causes_are_named_and_nothing_is_said_that_is_not_so() {
    let only = var("INCIDENTS_ONLY").unwrap_or_default();
    let mut played = Vec::new();
    for set in sets(&only) {
        let begun = Instant::now();
        let verdicts = judged(set.incidents.clone(), None).await;
        let (title, table) = (set.title, table(&verdicts));
        println!(
            "{title}, plain explanations:\n{table}\n{} incidents in {:.0?}",
            verdicts.len(),
            begun.elapsed()
        );
        if let Some(model) = configured() {
            let summaries = judged(set.incidents.clone(), Some(&model)).await;
            println!("{title}, summaries by {}:\n{}", model.model, self::table(&summaries));
        }
        played.push((set, verdicts));
    }
    for (set, verdicts) in &played {
        let wrong = |one: &Verdict| one.unsupported.len() + one.untrue.len() + one.beyond.len();
        assert_eq!(verdicts.iter().map(wrong).sum::<usize>(), 0, "{}", table(verdicts));
        if only.is_empty() {
            set.check(verdicts);
        }
    }
}

fn configured() -> Option<Model> {
    let model = var("INCIDENTS_MODEL").ok()?;
    let base_url = var("INCIDENTS_MODEL_URL").expect("INCIDENTS_MODEL_URL is the model's base URL");
    let key_file = var("INCIDENTS_MODEL_KEY_FILE").expect("INCIDENTS_MODEL_KEY_FILE is a file with its key");
    Some(Model { base_url, model, key_file })
}

/// A summary that names a place, as a model writes it.
fn summary(cause: &str) -> Value {
    let statement = |text: &str| json!({"text": text, "evidence": ["e2"]});
    let content = json!({
        "headline": "An alert fires.", "impact": statement("Requests are slow."), "likely_cause": statement(cause),
        "done": statement("Nothing was done."), "next_steps": [], "confidence": "high",
    });
    json!({"match": {"userMessage": "fires since"}, "response": {"content": content.to_string()}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_judged_by_the_same_questions() {
    for (name, cause, first, innocent, struck) in [
        ("deployment-1", "The host co-1 runs another version.", true, 0, false),
        ("deployment-1", "The host co-1 is 97 % full.", false, 0, true),
        ("decoy-2", "The host mail-1 runs another version.", false, 1, false),
    ] {
        let server = ModelServer::start(&[summary(cause)]).await;
        let key_file = server.key_file().display().to_string();
        let model = Model { base_url: server.url(), model: "gpt-5-mini".to_owned(), key_file };
        let incident = read(&folder(), name).remove(0);
        let told = play(&incident, Some(&model)).await;
        let verdict = judge_summary(&incident, &told);
        assert_eq!((verdict.first, verdict.innocent.len()), (first, innocent), "{cause}: {verdict:#?}");
        assert_eq!(told.json["summary"]["struck"] != json!([]), struck, "{cause}: {}", told.json["summary"]);
        assert!(verdict.missing.is_empty() && verdict.unsupported.is_empty(), "{cause}: {verdict:#?}");
    }
}
