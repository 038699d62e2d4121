//! Units that numbers are written in.

/// A unit, with what one of it is in seconds, in bytes or in ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Unit {
    /// None, or one that is not converted, such as requests.
    None,
    /// Hundredths.
    Percent,
    /// A time: this many seconds.
    Time(f64),
    /// Data: this many bytes, and this many as others count.
    Bytes(f64, f64),
    /// A thousand, a million.
    Scale(f64),
}

const TIMES: &[(&[&str], f64)] = &[
    (&["ns", "nanosecond", "nanoseconds"], 1e-9),
    (&["us", "µs", "microsecond", "microseconds"], 1e-6),
    (&["ms", "msec", "msecs", "millisecond", "milliseconds"], 1e-3),
    (&["s", "sec", "secs", "second", "seconds"], 1.0),
    (&["min", "mins", "minute", "minutes"], 60.0),
    (&["h", "hr", "hrs", "hour", "hours"], 3600.0),
    (&["d", "day", "days"], 86_400.0),
    (&["week", "weeks"], 604_800.0),
];
const SCALES: &[(&[&str], f64)] =
    &[(&["thousand"], 1e3), (&["million"], 1e6), (&["billion", "bn"], 1e9), (&["trillion"], 1e12)];

/// Reads a unit; `glued` if it stands right behind the number, where one letter is enough. A rate, such as
/// `MB/s`, is compared by what comes before it.
pub(super) fn read(word: &str, glued: bool) -> Option<Unit> {
    let word = match word.split_once('/') {
        Some((unit, "s" | "sec" | "second" | "min" | "minute" | "h" | "hour" | "d" | "day")) => unit,
        Some(_) => return None,
        None => word,
    };
    let lower = word.to_lowercase();
    let listed = |units: &[(&[&str], f64)]| {
        units.iter().find(|(names, _)| names.contains(&lower.as_str())).map(|(_, factor)| *factor)
    };
    match word {
        "%" | "percent" | "pct" => Some(Unit::Percent),
        "" | "x" | "X" if glued => Some(Unit::None),
        "m" if glued => Some(Unit::Time(60.0)),
        "w" if glued => Some(Unit::Time(604_800.0)),
        "k" | "K" if glued => Some(Unit::Scale(1e3)),
        "M" if glued => Some(Unit::Scale(1e6)),
        "G" if glued => Some(Unit::Scale(1e9)),
        "H" | "S" | "D" => None,
        _ => listed(TIMES)
            .map(Unit::Time)
            .or_else(|| listed(SCALES).map(Unit::Scale))
            .or_else(|| bytes(&lower)),
    }
}

/// `B`, `kB`, `MiB`, `Gi`, and the words. What is called MB is often counted in powers of two.
fn bytes(lower: &str) -> Option<Unit> {
    if let "b" | "byte" | "bytes" = lower {
        return Some(Unit::Bytes(1.0, 1.0));
    }
    let words = [("kilobyte", "kb"), ("megabyte", "mb"), ("gigabyte", "gb"), ("terabyte", "tb")];
    let short = words.iter().find(|(word, _)| lower.strip_suffix('s').unwrap_or(lower) == *word);
    let short = short.map_or(lower, |(_, short)| *short);
    let power = "kmgtp".find(short.chars().next()?)? as i32 + 1;
    match &short[1..] {
        "ib" | "i" => Some(Unit::Bytes(1024f64.powi(power), 1024f64.powi(power))),
        "b" => Some(Unit::Bytes(1000f64.powi(power), 1024f64.powi(power))),
        _ => None,
    }
}
