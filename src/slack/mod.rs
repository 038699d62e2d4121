//! What Slack sends and shows: the signature of its requests, its slash commands and buttons, text that cannot become
//! its markup, and blocks within its bounds. Pure.
//!
//! Nothing here sends or decides. Whoever serves Slack checks [`verify`] and [`Seen`] before anything is read.

mod blocks;
mod button;
mod command;
mod config;
mod id;
mod interaction;
mod mrkdwn;
mod request;
mod response_url;
mod seen;
mod signature;

pub use blocks::{MAX_BLOCKS, MAX_TEXT, fenced, message, plain, preformatted, section};
pub use button::{APPROVE, Button, REJECT};
pub use command::Command;
pub use config::{Config, NotAllowed};
pub use id::is_id;
pub use interaction::{Interaction, InteractionError};
pub use mrkdwn::{cut, escape};
pub use request::approval;
pub use response_url::ResponseUrl;
pub use seen::{MAX_SEEN, Seen};
pub use signature::{Refusal, Signed, WINDOW, verify};
