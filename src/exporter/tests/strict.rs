//! A reader of pages that forgives nothing.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

static SAMPLE: LazyLock<Regex> = LazyLock::new(|| {
    let label = r#"[a-zA-Z_][a-zA-Z0-9_]*="(?:[^\\"\n]|\\[\\"n])*""#;
    let value = r"NaN|[+-]Inf|-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?";
    Regex::new(&format!(r"^([a-z_]+)(?:\{{({label}(?:,{label})*)\}})? (?:{value})$")).unwrap()
});
static LABEL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"([a-zA-Z_][a-zA-Z0-9_]*)="(?:[^\\"\n]|\\.)*""#).unwrap());

/// Reads a page of gauges as strictly as the format's description: each family once, announced before its
/// samples; each label set once, in whatever order; each label name once; values in the prescribed spelling.
pub(super) fn read_strictly(page: &str) -> Result<(), String> {
    let (mut families, mut identities) = (BTreeSet::new(), BTreeSet::new());
    let mut family = "";
    for line in page.split_terminator('\n').filter(|line| !line.starts_with("# HELP ") && *line != "# EOF") {
        if let Some(announced) = line.strip_prefix("# TYPE ").and_then(|rest| rest.strip_suffix(" gauge")) {
            family = announced;
            if !families.insert(family) {
                return Err(format!("twice announced: {line:?}"));
            }
            continue;
        }
        let found = SAMPLE.captures(line).ok_or_else(|| format!("not a sample: {line:?}"))?;
        let labels = found.get(2).map_or("", |labels| labels.as_str());
        let (mut names, mut set) = (BTreeSet::new(), BTreeSet::new());
        for label in LABEL.captures_iter(labels) {
            set.insert(label[0].to_owned());
            if !names.insert(label[1].to_owned()) {
                return Err(format!("a label twice: {line:?}"));
            }
        }
        if &found[1] != family || !identities.insert((family, set)) {
            return Err(format!("out of place: {line:?}"));
        }
    }
    Ok(())
}
