//! The daemon as a whole process: size, memory at rest, CPU of an evaluation, start with a restored state,
//! durable webhooks a second.
//!
//! `cargo bench --bench daemon`. A stand-in for Prometheus in this process serves up to 10,000 series; the
//! daemon is the release binary. CPU seconds are the daemon's own, from `/proc`. An evaluation is a request,
//! the scores of all series, and the page published; scrapes are those of Prometheus, with gzip.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::routing::{get, post};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

const SERIES: usize = 10_000;
const CONNECTIONS: usize = 64;
const LOAD: Duration = Duration::from_secs(5);
/// How long evaluations are watched, at one a second.
const WATCH: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() {
    let prometheus = serve_prometheus().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let binary = Path::new(env!("CARGO_BIN_EXE_smartcloudops"));
    let size = std::fs::metadata(binary).expect("the binary").len();
    println!("binary, stripped                         {:>8.1} MB", size as f64 / 1e6);

    let idle = Daemon::start(folder.path(), "idle", &config(&prometheus, "[]")).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    println!("resident memory, idle                    {:>8.1} MB", idle.resident_mb());
    webhooks(&idle).await;
    idle.stop();

    for count in [1_000, SERIES] {
        evaluations(folder.path(), &prometheus, count).await;
    }

    let queries = &queries(SERIES);
    let learning = Daemon::start(folder.path(), "many", &config(&prometheus, queries)).await;
    learning.wait_for_series(SERIES).await;
    println!("resident memory, 10,000 series           {:>8.1} MB", learning.resident_mb());
    learning.stop();
    let started = Instant::now();
    let restored = Daemon::start(folder.path(), "many", &config(&prometheus, queries)).await;
    println!("start to ready, 10,000 series restored   {:>8.0} ms", started.elapsed().as_secs_f64() * 1e3);
    restored.wait_for_series(SERIES).await;
    println!("start to all scores published            {:>8.0} ms", started.elapsed().as_secs_f64() * 1e3);
    restored.stop();
}

/// One query of so many series, evaluated every second.
async fn evaluations(folder: &Path, prometheus: &str, count: usize) {
    let config = config(prometheus, &queries(count)).replace("10s", "1s");
    let daemon = Daemon::start(folder, &format!("every-second-{count}"), &config).await;
    daemon.wait_for_series(count).await;
    // The state is stored once the history is read; the next time is in ten minutes.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let evaluation = daemon.cpu_per_evaluation(false).await;
    println!("CPU of an evaluation, {count:>6} series       {:>8.2} ms", evaluation * 1e3);
    let scraped = daemon.cpu_per_evaluation(true).await;
    println!("the same with a scrape, {count:>6} series     {:>8.2} ms", scraped * 1e3);
    daemon.stop();
}

fn queries(count: usize) -> String {
    format!("[{{name: many, expr: many_{count}, false_alarms: 1 per 30d}}]")
}

fn config(prometheus: &str, queries: &str) -> String {
    format!(
        "prometheus: {{url: 'http://{prometheus}'}}\nscoring: {{interval: 10s, history: 20m}}\npresets: []\nqueries: {queries}\n"
    )
}

struct Daemon {
    child: Child,
    address: String,
}

impl Daemon {
    async fn start(folder: &Path, name: &str, config: &str) -> Self {
        let file = folder.join(format!("{name}.yml"));
        std::fs::write(&file, config).expect("the configuration is written");
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .expect("a free port")
            .local_addr()
            .expect("its address");
        let child = Command::new(env!("CARGO_BIN_EXE_smartcloudops"))
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--web.listen-address={port}"))
            .arg(format!("--storage.path={}", folder.join(name).display()))
            .arg("--log.level=error")
            .stdout(Stdio::null())
            .spawn()
            .expect("the daemon starts");
        let daemon = Self { child, address: port.to_string() };
        while daemon.get("/-/ready").await.is_none_or(|(code, _)| code != 200) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        daemon
    }

