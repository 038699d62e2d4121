//! The hash chain over everything that is written down: whoever changes, removes, adds or reorders a fact
//! would have to write every later link anew, and its end would be another than the one that was noted.
//!
//! A fact is a group of columns that is written once. It is not stored twice: its link holds the digest, and
//! whoever verifies computes it again from the row. This part is pure; databases store links and read rows.

mod kind;
mod report;
mod spans;

use ring::digest::{Context, SHA256};

use crate::model::Timestamp;

pub(super) use kind::{Kind, kinds_since};
pub use report::{Broken, Verification, VerifyError};
pub(super) use spans::Spans;

/// A SHA-256.
pub(super) type Hash = [u8; 32];

/// A fact as the chain knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    pub kind: Kind,
    /// The row's number.
    pub reference: i64,
    /// The step's number within a run; 0 for everything else.
    pub part: i64,
    /// When it happened; of a link that was carried forward, when it was.
    pub at: Timestamp,
    /// The digest of its columns.
    pub digest: Hash,
}

/// A fact in its place in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub seq: i64,
    pub fact: Fact,
    /// Over the hash before, and everything in this link.
    pub hash: Hash,
}

/// The end of a chain. The default is that of an empty one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub seq: i64,
    pub hash: Hash,
}

impl Head {
    /// The link that a fact becomes after this one, which is then the head.
    pub fn extend(&mut self, fact: Fact) -> Link {
        let seq = self.seq + 1;
        let mut context = Context::new(&SHA256);
        context.update(&self.hash);
        context.update(&seq.to_be_bytes());
        text(&mut context, fact.kind.as_str());
        for number in [fact.reference, fact.part, fact.at.as_millis()] {
            context.update(&number.to_be_bytes());
        }
        context.update(&fact.digest);
        *self = Self { seq, hash: finish(context) };
        Link { seq, fact, hash: self.hash }
    }
}

/// A column's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'row> {
    Null,
    Integer(i64),
    Text(&'row str),
    Bytes(&'row [u8]),
}

/// The digest of a fact's columns. Each value is told with its type and length, so that no two facts are
/// spelt alike.
pub(super) fn digest<'row>(kind: Kind, values: impl IntoIterator<Item = Value<'row>>) -> Hash {
    let mut context = Context::new(&SHA256);
    text(&mut context, kind.as_str());
    for value in values {
        match value {
            Value::Null => context.update(b"n"),
            Value::Integer(number) => {
                context.update(b"i");
                context.update(&number.to_be_bytes());
            }
            Value::Text(value) => {
                context.update(b"t");
                text(&mut context, value);
            }
            Value::Bytes(value) => {
                context.update(b"b");
                bytes(&mut context, value);
            }
        }
    }
    finish(context)
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(context: &mut Context, value: &str) {
    bytes(context, value.as_bytes());
}

fn bytes(context: &mut Context, value: &[u8]) {
    context.update(&(value.len() as u64).to_be_bytes());
    context.update(value);
}

fn finish(context: Context) -> Hash {
    let mut hash = Hash::default();
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_facts_are_spelt_alike() {
        let spelt: Vec<Vec<Value<'_>>> = vec![
            vec![],
            vec![Value::Null],
            vec![Value::Text("")],
            vec![Value::Bytes(b"")],
            vec![Value::Integer(0)],
            vec![Value::Text("ab"), Value::Text("c")],
            vec![Value::Text("a"), Value::Text("bc")],
            vec![Value::Text("abc")],
        ];
        let digests: std::collections::BTreeSet<Hash> = [Kind::Decision, Kind::Run]
            .iter()
            .flat_map(|kind| spelt.iter().map(|values| digest(*kind, values.iter().copied())))
            .collect();
        assert_eq!(digests.len(), 16);
    }

    #[test]
    fn a_link_depends_on_all_that_is_in_it_and_on_the_one_before() {
        let fact =
            Fact { kind: Kind::Run, reference: 1, part: 0, at: Timestamp::from_millis(5), digest: [7; 32] };
        let others = [
            Fact { kind: Kind::End, ..fact },
            Fact { reference: 2, ..fact },
            Fact { part: 1, ..fact },
            Fact { at: Timestamp::from_millis(6), ..fact },
            Fact { digest: [8; 32], ..fact },
        ];
        let hash = |mut head: Head, fact: Fact| head.extend(fact).hash;
        let own = hash(Head::default(), fact);
        assert!(others.iter().all(|other| hash(Head::default(), *other) != own));
        assert_ne!(hash(Head { seq: 1, ..Head::default() }, fact), own);
        assert_ne!(hash(Head { hash: [1; 32], ..Head::default() }, fact), own);
        assert_eq!(hash(Head::default(), fact), own);
    }
}
