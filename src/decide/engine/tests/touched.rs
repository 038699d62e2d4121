//! What is busy, spent and counted is what is touched, however a policy or an alert spells it.

use regex::Regex;

use super::*;
use crate::decide::action::{ActionTemplate, Ec2Template, InstanceTemplate};
use crate::decide::config::Target;
use crate::decide::policy;
use crate::decide::world::Members;
use crate::model::{Approval, ApprovalState, Budget, Ec2Operation, InstanceLookup, Lookup, Scope};

const ID: &str = "i-1234abcd";
const OTHER: &str = "i-1234abce";

fn target(label: &str, pattern: &str) -> Target {
    Target { label: label.into(), pattern: Regex::new(&format!("^(?:{pattern})$")).unwrap() }
}

/// A policy that reboots an instance for alerts of its own name.
fn reboot(name: &str, target: Target, instance: fn(Template) -> InstanceTemplate) -> Policy {
    let mut policy = config().policies.remove(0);
    policy.name = name.into();
    policy.matchers = vec![format!("alertname=\"{name}\"").parse().unwrap()];
    policy.target = target;
    policy.steps[0].action = ActionTemplate::Ec2(Ec2Template {
        operation: Ec2Operation::Reboot,
        instance: instance(Template::compile("{{ target }}", Escape::Argument).unwrap()),
        wait: None,
        timeout: Duration::from_secs(10),
    });
    policy
}

/// Policies that know an instance by its address, by its id and by a tag.
fn policies() -> Config {
    let by_tag = |value| InstanceTemplate::Tag { key: "Name".to_owned(), value };
    let policies = vec![
        reboot("Address", target("instance", r"[0-9.]+:\d+"), InstanceTemplate::PrivateIp),
        reboot("Id", target("instance_id", "i-[0-9a-f]+"), InstanceTemplate::Id),
        reboot("Tag", target("name", "[a-z]+"), by_tag),
    ];
    Config { policies, ..config() }
}

fn by_address() -> Episode {
    episode(&[("alertname", "Address"), ("instance", "10.0.0.5:9100")], 0)
}

fn by_id(id: &str) -> Episode {
    episode(&[("alertname", "Id"), ("instance_id", id)], 0)
}

fn by_tag() -> Episode {
    episode(&[("alertname", "Tag"), ("name", "web")], 0)
}

/// Both lookups lead to this instance.
fn leads_to(id: &str) -> Confirmation {
    let address = InstanceLookup::PrivateIp("10.0.0.5".to_owned());
    let tag = InstanceLookup::Tag { key: "Name".to_owned(), value: "web".to_owned() };
    let found = [address, tag].map(|lookup| (Lookup::Instance(lookup), Ok(id.to_owned())));
    Confirmation { found: found.to_vec(), ..firing() }
}

fn open(engine: &mut Engine, episode: Episode, world: &Confirmation, now: i64) -> Vec<String> {
    engine.handle_change(&EpisodeChange::Opened(episode), at(now));
    run_to_act(engine, world, at(now))
}

const ACTS: [&str; 4] = ["Confirm", "Begin", "act", "Act 0"];

#[test]
fn one_instance_has_one_run_at_a_time_whatever_it_is_known_by() {
    for (first, second, held) in [
        (by_address(), by_id(ID), &["target_busy"][..]),
        (by_id(ID), by_address(), &["Confirm", "target_busy"]),
        (by_address(), by_tag(), &["Confirm", "target_busy"]),
        (by_tag(), by_address(), &["Confirm", "target_busy"]),
        (by_address(), by_id(OTHER), &ACTS),
    ] {
        let mut engine = engine(policies());
        assert_eq!(open(&mut engine, first.clone(), &leads_to(ID), 0), ACTS, "{first:?}");
        assert_eq!(open(&mut engine, second.clone(), &leads_to(ID), 1), held, "{first:?}, then {second:?}");
    }
}

#[test]
fn one_instance_has_one_budget_also_after_a_restart() {
    let mut config = policies();
    config.budgets = vec![Budget { scope: Scope::Target, rate: "1/1h".parse().unwrap() }];
    let mut before = engine(config.clone());
    before.handle_change(&EpisodeChange::Opened(by_address()), at(0));
    let Some(Command::Confirm { key, number, .. }) = before.poll_command() else { panic!("a question") };
    before.handle_report(Report::Confirmed { key, number, confirmation: leads_to(ID).into() }, at(0));
    let Some(Command::Begin { plan, .. }) = before.poll_command() else { panic!("an intent") };
    assert_eq!(plan.steps[0].action.found(), Some(ID), "what will be acted on is written down");
    let restored = Restored { attempts: vec![(*plan, at(0))], ..Restored::default() };
    let mut after = Engine::new(Arc::new(config), restored, at(1));
    assert_eq!(open(&mut after, by_id(ID), &firing(), 1), ["target_budget"]);
    assert_eq!(open(&mut after, by_tag(), &leads_to(ID), 2), ["Confirm", "target_budget"]);
    assert_eq!(open(&mut after, by_id(OTHER), &firing(), 3), ACTS, "another instance has its own");
}

