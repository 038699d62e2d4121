//! What fires, since when, what the scores say, what was done: as text, Markdown or JSON.
//!
//! [`gather`] reads the evidence, [`explain`] orders it into stories, [`Explanation::render`] writes them
//! down. Only `gather` does I/O. Nothing here can act.

mod gather;
mod relate;
mod remedy;
mod render;
mod story;

pub use gather::{Evidence, gather, gather_for};
pub use relate::RelatedScore;
pub use render::Format;
pub use story::{AlertStory, Explanation, explain};
