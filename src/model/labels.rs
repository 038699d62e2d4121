//! Label sets: sorted, shared, cheap to clone and to compare.

mod packed;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A label set, sorted by name, each name once. Values are untrusted text.
///
/// It is one piece of memory, so that to look a label up is to read a few neighbouring lines of it.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Labels(Arc<str>);

impl Labels {
    /// The value of a label, `None` if it is absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Names and values in the order of the names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        packed::Pairs::of(&self.0)
    }

    /// How many labels there are.
    pub fn len(&self) -> usize {
        self.iter().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same set without the labels named.
    pub fn without(&self, names: &[&str]) -> Self {
        self.iter().filter(|(name, _)| !names.contains(name)).collect()
    }

    /// The same set with one label set to `value`.
    pub fn with(&self, name: &str, value: &str) -> Self {
        self.iter().chain([(name, value)]).collect()
    }

    /// Whether every label of `self` is in `other` with the same value.
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.iter().all(|(name, value)| other.get(name) == Some(value))
    }

    /// The fingerprint Alertmanager computes: FNV-1a (64 bit) over the sorted names and values, each
    /// followed by the byte 255 (`LabelsToSignature` in prometheus/common).
    pub fn fingerprint(&self) -> Fingerprint {
        let bytes = self.iter().flat_map(|(name, value)| {
            let value = value.bytes().chain([255]);
            name.bytes().chain([255]).chain(value)
        });
        let offset = 0xcbf2_9ce4_8422_2325;
        Fingerprint(bytes.fold(offset, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)))
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Labels {
    /// A name given twice keeps its last value.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut pairs: Vec<(N, V)> = pairs.into_iter().collect();
        // The last comes first of its name, and stays.
        pairs.reverse();
        pairs.sort_by(|(one, _), (other, _)| one.as_ref().cmp(other.as_ref()));
        pairs.dedup_by(|(next, _), (kept, _)| (*next).as_ref() == (*kept).as_ref());
        Self(packed::pack(&pairs).into())
    }
}

impl PartialOrd for Labels {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Labels {
    /// Name by name and value by value.
    fn cmp(&self, other: &Self) -> Ordering {
        self.iter().cmp(other.iter())
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl fmt::Display for Labels {
    /// PromQL notation: `{instance="a:9100",job="node"}`, values quoted and escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (index, (name, value)) in self.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{name}=\"{}\"", escape_promql(value))?;
        }
        f.write_str("}")
    }
}

/// Escapes text for use between double quotes in PromQL and in the exposition formats.
pub fn escape_promql(value: &str) -> Cow<'_, str> {
    if !value.bytes().any(|byte| matches!(byte, b'\\' | b'"' | b'\n')) {
        return value.into();
    }
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").into()
}

impl Serialize for Labels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::<Cow<'_, str>, Cow<'_, str>>::deserialize(deserializer).map(|map| map.into_iter().collect())
    }
}

/// Identity of a label set; 16 hexadecimal digits in text and JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl std::str::FromStr for Fingerprint {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_sorted_and_unique() {
        let labels: Labels = [("b", "2"), ("a", "1"), ("b", "3")].into_iter().collect();
        assert_eq!(labels.to_string(), r#"{a="1",b="3"}"#);
        assert_eq!(labels.get("b"), Some("3"));
        assert_eq!(labels.get("c"), None);
    }

    #[test]
    fn a_label_is_found_among_any_number() {
        for size in [0, 1, 16, 40, 63, 64, 100] {
            let labels: Labels = (0..size).map(|at| (format!("l{at}"), at.to_string())).collect();
            assert_eq!((labels.len(), labels.is_empty()), (size, size == 0));
            for at in 0..size + 1 {
                let expected = (at < size).then(|| at.to_string());
                assert_eq!(labels.get(&format!("l{at}")), expected.as_deref(), "{at} of {size}");
            }
        }
    }

    #[test]
    fn label_sets_are_ordered_by_name_and_value() {
        let mut sets: Vec<Labels> =
            [&[("b", "")][..], &[("a", "10")], &[("a", "9")], &[], &[("a", "10"), ("b", "")]]
                .into_iter()
                .map(|pairs| pairs.iter().copied().collect())
                .collect();
        sets.sort();
        let sorted: Vec<String> = sets.iter().map(Labels::to_string).collect();
        assert_eq!(sorted, ["{}", r#"{a="10"}"#, r#"{a="10",b=""}"#, r#"{a="9"}"#, r#"{b=""}"#]);
    }

    #[test]
    fn the_empty_fingerprint_is_the_fnv_offset() {
        assert_eq!(Labels::default().fingerprint().to_string(), "cbf29ce484222325");
    }

    #[test]
    fn values_are_escaped_in_text() {
        let labels: Labels = [("a", "x\"y\n")].into_iter().collect();
        assert_eq!(labels.to_string(), r#"{a="x\"y\n"}"#);
    }
}
