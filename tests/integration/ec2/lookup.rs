//! Instances that are looked up, and what is done to them, against moto.

use smartcloudops::model::{Ec2Operation, Ec2Wait, InstanceLookup, RunId};

use super::{RUN, TAG, arranger, at, by_id, count, operation, run_instance, told};
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
        let action = operation(Ec2Operation::Reboot, lookup, None);
        let report = at(&moto.url()).ec2(&action, RUN).await.expect("moto accepts the reboot");
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
        let (outcome, text) = told(&at(&moto.url()).ec2(&action, RUN).await);
        assert!(outcome == "not started" && text.contains(sentence), "{action:?}: {outcome}, {text}");
    }
    assert_eq!(count(&moto.actions(), "StopInstances"), 0);
}

#[tokio::test]
async fn an_instance_is_stopped_started_and_restarted() {
    let moto = Moto::start().await;
    let id = run_instance(&arranger(&moto), &[TAG]).await;
    let aws = at(&moto.url());
    let wrong = aws.ec2(&operation(Ec2Operation::Start, by_id(&id), None), RUN).await;
    assert!(told(&wrong).1.contains("is running, not stopped"), "{wrong:?}");
    for (what, wait, sentence) in [
        (Ec2Operation::Stop, Some(Ec2Wait::Stopped), "; EC2 says that ID is stopped"),
        (Ec2Operation::Start, Some(Ec2Wait::StatusOk), "; EC2 says that ID is running and its checks pass"),
        (Ec2Operation::Restart, None, "is stopped; start requested"),
        (Ec2Operation::Stop, None, "stop requested"),
    ] {
        let report = aws.ec2(&operation(what, by_id(&id), wait), RUN).await.expect("moto accepts it");
        assert!(report.summary.contains(&sentence.replace("ID", &id)), "{what:?}: {report:?}");
    }
    let wrong = aws.ec2(&operation(Ec2Operation::Restart, by_id(&id), None), RUN).await;
    assert!(told(&wrong).1.contains("is stopped, not running"), "{wrong:?}");
    let actions = moto.actions();
    assert_eq!((count(&actions, "StopInstances"), count(&actions, "StartInstances")), (3, 2));
}

#[tokio::test]
async fn a_tag_that_leads_to_another_instance_in_the_middle_of_a_run_ends_it() {
    let moto = Moto::start().await;
    let arranger = arranger(&moto);
    let aws = at(&moto.url());
    let reboot = operation(Ec2Operation::Reboot, by_name("web"), None);
    let first = run_instance(&arranger, &[("Name", "web"), TAG]).await;
    aws.ec2(&reboot, RUN).await.expect("moto accepts the reboot");
    arranger.terminate_instances().instance_ids(&first).send().await.expect("moto terminates an instance");
    let second = run_instance(&arranger, &[("Name", "web"), TAG]).await;
    let (outcome, text) = told(&aws.ec2(&reboot, RUN).await);
    let sentence = format!("Name=web is {second} now, and was {first} in an earlier step of this run");
    assert!(outcome == "not started" && text.contains(&sentence), "{outcome}, {text}");
    assert_eq!(count(&moto.actions(), "RebootInstances"), 1);
    aws.ec2(&reboot, RunId(RUN.0 + 1)).await.expect("another run may find another");
}
