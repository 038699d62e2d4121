//! smartcloudops: anomaly scores, safe remediation and explanations beside Prometheus and Alertmanager.
//!
//! Reading order: [`model`] (the data), then the two loops: [`scoring`] drives [`prometheus`] →
//! [`detect`] → [`exporter`], and [`remediation`] drives [`alerts`] → [`decide`] → [`act`] →
//! [`verify`] → [`journal`]. [`explain`] reads what both leave behind; [`rank`] says what a fault most
//! likely comes from; [`llm`] is what a language model may see of it and say about it; [`logs`] finds what was
//! logged; [`lookup`] answers what may be asked of all this, also of clients of [`mcp`]; [`chat`] answers people's
//! questions by it; [`notify`] tells others, and [`slack`] is what Slack says and shows; [`http`] serves it; [`app`]
//! wires everything from a [`config`], which, as all secrets, is read by [`files`].

pub mod act;
pub mod alertmanager;
pub mod alerts;
pub mod app;
pub mod chat;
pub mod cli;
pub mod config;
pub mod csv;
pub mod decide;
pub mod detect;
pub mod explain;
pub mod exporter;
pub mod files;
pub mod http;
pub mod http_client;
pub mod journal;
pub mod llm;
pub mod log;
pub mod logs;
pub mod loki;
pub mod lookup;
pub mod mcp;
pub mod metrics;
pub mod model;
pub mod notify;
pub mod object_storage;
pub mod prometheus;
pub mod rank;
pub mod remediation;
pub mod scoring;
pub mod slack;
pub mod snapshots;
pub mod upstreams;
pub mod verify;
