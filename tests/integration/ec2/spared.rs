//! Instances that a stop would destroy, or that would lose what their disks hold.

use aws_sdk_ec2::types::InstanceType;
use smartcloudops::model::{Ec2Operation, Ec2Wait};

use super::faults::{EBS, described, instance_with, refused, types};
use super::{ID, TAG, arranger, at, by_id, count, operation, run_instance, run_instance_of, told};
use crate::support::{FaultServer, Moto};

const GROUP: (&str, &str) = ("aws:autoscaling:groupName", "web");

#[tokio::test]
async fn a_member_of_an_auto_scaling_group_is_rebooted_but_never_stopped() {
    let moto = Moto::start().await;
    let id = run_instance(&arranger(&moto), &[TAG, GROUP]).await;
    let aws = at(&moto.url());
    for stops in [Ec2Operation::Stop, Ec2Operation::Restart] {
        let (outcome, text) = told(&aws.ec2(&operation(stops, by_id(&id), None)).await);
        let sentence = "belongs to the Auto Scaling group web, which terminates an instance that stops";
        assert!(outcome == "not started" && text.contains(sentence), "{stops:?}: {outcome}, {text}");
    }
    assert_eq!(count(&moto.actions(), "StopInstances"), 0);
    aws.ec2(&operation(Ec2Operation::Reboot, by_id(&id), None)).await.expect("a reboot stops nothing");
}

#[tokio::test]
async fn an_instance_with_a_store_of_its_own_is_stopped_only_by_those_who_mean_it() {
    let moto = Moto::start().await;
    let id = run_instance_of(&arranger(&moto), InstanceType::M5dLarge, &[TAG]).await;
    let aws = at(&moto.url());
    let (outcome, text) = told(&aws.ec2(&operation(Ec2Operation::Restart, by_id(&id), None)).await);
    let sentence = "is not restarted: its type m5d.large has an instance store, which a stop erases";
    assert!(outcome == "not started" && text.contains(sentence), "{outcome}, {text}");
    assert_eq!(count(&moto.actions(), "StopInstances"), 0);
    let stop = operation(Ec2Operation::Stop, by_id(&id), Some(Ec2Wait::Stopped));
    aws.ec2(&stop).await.expect("a stop is destructive, and a person has approved it");
}

#[tokio::test]
async fn only_an_instance_that_is_known_to_keep_its_disks_is_restarted() {
    let kind = "<instanceType>t3.micro</instanceType>";
    let of_store = "<rootDeviceType>instance-store</rootDeviceType>";
    let mapped = format!(
        "{kind}<rootDeviceType>ebs</rootDeviceType><blockDeviceMapping><item><deviceName>/dev/sdb</deviceName></item></blockDeviceMapping>"
    );
    let other = "<item><instanceType>t3.nano</instanceType><instanceStorageSupported>false</instanceStorageSupported></item>";
    for (more, answer, sentence, claim) in [
        (
            format!("{kind}{of_store}"),
            None,
            "its root device is not known to be of EBS",
            "a root that is lost",
        ),
        (kind.to_owned(), None, "its root device is not known to be of EBS", "nothing is said of the root"),
        (mapped, None, "one of its block devices is not of EBS", "a device of another kind"),
        ("<rootDeviceType>ebs</rootDeviceType>".to_owned(), None, "EC2 does not say the type of", "no type"),
        (EBS.to_owned(), Some(types("")), "does not say whether the type t3.micro", "an unknown type"),
        (EBS.to_owned(), Some(types(other)), "does not say whether the type t3.micro", "another type"),
        (
            EBS.to_owned(),
            Some(refused(403, "UnauthorizedOperation", "no")),
            "cannot look at the type t3.micro: UnauthorizedOperation",
            "no right to look at types",
        ),
    ] {
        let script = std::iter::once(described(&instance_with(ID, &more))).chain(answer);
        let server = FaultServer::start(script).await;
        let action = operation(Ec2Operation::Restart, by_id(ID), None);
        let (outcome, text) = told(&at(&server.url("")).ec2(&action).await);
        assert!(outcome == "not started" && text.contains(sentence), "{claim}: {outcome}, {text}");
        let asked = server.seen();
        assert!(asked.iter().all(|seen| seen.field("Action").starts_with("Describe")), "{claim}");
    }
}
