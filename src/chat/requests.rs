//! Requests to act, answered: the exact call to make, what it needs, and that nothing was done.

use std::time::Duration;

use serde_json::json;

use super::answer::{Answer, Statement, on_one_line};
use super::looking::Looking;
use super::plan::Keep;
use super::request::{Call, Deed, Request, is_plain};
use crate::model::format_duration;

/// How long something is held or silenced where nobody says.
const USUAL: Duration = Duration::from_secs(7200);
/// Longest text of the question that is repeated, in characters.
const REPEATED: usize = 80;

const NOTHING: &str = "Nothing was done: from here nothing can be.";
const PLAIN: &str = "Its name has other characters than letters, digits, '.', '_', ':' and '-', so that no command line is written with it.";

/// Answers a request. What it needs to know is looked up, and nothing else is touched.
pub(super) async fn answer(question: &str, request: &Request, mut looking: Looking<'_>) -> Answer {
    let answer = Answer::by_rules(question);
    let (mut statements, calls) = match request.deed {
        Deed::Act => act(request, &mut looking).await,
        Deed::Approve | Deed::Reject if request.number.is_none() => which(&mut looking).await,
        _ => (said(request), call(request).into_iter().collect()),
    };
    statements.insert(0, Statement::new(NOTHING, &[]));
    if !calls.is_empty() {
        let how = "A person makes the call; SMARTCLOUDOPS_URL is the daemon's address, SMARTCLOUDOPS_TOKEN a token with the scope operate:";
        statements.push(Statement::new(how, &[]));
    }
    let mut answer = Answer { calls, lookups: looking.finish(), ..answer.saying(statements) };
    answer.understood_as = Some(words(request));
    if let Some(slip) = &request.slip {
        answer.note(&format!("'{slip}' was read as '{}'.", request.verb));
    }
    answer
}

fn words(request: &Request) -> String {
    let object = request.object.as_deref().map_or(String::new(), |object| format!(" {}", repeated(object)));
    format!("a request to {}{object}", request.verb)
}

fn repeated(text: &str) -> String {
    on_one_line(text).chars().take(REPEATED).collect()
}

/// The call of the daemon's own that does it.
fn call(request: &Request) -> Option<Call> {
    let number = request.number;
    let lasting = format_duration(request.length.unwrap_or(USUAL));
    match request.deed {
        Deed::Approve | Deed::Reject => {
            let answer = if request.deed == Deed::Approve { "approve" } else { "reject" };
            let path = format!("/api/v1/approvals/{}", number?);
            Some(Call::new("POST", &path, Some(json!({"answer": answer}))))
        }
        Deed::Pause => Some(Call::new("POST", "/api/v1/remediation/pause", None)),
        Deed::Resume => Some(Call::new("POST", "/api/v1/remediation/resume", None)),
        Deed::Reload => Some(Call::new("POST", "/-/reload", None)),
        Deed::Hold => {
            let query = request.object.as_deref().filter(|object| is_plain(object));
            let mut body = json!({"for": lasting, "reason": "asked for in chat"});
            if let Some(query) = query {
                body["query"] = query.into();
            }
            // A hold of everything is not what was asked for where a name cannot be written.
            (query.is_some() || request.object.is_none())
                .then(|| Call::new("POST", "/api/v1/scoring/hold", Some(body)))
        }
        Deed::Release => Some(Call::new("DELETE", &format!("/api/v1/scoring/hold/{}", number?), None)),
        Deed::Silence | Deed::Act => None,
    }
}

fn said(request: &Request) -> Vec<Statement> {
    let sentence = match request.deed {
        Deed::Approve | Deed::Reject => {
            "An answer to a request for approval counts once, in the name of whoever gives it.".to_owned()
        }
        Deed::Pause => {
            "Pausing keeps remediation from beginning anything new, until it is resumed.".to_owned()
        }
        Deed::Resume => "Resuming lets remediation begin again.".to_owned(),
        Deed::Reload => "Reloading reads the configuration file again; a bad one changes nothing.".to_owned(),
        Deed::Hold => {
            "A hold keeps series from teaching their baseline; name a query in the body, or hold all."
                .to_owned()
        }
        Deed::Release if request.number.is_none() => {
            "Name the hold's number, which the answer to its beginning gave: release hold 3.".to_owned()
        }
        Deed::Release => "Releasing a hold lets the series teach again.".to_owned(),
        Deed::Silence => silence(request),
        Deed::Act => String::new(),
    };
    let mut statements = vec![Statement::new(&sentence, &[])];
    let unwritable = matches!(request.deed, Deed::Hold | Deed::Silence)
        && request.object.as_deref().is_some_and(|object| !is_plain(object));
    statements.extend(unwritable.then(|| Statement::new(PLAIN, &[])));
    statements
}

/// Silences are Alertmanager's; its own tool makes them.
fn silence(request: &Request) -> String {
    let lasting = format_duration(request.length.unwrap_or(USUAL));
    let first = "Silences are made in Alertmanager, by a person";
    match request.object.as_deref().filter(|object| is_plain(object)) {
        Some(alert) => format!(
            "{first}: amtool silence add --duration={lasting} --comment='asked for in chat' alertname={alert}"
        ),
        None => format!("{first}, in its interface or with amtool silence add."),
    }
}

/// Which requests wait, where none was named.
async fn which(looking: &mut Looking<'_>) -> (Vec<Statement>, Vec<Call>) {
    let found = looking.look("approvals", &json!({}), &Keep::All).await;
    let id = found.id.clone();
    let mut statements = vec![Statement::new("Name the number of the request: approve 12.", &[])];
    statements.push(Statement::new(&found.title, &[&id]));
    statements.extend(found.lines.iter().take(10).map(|line| Statement::new(&format!("- {line}"), &[&id])));
    (statements, Vec::new())
}

/// What only a policy does: what waits for approval, and how an approval is asked for.
async fn act(request: &Request, looking: &mut Looking<'_>) -> (Vec<Statement>, Vec<Call>) {
    let object = request.object.as_deref().map(repeated);
    let whom = object.as_deref().unwrap_or("it");
    let mut statements = vec![Statement::new(
        &format!(
            "Only a policy acts on {whom}, for an alert that fires, and where the policy says so once a person has approved it."
        ),
        &[],
    )];
    let found = looking.look("approvals", &json!({}), &Keep::All).await;
    let id = found.id.clone();
    let mentions = |line: &&String| object.as_deref().is_none_or(|object| line.contains(object));
    let waiting: Vec<String> = found.lines.iter().filter(mentions).take(5).cloned().collect();
    if waiting.is_empty() {
        statements
            .push(Statement::new(&format!("No request for approval that names {whom} waits now."), &[&id]));
        let how = "To ask for what a policy would do about an alert that fires, POST /api/v1/approvals with its fingerprint and the policy's name; GET /api/v1/alerts and GET /api/v1/policies have both.";
        statements.push(Statement::new(how, &[]));
        return (statements, Vec::new());
    }
    statements.extend(waiting.iter().map(|line| Statement::new(&format!("- {line}"), &[&id])));
    let number = |line: &String| line.strip_prefix("Approval ")?.split(':').next()?.parse::<u64>().ok();
    let approve = |number| {
        Call::new("POST", &format!("/api/v1/approvals/{number}"), Some(json!({"answer": "approve"})))
    };
    (statements, waiting.iter().filter_map(number).map(approve).collect())
}
