//! An answer as scoring takes it: samples in long runs, and label sets as the text the server wrote.
//!
//! Reading labels costs several times what reading numbers does, and from tick to tick they are the same.
//! So their text is kept as it came, for the reader to know a series by, and becomes checked [`Labels`]
//! only where it is new.

use super::QueryError;
use crate::http_client::one_line;
use crate::model::{Labels, Sample, Series};

/// A run of samples that is longer takes no further series. One run of all would double its memory as it
/// grows and leave the halves behind; a vector for each series would cost more than reading an instant's.
const RUN: usize = 16 * 1024;

/// The series of one answer, in the order the server gave them, those without samples left out.
#[derive(Debug, Default)]
pub struct Answer {
    /// The label texts, one after the other.
    texts: String,
    /// Each with whole series, one after the other; the last may have an unfinished one.
    runs: Vec<Vec<Sample>>,
    ends: Vec<Ends>,
}

/// Where a series ends in the answer's texts and in its run. It begins where the one before ends, or with
/// its run.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    text: usize,
    run: usize,
    samples: usize,
}

/// One series of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// Its label set, unread.
    pub text: LabelText<'a>,
    /// In ascending order of time, no time twice, at least one.
    pub samples: &'a [Sample],
}

/// A label set as a JSON object. Equal texts are equal label sets; different texts may be as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LabelText<'a>(&'a str);

impl Answer {
    /// The series in the order of the answer.
    pub fn series(&self) -> impl ExactSizeIterator<Item = Found<'_>> {
        let mut before = Ends::default();
        self.ends.iter().map(move |&ends| {
            let from = std::mem::replace(&mut before, ends);
            Found {
                text: LabelText(&self.texts[from.text..ends.text]),
                samples: &self.runs[ends.run][from.samples_in(ends.run)..ends.samples],
            }
        })
    }

    /// How many series there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Appends a series; without samples it leaves no trace.
    pub fn push(&mut self, text: &str, samples: impl IntoIterator<Item = Sample>) {
        self.samples().extend(samples);
        self.end_series(text);
    }

    /// The same with every label set read.
    pub(super) fn into_series(self) -> Result<Vec<Series>, QueryError> {
        let read =
            |found: Found<'_>| Ok(Series { labels: found.text.labels()?, samples: found.samples.to_vec() });
        self.series().map(read).collect()
    }

    /// An answer of one sample without labels.
    pub(super) fn scalar(sample: Sample) -> Self {
        let mut answer = Self::default();
        answer.push("{}", [sample]);
        answer
    }

    /// Where the samples of the series that is being read are put.
    pub(super) fn samples(&mut self) -> &mut Vec<Sample> {
        if self.runs.last().is_none_or(|run| run.len() >= RUN && self.open_samples() == 0) {
            self.runs.push(Vec::new());
        }
        let last = self.runs.len() - 1;
        &mut self.runs[last]
    }

    /// How many samples the series that is being read has so far.
    pub(super) fn open_samples(&self) -> usize {
        self.runs.last().map_or(0, |run| run.len() - self.open_from())
    }

    /// Ends the series that is being read. Without samples it leaves no trace.
    pub(super) fn end_series(&mut self, text: &str) {
        let start = self.open_from();
        let Some(run) = self.runs.last_mut().filter(|run| run.len() > start) else { return };
        if !run[start..].is_sorted_by(|a, b| a.at < b.at) {
            let mut samples = run.split_off(start);
            put_in_order(&mut samples);
            run.append(&mut samples);
        }
        let samples = run.len();
        self.texts.push_str(text);
        self.ends.push(Ends { text: self.texts.len(), run: self.runs.len() - 1, samples });
    }

    /// Where the series that is being read begins in the last run.
    fn open_from(&self) -> usize {
        self.ends.last().copied().unwrap_or_default().samples_in(self.runs.len().saturating_sub(1))
    }
}

impl Ends {
    /// Where the next series begins in a run.
    fn samples_in(self, run: usize) -> usize {
        if self.run == run { self.samples } else { 0 }
    }
}

impl<'a> LabelText<'a> {
    /// The text as it came.
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// Reads the text; what is no object of strings is [`QueryError::Malformed`].
    pub fn labels(self) -> Result<Labels, QueryError> {
        serde_json::from_str(self.0).map_err(|error| QueryError::Malformed(one_line(&error.to_string())))
    }
}

/// Servers answer in ascending order; one that does not costs a sort, not a wrong score.
pub(super) fn put_in_order(samples: &mut Vec<Sample>) {
    if !samples.is_sorted_by(|a, b| a.at < b.at) {
        samples.sort_by_key(|sample| sample.at);
        samples.dedup_by_key(|sample| sample.at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    #[test]
    fn series_come_out_as_they_went_in_whatever_their_length() {
        let lengths = [1, 0, RUN - 1, 1, 3, 0, RUN + 7, 2, 2 * RUN, 0, RUN, 1];
        let samples = |length: usize| {
            (0..length).map(move |at| Sample { at: Timestamp::from_millis(at as i64), value: length as f64 })
        };
        let mut answer = Answer::default();
        for length in lengths {
            answer.push(&format!("{{\"a\":\"{length}\"}}"), samples(length));
        }
        let expected: Vec<usize> = lengths.into_iter().filter(|length| *length > 0).collect();
        assert_eq!(answer.len(), expected.len());
        for (found, length) in answer.series().zip(expected) {
            assert_eq!(found.text.as_str(), format!("{{\"a\":\"{length}\"}}"));
            assert!(found.samples.iter().copied().eq(samples(length)), "{length}");
        }
    }
}
