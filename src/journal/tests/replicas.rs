//! Replicas that share a database: one leads, all take in deliveries, and nothing is lost between them.

use futures::future::join_all;

use super::*;
use crate::journal::{BeginError, JournalError, RecordError};
use crate::model::{DeliveryId, EpisodeChange};

/// A database, and replicas that open it.
struct Shared {
    name: String,
    config: Config,
}

impl Shared {
    fn new() -> Self {
        let url = postgres().database();
        let place = database(&url);
        let name = url.parse::<url::Url>().unwrap().path().trim_start_matches('/').to_owned();
        Self {
            name,
            config: Config { place, retention: Duration::from_secs(90 * 86_400), archive: None, queue: 64 },
        }
    }

    async fn replica(&self) -> Journal {
        let metrics = JournalMetrics::register(&mut Registry::default());
        Journal::open(&self.config, metrics).await.unwrap()
    }

    /// Ends the connection that has the lock, as a failing network would.
    fn cut_the_leader_off(&self) {
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON database = oid \
                   WHERE locktype = 'advisory' AND datname = current_database()";
        assert_eq!(postgres().sql(&self.name, cut).trim(), "t", "one connection leads");
    }
}

/// Leads once the connection of whoever did before is gone.
async fn take_over(journal: &Journal, holder: &str) {
    let deadline = Instant::now() + PATIENCE;
    while journal.lead(holder, at(0)).await.ok().flatten().is_none() {
        assert!(Instant::now() < deadline, "{holder} cannot lead");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn one_replica_leads_until_its_connection_ends() {
    let shared = Shared::new();
    let (a, b) = tokio::join!(shared.replica(), shared.replica());
    assert!(!a.status().leads);
    let first = a.lead("a", at(0)).await.unwrap().expect("nobody leads yet");
    assert_eq!(b.lead("b", at(0)).await.unwrap(), None);
    assert!(a.still_leads().await.unwrap() && a.status().leads);
    assert!(!b.still_leads().await.unwrap() && !b.status().leads);
    a.close().await;
    take_over(&b, "b").await;
    let again = b.lead("b", at(0)).await.unwrap().expect("whoever leads may begin anew");
    assert_eq!(again.0, first.0 + 2);
}

#[tokio::test]
async fn only_the_leader_writes_intents_and_everyone_takes_in_deliveries() {
    let shared = Shared::new();
    let (a, b) = (shared.replica().await, shared.replica().await);
    a.lead("a", at(0)).await.unwrap().unwrap();
    let refused = b.begin(intent(&plan("t", 1)), at(1)).await.unwrap_err();
    let expected = BeginError::Unavailable { reason: "another replica leads".into() };
    assert_eq!(refused, expected);
    assert!(matches!(b.record_decisions(vec![]).await, Ok(())), "nothing is nothing");
    assert!(matches!(b.prune(at(1)).await, Err(JournalError::Unavailable { .. })));
    assert_eq!(b.record_delivery(delivery("from b")).await.unwrap(), DeliveryId(1));
    assert_eq!(a.record_delivery(delivery("from a")).await.unwrap(), DeliveryId(2));
    let both = a.deliveries_after(DeliveryId(0), 10).await.unwrap();
    assert_eq!(both.len(), 2);
    a.apply(vec![EpisodeChange::Opened(episode("a", 1))], DeliveryId(2), at(2)).await.unwrap();
    assert!(a.begin(intent(&plan("t", 1)), at(3)).await.is_ok());

    b.set_paused(true, "ada", at(4)).await.unwrap();
    assert_eq!(a.begin(intent(&plan("u", 1)), at(5)).await.unwrap_err(), BeginError::Paused);
    a.close().await;
    take_over(&b, "b").await;
    b.set_paused(false, "ada", at(6)).await.unwrap();
    let refused = b.begin(intent(&plan("t", 1)), at(7)).await.unwrap_err();
    assert_eq!(refused, BeginError::AlreadyRun, "what one has begun the other knows");
    assert_eq!(super::super::verify(&shared.config.place).await.unwrap().broken, None);
}

#[tokio::test]
async fn a_term_goes_on_only_if_nobody_has_led_meanwhile() {
    let shared = Shared::new();
    let (a, b) = (shared.replica().await, shared.replica().await);
    let term = a.lead("a", at(0)).await.unwrap().unwrap();
    shared.cut_the_leader_off();
    // The first write after it finds the connection gone; the next one has a new connection.
    let deadline = Instant::now() + PATIENCE;
    while a.still_leads().await != Ok(true) {
        assert!(Instant::now() < deadline, "the term does not go on");
    }
    assert!(a.begin(intent(&plan("t", 1)), at(1)).await.is_ok());

    shared.cut_the_leader_off();
    take_over(&b, "b").await;
    let refused = a.begin(intent(&plan("u", 1)), at(2)).await.unwrap_err();
    assert!(matches!(refused, BeginError::Unavailable { .. }), "{refused}");
    while a.still_leads().await != Ok(false) {
        assert!(Instant::now() < deadline, "it believes that it leads");
    }
    b.close().await;
    assert_eq!(a.still_leads().await, Ok(false), "it does not lead again by itself");
    take_over(&a, "a").await;
    assert!(a.lead("a", at(3)).await.unwrap().unwrap().0 > term.0 + 2);
}

/// A number that becomes visible after a higher one was applied would be passed over.
#[tokio::test]
async fn deliveries_of_all_replicas_are_numbered_in_the_order_in_which_they_are_seen() {
    let shared = Shared::new();
    let replicas = join_all((0..3).map(|_| shared.replica())).await;
    replicas[0].lead("0", at(0)).await.unwrap().unwrap();
    let reader = replicas[0].clone();
    let reading = tokio::spawn(async move {
        let (mut seen, mut last) = (0, DeliveryId(0));
        while seen < 3 * 50 {
            let found = reader.deliveries_after(last, 1000).await.unwrap();
            seen += found.len();
            last = found.last().map_or(last, |(id, _)| *id);
            tokio::task::yield_now().await;
        }
        seen
    });
    let writing = replicas.iter().flat_map(|replica| {
        (0..50).map(move |number| async move {
            while let Err(error) = replica.record_delivery(delivery(&number.to_string())).await {
                assert_eq!(error, RecordError::QueueFull);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
    });
    join_all(writing).await;
    let seen = tokio::time::timeout(PATIENCE, reading).await.expect("none is passed over").unwrap();
    assert_eq!(seen, 150);
}

#[tokio::test]
async fn two_that_begin_the_same_run_at_once_get_one_permit() {
    let shared = Shared::new();
    let a = shared.replica().await;
    a.lead("a", at(0)).await.unwrap().unwrap();
    let same = plan("t", 1);
    let begun = join_all((0..20).map(|_| a.begin(intent(&same), at(1)))).await;
    assert_eq!(begun.iter().filter(|permit| permit.is_ok()).count(), 1);
}

#[tokio::test]
async fn a_database_that_cannot_be_used_is_named_without_its_password() {
    let metrics = || JournalMetrics::register(&mut Registry::default());
    let open = |url: String| async move {
        let config =
            Config { place: database(&url), retention: Duration::from_secs(1), archive: None, queue: 8 };
        Journal::open(&config, metrics()).await.err().expect("it cannot be opened").to_string()
    };
    let missing = open(postgres().url("missing")).await;
    assert!(missing.contains("\"missing\" does not exist"), "{missing}");
    let dead = open("postgres://ops@127.0.0.1:1/journal".to_owned()).await;
    assert!(dead.contains("postgres://ops@127.0.0.1:1/journal cannot be opened"), "{dead}");

    let shared = Shared::new();
    shared.replica().await.close().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (900, 'from the future', true, '\\x00', 0)";
    postgres().sql(&shared.name, newer);
    let refused = Journal::open(&shared.config, metrics()).await.err().unwrap();
    assert!(matches!(refused, OpenError::NewerSchema { found: 900, known: 7, .. }), "{refused}");
}

#[tokio::test]
async fn a_replica_that_stands_still_in_a_transaction_holds_up_nobody_for_long() {
    let shared = Shared::new();
    let a = shared.replica().await;
    a.lead("a", at(0)).await.unwrap().unwrap();
    let name = shared.name.clone();
    let holding = std::thread::spawn(move || {
        postgres().sql(&name, "BEGIN; SELECT seq FROM chain_head FOR UPDATE; SELECT pg_sleep(7)")
    });
    let locked = "SELECT count(*) FROM pg_locks JOIN pg_database ON database = pg_database.oid \
                  JOIN pg_class ON relation = pg_class.oid \
                  WHERE datname = current_database() AND relname = 'chain_head' AND mode = 'RowShareLock'";
    let deadline = Instant::now() + PATIENCE;
    while postgres().sql(&shared.name, locked).trim() == "0" {
        assert!(Instant::now() < deadline, "nobody holds the end of the chain");
    }
    let refused = a.record_delivery(delivery("late")).await.unwrap_err();
    assert!(refused.to_string().contains("lock timeout"), "{refused}");
    holding.join().unwrap();
    while a.record_delivery(delivery("after")).await.is_err() {
        assert!(Instant::now() < deadline + PATIENCE, "it does not recover");
    }
}

#[tokio::test]
async fn a_restart_of_the_database_loses_nothing_and_ends_no_term() {
    let server = server::PostgresServer::start("restarted");
    let url = server.database();
    let config = Config {
        place: database(&url),
        retention: Duration::from_secs(90 * 86_400),
        archive: None,
        queue: 64,
    };
    let metrics = JournalMetrics::register(&mut Registry::default());
    let journal = Journal::open(&config, metrics).await.unwrap();
    let term = journal.lead("a", at(0)).await.unwrap().unwrap();
    let run = journal.begin(intent(&plan("t", 2)), at(1)).await.unwrap().run();
    server.stop();
    assert!(journal.record_delivery(delivery("lost")).await.is_err());
    assert!(journal.next_step(run, None, at(2)).await.is_err(), "no permit without its intent");
    server.start_again();
    let deadline = Instant::now() + PATIENCE;
    while journal.still_leads().await != Ok(true) {
        assert!(Instant::now() < deadline, "the term does not go on");
    }
    journal.record_act(run, 0, Ok(Default::default()), at(3)).await.unwrap();
    assert_eq!(journal.next_step(run, None, at(4)).await.unwrap().step(), 1);
    assert_eq!(journal.record_delivery(delivery("kept")).await.unwrap(), DeliveryId(1));
    assert!(journal.lead("a", at(5)).await.unwrap().unwrap().0 > term.0);
    journal.close().await;
    server.stop();
}