    async fn get(&self, path: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(&self.address).await.ok()?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        let code = answer.split(' ').nth(1)?.parse().ok()?;
        Some((code, answer))
    }

    async fn wait_for_series(&self, count: usize) {
        loop {
            let (_, page) = self.get("/metrics").await.unwrap_or_default();
            if page.lines().filter(|line| line.starts_with("anomaly_score{")).count() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The daemon's CPU seconds for each evaluation of `WATCH`, with or without a scrape a second.
    async fn cpu_per_evaluation(&self, scraped: bool) -> f64 {
        let (evaluations, cpu) = (self.evaluations().await, self.cpu_seconds());
        let until = Instant::now() + WATCH;
        while Instant::now() < until {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if scraped {
                self.scrape().await;
            }
        }
        let cpu = self.cpu_seconds() - cpu;
        cpu / (self.evaluations().await - evaluations)
    }

    async fn evaluations(&self) -> f64 {
        let (_, page) = self.get("/metrics").await.unwrap_or_default();
        let name = "smartcloudops_scoring_evaluations_total{query=\"many\",outcome=\"success\"} ";
        let value = page.lines().find_map(|line| line.strip_prefix(name));
        value.and_then(|value| value.parse().ok()).expect("the daemon counts its evaluations")
    }

    /// A scrape as Prometheus makes it.
    async fn scrape(&self) {
        let mut stream = TcpStream::connect(&self.address).await.expect("the daemon accepts");
        let request = format!(
            "GET /metrics HTTP/1.1\r\nHost: {}\r\nAccept: application/openmetrics-text;version=1.0.0\r\n\
             Accept-Encoding: gzip\r\nConnection: close\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).await.expect("the daemon reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("the daemon answers");
        assert!(answer.starts_with(b"HTTP/1.1 200"), "the page is served");
    }

    fn resident_mb(&self) -> f64 {
        let process = procfs::process::Process::new(self.child.id() as i32).expect("the process");
        let pages = process.statm().expect("its memory").resident;
        (pages * procfs::page_size()) as f64 / 1e6
    }

    fn cpu_seconds(&self) -> f64 {
        let stat = procfs::process::Process::new(self.child.id() as i32).and_then(|process| process.stat());
        let stat = stat.expect("the process");
        (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64
    }

    fn stop(mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("the daemon runs");
        let status = self.child.wait().expect("the daemon ends");
        assert!(status.success(), "the daemon ended with {status}");
    }
}

/// One-alert deliveries over keep-alive connections, each answered after its commit is on disk.
async fn webhooks(daemon: &Daemon) {
    let accepted = Arc::new(AtomicU64::new(0));
    let before = daemon.cpu_seconds();
    let until = Instant::now() + LOAD;
    let senders = (0..CONNECTIONS).map(|sender| {
        let (address, accepted) = (daemon.address.clone(), accepted.clone());
        tokio::spawn(async move {
            let mut stream = BufReader::new(TcpStream::connect(&address).await.expect("the daemon accepts"));
            let mut number = 0;
            while Instant::now() < until {
                number += 1;
                assert_eq!(deliver(&mut stream, &address, sender, number).await, 200);
                accepted.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    for sender in senders.collect::<Vec<_>>() {
        sender.await.expect("every delivery is accepted");
    }
    let accepted = accepted.load(Ordering::Relaxed) as f64;
    println!("webhooks stored durably, a second        {:>8.0}", accepted / LOAD.as_secs_f64());
    println!(
        "the daemon's CPU for one                 {:>8.1} us",
        (daemon.cpu_seconds() - before) / accepted * 1e6
    );
}

async fn deliver(stream: &mut BufReader<TcpStream>, address: &str, sender: usize, number: u64) -> u16 {
    let body = format!(
        r#"{{"version":"4","groupKey":"{{}}","truncatedAlerts":0,"status":"firing","receiver":"smartcloudops","groupLabels":{{}},"commonLabels":{{}},"commonAnnotations":{{}},"externalURL":"http://localhost:9093","alerts":[{{"status":"firing","labels":{{"alertname":"Load","instance":"host-{sender}:{}","job":"bench","severity":"warning"}},"annotations":{{"summary":"a summary of ordinary length, as rules have it"}},"startsAt":"2026-01-01T00:00:00Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://localhost:9090/graph","fingerprint":"0000000000000000"}}]}}"#,
        number % 100
    );
    let head = format!(
        "POST /webhook HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.get_mut().write_all((head + &body).as_bytes()).await.expect("the daemon reads");
    let (mut code, mut length, mut line) = (0, 0, String::new());
    loop {
        line.clear();
        stream.read_line(&mut line).await.expect("the daemon answers");
        let lower = line.to_ascii_lowercase();
        if let Some(rest) = lower.strip_prefix("http/1.1 ") {
            code = rest[..3].parse().expect("a status code");
        } else if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        } else if line.trim().is_empty() {
            break;
        }
    }
    stream.read_exact(&mut vec![0; length]).await.expect("the whole answer");
    code
}

fn field(form: &str, name: &str) -> Option<String> {
    let mut fields = url::form_urlencoded::parse(form.as_bytes());
    fields.find(|(field, _)| field == name).map(|(_, value)| value.into_owned())
}

/// A field of a form, as a number.
fn number(form: &str, name: &str) -> Option<f64> {
    field(form, name)?.trim_end_matches('s').parse().ok()
}

/// How many series a query asks for: the number its expression ends with.
fn count(form: &str) -> usize {
    let expr = field(form, "query").unwrap_or_default();
    expr.rsplit('_').next().and_then(|count| count.parse().ok()).unwrap_or_default()
}

/// A stand-in for Prometheus, which compresses where it may as Prometheus does.
async fn serve_prometheus() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address").to_string();
    let router = axum::Router::new()
        .route("/api/v1/query", post(instant))
        .route("/api/v1/query_range", post(range))
        .route(
            "/api/v1/status/buildinfo",
            get(|| async { r#"{"status":"success","data":{"version":"bench"}}"# }),
        )
        .layer(tower_http::compression::CompressionLayer::new());
    tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            let service = hyper_util::service::TowerToHyperService::new(router.clone());
            let stream = hyper_util::rt::TokioIo::new(stream);
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(stream, service));
        }
    });
    address
}

fn value(series: usize, at: f64) -> f64 {
    10.0 + (at / 600.0 + series as f64).sin() + ((at as u64 * 31 + series as u64 * 17) % 97) as f64 / 100.0
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

async fn instant(form: String) -> String {
    let at = number(&form, "time").unwrap_or_else(now);
    let series = |number: usize| {
        format!(r#"{{"metric":{},"value":[{at:.3},"{}"]}}"#, labels(number), value(number, at))
    };
    answer("vector", (0..count(&form)).map(series))
}

async fn range(form: String) -> String {
    let get = |name| number(&form, name).unwrap_or_default();
    let (start, end, step) = (get("start"), get("end"), get("step").max(1.0));
    let ticks = ((end - start) / step).round() as usize + 1;
    let series = |number: usize| {
        let points: Vec<String> = (0..ticks)
            .map(|tick| start + tick as f64 * step)
            .map(|at| format!(r#"[{at:.3},"{}"]"#, value(number, at)))
            .collect();
        format!(r#"{{"metric":{},"values":[{}]}}"#, labels(number), points.join(","))
    };
    answer("matrix", (0..count(&form)).map(series))
}

fn labels(number: usize) -> String {
    format!(r#"{{"instance":"host-{}:9100","device":"disk-{}","job":"bench"}}"#, number / 10, number % 10)
}

fn answer(kind: &str, series: impl Iterator<Item = String>) -> String {
    let series: Vec<String> = series.collect();
    format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":[{}]}}}}"#, series.join(","))
}
