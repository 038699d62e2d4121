//! Where an export goes: the standard output, one file, or a folder of one file per series with an
//! `index.csv` that names their labels.
//!
//! What is written is gathered in a folder beside the output and moved to its place once it is complete,
//! so that a run that fails leaves nothing behind and replaces nothing.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use super::name::file_name;
use crate::csv::{INDEX_COLUMN, INDEX_FILE, Writer, number};
use crate::model::{Labels, Series};

/// Most series of one export.
const MAX_SERIES: usize = 50_000;
/// What every file of a series begins with.
const COLUMNS: [&str; 2] = ["timestamp", "value"];

/// What was exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    /// Series with at least one sample.
    pub series: usize,
    /// Samples over all series.
    pub samples: usize,
}

/// The place of an export that is under way.
pub(super) enum Target {
    /// One series, row by row as it comes.
    Stdout {
        /// The standard output.
        writer: Box<Writer>,
        /// The series, once there is one.
        labels: Option<Labels>,
        /// Its samples.
        samples: usize,
    },
    /// Files.
    Files(Gathering),
}

impl Target {
    /// Prepares `-` for the standard output, or a path.
    pub(super) fn open(output: &Path) -> anyhow::Result<Self> {
        if output == Path::new("-") {
            return Ok(Self::Stdout { writer: Box::new(Writer::stdout()), labels: None, samples: 0 });
        }
        Gathering::begin(output).map(Self::Files)
    }

    /// Adds what came of one piece of the range.
    pub(super) fn add(&mut self, series: &[Series]) -> anyhow::Result<()> {
        match self {
            Self::Files(files) => series.iter().try_for_each(|series| files.add(series)),
            Self::Stdout { writer, labels, samples } => {
                let Some(first) = series.first() else { return Ok(()) };
                let known = labels.get_or_insert_with(|| first.labels.clone());
                ensure!(
                    series.len() == 1 && *known == first.labels,
                    "the query has several series; write them to a folder: --output FOLDER"
                );
                let is_new = *samples == 0;
                *samples += first.samples.len();
                write_rows(writer, first, is_new)
            }
        }
    }

    /// Completes what was begun.
    pub(super) fn finish(self) -> anyhow::Result<Totals> {
        let totals = match self {
            Self::Files(files) => files.finish()?,
            Self::Stdout { writer, labels, samples } => {
                writer.finish()?;
                Totals { series: labels.iter().len(), samples }
            }
        };
        Ok(totals)
    }
}

fn write_rows(writer: &mut Writer, series: &Series, is_new: bool) -> anyhow::Result<()> {
    if is_new {
        writer.row(COLUMNS)?;
    }
    for sample in &series.samples {
        writer.row([sample.at.to_string(), number(sample.value)])?;
    }
    Ok(())
}

/// Files that are not yet in their place.
pub(super) struct Gathering {
    output: PathBuf,
    /// Where they are until then; removed when this is dropped.
    folder: PathBuf,
    /// Where each label set is in `entries`.
    places: HashMap<Labels, usize>,
    names: HashSet<String>,
    entries: Vec<Entry>,
    samples: usize,
}

struct Entry {
    labels: Labels,
    file: String,
}

impl Gathering {
    fn begin(output: &Path) -> anyhow::Result<Self> {
        let is_taken = output.is_dir() && fs::read_dir(output)?.next().is_some();
        ensure!(!is_taken, "{} is not empty; choose another --output", output.display());
        let name = output.file_name().with_context(|| format!("{} has no name", output.display()))?;
        let folder = output.with_file_name(format!(".{}.{}.part", name.display(), std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        let (places, names, entries) = (HashMap::new(), HashSet::new(), Vec::new());
        Ok(Self { output: output.to_owned(), folder, places, names, entries, samples: 0 })
    }

    fn add(&mut self, series: &Series) -> anyhow::Result<()> {
        let known = self.places.get(&series.labels).copied();
        let place = known.map_or_else(|| self.enter(&series.labels), Ok)?;
        let mut writer = Writer::append(&self.folder.join(&self.entries[place].file))?;
        write_rows(&mut writer, series, known.is_none())?;
        self.samples += series.samples.len();
        Ok(writer.finish()?)
    }

    fn enter(&mut self, labels: &Labels) -> anyhow::Result<usize> {
        let place = self.entries.len();
        ensure!(place < MAX_SERIES, "the query has more than {MAX_SERIES} series; narrow it");
        ensure!(
            place == 0 || !self.output.is_file(),
            "{} is a file, and the query has several series; name a folder",
            self.output.display()
        );
        let file = file_name(labels);
        // Labels can be chosen so that fingerprints are equal: rather none than one over the other.
        ensure!(self.names.insert(file.clone()), "two series are called {file}; export them by themselves");
        self.places.insert(labels.clone(), place);
        self.entries.push(Entry { labels: labels.clone(), file });
        Ok(place)
    }

    fn finish(self) -> anyhow::Result<Totals> {
        let from = match self.entries.as_slice() {
            [] => bail!("the query has no samples in this range; check the expression and the times"),
            [only] if !self.output.is_dir() => self.folder.join(&only.file),
            _ => {
                self.write_index()?;
                self.folder.clone()
            }
        };
        let moved = fs::rename(&from, &self.output);
        moved.with_context(|| format!("{} cannot be written", self.output.display()))?;
        Ok(Totals { series: self.entries.len(), samples: self.samples })
    }

    /// One row per series: its file, and the value of every label that any of them has.
    fn write_index(&self) -> anyhow::Result<()> {
        let labels = self.entries.iter().flat_map(|entry| entry.labels.iter());
        let names: BTreeSet<&str> = labels.map(|(name, _)| name).collect();
        let column = |name: &&str| match *name {
            INDEX_COLUMN => format!("exported_{INDEX_COLUMN}"),
            name => name.to_owned(),
        };
        let mut writer = Writer::create(&self.folder.join(INDEX_FILE))?;
        writer.row([INDEX_COLUMN.to_owned()].into_iter().chain(names.iter().map(column)))?;
        for entry in &self.entries {
            let value = |name: &&str| entry.labels.get(name).unwrap_or_default().to_owned();
            writer.row([entry.file.clone()].into_iter().chain(names.iter().map(value)))?;
        }
        Ok(writer.finish()?)
    }
}

impl Drop for Gathering {
    fn drop(&mut self) {
        // It is gone when it has become the output.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Sample, Timestamp};

    fn series(labels: &[(&str, &str)], seconds: &[i64]) -> Series {
        let sample = |at: &i64| Sample { at: Timestamp::from_millis(at * 1000), value: *at as f64 / 2.0 };
        Series { labels: labels.iter().copied().collect(), samples: seconds.iter().map(sample).collect() }
    }

    /// The files below a folder with their texts.
    fn tree(folder: &Path) -> Vec<(String, String)> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => files.extend(tree(&path)),
                false => files.push((
                    path.file_name().unwrap().display().to_string(),
                    fs::read_to_string(&path).unwrap(),
                )),
            }
        }
        files.sort();
        files
    }

