//! The evidence as a list of sentences, each with an id that can be cited: bounded in size, always the same for the
//! same evidence. What explains in prose says only what is here. Pure.

use std::collections::BTreeMap;

use serde::Serialize;

use super::causes::{Cause, UNEXPLAINED};
use super::story::{AlertStory, Explanation};
use crate::model::{Timestamp, format_number as number};

/// Bytes of a pack as JSON, at most.
pub const MAX_PACK: usize = 16 << 10;
/// Bytes of one sentence; a longer one is cut.
const MAX_TEXT: usize = 480;
/// What the frame of a pack and of an item takes as JSON, without their texts.
const FRAME: usize = 256;
const ITEM_FRAME: usize = 48;

/// All evidence that fits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pack {
    /// When it was read.
    pub at: Timestamp,
    /// What matters most first.
    pub items: Vec<Item>,
    /// How many items of each kind did not fit.
    pub left_out: BTreeMap<ItemKind, usize>,
}

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    /// `e1`, `e2`, …
    pub id: String,
    /// What it is about.
    pub kind: ItemKind,
    /// One sentence or two. It may quote untrusted text, without control characters.
    pub text: String,
}

/// What evidence is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// How many alerts fire, and what is outside its band.
    Summary,
    /// What the alerts most likely come from.
    Cause,
    /// How a service did, and along which calls it suffers.
    Dependency,
    /// An alert that fires.
    Alert,
    /// The values of an alert's expression.
    Expression,
    /// What happened when.
    Event,
    /// A score beside an alert.
    Score,
    /// What changed.
    Change,
    /// What was decided, and why.
    Decision,
    /// What was done, and whether it helped.
    Run,
    /// What is known from before.
    Past,
    /// Where to look.
    Suggestion,
    /// What could not be read.
    Trouble,
}

impl Pack {
    /// Without anything in it.
    pub(super) fn empty(at: Timestamp) -> Self {
        Self { at, items: Vec::new(), left_out: BTreeMap::new() }
    }

    /// The pack of an explanation: the whole first, then the alerts in turns, so that none takes all the room.
    pub fn of(explanation: &Explanation) -> Self {
        let mut pack = Packing::new(explanation.at);
        pack.add(ItemKind::Summary, explanation.headline.clone());
        if explanation.remediation_paused {
            pack.add(ItemKind::Summary, "Remediation is paused: nothing is done about any alert.".to_owned());
        }
        explanation.troubles.iter().for_each(|trouble| pack.add(ItemKind::Trouble, trouble.clone()));
        let mut causes: Vec<_> =
            explanation.causes.iter().map(|cause| cause_words(cause).into_iter()).collect();
        causes.iter_mut().filter_map(Iterator::next).for_each(|words| pack.add(ItemKind::Cause, words));
        let dependencies = explanation.dependencies.iter();
        dependencies.for_each(|words| pack.add(ItemKind::Dependency, format!("{words}.")));
        if explanation.is_unexplained() {
            pack.add(ItemKind::Cause, UNEXPLAINED.to_owned());
        }
        let stories: Vec<Vec<(ItemKind, String)>> = explanation.alerts.iter().map(of_alert).collect();
        let longest = stories.iter().map(Vec::len).max().unwrap_or_default();
        for turn in 0..longest {
            for (kind, text) in stories.iter().filter_map(|story| story.get(turn)) {
                pack.add(*kind, text.clone());
            }
            // Once every alert is told of, what else speaks for a cause is worth more than what else is known of one.
            causes.iter_mut().flatten().for_each(|words| pack.add(ItemKind::Cause, words));
        }
        for event in &explanation.timeline {
            pack.add(ItemKind::Event, format!("{}: {}.", event.at, event.what));
        }
        for change in &explanation.changes {
            pack.add(ItemKind::Change, format!("{}.", change.words()));
        }
        pack.pack
    }
}

/// A cause with its reasons: with as many of them in a sentence as it has room for, so that
/// none is cut off that fits into one by itself.
fn cause_words(Cause { place, score, alerts, reasons }: &Cause) -> Vec<String> {
    let near = if *alerts == 1 { "1 alert is".to_owned() } else { format!("{alerts} alerts are") };
    let mut begin = format!("Likely cause {place} (weight {}), {near} near it: ", number(*score));
    let (mut sentences, mut rest) = (Vec::new(), reasons.as_slice());
    loop {
        let (fit, others) = rest.split_at(how_many_fit(&begin, rest));
        sentences.push(format!("{begin}{}.", fit.join("; ")));
        if others.is_empty() {
            return sentences;
        }
        (begin, rest) = (format!("Likely cause {place}, besides: "), others);
    }
}

/// How many of the reasons fit into a sentence that begins so; one at least, where there is one.
fn how_many_fit(begin: &str, reasons: &[String]) -> usize {
    let mut end = begin.len();
    let fit = reasons.iter().take_while(|reason| {
        let full_stop = end + reason.len() + 1;
        end = full_stop + 1;
        full_stop <= MAX_TEXT
    });
    fit.count().max(1).min(reasons.len())
}

/// What matters of one alert, the most important first.
fn of_alert(story: &AlertStory) -> Vec<(ItemKind, String)> {
    let says = story.summary.as_ref().map_or_else(String::new, |says| format!(" It says: {says}"));
    let mut items = vec![(
        ItemKind::Alert,
        format!(
            "{} fires since {}, for {}: {}.{says}",
            story.name, story.since, story.firing_for, story.labels
        ),
    )];
    let measured = story.measured.as_ref().and_then(|measured| measured.words());
    items.extend(measured.map(|words| (ItemKind::Expression, format!("{}: {words}.", story.name))));
    for run in &story.runs {
        let outcome = run.outcome.map_or("under way", |outcome| outcome.as_str());
        let steps = run.steps.join(" ");
        let text = format!("Run {} of {} on {}: {outcome}. {steps}", run.id, run.policy, run.target);
        items.push((ItemKind::Run, text));
    }
    items.extend(story.scores.iter().map(|related| (ItemKind::Score, format!("{}.", related.words()))));
    items.extend(
        story.decisions.iter().map(|told| (ItemKind::Decision, format!("{}: {}", told.at, told.sentence))),
    );
    items.extend(story.past.iter().map(|past| (ItemKind::Past, format!("{}: {}", story.name, past.words()))));
    items.extend(story.suggestions.iter().map(|text| (ItemKind::Suggestion, text.clone())));
    items
}

