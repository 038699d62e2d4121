//! Which of the known questions the words make; the rules are asked in their order. Pure.

use super::super::intent::Topic;
use super::super::vocabulary::Word::{self, *};
use super::reading::Reading;

/// The topic, or `None` where words are left that no rule knows what to do with.
pub(super) fn of(reading: &Reading) -> Option<Topic> {
    let rules =
        [help, pending, why, logs, anomalies, rules, happened, done, prometheus, targets, firing, status];
    let topic = rules.iter().find_map(|rule| rule(reading))?;
    let nobodys = matches!(topic, Topic::Help | Topic::Pending | Topic::Prometheus);
    let subjects = usize::from(!nobodys && !reading.knows_name());
    (reading.strays() == 0 && reading.candidates() <= subjects).then_some(topic)
}

fn when(topic: Topic, holds: bool) -> Option<Topic> {
    holds.then_some(topic)
}

fn help(said: &Reading) -> Option<Topic> {
    let asks = said.has(Can) && said.has_any(&[You, I]) && said.has(What) && said.about().is_empty();
    let more = [Fire, Alert, Odd, Log, Rule, Target, Happen, Pending, Why, Restart];
    when(Topic::Help, (said.has(Help) || (asks && !said.says_together("i", "do"))) && !said.has_any(&more))
}

fn pending(said: &Reading) -> Option<Topic> {
    when(Topic::Pending, (said.has(Pending) || said.has(Approval)) && !said.has_any(&[Why, Log]))
}

/// Why something was or was not done. Why something is as it is, is another question.
fn why(said: &Reading) -> Option<Topic> {
    let deed =
        said.has_any(&[Restart, Remedy, Refuse]) || said.says("done") || said.says_together("do", "nothing");
    let asks = said.has(Why) || said.says_together("how", "come");
    let idle = said.has(Not) && said.has_any(&[You, Happen]);
    if asks {
        let bare =
            said.knows_name() && !said.has_any(&[Fire, Alert, Odd, Up, Down, Status, Wrong, Happen, Error]);
        return match () {
            () if deed || idle || bare => Some(Topic::Why),
            () if said.has(Odd) => Some(Topic::Anomalies),
            () if said.has_any(&[Fire, Alert]) => Some(Topic::Firing),
            () if said.has_any(&[Up, Down, Status, Wrong]) && !said.about().is_empty() => Some(Topic::Status),
            () => None,
        };
    }
    when(Topic::Why, (said.has(Refuse) || (said.has(Not) && deed)) && !said.has(Log))
}

fn logs(said: &Reading) -> Option<Topic> {
    let errors = said.has_any(&[Error, Warning]) && said.has_any(&[Show, What, Everything]);
    when(Topic::Logs, said.has(Log) || errors)
}

fn anomalies(said: &Reading) -> Option<Topic> {
    when(Topic::Anomalies, said.has(Odd))
}

fn rules(said: &Reading) -> Option<Topic> {
    when(Topic::Rules, said.has(Rule) && !said.has(Fire))
}

/// What is happening is how everything is.
fn happened(said: &Reading) -> Option<Topic> {
    let past = said.span.is_some();
    let only_a_time = past && said.has_any(&[What, How, Everything, Show]) && !said.has_any(&KEYS);
    let told = past && said.has_any(&[Overview, Wrong, Fire, Alert, Status]);
    let ongoing = !past && (said.says("happening") || said.says("going") || said.says("goes"));
    match said.has(Happen) {
        true if ongoing => Some(Topic::Status),
        happened => when(Topic::Happened, happened || only_a_time || told),
    }
}

/// Words that decide what a question is about.
const KEYS: [Word; 12] = [Fire, Alert, Odd, Restart, Remedy, Refuse, Target, Down, Up, Rule, Prometheus, Do];

fn done(said: &Reading) -> Option<Topic> {
    let yours = said.has(What)
        && said.has(You)
        && (said.says("do") || said.says("did"))
        && !said.has_any(&[Show, Can, Target, Rule]);
    when(Topic::Done, said.has_any(&[Restart, Remedy]) || said.says("done") || yours)
}

fn prometheus(said: &Reading) -> Option<Topic> {
    when(
        Topic::Prometheus,
        said.has(Prometheus) && !said.has_any(&[Target, Alert, Fire]) && said.about().is_empty(),
    )
}

fn targets(said: &Reading) -> Option<Topic> {
    let nobody = said.about().is_empty();
    let listed = ["hosts", "services", "servers", "machines", "instances", "jobs", "nodes"];
    let lists = nobody && said.has_any(&[What, Show]) && listed.iter().any(|noun| said.says(noun));
    let asks = said.has(Target) || lists || (nobody && said.has_any(&[Down, Up]));
    let other = said.has_any(&[Fire, Alert, Wrong]) && !said.has(Target);
    match said.has(Down) || said.says("not") {
        _ if !asks || other => None,
        true => Some(Topic::Down),
        false if nobody && said.has_any(&[Everything]) && said.has(Up) => Some(Topic::Down),
        false => Some(Topic::Targets),
    }
}

fn firing(said: &Reading) -> Option<Topic> {
    when(Topic::Firing, said.has_any(&[Fire, Alert]))
}

/// How somebody is. A stranger has to be asked about by such a word, or the question is about the world.
fn status(said: &Reading) -> Option<Topic> {
    let asks = said.has_any(&[Status, Overview, Wrong, Up, Down, Reach]);
    let how = said.has(How) && !said.says("do");
    let named = !said.about().is_empty();
    let bare = said.knows_name() && !said.has_any(&[Error, Warning, Do]);
    when(Topic::Status, asks || (named && (how || bare)) || (how && said.has(Everything)))
}
