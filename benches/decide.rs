//! What decisions cost: 10,000 alerts that begin at once, 100 policies.
//!
//! `cargo bench --bench decide`. One thread, nothing but the core: no journal, no network. An alert is decided
//! on when its record names a plan or a reason. What is measured is the CPU time of the thread: whatever else runs
//! beside it does not count.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use smartcloudops::config::{self, Overrides};
use smartcloudops::decide::{Command, Config, Confirmation, Engine, Presence, Report, Restored};
use smartcloudops::model::{
    Alert, AlertStatus, Episode, EpisodeChange, EpisodeId, Labels, Observation, Timestamp,
};

const ALERTS: usize = 10_000;
const POLICIES: usize = 100;

/// Every policy is for an alert of its own, named by one of these matchers.
const EQUAL: &str = "alertname=\"Alert%\"";
const PATTERN: &str = "alertname=~\"Alert%|Other%\"";

fn config(matcher: &str, storm: &str) -> Arc<Config> {
    let mut text = format!(
        "prometheus: {{url: 'http://localhost:9090'}}\n\
         presets: []\n\
         remediation:\n\
        \x20 startup_grace: 0s\n\
        \x20 storm: {{total: {storm}, per_alert: {storm}}}\n\
        \x20 policies:\n"
    );
    for number in 0..POLICIES {
        let matcher = matcher.replace('%', &number.to_string());
        text.push_str(&format!(
            "  - name: policy{number}\n\
            \x20   matchers: ['{matcher}', 'severity=~\"critical|page\"']\n\
            \x20   target: {{label: instance, pattern: '[a-z0-9.-]+:\\d+'}}\n\
            \x20   conditions: ['anomaly_score{{instance=\"{{{{ target }}}}\"}} >= 1']\n\
            \x20   steps:\n\
            \x20   - command: {{argv: [/bin/restart, '{{{{ target }}}}', '{{{{ labels.job }}}}']}}\n\
            \x20     verify: {{expr: 'up{{instance=\"{{{{ target }}}}\"}} == 1'}}\n",
        ));
    }
    let config = config::parse(&text, &Overrides::default());
    Arc::new(config.unwrap_or_else(|faults| panic!("{faults}")).remediation)
}

/// Labels and annotations as many as alerts of the node mixin have.
fn episode(number: usize, names: usize) -> Episode {
    let labels: Labels = [
        ("alertname", format!("Alert{}", number % names)),
        ("instance", format!("app-{number}.example:9100")),
        ("job", "app".to_owned()),
        ("severity", "critical".to_owned()),
        ("team", "web".to_owned()),
        ("zone", format!("zone-{}", number % 3)),
    ]
    .into_iter()
    .collect();
    let alert = Alert {
        status: AlertStatus::Firing,
        labels,
        annotations: [("summary", "It does not answer."), ("description", "For two minutes.")]
            .into_iter()
            .collect(),
        starts_at: now(),
        ends_at: None,
        generator_url: String::new(),
    };
    let id = EpisodeId { fingerprint: alert.fingerprint(), started: alert.starts_at };
    Episode {
        id,
        alert: alert.into(),
        first_seen: now(),
        last_seen: now(),
        deliveries: 1,
        end_presumed: false,
    }
}

fn now() -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000)
}

fn firing() -> Confirmation {
    Confirmation {
        prometheus: Some(Presence::Firing),
        conditions: vec![Observation::Holds],
        baseline: Some(Observation::DoesNotHold),
        ..Confirmation::default()
    }
}

/// Hands over every alert, answers every question, and asks for the next timer as often as the loop does. How
/// many decisions were recorded; the core is given back, so that nobody measures its end.
fn decide(mut engine: Engine, changes: &[EpisodeChange]) -> (usize, Engine) {
    let later = now() + Duration::from_secs(1);
    changes.iter().for_each(|change| engine.handle_change(change, later));
    let (mut decisions, mut questions) = (0, Vec::new());
    loop {
        while let Some(command) = engine.poll_command() {
            match command {
                Command::Record(_) => decisions += 1,
                Command::Confirm { key, number, .. } => questions.push((key, number)),
                other => panic!("a policy in the shadow does nothing: {other:?}"),
            }
        }
        black_box(engine.poll_timeout());
        let Some((key, number)) = questions.pop() else { return (decisions, engine) };
        engine.handle_report(Report::Confirmed { key, number, confirmation: firing().into() }, later);
    }
}

/// The CPU time of the thread.
struct CpuTime;

impl Measurement for CpuTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        // The kernel brings the account up to date when a thread gives way.
        std::thread::yield_now();
        let account = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux keeps accounts");
        let nanoseconds = account.split(' ').next().and_then(|spent| spent.parse().ok());
        Duration::from_nanos(nanoseconds.expect("the first number is the time on a CPU"))
    }

    fn end(&self, begun: Duration) -> Duration {
        self.start() - begun
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        // Nanoseconds, as on the wall.
        WallTime.formatter()
    }
}

fn decisions(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("10,000 alerts, 100 policies");
    group.sample_size(10).throughput(Throughput::Elements(ALERTS as u64));
    let (calm, stormy) = ("100000/1m", "30/1m");
    for (name, matcher, storm, names) in [
        ("a plan each, named alerts", EQUAL, calm, POLICIES),
        ("a plan each, patterns", PATTERN, calm, POLICIES),
        ("no policy for half of them", EQUAL, calm, 2 * POLICIES),
        ("a storm", EQUAL, stormy, POLICIES),
    ] {
        let config = config(matcher, storm);
        let changes: Vec<_> =
            (0..ALERTS).map(|number| EpisodeChange::Opened(episode(number, names))).collect();
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter_batched(
                || Engine::new(config.clone(), Restored::default(), now()),
                |engine| {
                    let (decisions, engine) = decide(engine, &changes);
                    assert_eq!(decisions, ALERTS);
                    engine
                },
                BatchSize::PerIteration,
            );
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = decisions
}
criterion_main!(benches);
