//! The words that are known, and what each stands for. Pure.

/// What a word stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Word {
    /// Alerts that fire.
    Fire,
    Alert,
    Odd,
    Why,
    Not,
    /// A restart or a reboot, as something that is or was done.
    Restart,
    Do,
    /// Remediation and its actions.
    Remedy,
    /// Held back, skipped, refused.
    Refuse,
    Happen,
    Status,
    Overview,
    Wrong,
    Log,
    Error,
    Warning,
    /// A text follows that is searched for.
    Contain,
    Pending,
    Approval,
    Target,
    Down,
    Up,
    Reach,
    Prometheus,
    Rule,
    Help,
    /// `can` or `could`.
    Can,
    You,
    I,
    How,
    What,
    Show,
    /// What a name is one of: it stands before or behind one.
    Noun,
    /// A word that a name or a time stands behind.
    Preposition,
    /// `same`, as in `same for web-2`.
    Same,
    Everything,
    /// Begins a follow-up.
    And,
    /// A word of times.
    Time,
    /// A time has to stand behind it.
    Since,
    /// A word that changes nothing.
    Filler,
}

use Word::*;

/// Each meaning with its words. Only these are found by slips.
const WORDS: &[(Word, &str)] = &[
    (Fire, "firing fires fire fired ringing paging triggered burning active"),
    (Alert, "alert alerts alerting alarm alarms notification notifications"),
    (
        Odd,
        "anomalous anomaly anomalies abnormal unusual strange weird odd outlier outliers suspicious \
         anomalously scores score deviating deviates irregular",
    ),
    (Why, "why reason reasons how-come"),
    (Not, "not nothing never no nobody none"),
    (Restart, "restart restarted restarts restarting reboot rebooted reboots rebooting"),
    (Do, "do done did does"),
    (
        Remedy,
        "remediation remediations remediated remediate remedies remedied action actions acted act \
         runs healed fixed repaired intervene intervened executed taken steps",
    ),
    (
        Refuse,
        "refused refuse skipped blocked held suppressed prevented denied decided decision decisions \
         guard guards ignored",
    ),
    (
        Happen,
        "happen happened happening happens occurred incident incidents event events timeline went \
         goes going",
    ),
    (Status, "status state health healthy ok okay fine alive well doing unhealthy condition stable"),
    (Overview, "overview summary summarise summarize recap report digest"),
    (Wrong, "wrong broken problem problems issue issues trouble troubles failing fails bad sick"),
    (Log, "log logs logged logging logfile output journal loglines"),
    (Error, "error errors fault faults exception exceptions"),
    (Warning, "warning warnings warn"),
    (Contain, "containing contains contain mentioning mention matching saying"),
    (Pending, "pending waiting awaiting outstanding waits unanswered undecided"),
    (Approval, "approval approvals approve approved sign-off confirmation"),
    (Target, "target targets scraped scrape scraping scrapes exporter exporters endpoint endpoints"),
    (Down, "down unreachable offline dead missing crashed unavailable"),
    (Up, "up online running available working works responding"),
    (Reach, "reach reachable answer answers answering connected respond responds"),
    (Prometheus, "prometheus prom"),
    (Rule, "rule rules alertrules rulegroups"),
    (Help, "help commands usage examples manual options capabilities ask questions understand"),
    (Can, "can could able"),
    (You, "you your yourself smartcloudops daemon bot"),
    (I, "i me my we us our"),
    (How, "how"),
    (What, "what which who whats whose"),
    (Show, "show list give tell display print get see find check fetch read tail explain describe know"),
    (
        Noun,
        "host hosts service services server servers machine machines instance instances node nodes \
         query queries job jobs unit series metric metrics container box called named",
    ),
    (Preposition, "on of for about in from at with by to regarding against concerning"),
    (Same, "same also"),
    (Everything, "everything all anything something every any everybody system systems things else world"),
    (And, "and then but so now"),
    (
        Time,
        "yesterday today tonight overnight night morning afternoon evening hour hours minute minutes \
         last past week weekend recently recent lately latest monday tuesday wednesday thursday \
         friday saturday sunday days noon midnight currently moment previous ago during over within \
         while",
    ),
    (Since, "since between until before after"),
];

/// Words without a meaning of their own. A slip is never taken for one.
const FILLERS: &str = "the a an is are was were be been being am has have had there here it its they them this that \
     these those please pls hey hi hello thanks thank current right still just yet already or if \
     whether when where as some much many exist exists exactly really actually currently day ever \
     ones one come made make get got new open need needs needed would like want let look looks \
     looking into out back lines line entries messages message records request requests time times \
     first only configured defined known defines evaluated behaving behave feel feeling kept keep \
     alerting-rules";

/// Shortest word in which a slip is found, in characters; those below eight letters have one at most, others two.
const SHORTEST: usize = 5;

/// The word that is meant, as it is spelt, and what it stands for.
pub(super) fn find(low: &str) -> Option<(&'static str, Word)> {
    exactly(low).or_else(|| slip(low))
}

/// The same without slips.
pub(super) fn exactly(low: &str) -> Option<(&'static str, Word)> {
    let filler = || FILLERS.split(' ').find(|one| *one == low).map(|one| (one, Filler));
    all().find(|(one, _)| *one == low).or_else(filler)
}

fn all() -> impl Iterator<Item = (&'static str, Word)> {
    WORDS.iter().flat_map(|(word, spelt)| spelt.split(' ').map(|one| (one, *word)))
}

/// The one word that a slip may stand for: two that are as near are none.
fn slip(low: &str) -> Option<(&'static str, Word)> {
    let length = low.chars().count();
    if !(4..=20).contains(&length) || !low.chars().all(char::is_alphabetic) {
        return None;
    }
    let mut near: Vec<(usize, &'static str, Word)> = all()
        .filter(|(one, _)| one.len() >= 4)
        .map(|(one, word)| (strsim::osa_distance(low, one), one, word))
        .filter(|(wrong, one, _)| {
            *wrong <= bound(length.min(one.len())) && (length >= SHORTEST || is_swapped(low, one))
        })
        .collect();
    near.sort_unstable();
    let (wrong, spelt, word) = *near.first()?;
    let rival = near.iter().any(|(other, _, meaning)| *other == wrong && *meaning != word);
    (!rival).then_some((spelt, word))
}

fn bound(length: usize) -> usize {
    if length >= 8 { 2 } else { 1 }
}

/// Whether two short words have the same letters.
fn is_swapped(one: &str, other: &str) -> bool {
    let sorted = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    sorted(one) == sorted(other)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn slips_are_found_and_other_words_are_not_taken_for_them() {
        for (word, expected) in [
            ("firing", Some(("firing", Fire))),
            ("firng", Some(("firing", Fire))),
            ("anomolous", Some(("anomalous", Odd))),
            ("promethius", Some(("prometheus", Prometheus))),
            ("hapened", Some(("happened", Happen))),
            ("yesteday", Some(("yesterday", Time))),
            ("lgos", Some(("logs", Log))),
            ("statsu", Some(("status", Status))),
            ("shop", None),
            ("logo", None),
            ("redis", None),
            ("kafka", None),
            ("checkout", None),
            ("payments", None),
            ("web-1", None),
            ("alrt5", None),
        ] {
            assert_eq!(find(word), expected, "{word}");
        }
    }

    #[test]
    fn every_word_has_one_meaning() {
        let mut meanings: BTreeMap<&str, Word> = BTreeMap::new();
        for (one, word) in all() {
            assert_eq!(meanings.insert(one, word), None, "{one}");
        }
    }
}