    fn export(output: &Path, pieces: &[Vec<Series>]) -> anyhow::Result<Totals> {
        let mut target = Target::open(output)?;
        pieces.iter().try_for_each(|piece| target.add(piece))?;
        target.finish()
    }

    #[test]
    fn one_series_is_one_file_that_replaces_an_older_one() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("a.csv");
        let only = |seconds| vec![series(&[("__name__", "up")], seconds)];
        let expected = "timestamp,value\n1970-01-01T00:00:01Z,0.5\n1970-01-01T00:00:02Z,1\n";
        for _ in 0..2 {
            let totals = export(&output, &[only(&[1]), vec![], only(&[2])]).unwrap();
            assert_eq!(totals, Totals { series: 1, samples: 2 });
            assert_eq!(tree(folder.path()), [("a.csv".to_owned(), expected.to_owned())]);
        }
    }

    #[test]
    fn several_series_are_a_folder_with_an_index() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("all");
        let (a, b) = ([("__name__", "up"), ("file", "x,y")], [("__name__", "up"), ("job", "\"j\"")]);
        let totals = export(&output, &[vec![series(&a, &[1])], vec![series(&a, &[2]), series(&b, &[2])]]);
        assert_eq!(totals.unwrap(), Totals { series: 2, samples: 3 });
        let names = [a, b].map(|labels| file_name(&labels.into_iter().collect()));
        let index = format!(
            "file,__name__,exported_file,job\n{},up,\"x,y\",\n{},up,,\"\"\"j\"\"\"\n",
            names[0], names[1]
        );
        let files = tree(&output);
        assert!(files.contains(&(INDEX_FILE.to_owned(), index)), "{files:?}");
        assert!(files.iter().any(|(name, text)| *name == names[0] && text.lines().count() == 3));
        assert_eq!((files.len(), tree(folder.path()).len()), (3, 3), "nothing else is left");

        let error = export(&output, &[vec![series(&a, &[1])]]).unwrap_err().to_string();
        assert!(error.contains("is not empty; choose another"), "{error}");
    }

    #[test]
    fn an_empty_folder_gets_a_folder_also_of_one_series() {
        let folder = tempfile::tempdir().unwrap();
        export(folder.path(), &[vec![series(&[("__name__", "up")], &[1])]]).unwrap();
        assert_eq!(tree(folder.path()).len(), 2);
    }

    #[test]
    fn what_fails_leaves_nothing_and_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("a.csv");
        let [a, b] = [("a", "1"), ("a", "2")].map(|label| series(&[label], &[1]));
        let no_samples = export(&output, &[vec![]]).unwrap_err().to_string();
        assert!(no_samples.contains("no samples in this range"), "{no_samples}");
        assert_eq!(tree(folder.path()), []);
        fs::write(&output, "kept").unwrap();
        let several = export(&output, &[vec![a.clone(), b.clone()]]).unwrap_err().to_string();
        assert!(several.contains("is a file, and the query has several series"), "{several}");
        assert_eq!(tree(folder.path()), [("a.csv".to_owned(), "kept".to_owned())]);
        let error = export(Path::new("-"), &[vec![a, b]]).unwrap_err().to_string();
        assert!(error.contains("write them to a folder"), "{error}");
    }
}
