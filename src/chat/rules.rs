//! Answers by rules: what was looked up, in order, and nothing else.

use jiff::tz::TimeZone;

use super::answer::{Answer, LookedUp, Statement};
use super::intent::{Asked, EXAMPLES, Topic};
use super::looking::Looking;
use super::parser::Understood;
use super::plan::plan;
use crate::metrics::chat::Outcome;
use crate::model::Timestamp;

/// Lines of one look-up that are told; all of them stand with it.
const TOLD: usize = 12;

/// Answers what was understood.
pub(super) async fn answer(
    question: &str,
    understood: &Understood,
    looking: Looking<'_>,
    (now, zone): (Timestamp, &TimeZone),
) -> (Answer, Outcome) {
    let answer = Answer::by_rules(question);
    match understood {
        Understood::Nothing => (answer.saying(not_understood()), Outcome::NotUnderstood),
        Understood::Ambiguous(sentence) => {
            (answer.saying(vec![Statement::new(sentence, &[])]), Outcome::Ambiguous)
        }
        Understood::Asked { asked, notes } => {
            let (mut answer, outcome) = looked_up(answer, asked, looking, now).await;
            answer.understood_as = Some(asked.words(zone));
            notes.iter().for_each(|note| answer.note(note));
            (answer, outcome)
        }
    }
}

async fn looked_up(
    answer: Answer,
    asked: &Asked,
    mut looking: Looking<'_>,
    now: Timestamp,
) -> (Answer, Outcome) {
    if asked.topic == Topic::Help {
        return (answer.saying(help()), Outcome::Answered);
    }
    looking.look_all(&plan(asked, now)).await;
    let lookups = looking.finish();
    let failed = lookups.iter().all(|one| one.failed);
    let mut statements: Vec<Statement> = verdict(asked, &lookups).into_iter().collect();
    statements.extend(lookups.iter().flat_map(told));
    let answer = Answer { lookups, ..answer.saying(statements) };
    (answer, if failed { Outcome::Failed } else { Outcome::Answered })
}

/// The one word that some questions ask for.
fn verdict(asked: &Asked, lookups: &[LookedUp]) -> Option<Statement> {
    let first = lookups.first().filter(|_| asked.topic == Topic::Prometheus)?;
    let text = if first.failed { "Prometheus gives no answer." } else { "Prometheus is up: it answers." };
    Some(Statement::new(text, &[&first.id]))
}

/// What a look-up found: its title, and the first of its lines.
fn told(found: &LookedUp) -> Vec<Statement> {
    let more = found.lines.len().saturating_sub(TOLD) + found.left_out;
    let lines = found.lines.iter().take(TOLD).map(|line| format!("- {line}"));
    let more = (more > 0).then(|| format!("- {more} more are left out."));
    let texts = std::iter::once(found.title.clone()).chain(lines).chain(more);
    texts.map(|text| Statement::new(&text, &[&found.id])).collect()
}

fn not_understood() -> Vec<Statement> {
    let sentence = "I cannot answer that without a language model. What I can answer, for example:";
    examples(sentence)
}

fn help() -> Vec<Statement> {
    examples("I answer questions, and do nothing. What I can answer without a language model, for example:")
}

fn examples(first: &str) -> Vec<Statement> {
    let examples = EXAMPLES.iter().map(|example| Statement::new(&format!("- {example}"), &[]));
    std::iter::once(Statement::new(first, &[])).chain(examples).collect()
}
