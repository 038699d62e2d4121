//! What may be spent, and that nothing is asked twice.

use std::time::Duration;

use serde_json::json;
use smartcloudops::llm::limits::{Budget, Limits, Money};
use smartcloudops::llm::{Client, LlmError};
use smartcloudops::metrics::llm::LlmMetrics;

use super::{Scene, explanation, question, said};
use crate::support::{Answer, FaultServer, PATIENCE, wait_until};

fn right(after: u64) -> Answer {
    said(&explanation("x").to_string()).after(Duration::from_millis(after))
}

async fn limited(limits: Limits) -> (Scene, FaultServer) {
    let server = FaultServer::start(vec![right(0)]).await;
    let scene = Scene::with(&server.url("/v1"), |config| {
        (config.limits, config.max_output_tokens) = (limits, 100);
    });
    (scene, server)
}

#[tokio::test]
async fn beyond_a_limit_nothing_is_sent() {
    let usual = Limits::default();
    for (limits, budget, outcome) in [
        (Limits { requests_per_minute: 2, ..usual }, Budget::Minute, "minute_spent"),
        (Limits { requests_per_day: 2, ..usual }, Budget::Day, "day_spent"),
        // Of 50 tokens each, for 0.07 dollars a thousand, after as many more were reserved.
        (Limits { tokens_per_day: 400, ..usual }, Budget::Tokens, "tokens_spent"),
        (Limits { money_per_day: Some(Money::from_micros(500)), ..usual }, Budget::Money, "money_spent"),
    ] {
        let (scene, server) = limited(limits).await;
        let mut answered = 0;
        let error = loop {
            match scene.client.complete(&question(&format!("host {answered}"))).await {
                Ok(_) => answered += 1,
                Err(error) => break error,
            }
            assert!(answered < 20, "{outcome}");
        };
        assert!(matches!(&error, LlmError::BudgetSpent { budget: spent, .. } if *spent == budget), "{error}");
        assert!(answered >= 2 && server.seen().len() == answered, "{outcome}: {answered}");
        assert_eq!((scene.outcome(outcome), scene.outcome("success")), (1.0, answered as f64));
        let restarted = Client::new(Some(scene.folder.path()), LlmMetrics::register(&mut Default::default()));
        restarted.configure(Some(&scene.config)).unwrap();
        let error = restarted.complete(&question("after a restart")).await.unwrap_err();
        assert_eq!(error.as_str(), outcome, "a restart renews nothing");
        assert_eq!(server.seen().len(), answered);
    }
}

#[tokio::test]
async fn what_nobody_knows_the_cost_of_counts_as_the_most_it_can_be() {
    let server = FaultServer::start(vec![right(10_000), right(0)]).await;
    let scene = Scene::with(&server.url("/v1"), |config| {
        config.limits.tokens_per_day = 5_000;
        config.timeout = Duration::from_secs(1);
    });
    assert_eq!(scene.refusal(&question("slow"), false).await.as_str(), "timed_out");
    assert_eq!(scene.refusal(&question("next"), false).await.as_str(), "tokens_spent");
}

#[tokio::test]
async fn whoever_asks_the_same_shares_one_answer() {
    for (answer, expected) in
        [(right(500), "success"), (Answer::new(500, "{}").after(Duration::from_millis(500)), "server_error")]
    {
        let server = FaultServer::start(vec![answer]).await;
        let scene = Scene::new(&server.url("/v1"));
        let request = question("web-1");
        let all = futures::future::join_all(
            (0..20).map(|number| scene.ask(&request, number % 2 == 1 && number > 1)),
        );
        for result in all.await {
            assert_eq!(result.map_or_else(|error| error.as_str(), |_| "success"), expected);
        }
        assert_eq!(server.seen().len(), 1);
        assert_eq!(scene.metric("request_duration_seconds_count"), 1.0);
    }
}

#[tokio::test]
async fn of_one_group_one_question_at_a_time_is_asked() {
    let server = FaultServer::start(vec![right(100)]).await;
    let scene = Scene::new(&server.url("/v1"));
    let questions: Vec<_> = (0..5)
        .map(|number| {
            let mut request = question(&format!("evidence {number}"));
            request.group = "web".to_owned();
            request
        })
        .collect();
    let all = futures::future::join_all(questions.iter().map(|request| scene.client.complete(request))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!((server.seen().len(), server.most_at_once()), (5, 1));
}

#[tokio::test]
async fn the_server_answers_few_at_once() {
    let server = FaultServer::start(vec![right(500)]).await;
    let scene = Scene::new(&server.url("/v1"));
    let questions: Vec<_> = (0..10).map(|number| question(&format!("group {number}"))).collect();
    let all = futures::future::join_all(questions.iter().map(|request| scene.client.complete(request))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!((server.seen().len(), server.most_at_once()), (10, 4));
}

#[tokio::test]
async fn whoever_goes_away_holds_up_nobody() {
    let server = FaultServer::start(vec![right(30_000), right(0)]).await;
    let scene = Scene::new(&server.url("/v1"));
    let request = question("web-1");
    let arrived = wait_until(PATIENCE, "the request to arrive", async || server.seen().len() == 1);
    tokio::select! {
        answer = scene.client.complete(&request) => panic!("{answer:?}"),
        () = arrived => {}
    }
    assert!(scene.client.complete(&request).await.is_ok());
    assert_eq!((server.seen().len(), scene.metric("requests_in_flight")), (2, 0.0));
}

#[tokio::test]
async fn only_right_answers_are_given_again() {
    let server =
        FaultServer::start(vec![said("{}"), said(&json!({"headline": 1}).to_string()), right(0)]).await;
    let scene = Scene::new(&server.url("/v1"));
    let mut outcomes = Vec::new();
    for _ in 0..4 {
        let result = scene.client.complete(&question("web-1")).await;
        outcomes.push(
            result.map_or_else(|error| error.as_str(), |given| if given.cached { "cached" } else { "new" }),
        );
    }
    assert_eq!(outcomes, ["invalid_answer", "invalid_answer", "new", "cached"]);
    assert_eq!((server.seen().len(), scene.metric("cache_hits_total")), (3, 1.0));
}
