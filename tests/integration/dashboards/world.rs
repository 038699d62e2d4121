//! What Prometheus scrapes of the shop and of the fleet: pages that move by themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;

use super::fleet;
use super::history::{self, now};
use crate::support::{TextExporter, every};

/// How often the pages change: more often than they are scraped.
const PACE: Duration = Duration::from_millis(500);

/// The exporters of the shop and of the fleet; dropping it stops them.
pub struct World {
    /// `host:port` of the shop.
    pub shop: String,
    /// `host:port` of the daemon that watches the fleet.
    pub fleet: String,
    fault: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl World {
    /// Starts it; all is well.
    pub async fn start() -> Self {
        let shop = TextExporter::start(&history::shop(now(), false)).await;
        let fleet = TextExporter::start(&fleet::page(now(), false)).await;
        let (targets, fault) = ((shop.target(), fleet.target()), Arc::new(AtomicBool::new(false)));
        let seen = Arc::clone(&fault);
        let task = tokio::spawn(async move {
            let mut pace = every(PACE);
            loop {
                pace.tick().await;
                let fault = seen.load(Ordering::Relaxed);
                shop.set(&history::shop(now(), fault));
                fleet.set(&fleet::page(now(), fault));
            }
        });
        Self { shop: targets.0, fleet: targets.1, fault, task }
    }

    /// Whether something is wrong from now on.
    pub fn set_fault(&self, fault: bool) {
        self.fault.store(fault, Ordering::Relaxed);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.task.abort();
    }
}
