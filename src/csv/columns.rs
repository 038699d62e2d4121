//! Which column holds the times and which the values, by their names.

/// Names of a column of times, in small letters and without anything but letters and digits.
const TIMES: [&str; 7] = ["timestamp", "time", "ts", "date", "datetime", "ds", "epoch"];
/// Beginnings of such names: `timestamp_ms`, `Time (UTC)`.
const BEGINNINGS: [&str; 3] = ["timestamp", "time", "date"];
/// Numbers that people have added to say what is anomalous are no values.
const LABELS: [&str; 5] = ["label", "labels", "anomaly", "isanomaly", "isoutlier"];

/// The column of times: the first of a known name, or else the first whose name begins with one.
pub(super) fn time_column(header: &[String]) -> Option<usize> {
    let plain: Vec<String> = header.iter().map(|name| plain(name)).collect();
    let begins = |name: &String| BEGINNINGS.iter().any(|beginning| name.starts_with(beginning));
    plain.iter().position(|name| TIMES.contains(&name.as_str())).or_else(|| plain.iter().position(begins))
}

/// The column of values: the one called `value`, or else the first one of numbers after the times.
pub(super) fn value_column(
    header: &[String],
    time: usize,
    is_numeric: impl Fn(usize) -> bool,
) -> Option<usize> {
    let named = header.iter().position(|name| plain(name) == "value");
    named.or_else(|| (time + 1..header.len()).find(|index| !is_label(&header[*index]) && is_numeric(*index)))
}

/// Whether a column of this name says what is anomalous.
pub(super) fn is_label(name: &str) -> bool {
    LABELS.contains(&plain(name).as_str())
}

fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(line: &str) -> Vec<String> {
        line.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn the_times_are_found_by_name() {
        for (line, expected) in [
            ("timestamp,value", Some(0)),
            ("TimeStamp,Value,Label", Some(0)),
            ("value,Date Time", Some(1)),
            (",ts,v", Some(1)),
            ("timeout,time,value", Some(1)),
            ("timestamp_ms,value", Some(0)),
            ("unit,Time (UTC),value", Some(1)),
            ("a,b", None),
            ("microservice,latency", None),
            ("", None),
        ] {
            assert_eq!(time_column(&header(line)), expected, "{line}");
        }
    }

    #[test]
    fn the_values_are_found_by_name_or_as_the_first_numbers() {
        for (line, time, expected) in [
            ("timestamp,value", 0, Some(1)),
            ("timestamp,cpu,Value", 0, Some(2)),
            ("value,time", 1, Some(0)),
            ("timestamp,text host,cpu,memory", 0, Some(2)),
            ("timestamp,label,cpu", 0, Some(2)),
            ("cpu,timestamp,memory", 1, Some(2)),
            ("cpu,timestamp", 1, None),
            ("timestamp,is_anomaly", 0, None),
        ] {
            let header = header(line);
            let numeric = |index: usize| !header[index].starts_with("text");
            assert_eq!(value_column(&header, time, numeric), expected, "{line}");
        }
    }
}
