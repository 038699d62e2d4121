//! Endpoints that misbehave.

use std::time::Duration;

use smartcloudops::model::{AutoscalingAction, ScaleChange};

use super::{GROUP, change};
use crate::ec2::{TAG, at, told};
use crate::support::{Answer, FaultServer, PATIENCE, free_port};

fn xml(status: u16, body: String) -> Answer {
    Answer::new(status, body).header("content-type", "text/xml")
}

/// A group as Auto Scaling tells of it, from 1 to 4.
fn described(desired: u32, in_service: usize) -> Answer {
    described_with(desired, in_service, "")
}

fn described_with(desired: u32, in_service: usize, more: &str) -> Answer {
    let instance = "<member><InstanceId>i-1234abcd</InstanceId><LifecycleState>InService</LifecycleState>\
                    <HealthStatus>Healthy</HealthStatus></member>";
    answered(&format!(
        "<member><AutoScalingGroupName>{GROUP}</AutoScalingGroupName><MinSize>1</MinSize><MaxSize>4</MaxSize>\
         <DesiredCapacity>{desired}</DesiredCapacity><Tags><member><Key>{}</Key><Value>{}</Value></member></Tags>\
         <Instances>{}</Instances>{more}</member>",
        TAG.0,
        TAG.1,
        instance.repeat(in_service)
    ))
}

fn answered(groups: &str) -> Answer {
    xml(
        200,
        format!(
            "<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups>{groups}\
             </AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>"
        ),
    )
}

fn accepted() -> Answer {
    xml(200, "<SetDesiredCapacityResponse/>".to_owned()).header("x-amzn-requestid", "r-1")
}

fn refused(status: u16, code: &str) -> Answer {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error>");
    xml(status, format!("<ErrorResponse>{error}<RequestId>r-2</RequestId></ErrorResponse>"))
}

fn up(timeout: Duration) -> AutoscalingAction {
    AutoscalingAction { timeout, ..change(ScaleChange::Up(1)) }
}

#[tokio::test]
async fn a_look_that_does_not_show_the_group_starts_nothing() {
    let two = "<member><AutoScalingGroupName>web</AutoScalingGroupName></member>".repeat(2);
    let other = "<member><AutoScalingGroupName>web2</AutoScalingGroupName></member>";
    let tagged = format!(
        "<member><AutoScalingGroupName>web</AutoScalingGroupName><Tags><member><Key>{}</Key><Value>{}</Value>\
         </member></Tags></member>",
        TAG.0, TAG.1
    );
    for (answer, requests, claim) in [
        (answered(""), 1, "no group"),
        (answered(&two), 1, "two groups"),
        (answered(other), 1, "another group"),
        (answered(&tagged), 1, "no sizes"),
        (described_with(2, 2, "<Status>Delete in progress</Status>"), 1, "a group on its way out"),
        (answered("<member>"), 1, "broken XML"),
        (Answer::html(200), 1, "a web page"),
        (refused(403, "AccessDenied"), 1, "no right to look"),
        (refused(400, "Throttling"), 3, "too many requests, however often"),
        (refused(500, "InternalFailure"), 3, "trouble, however often it is asked"),
        (Answer::new(200, "").after(PATIENCE), 1, "no answer in half of the time"),
    ] {
        let server = FaultServer::start([answer]).await;
        let (outcome, text) = told(&at(&server.url("")).autoscaling(&up(Duration::from_secs(10))).await);
        assert_eq!(outcome, "not started", "{claim}: {text}");
        let seen = server.seen();
        assert_eq!(seen.len(), requests, "{claim}: {text}");
        assert!(seen.iter().all(|seen| seen.field("Action") == "DescribeAutoScalingGroups"), "{claim}");
    }
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let (outcome, text) = told(&at(&nobody).autoscaling(&up(Duration::from_secs(20))).await);
    assert_eq!(outcome, "not started", "{text}");
}

#[tokio::test]
async fn what_becomes_of_a_change_is_told_and_it_is_sent_once() {
    for (answers, expected, sentence, claim) in [
        (vec![accepted(), described(3, 2)], "accepted", "request id r-1; the group says 3", "yes"),
        (vec![accepted(), described(2, 2), described(3, 2)], "accepted", "the group says 3", "old news"),
        (vec![accepted(), described(2, 2)], "unknown", "not seen within 3s: the group says 2", "taken back"),
        (vec![accepted(), refused(403, "AccessDenied")], "unknown", "AccessDenied", "no right to look again"),
        (
            vec![refused(400, "ScalingActivityInProgress")],
            "failed",
            "ScalingActivityInProgress",
            "a cooldown",
        ),
        (vec![refused(403, "AccessDenied")], "failed", "AccessDenied", "no right to change it"),
        (vec![refused(403, "UnauthorizedOperation")], "failed", "UnauthorizedOperation", "nor this one"),
        (vec![refused(400, "Throttling")], "failed", "Throttling", "too many requests"),
        (
            vec![refused(500, "ResourceContention")],
            "failed",
            "ResourceContention",
            "another change is pending",
        ),
        (vec![refused(500, "InternalFailure")], "unknown", "InternalFailure", "trouble inside AWS"),
        (vec![Answer::html(502)], "unknown", "HTTP 502", "a gateway that got no answer"),
        (vec![Answer::new(200, "").after(PATIENCE)], "unknown", "no answer from AWS within 3s", "no answer"),
    ] {
        let server = FaultServer::start(std::iter::once(described(2, 2)).chain(answers)).await;
        let (outcome, text) = told(&at(&server.url("")).autoscaling(&up(Duration::from_secs(3))).await);
        assert!(outcome == expected && text.contains(sentence), "{claim}: {outcome}, {text}");
        let seen = server.seen();
        let sets: Vec<_> = seen.iter().filter(|seen| seen.field("Action") == "SetDesiredCapacity").collect();
        assert_eq!(sets.len(), 1, "{claim}");
        assert_eq!((sets[0].field("DesiredCapacity"), sets[0].field("HonorCooldown")), ("3", "true"));
    }
}

#[tokio::test]
async fn it_waits_until_as_many_instances_are_in_service() {
    let server = FaultServer::start([described(2, 2), accepted(), described(3, 2), described(3, 3)]).await;
    let action = AutoscalingAction { wait: true, ..up(PATIENCE) };
    let report = at(&server.url("")).autoscaling(&action).await.expect("it is done");
    assert!(report.summary.ends_with("the group says 3, with 3 instances in service"), "{report:?}");
    let server = FaultServer::start([described(2, 2), accepted(), described(3, 2)]).await;
    let action = AutoscalingAction { wait: true, ..up(Duration::from_secs(3)) };
    let (outcome, text) = told(&at(&server.url("")).autoscaling(&action).await);
    assert!(outcome == "unknown" && text.contains("with 2 instances in service"), "{outcome}, {text}");
}
