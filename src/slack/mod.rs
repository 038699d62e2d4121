//! What Slack sends and shows: the signature of its requests, its slash commands and buttons, text that cannot become
//! its markup, and blocks within its bounds. Pure.
//!
//! Nothing here sends or decides. Whoever serves Slack checks [`verify`] and [`Seen`] before anything is read.

mod blocks;
mod command;
mod config;
mod interaction;
mod mrkdwn;
mod response_url;
mod seen;
mod signature;

pub use blocks::{APPROVE, Button, MAX_BLOCKS, MAX_TEXT, REJECT, approval, preformatted, section};
pub use command::Command;
pub use config::Config;
pub use interaction::{Interaction, InteractionError};
pub use mrkdwn::{cut, escape};
pub use response_url::ResponseUrl;
pub use seen::{MAX_SEEN, Seen};
pub use signature::{Refusal, WINDOW, verify};
