//! The samples of a family as text, handed over in large pieces.
//!
//! The library writes a sample through a dozen calls and knows no other way. It does write a label's key
//! as it stands, so all lines of a family go out as one sample whose "labels" hold every line but the ends
//! of the last. Numbers are written in their shortest digits, infinities as both formats spell them.

use std::fmt::{Result, Write};

use prometheus_client::encoding::{EncodeGaugeValue, EncodeLabelSet, LabelSetEncoder, MetricEncoder};

/// Lines are handed over in pieces of this size, in bytes: small enough to stay in the cache.
const PIECE: usize = 16 * 1024;
/// Room for the line that makes a piece full.
const LINE: usize = 1024;

/// The value of a sample.
pub(super) trait Value: EncodeGaugeValue + Copy {
    /// Appends the value as both formats write it.
    fn append(self, text: &mut String);
}

impl Value for f64 {
    fn append(self, text: &mut String) {
        match self {
            f64::INFINITY => text.push_str("+Inf"),
            f64::NEG_INFINITY => text.push_str("-Inf"),
            finite => text.push_str(zmij::Buffer::new().format(finite)),
        }
    }
}

impl Value for u32 {
    fn append(self, text: &mut String) {
        // Writing to a string never fails.
        let _ = write!(text, "{self}");
    }
}

/// Escaped label text, in two pieces.
pub(super) type Labels<'a> = (&'a str, &'a str);

/// Writes the samples of the family that was announced as `name`. The registry must have neither a prefix
/// nor labels of its own.
pub(super) fn encode<'a, V: Value>(
    metric: &mut MetricEncoder<'_>,
    name: &str,
    mut samples: impl DoubleEndedIterator<Item = (Labels<'a>, V)> + Clone,
) -> Result {
    let Some((labels, value)) = samples.next_back() else { return Ok(()) };
    metric.encode_family(&Lines { name, samples, labels })?.encode_gauge(&value)
}

/// Everything between the first line's opening brace and the last line's closing one.
struct Lines<'a, I> {
    name: &'a str,
    /// All but the last.
    samples: I,
    /// Of the last sample.
    labels: Labels<'a>,
}

impl<'a, V: Value, I: Iterator<Item = (Labels<'a>, V)> + Clone> EncodeLabelSet for Lines<'_, I> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> Result {
        let mut label = encoder.encode_label();
        let mut key = label.encode_label_key()?;
        let mut piece = String::with_capacity(PIECE + LINE);
        for (labels, value) in self.samples.clone() {
            push(&mut piece, labels);
            piece.push_str("} ");
            value.append(&mut piece);
            piece.push('\n');
            if piece.len() >= PIECE {
                key.write_str(&piece)?;
                piece.clear();
            }
            piece.push_str(self.name);
            piece.push('{');
        }
        push(&mut piece, self.labels);
        key.write_str(&piece)
    }
}

fn push(piece: &mut String, (first, second): Labels<'_>) {
    piece.push_str(first);
    piece.push_str(second);
}
