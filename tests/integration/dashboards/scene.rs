//! A shop on a host, and everything that watches it: real Prometheus, Alertmanager and node exporter, a language model's
//! server, and the daemon with policies of every kind. Beside it, the scores of a large fleet.

mod config;

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use super::expressions::{Expression, Use};
use super::grafana::{self, Answer};
use super::history::{self, now};
use super::world::World;
use crate::support::{
    Alertmanager, Daemon, FaultServer, ModelServer, NodeExporter, PATIENCE, Pace, Prometheus, Service, every,
    free_port,
};

/// For how many seconds the scene goes on once everything has happened: longer for pictures than for a test.
const LASTS: &str = "SMARTCLOUDOPS_SCENE_SECONDS";
/// Where the data of Prometheus is left for pictures.
const KEPT: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/dashboards");

/// What has happened once the story is told; each an expression that returns something.
const STORY: [&str; 9] = [
    r#"ALERTS{alertname="AnomalyDetected",alertstate="firing",query="orders"}"#,
    r#"count(anomaly_state{query="shard_lag"} >= 1 < 3) >= 5"#,
    "anomaly_contribution",
    r#"smartcloudops_remediation_runs_total{policy="restart-shop",outcome="helped"} >= 1"#,
    r#"smartcloudops_remediation_runs_total{policy="grow-pool",outcome="no_effect"} >= 1"#,
    r#"smartcloudops_remediation_decisions_total{policy="drain-host",decision="approval_pending"} >= 1"#,
    r#"smartcloudops_remediation_decisions_total{policy="scale-out",decision="condition_false"} >= 1"#,
    r#"smartcloudops_remediation_decisions_total{policy="clean-disk",decision="shadow"} >= 1"#,
    r#"anomaly_expected_upper{query="node_memory_used"} < +Inf"#,
];

/// Everything that runs.
pub struct Scene {
    world: World,
    service: Service,
    prometheus: Prometheus,
    daemon: Daemon,
    pace: Pace,
    _alertmanager: Alertmanager,
    _node: NodeExporter,
    _model: ModelServer,
    _people: FaultServer,
}

impl Scene {
    /// Starts everything; nothing is wrong yet.
    pub async fn start() -> Self {
        let world = World::start().await;
        let (service, node, port) = (Service::start(), NodeExporter::start().await, free_port());
        let (model, people) = (ModelServer::start(&config::answers()).await, config::people().await);
        let alertmanager = Alertmanager::start(&config::alertmanager(port)).await;
        let local = |port: u16| format!("127.0.0.1:{port}");
        let targets = [
            world.shop.clone(),
            local(service.port),
            local(node.process.port),
            local(port),
            world.fleet.clone(),
        ];
        let prometheus = config::prometheus(alertmanager.process.port, &targets);
        let (rules, past) = (config::rules(), history::write(&world.shop, &node).await);
        let rules: Vec<_> = rules.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let prometheus = Prometheus::start_with_history(&prometheus, &rules, &past).await;
        let urls = [prometheus.process.url(""), alertmanager.process.url(""), people.url("")];
        let daemon = Daemon::start_on(port, &config::daemon(&urls, &service, &model)).await;
        Self {
            world,
            service,
            prometheus,
            daemon,
            pace: every(Duration::from_millis(250)),
            _alertmanager: alertmanager,
            _node: node,
            _model: model,
            _people: people,
        }
    }

    /// All is well, then a fault: the story up to its end, told and asked about.
    pub async fn play(&mut self) {
        self.wait_for(r#"count(anomaly_expected_upper{query="shard_lag"} < +Inf) >= 30"#).await;
        self.world.set_fault(true);
        self.service.kill();
        for expr in STORY {
            self.wait_for(expr).await;
        }
        self.ask().await;
        self.wait_for("sum(increase(smartcloudops_llm_requests_total[1m])) > 0").await;
        self.go_on().await;
    }

    /// People and programs ask the daemon.
    async fn ask(&self) {
        for path in ["/explain", "/status", "/api/v1/anomalies", "/api/v1/nothing"] {
            self.daemon.get(path).await;
        }
        let (status, text) =
            self.daemon.post("/query", json!({"question": config::QUESTION}).to_string()).await;
        assert_eq!(status, 200, "{text}");
    }

    /// For as long as the environment wants; the fault ends in the middle of it.
    async fn go_on(&mut self) {
        let lasts = std::env::var(LASTS).map_or(0, |text| text.parse().expect("a number of seconds"));
        let (begun, lasts) = (Instant::now(), Duration::from_secs(lasts));
        while begun.elapsed() < lasts {
            self.world.set_fault(begun.elapsed() * 2 < lasts);
            self.turn().await;
        }
    }

    async fn wait_for(&mut self, expr: &str) {
        let begun = Instant::now();
        while grafana::instant(&self.prometheus, expr).await.expect("it is PromQL").series == 0 {
            assert!(begun.elapsed() < PATIENCE * 3, "still waiting for {expr}\n{}", self.daemon.log());
            self.turn().await;
        }
    }

    /// Lets a moment pass.
    pub async fn turn(&mut self) {
        self.pace.tick().await;
    }

    /// The answer to an expression whose variables are filled in.
    pub async fn answer(&self, expression: &Expression, asked: &str) -> Result<Answer, String> {
        match expression.used {
            Use::Lines => grafana::range(&self.prometheus, asked).await,
            // Events come when they come, those of this machine above all: it is asked with the noughts between them.
            Use::Annotation => grafana::range(&self.prometheus, whether_or_not(asked)).await,
            Use::Rows => grafana::instant(&self.prometheus, asked).await,
            Use::Options => grafana::options(&self.prometheus, asked).await,
        }
    }

    /// Leaves the data of Prometheus for pictures, and the time at which the scene ends.
    pub fn keep(mut self) {
        self.prometheus.process.kill();
        std::fs::remove_dir_all(KEPT).ok();
        std::fs::create_dir_all(KEPT).expect("the folder can be made");
        let copied = Command::new("cp").arg("--recursive").arg(self.prometheus.data()).arg(KEPT).status();
        assert!(copied.expect("cp is there").success());
        std::fs::write(format!("{KEPT}/now"), now().to_string()).expect("the folder can be written");
    }
}

/// What an annotation asks, without its last comparison, which leaves the events alone.
fn whether_or_not(asked: &str) -> &str {
    asked.strip_suffix(" > 0").expect("an annotation is what is more than nothing")
}
