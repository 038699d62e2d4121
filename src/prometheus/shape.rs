//! The result of a query, parsed straight into an answer: no tree of values between, no copy of a number's
//! text, no look into a label set.
//!
//! It relies on the shape of the result rather than on the order of the keys, takes NaN and infinities
//! as they come, and passes over native histograms, which no query here asks for.

use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::answer::Answer;
use crate::model::{Sample, Timestamp};

/// A result before its type is known.
pub(super) enum Shape {
    /// Of a vector or a matrix.
    Series(Answer),
    /// Of a scalar.
    Pair(Sample),
    /// Of a string.
    Text,
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of series, or a time and a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Shape, A::Error> {
        let mut answer = Answer::default();
        while let Some(element) = elements.next_element_seed(ElementSeed(&mut answer))? {
            if let Element::Time(time) = element {
                return pair(time, elements);
            }
        }
        Ok(Shape::Series(answer))
    }
}

/// The rest of `[time, "value"]`.
fn pair<'de, A: SeqAccess<'de>>(time: f64, mut elements: A) -> Result<Shape, A::Error> {
    let Text(value) =
        elements.next_element()?.ok_or_else(|| de::Error::invalid_length(1, &"a time and a value"))?;
    if elements.next_element::<de::IgnoredAny>()?.is_some() {
        return Err(de::Error::invalid_length(3, &"a time and a value"));
    }
    let at = Timestamp::from_seconds(time);
    Ok(value.map_or(Shape::Text, |value| Shape::Pair(Sample { at, value })))
}

/// One element of a result.
enum Element {
    /// It has been put into the answer.
    Series,
    Time(f64),
}

struct ElementSeed<'a>(&'a mut Answer);

impl<'de> DeserializeSeed<'de> for ElementSeed<'_> {
    type Value = Element;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Element, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// The keys of a series; one that has only native histograms has neither value nor values.
#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Key {
    Metric,
    Value,
    Values,
    #[serde(other)]
    Other,
}

impl<'de> Visitor<'de> for ElementSeed<'_> {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a series or a time")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element, A::Error> {
        let mut metric: Option<&'de RawValue> = None;
        while let Some(key) = map.next_key()? {
            match key {
                Key::Metric if metric.is_some() => return Err(de::Error::duplicate_field("metric")),
                Key::Metric => metric = Some(map.next_value()?),
                Key::Value | Key::Values if self.0.open_samples() > 0 => {
                    return Err(de::Error::duplicate_field("value"));
                }
                Key::Value => {
                    let Point(sample) = map.next_value()?;
                    self.0.samples().push(sample);
                }
                Key::Values => map.next_value_seed(PointsSeed(self.0))?,
                Key::Other => {
                    map.next_value::<de::IgnoredAny>()?;
                }
            }
        }
        let metric = metric.ok_or_else(|| de::Error::missing_field("metric"))?;
        self.0.end_series(metric.get());
        Ok(Element::Series)
    }

    fn visit_f64<E: de::Error>(self, time: f64) -> Result<Element, E> {
        Ok(Element::Time(time))
    }

    fn visit_u64<E: de::Error>(self, time: u64) -> Result<Element, E> {
        Ok(Element::Time(time as f64))
    }

    fn visit_i64<E: de::Error>(self, time: i64) -> Result<Element, E> {
        Ok(Element::Time(time as f64))
    }
}

/// `[[time, "value"], …]`, appended to the answer's samples.
struct PointsSeed<'a>(&'a mut Answer);

impl<'de> DeserializeSeed<'de> for PointsSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for PointsSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of times and values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut points: A) -> Result<(), A::Error> {
        while let Some(Point(sample)) = points.next_element()? {
            self.0.samples().push(sample);
        }
        Ok(())
    }
}

/// `[time in seconds, "value"]`.
struct Point(Sample);

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (time, Text(value)) = <(f64, Text)>::deserialize(deserializer)?;
        let value = value.ok_or_else(|| de::Error::custom("a sample's value is not a number"))?;
        Ok(Self(Sample { at: Timestamp::from_seconds(time), value }))
    }
}

/// A number written as a string, parsed without copying it; `None` if it is none.
struct Text(Option<f64>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number as a string")
    }

    /// Rust reads `NaN`, `+Inf` and `-Inf` as Prometheus writes them.
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.parse().ok()))
    }
}
