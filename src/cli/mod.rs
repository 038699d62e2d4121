//! The command line: its arguments, and one file per command.

pub mod arguments;
pub mod backtest;
pub mod check;
pub mod evaluate;
pub mod export;
pub mod journal;
mod progress;
pub mod rank;
pub mod replay;
pub mod score;
pub mod serve;
pub mod train;