#[test]
fn two_ports_are_one_host_where_the_operator_says_so() {
    for (pattern, second, sentence) in [
        (r"(?P<host>[0-9.]+):\d+", &["target_busy"][..], "a policy takes the host out of its target"),
        (r"[0-9.]+:\d+", &ACTS, "nobody says that it is one"),
    ] {
        let mut config = config();
        config.policies[0].target = target("instance", pattern);
        config.policies[0].budgets.clear();
        let on = |instance| episode(&[("alertname", "AppDown"), ("instance", instance)], 0);
        let mut engine = engine(config);
        assert_eq!(open(&mut engine, on("10.0.0.5:9100"), &firing(), 0), ACTS);
        assert_eq!(open(&mut engine, on("10.0.0.5:9090"), &firing(), 0), second, "{sentence}");
    }
}

#[test]
fn a_group_counts_a_member_as_under_way_by_whatever_it_is_known() {
    let mut config = policies();
    config.policies[1].group = Some(group("1"));
    let all = || [ID, OTHER].map(str::to_owned).into();
    let world = Confirmation { group: Some(Ok(Members { all: all(), healthy: all() })), ..leads_to(OTHER) };
    let mut first = engine(config.clone());
    assert_eq!(open(&mut first, by_address(), &world, 0), ACTS);
    assert_eq!(open(&mut first, by_id(ID), &world, 0), ["Confirm", "last_healthy"], "the other is rebooted");
    let mut other = engine(config);
    assert_eq!(open(&mut other, by_id(ID), &world, 0), ACTS, "both are well");
}

#[test]
fn what_cannot_be_looked_up_or_is_protected_is_not_acted_on() {
    let mut config = policies();
    config.protected = vec![OTHER.to_owned()];
    for (world, held) in [(firing(), "lookup_failed"), (leads_to(OTHER), "target_protected")] {
        assert_eq!(open(&mut engine(config.clone()), by_tag(), &world, 0), ["Confirm", held]);
    }
}

#[test]
fn leave_is_for_the_instance_that_was_found_and_for_no_other() {
    let mut engine = engine(Config { mode: Mode::Ask, ..policies() });
    engine.handle_change(&EpisodeChange::Opened(by_address()), at(1));
    let Some(Command::Confirm { key, number, question }) = engine.poll_command() else {
        panic!("a question")
    };
    assert_eq!(question.lookups.len(), 1);
    engine.handle_report(Report::Confirmed { key, number, confirmation: leads_to(ID).into() }, at(1));
    let Some(Command::Ask(request)) = engine.poll_command() else { panic!("a request") };
    assert_eq!(request.plan.steps[0].action.found(), Some(ID));
    let mut approval = Approval { id: ApprovalId(7), request: *request, state: ApprovalState::Pending };
    let key = approval.request.plan.key.clone();
    engine.handle_report(Report::Asked { key, result: Ok(approval.clone().into()) }, at(1));
    commands(&mut engine);
    approval.state = ApprovalState::Approved { by: "ann".to_owned(), at: at(2) };
    engine.handle_answer(approval, at(2));
    let seen = run_to_act(&mut engine, &leads_to(OTHER), at(2));
    assert_eq!(seen, ["Confirm", "Cancel: the plan has changed", "Ask"], "the address has another one now");
}

#[test]
fn another_name_of_a_policy_does_not_act_again_on_an_open_episode() {
    let mut config = config();
    config.policies[0].budgets.clear();
    let mut engine = engine(config.clone());
    assert_eq!(open(&mut engine, app(0), &firing(), 0), ACTS);
    acted(&mut engine, 0, Err(ActError::Failed { report: ActReport::default() }), at(1));
    commands(&mut engine);
    let done = policy::plan(&config, &config.policies[0], &app(0)).unwrap();
    config.policies[0].name = "renamed".into();
    engine.reconfigure(Arc::new(config.clone()), at(2));
    assert_eq!(names(&commands(&mut engine)), ["already_run"]);
    let (episodes, attempts) = (vec![app(0)], vec![(done, at(0))]);
    let restored = Restored { episodes, attempts, ..Restored::default() };
    let mut restarted = Engine::new(Arc::new(config.clone()), restored, at(2));
    assert_eq!(names(&commands(&mut restarted)), ["already_run"], "after a restart as well");
    if let ActionTemplate::Command { program, .. } = &mut config.policies[0].steps[0].action {
        *program = "/bin/reload".to_owned();
    }
    config.policies[0].name = "another".into();
    engine.reconfigure(Arc::new(config), at(3));
    assert_eq!(run_to_act(&mut engine, &firing(), at(3)), ACTS, "it does something else");
}
