//! Words of English that look like names: with a hyphen, a slash or a point in them.

use super::names::Names;

/// What looks like a name and is plain English, or general.
const FREE: &[&str] = &[
    "e.g",
    "i.e",
    "a.m",
    "p.m",
    "u.s",
    "24/7",
    "and/or",
    "i/o",
    "n/a",
    "tcp/ip",
    "on/off",
    "yes/no",
    "up/down",
    "read/write",
    "client/server",
    "input/output",
    "request/response",
    "promql",
    "ipv4",
    "ipv6",
    "devops",
    "chatops",
];
/// Compounds with a hyphen that every text on operations has.
const COMPOUNDS: &[&str] = &[
    "root-cause",
    "follow-up",
    "on-call",
    "built-in",
    "real-time",
    "read-only",
    "write-only",
    "so-called",
    "time-out",
    "start-up",
    "shut-down",
    "roll-back",
    "fail-over",
    "run-time",
    "trade-off",
    "knock-on",
    "well-known",
    "one-off",
    "in-flight",
    "in-memory",
    "in-depth",
    "out-of-memory",
    "out-of-date",
    "up-to-date",
    "end-to-end",
    "day-to-day",
    "step-by-step",
    "point-in-time",
    "side-by-side",
    "worst-case",
    "best-case",
    "peer-to-peer",
    "back-to-back",
    "top-level",
    "low-latency",
    "trouble-shooting",
    "cool-down",
    "warm-up",
    "slow-down",
    "check-up",
    "drill-down",
    "make-up",
    "set-up",
    "short-lived",
    "long-lived",
    "first-in",
    "third-party",
    "false-positive",
    "user-facing",
    "customer-facing",
    "year-on-year",
    "week-on-week",
    "long-running",
    "fast-growing",
    "time-consuming",
    "rate-limiting",
    "restart-loop",
    "crash-loop",
    "step-change",
    "self-healing",
    "time-of-day",
];
/// First parts of compounds that are adjectives.
const BEFORE: &[&str] = &[
    "non", "re", "pre", "post", "self", "multi", "co", "semi", "anti", "sub", "inter", "intra", "cross",
    "per", "well", "ill", "high", "higher", "low", "lower", "long", "longer", "short", "shorter", "half",
    "near", "mid", "over", "under", "one", "ever", "most", "newly", "still", "fully",
];
/// Last parts of such compounds.
const AFTER: &[&str] = &[
    "based",
    "related",
    "specific",
    "wide",
    "level",
    "aware",
    "free",
    "only",
    "driven",
    "bound",
    "induced",
    "heavy",
    "intensive",
    "sensitive",
    "dependent",
    "friendly",
    "term",
    "side",
    "scale",
    "like",
    "limited",
    "prone",
    "caused",
    "hungry",
    "usage",
    "by",
    "up",
    "down",
    "off",
    "out",
    "in",
];

/// Whether a word in lower case, which looks like a name, is none.
pub(super) fn is_word(word: &str, names: &Names) -> bool {
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    if FREE.contains(&word) || COMPOUNDS.contains(&word) {
        return true;
    }
    if let Some((what, "s" | "sec" | "second" | "min" | "minute" | "h" | "hour" | "day")) =
        word.split_once('/')
    {
        return letters(what);
    }
    match word.split_once('-') {
        Some((first, last)) if letters(first) || names.has(first) => {
            letters(last) && (BEFORE.contains(&first) || AFTER.contains(&last))
        }
        _ => false,
    }
}
