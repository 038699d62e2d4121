//! Self-metrics of the process: build, configuration, CPU and memory.
//!
//! The process metrics have the names that every Prometheus client library gives them. They are read from
//! `/proc` at each scrape; where it cannot be read they are absent, and the rest of the page stands.

use std::fmt;
use std::sync::atomic::AtomicU64;

use procfs::WithCurrentSystemInfo;
use procfs::process::{LimitValue, Process};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::model::Timestamp;

/// The revision that was built, from the environment of the build.
const REVISION: Option<&str> = option_env!("SMARTCLOUDOPS_REVISION");

/// The revision that was built; `unknown` where the build was not told.
pub fn revision() -> &'static str {
    REVISION.unwrap_or("unknown")
}

/// What the daemon says of itself.
#[derive(Clone, Debug)]
pub struct DaemonMetrics {
    reload_successful: Gauge,
    reload_success_at: Gauge<f64, AtomicU64>,
}

impl DaemonMetrics {
    /// Registers build information, configuration reloads and the process metrics.
    pub fn register(registry: &mut Registry) -> Self {
        let build = [("version", env!("CARGO_PKG_VERSION")), ("revision", revision())];
        registry.register(
            "smartcloudops_build",
            "The version that is running; the value is always 1",
            Info::new(build),
        );
        let metrics = Self { reload_successful: Gauge::default(), reload_success_at: Gauge::default() };
        registry.register(
            "smartcloudops_config_last_reload_successful",
            "Whether the configuration was valid when it was last read (1) or refused (0)",
            metrics.reload_successful.clone(),
        );
        registry.register(
            "smartcloudops_config_last_reload_success_timestamp_seconds",
            "When a valid configuration was last read, in seconds since the Unix epoch",
            metrics.reload_success_at.clone(),
        );
        registry.register_collector(Box::new(ProcessCollector::new()));
        metrics
    }

    /// A valid configuration was read and is in force.
    pub fn config_loaded(&self, now: Timestamp) {
        self.reload_successful.set(1);
        self.reload_success_at.set(now.as_seconds());
    }

    /// A configuration was refused; the one before stays in force.
    pub fn config_refused(&self) {
        self.reload_successful.set(0);
    }

    /// Whether the configuration was valid when it was last read, and since when the one in force is; `None`: none was
    /// read yet.
    pub fn config_state(&self) -> (bool, Option<Timestamp>) {
        let seconds = self.reload_success_at.get();
        (self.reload_successful.get() == 1, (seconds > 0.0).then(|| Timestamp::from_seconds(seconds)))
    }
}

/// Reads `/proc` at each scrape.
#[derive(Debug)]
struct ProcessCollector {
    /// Seconds since the epoch. Read once: it moves with the wall clock, the process's start does not.
    start_time: Option<f64>,
}

impl ProcessCollector {
    fn new() -> Self {
        Self { start_time: start_time().ok() }
    }
}

impl Collector for ProcessCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        if let Some(seconds) = self.start_time {
            let help = "Start time of the process since unix epoch in seconds.";
            encode_one(&mut encoder, "process_start_time_seconds", help, &ConstGauge::new(seconds))?;
        }
        let Ok(now) = Figures::read() else { return Ok(()) };
        let help = "Total user and system CPU time spent in seconds.";
        encode_one(&mut encoder, "process_cpu_seconds", help, &ConstCounter::new(now.cpu_seconds))?;
        for (name, help, value) in [
            ("process_open_fds", "Number of open file descriptors.", now.open_fds),
            ("process_max_fds", "Maximum number of open file descriptors.", now.max_fds),
            ("process_virtual_memory_bytes", "Virtual memory size in bytes.", now.virtual_bytes),
            ("process_resident_memory_bytes", "Resident memory size in bytes.", now.resident_bytes),
        ] {
            encode_one(&mut encoder, name, help, &ConstGauge::new(value))?;
        }
        Ok(())
    }
}

fn encode_one(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    metric: &impl EncodeMetric,
) -> fmt::Result {
    metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)
}

/// What `/proc/self` says at one moment.
struct Figures {
    cpu_seconds: f64,
    open_fds: u64,
    /// The greatest number there is where nothing limits it, as Prometheus's Go client has it.
    max_fds: u64,
    virtual_bytes: u64,
    resident_bytes: u64,
}

impl Figures {
    fn read() -> procfs::ProcResult<Self> {
        let process = Process::myself()?;
        let stat = process.stat()?;
        let max_fds = match process.limits()?.max_open_files.soft_limit {
            LimitValue::Unlimited => u64::MAX,
            LimitValue::Value(limit) => limit,
        };
        Ok(Self {
            cpu_seconds: (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64,
            open_fds: std::fs::read_dir("/proc/self/fd")?.count() as u64,
            max_fds,
            virtual_bytes: stat.vsize,
            resident_bytes: stat.rss_bytes().get(),
        })
    }
}

fn start_time() -> procfs::ProcResult<f64> {
    let since_boot = Process::myself()?.stat()?.starttime as f64 / procfs::ticks_per_second() as f64;
    Ok(procfs::boot_time_secs()? as f64 + since_boot)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::metrics::page;

    fn scrape() -> (DaemonMetrics, String) {
        let mut registry = Registry::default();
        let metrics = DaemonMetrics::register(&mut registry);
        metrics.config_loaded(Timestamp::from_millis(1_700_000_000_500));
        (metrics, page(&registry))
    }

    fn value(page: &str, name: &str) -> f64 {
        let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} is missing:\n{page}")).parse().unwrap()
    }

    #[test]
    fn the_build_is_on_the_page() {
        let wanted = format!(
            "smartcloudops_build_info{{version=\"{}\",revision=\"{}\"}} 1\n",
            env!("CARGO_PKG_VERSION"),
            revision()
        );
        assert!(scrape().1.contains(&wanted), "{wanted}");
    }

    #[test]
    fn a_refused_configuration_keeps_the_time_of_the_last_valid_one() {
        let mut registry = Registry::default();
        let metrics = DaemonMetrics::register(&mut registry);
        assert_eq!(metrics.config_state(), (false, None));
        let loaded_at = Timestamp::from_millis(1_700_000_000_500);
        metrics.config_loaded(loaded_at);
        assert_eq!(value(&page(&registry), "smartcloudops_config_last_reload_successful"), 1.0);
        assert_eq!(metrics.config_state(), (true, Some(loaded_at)));
        metrics.config_refused();
        assert_eq!(metrics.config_state(), (false, Some(loaded_at)));
        let page = page(&registry);
        assert_eq!(value(&page, "smartcloudops_config_last_reload_successful"), 0.0);
        let at = value(&page, "smartcloudops_config_last_reload_success_timestamp_seconds");
        assert_eq!(at, 1_700_000_000.5);
    }

    #[test]
    fn the_process_figures_are_those_of_this_process() {
        let page = scrape().1;
        let now = Timestamp::from(SystemTime::now()).as_seconds();
        let started = value(&page, "process_start_time_seconds");
        assert!(now - 3600.0 < started && started < now + 2.0, "{started} is not just before {now}");
        assert!(value(&page, "process_cpu_seconds_total") >= 0.0);
        let resident = value(&page, "process_resident_memory_bytes");
        assert!(1e6 < resident && resident < value(&page, "process_virtual_memory_bytes"), "{resident}");
        let open = value(&page, "process_open_fds");
        assert!(3.0 <= open && open <= value(&page, "process_max_fds"), "{open}");
    }
}
