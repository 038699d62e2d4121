//! What explanations are worth: incidents of many kinds, each a real Prometheus with its past and a daemon over it, and
//! whether `/explain` names the cause, says nothing false, and no figure that is nowhere to be found.
//!
//! `make incidents` prints the table. A model is asked besides where `INCIDENTS_MODEL` names one; see CONTRIBUTING.md.

mod changes;
mod figures;
mod file;
mod judge;
mod petshop;
mod run;
mod table;
mod world;

use std::time::Instant;

use futures::StreamExt;

use file::{Half, Incident, read};
use judge::{Verdict, judge, judge_summary};
use run::{Model, play};
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
    let mut verdicts: Vec<Verdict> = futures::stream::iter(incidents).map(one).buffer_unordered(AT_ONCE).collect().await;
    verdicts.sort_by(|a, b| a.name.cmp(&b.name));
    verdicts
}

/// What was said, for people: `INCIDENTS_FOLDER` names where.
fn keep(incident: &Incident, told: &run::Told) {
    let Some(folder) = std::env::var_os("INCIDENTS_FOLDER").map(std::path::PathBuf::from) else { return };
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let text = format!("{}\n\n{}\n{:#}\n", incident.truth, told.text, told.json["causes"]);
    std::fs::write(folder.join(format!("{}.txt", incident.name)), text).expect("the folder can be written");
}

#[tokio::test(flavor = "multi_thread")]
async fn causes_are_named_and_nothing_is_said_that_is_not_so() {
    let begun = Instant::now();
    let beginning = std::env::var("INCIDENTS_ONLY").unwrap_or_default();
    let verdicts = judged(read(&beginning), None).await;
    println!("{}\n{} incidents in {:.0?}", table(&verdicts), verdicts.len(), begun.elapsed());
    let _ = Half::Development;
}
