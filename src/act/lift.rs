//! Ends a silence that an action has created, and no other.
//!
//! A silence is ours by its owner and by its comment, which names policy, run and step, and by the name that
//! Alertmanager gave it where that is known. To end one again changes nothing, so an Alertmanager that does not
//! answer is asked again for a while; after that the silence ends by itself when its time is over.

use std::time::Duration;

use tokio::time::sleep;

use super::Occasion;
use super::alertmanager::{OWNER, nobody, outcome, report};
use crate::alertmanager::{Client, Silence};
use crate::model::{ActError, ActReport, SilenceAction};

/// How many seconds to wait between attempts: two minutes in all.
const WAITS: [u64; 7] = [1, 2, 4, 8, 16, 32, 60];
/// For one request to end a silence.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Looks for one whose creation nobody has confirmed: it may still be on its way.
const LOOKS: usize = 4;

/// What an attempt has found.
enum Attempt {
    /// Nothing is left to be done.
    Done(ActReport),
    /// There is none of these; it may yet come.
    NotThere,
}

/// Ends it; `id`: what Alertmanager called it, where that is known. Accepted means that there is none of ours any more.
pub async fn carry_out(
    client: Option<&Client>,
    action: &SilenceAction,
    on: &Occasion,
    id: Option<&str>,
) -> Result<ActReport, ActError> {
    let client = client.ok_or_else(nobody)?;
    let comment = action.comment(on.run, on.step);
    let mut waits = WAITS.iter();
    let mut looks = 1;
    loop {
        let failed = match attempt(client, &comment, id).await {
            Ok(Attempt::Done(report)) => return Ok(report),
            Ok(Attempt::NotThere) if id.is_some() || looks == LOOKS => {
                return Ok(report("the silence is not there any more".to_owned()));
            }
            Ok(Attempt::NotThere) => {
                looks += 1;
                None
            }
            Err(error) => Some(error),
        };
        match (waits.next(), failed) {
            (Some(wait), _) => sleep(Duration::from_secs(*wait)).await,
            (None, Some(error)) => return Err(error),
            (None, None) => return Ok(report("the silence is not there".to_owned())),
        }
    }
}

async fn attempt(client: &Client, comment: &str, id: Option<&str>) -> Result<Attempt, ActError> {
    let silences = client.silences().await;
    let silences = silences.map_err(|error| ActError::NotStarted { reason: error.to_string() })?;
    let ours: Vec<Silence> = silences.into_iter().filter(|one| is_ours(one, comment, id)).collect();
    if ours.is_empty() {
        return Ok(Attempt::NotThere);
    }
    let mut ended = Vec::new();
    for silence in ours {
        client.expire_silence(&silence.id, TIMEOUT).await.map_err(outcome)?;
        ended.push(silence.id);
    }
    Ok(Attempt::Done(report(format!("silence {} ended", ended.join(", ")))))
}

/// One that somebody has made theirs is none of ours.
fn is_ours(silence: &Silence, comment: &str, id: Option<&str>) -> bool {
    let named = id.is_none_or(|id| silence.id == id);
    named
        && silence.created_by == OWNER
        && silence.comment == comment
        && silence.has_plain_id()
        && !silence.is_expired()
}

#[cfg(test)]
mod tests {
    use prometheus_client::registry::Registry;

    use super::*;
    use crate::alertmanager::Config;
    use crate::metrics::prometheus::PrometheusMetrics;
    use crate::model::{EpisodeId, Fingerprint, RunId, Timestamp};

    fn silence(id: &str, owner: &str, comment: &str, state: &str) -> Silence {
        let json = serde_json::json!({"id": id, "createdBy": owner, "comment": comment,
            "endsAt": "2100-01-01T00:00:00Z", "status": {"state": state}});
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn only_a_silence_of_this_step_is_ours() {
        for (silence, id, expected, sentence) in [
            (silence("a-1", OWNER, "run 1", "active"), Some("a-1"), true, "its name, owner and comment"),
            (silence("a-1", OWNER, "run 1", "pending"), None, true, "nobody knows its name"),
            (silence("a-1", OWNER, "run 1", "active"), Some("a-2"), false, "another name"),
            (silence("a-1", "ann", "run 1", "active"), Some("a-1"), false, "somebody has made it theirs"),
            (silence("a-1", OWNER, "run 11", "active"), Some("a-1"), false, "another step's comment"),
            (silence("a-1", OWNER, "run 1", "expired"), Some("a-1"), false, "it is over"),
            (silence("../a", OWNER, "run 1", "active"), None, false, "no name but a path"),
            (silence("", OWNER, "run 1", "active"), None, false, "no name at all"),
        ] {
            assert_eq!(is_ours(&silence, "run 1", id), expected, "{sentence}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_alertmanager_that_is_away_is_asked_for_a_while_and_no_longer() {
        let metrics = PrometheusMetrics::register(&mut Registry::default());
        let client = Client::new(&Config::new("http://127.0.0.1:1".parse().unwrap()), metrics).unwrap();
        let (at, labels) = (Timestamp::from_millis(0), Fingerprint(1));
        let action = SilenceAction {
            policy: "p".to_owned(),
            episode: EpisodeId { fingerprint: labels, started: at },
            matchers: Vec::new(),
            why: String::new(),
            lasts: Duration::from_secs(60),
            timeout: Duration::from_secs(1),
        };
        let on = Occasion { run: RunId(1), step: 0, since: at };
        let begun = tokio::time::Instant::now();
        let result = carry_out(Some(&client), &action, &on, Some("a")).await;
        assert!(matches!(result, Err(ActError::NotStarted { .. })), "{result:?}");
        let took = begun.elapsed().as_secs();
        assert!((123..600).contains(&took), "{took} s");
    }
}
