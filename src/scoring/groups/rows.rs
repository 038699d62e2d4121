//! Answers to several expressions over the same ticks, read time by time.

use crate::model::{Labels, Sample, Timestamp};
use crate::prometheus::{Answer, LabelText, QueryError};

use super::super::roll::{Roll, identity};

/// Whose samples these are.
#[derive(Debug, PartialEq)]
pub enum Owner {
    /// A known member's, by its seat.
    Seat(usize),
    /// Of a series that is not known yet.
    New(Labels),
}

/// One series of an answer and how far it has been read.
pub struct Cursor<'a> {
    /// Which expression's, from 0.
    pub query: usize,
    /// Its labels as the server wrote them.
    pub text: LabelText<'a>,
    /// Whose it is.
    pub owner: Owner,
    samples: &'a [Sample],
}

impl<'a> Cursor<'a> {
    /// The time of the next sample; `None` at the end.
    fn time(&self) -> Option<Timestamp> {
        self.samples.first().map(|sample| sample.at)
    }

    /// Whether the next sample is of this time.
    pub fn is_at(&self, at: Timestamp) -> bool {
        self.time() == Some(at)
    }

    /// Takes the next sample if it is of this time.
    pub fn take(&mut self, at: Timestamp) -> Option<f64> {
        let (sample, rest) = self.samples.split_first().filter(|(sample, _)| sample.at == at)?;
        self.samples = rest;
        Some(sample.value)
    }

    /// How many samples are left.
    pub fn left(&self) -> usize {
        self.samples.len()
    }
}

/// A cursor for every series of the answers, one answer for each roll. A text seen before is not read again.
pub fn cursors<'a>(answers: &'a [Answer], rolls: &mut [Roll]) -> Result<Vec<Cursor<'a>>, QueryError> {
    let mut cursors = Vec::with_capacity(answers.iter().map(Answer::len).sum());
    for (query, (answer, roll)) in answers.iter().zip(rolls).enumerate() {
        for found in answer.series() {
            let owner = match roll.place_of_text(found.text) {
                Some(seat) => Owner::Seat(seat),
                None => read(found.text, roll)?,
            };
            cursors.push(Cursor { query, text: found.text, owner, samples: found.samples });
        }
    }
    Ok(cursors)
}

fn read(text: LabelText<'_>, roll: &mut Roll) -> Result<Owner, QueryError> {
    let labels = identity(text)?;
    let Some(seat) = roll.place_of(&labels) else { return Ok(Owner::New(labels)) };
    roll.keep_text(text, seat);
    Ok(Owner::Seat(seat))
}

/// The earliest time that has not been read; `None` at the end.
pub fn earliest(cursors: &[Cursor<'_>]) -> Option<Timestamp> {
    cursors.iter().filter_map(Cursor::time).min()
}
