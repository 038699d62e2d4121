//! What was logged: by the daemon itself, by what remediation has done, and in Loki where one is configured.
//!
//! [`Reader::read`] takes a [`Filter`] and gives a [`Page`], whoever asks. It only reads, and everything is
//! bounded: what is looked at, the number of records, and their bytes. What records say is untrusted text, which is
//! data here and nothing else.

mod error;
mod filter;
mod own;
mod page;
mod reader;
mod record;
mod remote;
mod runs;
mod text;
mod times;

pub use error::LogsError;
pub use filter::{Filter, FilterError, MAX_LIMIT};
pub use page::{MAX_BYTES, Page};
pub use reader::Reader;
pub use record::{Record, Source};
pub use text::on_one_line;
pub use times::read as read_time;
