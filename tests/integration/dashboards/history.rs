//! What Prometheus scrapes beside the daemon and the host, and what it has from before the daemon starts: quiet minutes.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::support::{NodeExporter, http};

/// Seconds of history of the shards and the orders.
pub const LEARNT: u64 = 600;
/// Seconds of history of the host: its rates look back five minutes.
const OF_THE_HOST: u64 = LEARNT + 300;
/// How many times as long as usual queues and lags become.
const FAULT: f64 = 5.0;
/// Shards of the shop.
const SHARDS: usize = 30;
/// What the queries of the preset read.
const READ: [&str; 13] = [
    "node_cpu_seconds_total",
    "node_load5",
    "node_memory_MemAvailable_bytes",
    "node_memory_MemTotal_bytes",
    "node_filesystem_avail_bytes",
    "node_filesystem_size_bytes",
    "node_filesystem_files",
    "node_filesystem_files_free",
    "node_disk_io_time_seconds_total",
    "node_network_receive_bytes_total",
    "node_network_transmit_bytes_total",
    "node_network_receive_errs_total",
    "node_network_transmit_errs_total",
];

/// Seconds since the epoch.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is right").as_secs()
}

/// Restless around 20, without a rhythm that could be learnt: splitmix64 of the second.
pub fn calm(second: u64) -> f64 {
    let mut mixed = second.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    20.0 + ((mixed ^ (mixed >> 31)) >> 40) as f64 / (1 << 24) as f64
}

/// The page of the shop: orders and workers of its one queue, and the lag of each shard; with a fault, orders pile up and
/// some shards lag behind.
pub fn shop(second: u64, fault: bool) -> String {
    let factor = |suffers: bool| if fault && suffers { FAULT } else { 1.0 };
    let mut page = format!(
        "# TYPE shop_orders_waiting gauge\nshop_orders_waiting {}\n# TYPE shop_workers_busy gauge\nshop_workers_busy {}\n\
         # TYPE shop_shard_lag_seconds gauge\n",
        calm(second) * factor(true),
        workers(second),
    );
    for shard in 0..SHARDS {
        let lag = lag(shard, second) * factor(shard % 6 == 1);
        writeln!(page, "shop_shard_lag_seconds{{shard=\"{shard:02}\"}} {lag}")
            .expect("a String can be written");
    }
    page
}

/// They follow the orders of usual days.
fn workers(second: u64) -> f64 {
    calm(second) / 2.0 + (calm(second + 3) - 20.0) / 20.0
}

fn lag(shard: usize, second: u64) -> f64 {
    calm(second + shard as u64) * (1.0 + shard as f64 / 20.0) / 10.0
}

/// OpenMetrics of the shop and of the host, up to a few seconds ago.
pub async fn write(shop_target: &str, node: &NodeExporter) -> String {
    let page = http().get(node.process.url("/metrics")).send().await.expect("the exporter answers");
    let page = page.text().await.expect("the whole page");
    of_the_shop(shop_target) + &of_the_host(&page, node.process.port) + "# EOF\n"
}

fn of_the_shop(target: &str) -> String {
    let (end, labels) = (now() - 5, format!("instance=\"{target}\",job=\"shop\""));
    let mut text = String::new();
    let mut metric = |name: &str, label: &str, value: &dyn Fn(u64) -> f64| {
        for second in end - LEARNT..end {
            let value = value(second);
            writeln!(text, "{name}{{{labels}{label}}} {value} {second}").expect("a String can be written");
        }
        // Until Prometheus scrapes nothing is measured: the value does not stand still.
        writeln!(text, "{name}{{{labels}{label}}} NaN {end}").expect("a String can be written");
    };
    metric("shop_orders_waiting", "", &calm);
    metric("shop_workers_busy", "", &workers);
    for shard in 0..SHARDS {
        metric("shop_shard_lag_seconds", &format!(",shard=\"{shard:02}\""), &|second| lag(shard, second));
    }
    text
}

/// The host as it is, led back in time: counters at a steady rate, and all else hardly changed.
fn of_the_host(page: &str, port: u16) -> String {
    let end = now() - 5;
    let mut text = String::new();
    for line in page.lines() {
        let Some((series, value)) = line.rsplit_once(' ') else { continue };
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let (Some(read), Ok(value)) = (READ.iter().find(|read| **read == name), value.parse::<f64>()) else {
            continue;
        };
        let comma = if labels == "}" { "" } else { "," };
        let labels = format!("{{instance=\"127.0.0.1:{port}\",job=\"node\"{comma}{labels}");
        for second in (end - OF_THE_HOST..end).step_by(5) {
            let then = before(read, labels.contains("mode=\"idle\""), value, second, end - second);
            writeln!(text, "{name}{labels} {then} {second}").expect("a String can be written");
        }
    }
    text
}

/// What a metric of the host is taken to have been this many seconds ago.
fn before(metric: &str, idle: bool, value: f64, second: u64, age: u64) -> f64 {
    let restless = (second / 5 * 7 % 11) as f64 / 11.0;
    let rate = match metric {
        "node_cpu_seconds_total" if idle => 0.93,
        "node_cpu_seconds_total" => 0.01,
        "node_disk_io_time_seconds_total" => 0.02,
        "node_network_receive_bytes_total" => 4000.0,
        "node_network_transmit_bytes_total" => 2500.0,
        // What never changes has no band. The exporter's own count then looks like a restart.
        _ if metric.ends_with("_errs_total") => return (OF_THE_HOST.saturating_sub(age) / 20) as f64,
        "node_filesystem_avail_bytes" | "node_memory_MemAvailable_bytes" | "node_load5" => {
            return value * (1.0 - restless / 200.0);
        }
        _ => return value,
    };
    (value - rate * (age as f64 + restless)).max(0.0)
}
