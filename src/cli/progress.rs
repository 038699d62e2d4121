//! How far a long command is: a bar where somebody looks at a terminal, a log line each tenth elsewhere.

use indicatif::{ProgressBar, ProgressStyle};

/// Log lines of one whole run, at most.
const LOG_LINES: u64 = 10;

/// Progress of one run, shared by its threads.
pub struct Progress {
    what: &'static str,
    bar: ProgressBar,
}

impl Progress {
    /// Nothing of `total` is done yet; `what` is counted, for example `files`.
    pub fn new(what: &'static str, total: u64) -> Self {
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}, {eta} left");
        let style = style.expect("the template is valid").progress_chars("=> ");
        Self { what, bar: ProgressBar::new(total).with_style(style).with_message(what) }
    }

    /// `count` more are done.
    pub fn advance(&self, count: u64) {
        // Two threads at once may log the same tenth twice; no total is lost.
        let before = self.bar.position();
        self.bar.inc(count);
        let (done, total) = (self.bar.position(), self.bar.length().unwrap_or(0).max(1));
        let is_tenth = done * LOG_LINES / total > before * LOG_LINES / total;
        if self.bar.is_hidden() && is_tenth {
            tracing::info!(done, total, "{} done", self.what);
        }
    }

    /// Logs something without tearing the bar.
    pub fn say(&self, log: impl FnOnce()) {
        self.bar.suspend(log);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
