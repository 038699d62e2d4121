//! The result of a query, parsed straight into series: no tree of values between, no copy of a number's
//! text.
//!
//! It relies on the shape of the result rather than on the order of the keys, takes NaN and infinities
//! as they come, and passes over native histograms, which no query here asks for.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::model::{Labels, Sample, Series, Timestamp};

/// A result before its type is known.
pub(super) enum Shape {
    /// Of a vector or a matrix.
    Series(Vec<Series>),
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
        let mut series = Vec::new();
        while let Some(element) = elements.next_element()? {
            match element {
                Element::Series(Series { samples, .. }) if samples.is_empty() => {}
                Element::Series(found) => series.push(found),
                Element::Time(time) => return pair(time, elements),
            }
        }
        Ok(Shape::Series(series))
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
    Series(Series),
    Time(f64),
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ElementVisitor)
    }
}

struct ElementVisitor;

impl<'de> Visitor<'de> for ElementVisitor {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a series or a time")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Element, A::Error> {
        let raw = RawSeries::deserialize(MapAccessDeserializer::new(map))?;
        let points = if raw.values.is_empty() { raw.value.into_iter().collect() } else { raw.values };
        let samples = points.into_iter().map(|Point(sample)| sample).collect();
        Ok(Element::Series(Series { labels: raw.metric, samples }))
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

/// A series as it is written; one that has only native histograms has neither value nor values.
#[derive(serde::Deserialize)]
struct RawSeries {
    metric: Labels,
    value: Option<Point>,
    #[serde(default)]
    values: Vec<Point>,
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
