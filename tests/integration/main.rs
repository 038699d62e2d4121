//! The tests that need more than one module: real servers, real sockets, the whole daemon. One binary,
//! so that it links once. Each test starts its own servers on free ports and stops them.

mod alertmanager_actions;
mod alertmanager_client;
mod approvals;
mod archive;
#[cfg(feature = "aws")]
mod autoscaling;
mod backtest;
mod chat;
mod crashes;
mod dashboards;
mod docker;
#[cfg(feature = "aws")]
mod ec2;
mod effect;
mod end_to_end;
mod evaluate;
mod evidence;
mod explain;
mod files;
mod groups;
mod hard_cases;
mod http_server;
mod incidents;
mod inhibition;
mod injection;
mod journal;
#[cfg(feature = "kubernetes")]
mod kubernetes;
mod llm;
mod logs;
mod mcp;
mod notify;
mod presets;
mod prometheus_client;
mod prometheus_faults;
mod proof;
mod rank;
mod reload;
mod replay;
mod replicas;
mod slack;
#[cfg(feature = "aws")]
mod ssm;
mod status;
mod support;
mod systemd;
mod train;
mod webhook;
mod why;
