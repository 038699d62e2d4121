//! What the daemon depends on, asked all at once and each for a short time.

use std::fmt::Display;
use std::future::Future;

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use serde::Serialize;

use super::{Daemon, PATIENCE};
use crate::journal::Journal;
use crate::model::format_duration;

/// One of them.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Dependency {
    pub(super) name: &'static str,
    pub(super) up: bool,
    /// The version it says it is, or where it is; or why it does not answer.
    pub(super) detail: String,
}

/// All that are configured, in the order of the page. Another one is a line here.
pub(super) async fn ask(daemon: &Daemon) -> Vec<Dependency> {
    let upstreams = daemon.upstreams.load_full();
    let prometheus = upstreams.prometheus.build_info().map(|answer| answer.map(|info| info.version));
    let checks = [
        Some(check("prometheus", prometheus)),
        upstreams.alertmanager.as_ref().map(|(client, _)| check("alertmanager", client.version())),
        Some(check("journal", journal(&daemon.journal))),
        upstreams.loki.as_ref().map(|client| check("loki", client.version())),
        daemon.llm.condition().map(|told| check("language model", told)),
    ];
    join_all(checks.into_iter().flatten()).await
}

/// Whether a dependency answers in time, and what.
fn check<'a, E: Display>(
    name: &'static str,
    question: impl Future<Output = Result<String, E>> + Send + 'a,
) -> BoxFuture<'a, Dependency> {
    let silent = || format!("no answer within {}", format_duration(PATIENCE));
    let answered = tokio::time::timeout(PATIENCE, question).map(move |answer| match answer {
        Ok(Ok(detail)) => Dependency { name, up: true, detail },
        Ok(Err(error)) => Dependency { name, up: false, detail: error.to_string() },
        Err(_) => Dependency { name, up: false, detail: silent() },
    });
    answered.boxed()
}

/// Read once; what the last transaction said counts as well.
async fn journal(journal: &Journal) -> Result<String, String> {
    journal.paused().await.map_err(|error| error.to_string())?;
    let status = journal.status();
    match status.trouble {
        None => Ok(status.place),
        Some(trouble) => Err(format!("nothing can be written: {trouble}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_dependency_answers_refuses_or_is_given_up() {
        type Answer = Result<String, &'static str>;
        let answers: [(BoxFuture<'static, Answer>, bool, &str); 3] = [
            (async { Ok("2.42.0".to_owned()) }.boxed(), true, "2.42.0"),
            (async { Err("refused") }.boxed(), false, "refused"),
            (futures::future::pending().boxed(), false, "no answer within 2s"),
        ];
        for (question, up, detail) in answers {
            let begun = tokio::time::Instant::now();
            let asked = check("it", question).await;
            assert_eq!((asked.name, asked.up, asked.detail.as_str()), ("it", up, detail));
            assert!(begun.elapsed() <= PATIENCE);
        }
    }
}
