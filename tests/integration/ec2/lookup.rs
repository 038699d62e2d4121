//! Instances that are looked up, and what is done to them, against moto.

use smartcloudops::model::{Ec2Action, Ec2Operation, Ec2Wait, InstanceLookup};

use super::{TAG, arranger, at, by_id, count, operation, run_instance, told};
use crate::support::Moto;

fn by_name(value: &str) -> InstanceLookup {
    InstanceLookup::Tag { key: "Name".to_owned(), value: value.to_owned() }
}

#[tokio::test]
async fn an_instance_is_found_by_its_tag_and_by_its_address() {
    let moto = Moto::start().await;
    let arranger = arranger(&moto);
    let id = run_instance(&arranger, &[("Name", "web"), TAG]).await;
    run_instance(&arranger, &[("Name", "web-2"), TAG]).await;
    let answer = arranger.describe_instances().instance_ids(&id).send().await.expect("moto answers");
    let address =
        answer.reservations()[0].instances()[0].private_ip_address().expect("an address").to_owned();
    for lookup in [by_name("web"), InstanceLookup::PrivateIp(address)] {
        let found = at(&moto.url()).instance_id(&lookup).await.expect("there is one");
        assert_eq!(found, id, "{lookup}");
        let action = Ec2Action { found: Some(found), ..operation(Ec2Operation::Reboot, lookup, None) };
        let report = at(&moto.url()).ec2(&action).await.expect("moto accepts the reboot");
        assert!(report.summary.starts_with("reboot requested"), "{report:?}");
    }
    assert_eq!(count(&moto.actions(), "RebootInstances"), 2);
}

#[tokio::test]
async fn what_is_not_exactly_one_instance_is_left_alone() {
    let moto = Moto::start().await;
    let arranger = arranger(&moto);
    for tags in [&[("Name", "two"), TAG][..], &[("Name", "two"), TAG], &[("Name", "bare")]] {
        run_instance(&arranger, tags).await;
    }
    let gone = run_instance(&arranger, &[("Name", "gone"), TAG]).await;
    arranger.terminate_instances().instance_ids(&gone).send().await.expect("moto terminates an instance");
    for (lookup, sentence) in [
        (by_name("two"), "does not answer with the instance with the tag Name=two alone"),
        (by_name("tw?"), "alone"),
        (by_name("bar*"), "does not answer with the instance with the tag Name=bar* alone"),
        (by_name("none"), "EC2 knows nothing of the instance with the tag Name=none"),
        (by_name("gone"), "EC2 knows nothing of"),
        (by_name("bare"), "does not carry the tag smartcloudops:managed=true"),
        (InstanceLookup::PrivateIp("192.0.2.1".to_owned()), "EC2 knows nothing of"),
    ] {
        let action = operation(Ec2Operation::Stop, lookup, None);
        let (outcome, text) = told(&at(&moto.url()).ec2(&action).await);
        assert!(outcome == "not started" && text.contains(sentence), "{action:?}: {outcome}, {text}");
    }
    assert_eq!(count(&moto.actions(), "StopInstances"), 0);
}

#[tokio::test]
async fn an_instance_is_stopped_started_and_restarted() {
    let moto = Moto::start().await;
    let id = run_instance(&arranger(&moto), &[TAG]).await;
    let aws = at(&moto.url());
    let wrong = aws.ec2(&operation(Ec2Operation::Start, by_id(&id), None)).await;
    assert!(told(&wrong).1.contains("is running, not stopped"), "{wrong:?}");
    for (what, wait, sentence) in [
        (Ec2Operation::Stop, Some(Ec2Wait::Stopped), "; EC2 says that ID is stopped"),
        (Ec2Operation::Start, Some(Ec2Wait::StatusOk), "; EC2 says that ID is running and its checks pass"),
        (Ec2Operation::Restart, None, "is stopped; start requested"),
        (Ec2Operation::Stop, None, "stop requested"),
    ] {
        let report = aws.ec2(&operation(what, by_id(&id), wait)).await.expect("moto accepts it");
        assert!(report.summary.contains(&sentence.replace("ID", &id)), "{what:?}: {report:?}");
    }
    let wrong = aws.ec2(&operation(Ec2Operation::Restart, by_id(&id), None)).await;
    assert!(told(&wrong).1.contains("is stopped, not running"), "{wrong:?}");
    let actions = moto.actions();
    assert_eq!((count(&actions, "StopInstances"), count(&actions, "StartInstances")), (3, 2));
}

#[tokio::test]
async fn a_tag_that_leads_to_another_instance_than_was_decided_on_leads_to_nothing() {
    let moto = Moto::start().await;
    let arranger = arranger(&moto);
    let aws = at(&moto.url());
    let decided = |do_what, found: Option<&str>| Ec2Action {
        found: found.map(str::to_owned),
        ..operation(do_what, by_name("web"), None)
    };
    let first = run_instance(&arranger, &[TAG]).await;
    arranger.stop_instances().instance_ids(&first).send().await.expect("moto stops an instance");
    let second = run_instance(&arranger, &[("Name", "web"), TAG]).await;
    let sentence = format!("Name=web is {second} now, and was {first} when this was decided on");
    for (found, sentence) in [(Some(first.as_str()), sentence.as_str()), (None, "was not looked up")] {
        let (outcome, text) = told(&aws.ec2(&decided(Ec2Operation::Reboot, found)).await);
        assert!(outcome == "not started" && text.contains(sentence), "{outcome}, {text}");
    }
    assert_eq!(count(&moto.actions(), "RebootInstances"), 0);
    aws.ec2(&decided(Ec2Operation::Reboot, Some(&second))).await.expect("moto accepts the reboot");
    let owed = aws.ec2_finish(&decided(Ec2Operation::Restart, Some(&first))).await.expect("it is started");
    assert!(owed.summary.contains(&first), "what was stopped is started, wherever the tag is now: {owed:?}");
}