/// A pack that is being filled.
struct Packing {
    pack: Pack,
    room: usize,
}

impl Packing {
    fn new(at: Timestamp) -> Self {
        // What is left out is told at the end: a kind and a number for each.
        Self { pack: Pack::empty(at), room: MAX_PACK - FRAME - 13 * ITEM_FRAME }
    }

    /// Each sentence once.
    fn add(&mut self, kind: ItemKind, text: String) {
        let text = cut(&text);
        if self.pack.items.iter().any(|item| item.text == text) {
            return;
        }
        let size = ITEM_FRAME + serde_json::Value::from(text.as_str()).to_string().len();
        match self.room.checked_sub(size) {
            Some(room) => {
                self.room = room;
                let id = format!("e{}", self.pack.items.len() + 1);
                self.pack.items.push(Item { id, kind, text });
            }
            None => *self.pack.left_out.entry(kind).or_default() += 1,
        }
    }
}

/// One line, no longer than it may be.
fn cut(text: &str) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut cut = String::with_capacity(text.len().min(MAX_TEXT + 4));
    for c in clean {
        if cut.len() + c.len_utf8() > MAX_TEXT {
            cut.push('…');
            break;
        }
        cut.push(c);
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, episode};
    use super::super::{Evidence, explain};
    use super::*;
    use crate::model::ScoredSeries;

    fn pack(alerts: i64, value: &str) -> Pack {
        let episodes = (0..alerts).map(|number| {
            let instance = format!("host-{number}:9100");
            episode(
                &[("alertname", "Slow"), ("instance", &instance), ("job", "app"), ("text", value)],
                100 + number % 7,
                None,
            )
        });
        let scores = (0..300).map(|number| {
            let instance = format!("host-{}:9100", number % 100);
            let labels = [("instance", instance.as_str()), ("job", "app")];
            ScoredSeries { since: Some(at(99)), ..ScoredSeries::plain("busy", &labels, 2.0) }
        });
        let evidence = Evidence {
            at: at(120),
            episodes: episodes.collect(),
            scores: scores.collect(),
            ..Evidence::default()
        };
        explain(&evidence).evidence
    }

    #[test]
    fn a_pack_is_never_larger_than_it_may_be_whatever_it_is_made_of() {
        for (alerts, value) in [(0, ""), (1, "x"), (100, "x"), (100, "\"\\\u{1}\n"), (100, "ü€😀"), (40, "<")]
        {
            let pack = pack(alerts, &value.repeat(1000));
            let size = serde_json::to_string(&pack).unwrap().len();
            assert!(size <= MAX_PACK, "{alerts} alerts of {value:?}: {size} bytes");
            assert!(alerts < 100 || size > MAX_PACK / 2, "the room is used: {size} bytes");
            let fits = pack.items.iter().all(|item| item.text.chars().all(|c| !c.is_control()));
            assert!(
                fits && pack.items.iter().enumerate().all(|(at, item)| item.id == format!("e{}", at + 1))
            );
        }
    }

    #[test]
    fn every_alert_is_told_of_before_more_is_said_of_one() {
        let pack = pack(20, "x");
        let alerts = pack.items.iter().filter(|item| item.kind == ItemKind::Alert).count();
        let first_score = pack.items.iter().position(|item| item.kind == ItemKind::Score);
        let last_alert = pack.items.iter().rposition(|item| item.kind == ItemKind::Alert);
        assert_eq!(alerts, 20);
        assert!(last_alert < first_score, "{last_alert:?} {first_score:?}");
        assert!(pack.left_out.values().sum::<usize>() > 0, "what does not fit is counted");
    }

    #[test]
    fn the_reasons_of_a_cause_are_told_whole_in_as_many_sentences_as_they_need() {
        let begin = "Likely cause db (weight 0.5), 1 alert is near it: ";
        // A sentence ends with a full stop.
        let room = MAX_TEXT - begin.len() - 1;
        for (lengths, sentences, whole, sentence) in [
            (&[][..], 1, true, "no reason"),
            (&[100, 100, 100], 1, true, "all in one"),
            (&[200, 200, 200, 30], 2, true, "two in each"),
            (&[room - 3, 1], 1, true, "two that take all the room"),
            (&[room - 2, 1], 2, true, "two that take a byte more"),
            (&[10, MAX_TEXT, 10], 3, false, "one that is too long by itself spoils no other"),
        ] {
            let reasons: Vec<String> =
                lengths.iter().zip('a'..).map(|(length, c)| c.to_string().repeat(*length)).collect();
            let cause = Cause { place: "db".into(), score: 0.5, alerts: 1, reasons: reasons.clone() };
            let told = cause_words(&cause);
            assert!(told[0].starts_with(begin), "{told:?}");
            let all = reasons.iter().all(|reason| told.iter().any(|words| cut(words).contains(reason)));
            assert_eq!((told.len(), all), (sentences, whole), "{sentence}: {told:#?}");
        }
    }

    #[test]
    fn the_same_evidence_makes_the_same_pack() {
        assert_eq!(pack(30, "x"), pack(30, "x"));
    }
}
