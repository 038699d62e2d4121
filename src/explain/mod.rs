//! What fires, since when, what the scores say, what changed, what was done, what it likely comes from: as text,
//! Markdown or JSON.
//!
//! [`gather`] reads the evidence, [`explain`] orders it into stories and into a [`Pack`] of sentences that can be cited,
//! [`Explanation::render`] writes them down. Where a language model is configured, [`summarise`] has it put the pack
//! into words, and strikes what the pack does not say. Only these two do I/O. Nothing here can act.

mod answers;
mod causes;
mod changes;
mod config;
mod dependencies;
mod evidence;
mod expression;
mod gather;
mod graph;
mod measured;
mod measures;
mod narrow;
mod pack;
mod parts;
mod past;
mod prompt;
mod relate;
mod remedy;
mod render;
mod reporters;
#[cfg(test)]
mod samples;
mod story;
mod summary;
mod surroundings;
mod timeline;
mod windows;
mod workload;

pub use answers::Answers;
pub use causes::Cause;
pub use changes::{Change, ChangeKind};
pub use config::Config;
pub use evidence::{Evidence, Surroundings};
pub use gather::{Sources, gather, gather_for};
pub use graph::{Dependencies, Graph, Measures, Preset, ServiceMap, fault as template_fault};
pub use measured::Measured;
pub use pack::{Item, ItemKind, MAX_PACK, Pack};
pub use parts::Parts;
pub use past::Past;
pub use relate::RelatedScore;
pub use render::Format;
pub use reporters::Reporters;
pub use story::{AlertStory, DecisionStory, Explanation, RunStory, explain};
pub use summary::{NoSummary, Part, Statement, Struck, Summary, summarise};
pub use timeline::{Event, EventKind};
