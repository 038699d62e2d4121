//! `smartcloudops score IN OUT`: scores of files, row by row exactly as the daemon scores live.
//!
//! Files are independent, so they are scored on all cores and the results do not depend on how many there
//! are. A file that cannot be scored is named, and the others still are.

mod group;
mod jobs;
mod rows;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::ensure;

use self::jobs::{Job, jobs};
pub(super) use self::rows::usual_interval;
use super::arguments::{Interval, LogFormat, LogLevel, Model, Score};
use super::progress::Progress;
use crate::csv::{self, Writer};
use crate::detect::{self, GroupKind};
use crate::log;
use crate::model::format_duration;

/// What became of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many were scored.
    pub scored: usize,
    /// Why each of the others was not, in the order of their names.
    pub faults: Vec<String>,
}

/// Scores and logs what happens; exit code 1 if any file could not be scored.
pub fn run(arguments: &Score) -> ExitCode {
    log::start(LogLevel::Info, LogFormat::Logfmt);
    match score(arguments) {
        Ok(Report { scored, faults }) => {
            tracing::info!(scored, failed = faults.len(), output = %arguments.output.display(), "scored");
            if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "cannot score");
            ExitCode::FAILURE
        }
    }
}

/// Scores every file. An error means that nothing was begun.
pub fn score(arguments: &Score) -> anyhow::Result<Report> {
    let jobs = jobs(&arguments.input, &arguments.output)?;
    let cores = || thread::available_parallelism().map_or(1, usize::from);
    let threads = arguments.threads.map_or_else(cores, usize::from).min(jobs.len());
    let progress = Progress::new("files", jobs.len() as u64);
    let (next, faults) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((index, job)) = take(&jobs, &next) {
            if let Err(error) = score_file(arguments, job) {
                let error = format!("{error:#}");
                progress.say(|| tracing::error!(%error, "a file is not scored"));
                faults.lock().expect("no thread panics").push((index, error));
            }
            progress.advance(1);
        }
    };
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    let mut faults = faults.into_inner().expect("no thread panics");
    faults.sort();
    let scored = jobs.len() - faults.len();
    Ok(Report { scored, faults: faults.into_iter().map(|(_, fault)| fault).collect() })
}

fn take<'a>(jobs: &'a [Job], next: &AtomicUsize) -> Option<(usize, &'a Job)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    jobs.get(index).map(|job| (index, job))
}

fn score_file(arguments: &Score, job: &Job) -> anyhow::Result<()> {
    let table = csv::read(&job.input)?;
    let interval = match arguments.interval {
        Interval::Auto => rows::usual_interval(&table.times),
        Interval::Fixed(interval) => interval,
    };
    let config = config(arguments, interval, &job.input)?;
    let model = match arguments.model {
        Model::Auto => detect::Model::Auto,
        Model::Seasonal => detect::Model::Seasonal,
        Model::Prophet => detect::Model::Prophet,
        Model::IsolationForest => return group::score(&table, GroupKind::IsolationForest, config, job),
        Model::Pca => return group::score(&table, GroupKind::Pca, config, job),
    };
    rows::check(&table, &job.input)?;
    let mut writer = Writer::create(&job.output)?;
    rows::score(&table, model.build(&config).as_mut(), &mut writer, arguments.explain)?;
    Ok(writer.finish()?)
}

/// The settings under which the daemon would score the series.
fn config(arguments: &Score, interval: Duration, input: &Path) -> anyhow::Result<detect::Config> {
    let Score { false_alarms, .. } = *arguments;
    ensure!(
        false_alarms.per_second() * interval.as_secs_f64() < 1.0,
        "{}: --false-alarms '{false_alarms}' allows every sample to alarm, as one comes each {}; allow fewer",
        input.display(),
        format_duration(interval)
    );
    Ok(detect::Config {
        interval,
        false_alarms,
        narrowing: arguments.narrowing.narrowing(),
        time_zone: arguments.narrowing.time_zone.clone(),
        holidays: Default::default(),
    })
}

#[cfg(test)]
mod tests;
