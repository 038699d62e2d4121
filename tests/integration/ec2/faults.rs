//! Endpoints that misbehave: a request that changes something is sent once, and never said to have
//! failed when it may have been carried out.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{ID, SESSION, TAG, at, reboot, told};
use crate::support::{Answer, FaultServer, PATIENCE, free_port};

#[tokio::test]
async fn an_endpoint_that_is_not_ec2_starts_nothing() {
    let web = FaultServer::start([Answer::html(200)]).await;
    let tls = web.url("").replace("http://", "https://");
    for (url, claim) in [
        (format!("http://127.0.0.1:{}", free_port()), "nobody listens"),
        (tls, "no TLS"),
        (web.url(""), "a web page"),
        ("http://ec2.invalid".to_owned(), "no such name"),
    ] {
        let (outcome, text) = told(&reboot(&at(&url), ID, Duration::from_secs(20)).await);
        assert_eq!(outcome, "not started", "{claim}: {text}");
    }
}

pub fn described(instances: &str) -> Answer {
    let body = format!(
        "<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r-1</requestId>\
         <reservationSet><item><instancesSet>{instances}</instancesSet></item></reservationSet></DescribeInstancesResponse>"
    );
    Answer::new(200, body).header("content-type", "text/xml")
}

/// It runs, it may be acted on, and its disks are of EBS.
pub fn instance(id: &str) -> String {
    instance_with(id, EBS)
}

pub const EBS: &str = "<instanceType>t3.micro</instanceType><rootDeviceType>ebs</rootDeviceType>\
     <blockDeviceMapping><item><deviceName>/dev/sda1</deviceName><ebs><volumeId>vol-1</volumeId></ebs></item></blockDeviceMapping>";

/// It runs, it may be acted on, and EC2 says this of it besides.
pub fn instance_with(id: &str, more: &str) -> String {
    format!(
        "<item><instanceId>{id}</instanceId><instanceState><code>16</code><name>running</name></instanceState>{more}\
         <tagSet><item><key>{}</key><value>{}</value></item></tagSet></item>",
        TAG.0, TAG.1
    )
}

/// What EC2 says of types of instances.
pub fn types(types: &str) -> Answer {
    let body = format!(
        "<DescribeInstanceTypesResponse><requestId>r-5</requestId><instanceTypeSet>{types}</instanceTypeSet>\
         </DescribeInstanceTypesResponse>"
    );
    Answer::new(200, body).header("content-type", "text/xml")
}

pub fn refused(status: u16, code: &str, text: &str) -> Answer {
    let body = format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>{text}</Message></Error></Errors><RequestID>r-2</RequestID></Response>"
    );
    Answer::new(status, body).header("content-type", "text/xml")
}

#[tokio::test]
async fn a_look_that_does_not_show_the_instance_starts_nothing() {
    let two = format!("{}{}", instance(ID), instance("i-1234abcd"));
    for (answer, requests, claim) in [
        (described(""), 1, "no instance"),
        (described(&two), 1, "two instances"),
        (described(&instance("i-1234abcd")), 1, "another instance"),
        (described("<item><instanceId>i-0123456789abcdef0</instanceId></item>"), 1, "no state"),
        (described("<item>"), 1, "broken XML"),
        (refused(403, "UnauthorizedOperation", "no"), 1, "no right to look"),
        (refused(500, "InternalError", "ouch"), 3, "trouble, however often it is asked"),
        (refused(503, "RequestLimitExceeded", "slowly"), 3, "too many requests, however often"),
        (Answer::new(200, "").after(PATIENCE), 1, "no answer in half of the time"),
    ] {
        let server = FaultServer::start([answer]).await;
        let begun = Instant::now();
        let (outcome, text) = told(&reboot(&at(&server.url("")), ID, Duration::from_secs(10)).await);
        assert_eq!(outcome, "not started", "{claim}: {text}");
        assert!(begun.elapsed() < Duration::from_secs(8), "{claim}: {:?}", begun.elapsed());
        let seen = server.seen();
        assert_eq!(seen.len(), requests, "{claim}");
        assert!(seen.iter().all(|seen| seen.field("Action") == "DescribeInstances"), "{claim}");
    }
}

#[tokio::test]
async fn what_becomes_of_a_reboot_is_told_and_it_is_sent_once() {
    let echo =
        format!("The signature does not match.\n\nThe canonical string is 'x-amz-security-token:{SESSION}'");
    let quiet = format!("x-amz-security-token:{SESSION}");
    for (answer, expected, claim) in [
        (Answer::new(200, "<RebootInstancesResponse/>"), "accepted", "yes"),
        (refused(400, "InvalidInstanceID.NotFound", "gone"), "failed", "terminated a moment ago"),
        (refused(403, "UnauthorizedOperation", "no"), "failed", "no right to reboot"),
        (refused(403, "RequestExpired", &echo), "failed", "an answer with the session token"),
        (refused(403, "SignatureDoesNotMatch", &quiet), "failed", "one with the token in its first line"),
        (Answer::html(403), "failed", "a proxy refuses"),
        (refused(503, "RequestLimitExceeded", "slowly"), "failed", "too many requests"),
        (refused(500, "InternalError", "ouch"), "unknown", "trouble inside EC2"),
        (Answer::html(502), "unknown", "a gateway that got no answer"),
        (Answer::new(200, "<Reboot").breaking_off(), "unknown", "an answer that breaks off"),
        (Answer::new(200, "").after(PATIENCE), "unknown", "no answer in time"),
    ] {
        let server = FaultServer::start([described(&instance(ID)), answer]).await;
        let (outcome, text) = told(&reboot(&at(&server.url("")), ID, Duration::from_secs(3)).await);
        assert_eq!(outcome, expected, "{claim}: {text}");
        let seen = server.seen();
        let actions: Vec<&str> = seen.iter().map(|seen| seen.field("Action")).collect();
        assert_eq!(actions, ["DescribeInstances", "RebootInstances"], "{claim}");
        assert_eq!(seen[1].field("InstanceId.1"), ID);
    }
}

/// Answers the look, closes, and then takes another connection and drops it unanswered, or none.
async fn vanishing(listener: TcpListener, takes_another: bool) {
    let (mut stream, _) = listener.accept().await.expect("a connection");
    request(&mut stream).await;
    let body = format!(
        "<DescribeInstancesResponse><reservationSet><item><instancesSet>{}</instancesSet></item></reservationSet></DescribeInstancesResponse>",
        instance(ID)
    );
    let listener = Some(listener).filter(|_| takes_another);
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).await.expect("the answer is read");
    drop(stream);
    if let Some(listener) = listener {
        let (mut stream, _) = listener.accept().await.expect("another connection");
        request(&mut stream).await;
    }
}

/// Reads until the form has come.
async fn request(stream: &mut TcpStream) {
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    while !text.contains("InstanceId.1=") {
        let length = stream.read(&mut buffer).await.expect("a request");
        text.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
}

#[tokio::test]
async fn a_lost_connection_is_told_apart_from_one_that_never_was() {
    for (takes_another, expected) in [(false, "not started"), (true, "unknown")] {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("loopback has a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
        let server = tokio::spawn(vanishing(listener, takes_another));
        let (outcome, text) = told(&reboot(&at(&url), ID, Duration::from_secs(20)).await);
        assert_eq!(outcome, expected, "{text}");
        server.await.expect("the server does not panic");
    }
}
