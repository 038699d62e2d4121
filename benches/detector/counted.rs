//! Instructions for each sample, counted by cachegrind: what two runs of different length differ by.

use std::path::Path;
use std::process::Command;

use smartcloudops::detect::Model;

use super::minutes::DAY;
use super::{MODELS, Take, WAYS, learnt};

/// In the environment of a run that is counted: the model, whether with a band, and the days.
const ASKED: &str = "DETECTOR_BENCH_RUN";

/// One run to be counted.
pub struct Run {
    model: Model,
    take: Take,
    days: usize,
}

/// The run that this process is for; `None` if it is to measure.
pub fn asked() -> Option<Run> {
    let text = std::env::var(ASKED).ok()?;
    let mut words = text.split(' ');
    let name = words.next()?;
    let model = MODELS.into_iter().find(|model| model.name() == name)?;
    let how = words.next()?;
    let (_, take) = WAYS.into_iter().find(|(name, _)| *name == how)?;
    Some(Run { model, take, days: words.next()?.parse().ok()? })
}

/// Learns, and then takes some days' samples.
pub fn run(Run { model, take, days }: Run) {
    let (mut detector, samples) = learnt(model);
    for sample in samples.take(days * DAY) {
        std::hint::black_box(take(&mut *detector, sample));
    }
}

/// Prints the instructions of a sample for each model; `program` is this one.
pub fn report(program: &Path) {
    for model in MODELS {
        for (how, _) in WAYS {
            let [one, two] =
                [1, 2].map(|days| instructions(program, &format!("{} {how} {days}", model.name())));
            let each = two.saturating_sub(one) as f64 / DAY as f64;
            println!("{:<40} {each:>9.0} instructions", format!("sample/{}: {how}", model.name()));
        }
    }
}

fn instructions(program: &Path, run: &str) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(program)
        .env(ASKED, run)
        .output()
        .expect("valgrind runs: `tools/install.sh valgrind` installs it");
    let text = String::from_utf8_lossy(&output.stderr);
    let counted = text.lines().find_map(|line| line.split_once("refs:"));
    let number = counted.and_then(|(_, number)| number.trim().replace(',', "").parse().ok());
    number.unwrap_or_else(|| panic!("what valgrind says: {text}"))
}
