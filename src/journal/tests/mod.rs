//! The journal against a real file and a real PostgreSQL: what is acknowledged is there after reopening, what
//! is refused changes nothing.

/// Has each of these tests run once for every database.
macro_rules! on_every_database {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test] async fn $name() { super::$name().await })+
        }
        mod postgres {
            use super::super::ON_POSTGRES;
            $(#[tokio::test] async fn $name() { ON_POSTGRES.scope((), super::$name()).await })+
        }
    };
}

mod approvals;
mod archive;
mod before;
mod budgets;
mod chain;
mod deliveries;
mod history;
mod lift;
mod opening;
mod outbox;
mod relapse;
mod replicas;
mod runs;
#[path = "../../../tests/integration/support/postgres.rs"]
pub(crate) mod server;
mod standing;
mod trouble;

use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus_client::registry::Registry;
use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use super::{Config, Database, Intent, Journal, OpenError, Place};
use crate::metrics::journal::JournalMetrics;
use crate::model::{
    Action, Alert, AlertStatus, CommandAction, Delivery, DeliverySource, Episode, EpisodeId, Labels, Plan,
    PlannedStep, RunKey, Timestamp, Verification,
};

use server::postgres;

tokio::task_local! {
    /// Set where a test runs on PostgreSQL.
    static ON_POSTGRES: ();
}

/// A journal in a folder or a database of its own.
struct Room {
    folder: TempDir,
    config: Config,
    registry: Arc<Registry>,
    journal: Journal,
}

impl Room {
    async fn new() -> Self {
        Self::with_queue(4096).await
    }

    async fn with_queue(queue: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = || Place::File(folder.path().join("data").join("journal.db"));
        let place = ON_POSTGRES.try_with(|()| database(&postgres().database())).unwrap_or_else(|_| file());
        let config = Config { place, retention: Duration::from_secs(90 * 86_400), archive: None, queue };
        let (journal, registry) = open(&config).await.unwrap();
        Self { folder, config, registry, journal }
    }

    /// Drops the handle and opens the file again.
    async fn reopened(self) -> Self {
        let Self { folder, config, journal, .. } = self;
        drop(journal);
        let (journal, registry) = open(&config).await.unwrap();
        Self { folder, config, registry, journal }
    }

    /// The value of a sample on the metrics page.
    fn metric(&self, name: &str) -> f64 {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry).unwrap();
        let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        found.unwrap_or_else(|| panic!("{name} is missing in\n{text}")).parse().unwrap()
    }

    /// A connection beside the journal's own.
    async fn beside(&self) -> SqliteConnection {
        SqliteConnectOptions::new().filename(file(&self.config)).connect().await.unwrap()
    }
}

async fn open(config: &Config) -> Result<(Journal, Arc<Registry>), OpenError> {
    let mut registry = Registry::default();
    let metrics = JournalMetrics::register(&mut registry);
    let journal = Journal::open(config, metrics).await?;
    let deadline = Instant::now() + PATIENCE;
    // The connection of whoever led before may be ending just now.
    while journal.lead("a test", at(0)).await.unwrap().is_none() {
        assert!(Instant::now() < deadline, "somebody else leads");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok((journal, Arc::new(registry)))
}

/// Takes the outbox away, as it was before there was one.
fn without_outbox() -> &'static str {
    match ON_POSTGRES.try_with(|()| ()) {
        Ok(()) => {
            "DROP FUNCTION outbox_episode_begun, outbox_episode_turned, outbox_approval, outbox_run CASCADE; \
             DROP TABLE outbox; DROP TABLE receiver; "
        }
        Err(_) => {
            "DROP TRIGGER episode_begun; DROP TRIGGER episode_turned; DROP TRIGGER approval_asked; \
             DROP TRIGGER run_ended; DROP TABLE outbox; DROP TABLE receiver; "
        }
    }
}

/// How long a connection may take to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// The place of a database that anybody may use.
fn database(url: &str) -> Place {
    Place::Postgres(Database { url: url.parse().unwrap(), password: None })
}

/// The file of a journal that is one.
fn file(config: &Config) -> &std::path::Path {
    match &config.place {
        Place::File(path) => path,
        Place::Postgres(database) => panic!("{} is no file", database.url),
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000 + seconds * 1000)
}

const DAY: i64 = 86_400;

fn alert(name: &str) -> Alert {
    let labels: Labels =
        [("alertname", name), ("instance", "app-1:9100"), ("severity", "page")].into_iter().collect();
    Alert {
        status: AlertStatus::Firing,
        labels,
        annotations: [("summary", "it's \"down\" \u{1F525}\n")].into_iter().collect(),
        starts_at: at(0),
        ends_at: None,
        generator_url: "http://prometheus:9090/graph?g0.expr=up".to_owned(),
    }
}

fn delivery(name: &str) -> Delivery {
    Delivery {
        received_at: at(1),
        source: DeliverySource::Webhook,
        alerts: vec![alert(name)],
        quarantined: vec!["{\"labels\":3}".to_owned()],
        truncated: 2,
    }
}

fn episode(name: &str, last_seen: i64) -> Episode {
    let alert = alert(name);
    let id = EpisodeId { fingerprint: alert.fingerprint(), started: alert.starts_at };
    Episode {
        id,
        alert: alert.into(),
        first_seen: at(1),
        last_seen: at(last_seen),
        deliveries: 1,
        end_presumed: false,
    }
}

fn resolved(name: &str, last_seen: i64) -> Episode {
    let mut episode = episode(name, last_seen);
    Arc::make_mut(&mut episode.alert).status = AlertStatus::Resolved;
    Arc::make_mut(&mut episode.alert).ends_at = Some(at(last_seen));
    episode
}

/// The intent to carry out a plan, whatever it costs.
fn intent(plan: &Plan) -> Intent {
    Intent::new(plan.clone())
}

/// A plan of as many steps, for the episode of an alert on the target of the same name.
fn plan(name: &str, steps: usize) -> Plan {
    let step = |index: usize| PlannedStep {
        action: Action::Command(CommandAction {
            argv: vec!["/usr/bin/systemctl".to_owned(), format!("restart-{index}")],
            timeout: Duration::from_secs(30),
        }),
        verify: Some(Verification {
            expr: "up == 1".to_owned(),
            within: Duration::from_secs(120),
            at_the_end: false,
            lasts: Duration::ZERO,
        }),
    };
    let key = RunKey { policy: "restart-app".into(), target: name.into(), episode: episode(name, 1).id };
    Plan { key, host: None, steps: (0..steps).map(step).collect() }
}
