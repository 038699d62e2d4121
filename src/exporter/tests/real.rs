//! The same hostile page, scraped by a real Prometheus in both formats.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::*;

/// A process that ends with its test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Answers `/text` and `/openmetrics` until the test ends.
fn serve_pages(listener: TcpListener) {
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).unwrap_or(0);
        let openmetrics = request[..length].starts_with(b"GET /openmetrics");
        let mut registry = Registry::default();
        Exporter::register(&mut registry).publish(Snapshot::new(hostile_scores()));
        let page = encode(&registry, if openmetrics { OPENMETRICS } else { None }, None).unwrap();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            page.content_type,
            page.body.len()
        );
        let _ = stream.write_all(&[head.as_bytes(), &page.body].concat());
    }
}

fn start_prometheus(target: SocketAddr, folder: &std::path::Path) -> (Server, SocketAddr) {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let job = |name: &str| {
        format!(
            "- {{job_name: {name}, honor_labels: true, metrics_path: /{name}, static_configs: [{{targets: ['{target}']}}]}}\n"
        )
    };
    let config =
        format!("global: {{scrape_interval: 200ms}}\nscrape_configs:\n{}{}", job("text"), job("openmetrics"));
    let file = folder.join("prometheus.yml");
    std::fs::write(&file, config).unwrap();
    let child = Command::new("prometheus")
        .arg(format!("--config.file={}", file.display()))
        .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
        .arg(format!("--web.listen-address={free}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("prometheus is not installed: apt-get install prometheus");
    (Server(child), free)
}

/// The body of a GET, or nothing while the server is not there yet.
fn get(address: SocketAddr, path: &str) -> String {
    let mut body = String::new();
    if let Ok(mut stream) = std::net::TcpStream::connect(address) {
        let _ = write!(stream, "GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        let _ = stream.read_to_string(&mut body);
    }
    body
}

#[test]
fn prometheus_scrapes_a_page_of_hostile_labels_in_both_formats() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap();
    std::thread::spawn(|| serve_pages(listener));
    let folder = tempfile::tempdir().unwrap();
    let (_server, prometheus) = start_prometheus(target, folder.path());
    let deadline = Instant::now() + Duration::from_secs(60);
    let samples = page_of(hostile_scores(), None).lines().filter(|line| !line.starts_with('#')).count();
    let scraped = format!("\"{samples}\"]");
    loop {
        let targets = get(prometheus, "/api/v1/targets");
        assert!(!targets.contains(r#""health":"down""#), "a page was refused: {targets}");
        let counts = get(prometheus, "/api/v1/query?query=scrape_samples_scraped");
        if counts.matches(&scraped).count() == 2 {
            break;
        }
        assert!(Instant::now() < deadline, "want {samples} samples of each: {counts}");
        std::thread::sleep(Duration::from_millis(100));
    }
    let rows = Snapshot::new(hostile_scores()).row_count();
    let count = get(prometheus, "/api/v1/query?query=count(anomaly_score)");
    assert!(count.contains(&format!("\"{rows}\"]")), "want {rows} series: {count}");
}
