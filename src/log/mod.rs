//! Logging through `tracing`: to standard error, logfmt for people, JSON for programs; and into a bounded memory of
//! what was said last, which [`Recent`] reads.

mod layer;
mod level;
mod ring;
mod text;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::cli::arguments::{LogFormat, LogLevel};

pub use level::Level;
pub use ring::{Recall, Recent, Record};

use layer::Memory;

/// Who is heard at a level of our own. Libraries speak from `warn` up, whatever the level; `async_openai` does
/// not speak at all, since it logs what a language model says and what its server refuses, key and all.
pub fn directives(level: &str) -> String {
    format!("warn,smartcloudops={level},async_openai=off")
}

/// Starts logging for the whole process, and gives the handle on what was said last.
pub fn start(level: LogLevel, format: LogFormat) -> Recent {
    let filter = EnvFilter::new(directives(level.as_str()));
    let recent = Recent::default();
    let registry = tracing_subscriber::registry().with(filter).with(Memory::new(recent.clone()));
    let writer = std::io::stderr;
    match format {
        LogFormat::Logfmt => {
            let layer = tracing_subscriber::fmt::layer()
                .event_format(tracing_logfmt::EventsFormatter::default())
                .fmt_fields(tracing_logfmt::FieldsFormatter::default());
            registry.with(layer.with_writer(writer)).init();
        }
        LogFormat::Json => registry.with(tracing_subscriber::fmt::layer().json().with_writer(writer)).init(),
    }
    recent
}
