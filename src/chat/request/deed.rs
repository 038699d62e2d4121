//! Which verbs ask for something to be done, and what for. Pure.

use super::super::words::Token;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// To approve a request of remediation's.
    Approve,
    /// To reject one.
    Reject,
    /// To begin nothing new.
    Pause,
    /// To go on.
    Resume,
    /// To read the configuration again.
    Reload,
    /// To hold learning back.
    Hold,
    /// To let it go on.
    Release,
    /// To silence an alert.
    Silence,
    /// To act on a host or a service: a policy's business.
    Act,
}

/// Verbs of the daemon's own routes.
const OWN: [(&str, Deed); 19] = [
    ("approve", Deed::Approve),
    ("confirm", Deed::Approve),
    ("accept", Deed::Approve),
    ("reject", Deed::Reject),
    ("deny", Deed::Reject),
    ("decline", Deed::Reject),
    ("disapprove", Deed::Reject),
    ("pause", Deed::Pause),
    ("resume", Deed::Resume),
    ("unpause", Deed::Resume),
    ("continue", Deed::Resume),
    ("reload", Deed::Reload),
    ("hold", Deed::Hold),
    ("release", Deed::Release),
    ("silence", Deed::Silence),
    ("mute", Deed::Silence),
    ("snooze", Deed::Silence),
    ("acknowledge", Deed::Silence),
    ("ack", Deed::Silence),
];

/// Verbs of what only a policy does, or nobody here.
const OTHERS: [&str; 53] = [
    "restart",
    "reboot",
    "start",
    "stop",
    "kill",
    "terminate",
    "shutdown",
    "shut",
    "power",
    "bounce",
    "kick",
    "cycle",
    "scale",
    "deploy",
    "redeploy",
    "rollback",
    "roll",
    "revert",
    "undo",
    "drain",
    "cordon",
    "uncordon",
    "evict",
    "delete",
    "remove",
    "destroy",
    "drop",
    "purge",
    "clear",
    "clean",
    "flush",
    "wipe",
    "run",
    "execute",
    "exec",
    "trigger",
    "launch",
    "retry",
    "rerun",
    "repeat",
    "cancel",
    "abort",
    "enable",
    "disable",
    "fix",
    "heal",
    "repair",
    "remediate",
    "recover",
    "failover",
    "increase",
    "decrease",
    "turn",
];

/// Objects that make another deed of a verb: remediation as a whole, or what is learnt.
const REMEDIATION: [&str; 9] = [
    "remediation",
    "remediations",
    "remediating",
    "automation",
    "autoremediation",
    "acting",
    "actions",
    "everything",
    "healing",
];
const LEARNING: [&str; 5] = ["learning", "scoring", "learn", "training", "hold"];
const CONFIGURATION: [&str; 5] = ["config", "configuration", "settings", "yourself", "smartcloudops"];

/// Behind `run` and the like they ask for reading alone; behind `start` and `stop` for a time.
const READ: [&str; 9] =
    ["query", "promql", "time", "times", "count", "history", "duration", "status", "look-up"];

/// The verb, and what is asked for with these words behind it.
pub(super) fn of(token: &Token, rest: &[Token]) -> Option<(&'static str, Deed)> {
    let written = token.written.to_lowercase();
    let (verb, deed) = exactly(&written).or_else(|| slip(&written))?;
    let about = |words: &[&str]| rest.iter().take(4).any(|next| words.contains(&next.low.as_str()));
    let next = rest.first().map_or("", |next| next.low.as_str());
    if READ.contains(&next) && !matches!(deed, Deed::Approve | Deed::Reject) {
        return None;
    }
    let deed = match (deed, verb) {
        (Deed::Pause | Deed::Hold, _) if about(&LEARNING) => Deed::Hold,
        (Deed::Resume | Deed::Release, _) if about(&LEARNING) => Deed::Release,
        (Deed::Act, "stop" | "disable" | "halt") if about(&REMEDIATION) => Deed::Pause,
        (Deed::Act, "start" | "enable" | "restart") if about(&REMEDIATION) => Deed::Resume,
        (Deed::Act, "turn") => match () {
            () if !about(&REMEDIATION) => Deed::Act,
            () if about(&["off"]) => Deed::Pause,
            () => Deed::Resume,
        },
        (Deed::Pause, _) if rest.iter().any(|next| next.word.is_none()) && !about(&REMEDIATION) => Deed::Act,
        (Deed::Hold, _) if rest.is_empty() || next == "on" => return None,
        (Deed::Reload, _) if !rest.is_empty() && !about(&CONFIGURATION) => Deed::Act,
        (deed, _) => deed,
    };
    Some((verb, deed))
}

/// Words that name none of its own: they belong to the verb or to what it is for.
pub(super) fn joins(low: &str) -> bool {
    [&REMEDIATION[..], &LEARNING, &CONFIGURATION].concat().contains(&low)
        || [
            "off",
            "down",
            "number",
            "no",
            "id",
            "request",
            "requests",
            "policy",
            "immediately",
            "again",
            "via",
            "using",
        ]
        .contains(&low)
}

fn exactly(low: &str) -> Option<(&'static str, Deed)> {
    let own = OWN.iter().find(|(verb, _)| *verb == low).copied();
    own.or_else(|| OTHERS.iter().find(|verb| **verb == low).map(|verb| (*verb, Deed::Act)))
}

/// A slip of one letter in a long verb; nothing is done by it, so that it may be taken for one.
fn slip(low: &str) -> Option<(&'static str, Deed)> {
    let is_word = low.len() >= 6 && super::super::vocabulary::exactly(low).is_none();
    let verbs =
        OWN.iter().map(|(verb, deed)| (*verb, *deed)).chain(OTHERS.iter().map(|verb| (*verb, Deed::Act)));
    let mut near =
        verbs.filter(|(verb, _)| is_word && verb.len() >= 6 && strsim::osa_distance(low, verb) == 1);
    near.next().filter(|_| near.next().is_none())
}
