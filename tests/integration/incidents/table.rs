//! What was found as a table, a row for each kind and one for each half.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::file::Half;
use super::judge::Verdict;

#[derive(Default)]
struct Row {
    incidents: usize,
    first: usize,
    in_three: usize,
    missing: usize,
    unsupported: usize,
    untrue: usize,
    innocent: usize,
    seconds: f64,
}

/// The table, and below it what is wrong with each incident.
pub fn table(verdicts: &[Verdict]) -> String {
    let mut rows: BTreeMap<(u8, String), Row> = BTreeMap::new();
    for verdict in verdicts {
        let half = match verdict.half {
            Half::Development => "development half",
            Half::HeldOut => "held-out half",
        };
        for key in [(0, verdict.kind.clone()), (1, half.to_owned()), (2, "all".to_owned())] {
            let row = rows.entry(key).or_default();
            row.incidents += 1;
            row.first += usize::from(verdict.first);
            row.in_three += usize::from(verdict.in_three);
            row.missing += verdict.missing.len();
            row.unsupported += verdict.unsupported.len();
            row.untrue += verdict.untrue.len();
            row.innocent += verdict.innocent.len();
            row.seconds = row.seconds.max(verdict.seconds);
        }
    }
    let mut text = String::from(
        "| kind | incidents | cause first | cause in three | facts missing | numbers unsupported | false statements | innocent first | seconds |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for ((_, kind), row) in rows {
        let Row { incidents, first, in_three, missing, unsupported, untrue, innocent, seconds } = row;
        writeln!(text, "| {kind} | {incidents} | {first} | {in_three} | {missing} | {unsupported} | {untrue} | {innocent} | {seconds:.2} |")
            .expect("memory");
    }
    text + &faults(verdicts)
}

fn faults(verdicts: &[Verdict]) -> String {
    let mut text = String::new();
    for verdict in verdicts {
        let lists = [
            ("not said", &verdict.missing),
            ("unsupported", &verdict.unsupported),
            ("false", &verdict.untrue),
            ("innocent, and told first", &verdict.innocent),
            ("beyond its bounds", &verdict.beyond),
        ];
        let mut lines: Vec<String> = lines(&lists).collect();
        if !verdict.first {
            let rank = if verdict.in_three {
                "the cause is not first"
            } else {
                "the cause is not among the first three"
            };
            lines.insert(0, format!("{rank}; named: {}", verdict.named.join("\n      ")));
        }
        if !lines.is_empty() {
            writeln!(text, "{}:\n  - {}", verdict.name, lines.join("\n  - ")).expect("memory");
        }
    }
    text
}

fn lines<'a>(lists: &'a [(&'a str, &'a Vec<String>)]) -> impl Iterator<Item = String> + 'a {
    lists.iter().flat_map(|(what, list)| list.iter().map(move |one| format!("{what}: {one}")))
}
