//! Which files are scored, and where each result goes: the same layout on both sides.
//!
//! Nothing that is read is ever written: input and output must not hold each other.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use crate::csv::{self, INDEX_COLUMN, INDEX_FILE};

/// Most files of one run.
const MAX_FILES: usize = 100_000;
/// Deepest folder below the input.
const MAX_DEPTH: usize = 32;

/// One file to score.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Job {
    /// The series.
    pub input: PathBuf,
    /// Where its scores go.
    pub output: PathBuf,
}

/// The jobs, in the order of their names: one for a file, one per CSV file for a folder.
pub(super) fn jobs(input: &Path, output: &Path) -> anyhow::Result<Vec<Job>> {
    let kind = fs::metadata(input).with_context(|| format!("{} cannot be read", input.display()))?;
    if !kind.is_dir() {
        return Ok(vec![single(input, output)?]);
    }
    ensure!(
        !output.is_file(),
        "{} is a file; a folder of series needs a folder for its scores",
        shown(output)
    );
    let (from, to) = (place(input)?, place(output)?);
    let apart = !from.starts_with(&to) && !to.starts_with(&from);
    ensure!(apart, "{} and {} hold each other; choose a folder elsewhere", shown(input), shown(output));
    let mut jobs = Vec::new();
    collect(input, output, MAX_DEPTH, &mut jobs)?;
    ensure!(!jobs.is_empty(), "{} has no CSV file of a series", shown(input));
    jobs.sort();
    Ok(jobs)
}

fn single(input: &Path, output: &Path) -> anyhow::Result<Job> {
    let name = input.file_name().with_context(|| format!("{} has no name", shown(input)))?;
    let output = if output.is_dir() { output.join(name) } else { output.to_owned() };
    ensure!(place(input)? != place(&output)?, "{} would be replaced by its own scores", shown(input));
    Ok(Job { input: input.to_owned(), output })
}

fn collect(input: &Path, output: &Path, depth: usize, jobs: &mut Vec<Job>) -> anyhow::Result<()> {
    let read = |error: io::Error| anyhow::anyhow!("{} cannot be read: {error}", shown(input));
    for entry in fs::read_dir(input).map_err(read)? {
        let entry = entry.map_err(read)?;
        let job = Job { input: entry.path(), output: output.join(entry.file_name()) };
        // A link to a folder is not followed: it may lead back.
        if entry.file_type().map_err(read)?.is_dir() {
            ensure!(depth > 0, "{} is more than {MAX_DEPTH} folders deep", shown(&job.input));
            collect(&job.input, &job.output, depth - 1, jobs)?;
        } else if is_series(&job.input) {
            jobs.push(job);
        }
        if jobs.len() > MAX_FILES {
            bail!("more than {MAX_FILES} files; score its folders one by one");
        }
    }
    Ok(())
}

/// Whether it is a CSV file, and not an export's list of its series.
fn is_series(path: &Path) -> bool {
    let is_csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let names_files = || csv::header(path).is_ok_and(|header| header[0] == INDEX_COLUMN);
    is_csv && path.is_file() && !(path.ends_with(INDEX_FILE) && names_files())
}

/// Where a path leads, though its end may not exist yet.
fn place(path: &Path) -> anyhow::Result<PathBuf> {
    let mut existing = std::path::absolute(path)?;
    let mut missing = Vec::new();
    while !existing.exists() {
        missing.extend(existing.file_name().map(ToOwned::to_owned));
        ensure!(existing.pop(), "{} leads nowhere", shown(path));
    }
    let existing = existing.canonicalize().with_context(|| format!("{} cannot be read", shown(path)))?;
    Ok(missing.into_iter().rev().fold(existing, |place, name| place.join(name)))
}

fn shown(path: &Path) -> impl std::fmt::Display + '_ {
    path.display()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn a_folder_gives_its_csv_files_in_the_same_layout() {
        let series = "timestamp,value\n1,2\n";
        let folder = folder(&[
            ("in/b.csv", series),
            ("in/a/deep/A.CSV", series),
            ("in/a/index.csv", series),
            ("in/index.csv", "file,job\nb.csv,x\n"),
            ("in/labels.json", "{}"),
            ("in/README.md", "b.csv"),
        ]);
        std::os::unix::fs::symlink(folder.path(), folder.path().join("in/loop")).unwrap();
        let root = folder.path().display().to_string();
        let jobs = jobs(&folder.path().join("in"), &folder.path().join("out/new")).unwrap();
        let pairs: Vec<String> = jobs
            .iter()
            .map(|job| format!("{} {}", job.input.display(), job.output.display()).replace(&root, ""))
            .collect();
        assert_eq!(
            pairs,
            [
                "/in/a/deep/A.CSV /out/new/a/deep/A.CSV",
                "/in/a/index.csv /out/new/a/index.csv",
                "/in/b.csv /out/new/b.csv"
            ]
        );
    }

    #[test]
    fn what_would_write_over_its_input_is_refused() {
        let folder = folder(&[("in/a.csv", "ts,value\n"), ("empty/a.txt", ""), ("file", "")]);
        let at = |name: &str| folder.path().join(name);
        for (input, output, expected) in [
            ("in", "in", "hold each other"),
            ("in", "in/scores", "hold each other"),
            ("in", "in/../in/scores", "hold each other"),
            ("in", "", "hold each other"),
            ("in", "file", "is a file"),
            ("in/a.csv", "in/a.csv", "would be replaced"),
            ("in/a.csv", "in", "would be replaced"),
            ("empty", "out", "has no CSV file"),
            ("none", "out", "cannot be read"),
        ] {
            let error = format!("{:#}", jobs(&at(input), &at(output)).unwrap_err());
            assert!(error.contains(expected), "{input} {output}: {error}");
        }
        assert_eq!(jobs(&at("in/a.csv"), &at("empty")).unwrap()[0].output, at("empty/a.csv"));
        assert_eq!(jobs(&at("in/a.csv"), &at("new.csv")).unwrap()[0].output, at("new.csv"));
    }
}
