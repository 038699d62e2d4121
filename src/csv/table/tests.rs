//! Files as people have them: what is read of good ones, what is said of bad ones.

use proptest::prelude::*;

use super::rows::MAX_COLUMNS;
use super::*;
use crate::csv::guard::{BUFFER, MAX_RECORD};

fn table(bytes: &[u8]) -> Result<Table, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, bytes).unwrap();
    let prefix = format!("{}/", folder.path().display());
    read(&path).map_err(|error| error.to_string().replace(&prefix, ""))
}

fn print(table: &Table) -> String {
    let row = |row: usize| {
        format!("{}={}={}", table.time_text[row], table.times[row].as_millis(), table.values[row])
    };
    (0..table.len()).map(row).collect::<Vec<_>>().join(" ")
}

#[test]
fn good_files_are_read() {
    for (name, text, expected) in [
        ("plain", "timestamp,value\n0,1\n60,2.5\n", "0=0=1 60=60000=2.5"),
        (
            "quoted, with labels",
            "\"TimeStamp\",\"Value\",\"Label\"\r\n\"1970-01-01T00:00:01Z\",3,0\r\n",
            "1970-01-01T00:00:01Z=1000=3",
        ),
        (
            "missing values",
            "time,value\n1,\n2,NaN\n3,null\n4,N/A\n5,1\n",
            "1=1000=NaN 2=2000=NaN 3=3000=NaN 4=4000=NaN 5=5000=1",
        ),
        ("infinite values", "ts,value\n1,+Inf\n2,-Inf\n", "1=1000=inf 2=2000=-inf"),
        ("the first numbers after the time", "ts,host,cpu\n1,a,\n2,b,7\n", "1=1000=NaN 2=2000=7"),
        ("no final newline, blank lines, spaces", "ts,value\n\n 1 , 2 \n\n3,4", "1=1000=2 3=3000=4"),
        ("a byte order mark", "\u{feff}timestamp,value\n1,2\n", "1=1000=2"),
        ("rows in any order, times twice", "ts,value\n5,1\n5,2\n3,3\n", "5=5000=1 5=5000=2 3=3000=3"),
        ("no rows", "timestamp,value\n", ""),
        ("extremes", "ts,value\n1,1e300\n2,-1e-300\n", &format!("1=1000={} 2=2000={}", 1e300, -1e-300)),
    ] {
        assert_eq!(print(&table(text.as_bytes()).unwrap()), expected, "{name}");
    }
}

#[test]
fn bad_files_are_told_with_their_line_and_what_to_do() {
    for (text, expected) in [
        ("", "a.csv: is empty; begin it with the line timestamp,value; the header is ''"),
        ("a,b\n1,2\n", "a.csv: has no column of times; call it 'timestamp'; the header is 'a,b'"),
        (
            "timestamp,host\n1,a\n",
            "a.csv: has no column of numbers after its times; call it 'value'; the header is 'timestamp,host'",
        ),
        (
            "timestamp;value\n1;2\n",
            "a.csv: is not separated by commas; write commas; the header is 'timestamp;value'",
        ),
        (
            "1392388020,2\n1392388080,3\n",
            "a.csv: has no header; begin it with the line timestamp,value; the header is '1392388020,2'",
        ),
        (
            "ts,value\n1,2\nlater,3\n",
            "a.csv:3: 'later' is not a time, or not of the kind of those above; write all of them as \
             2014-02-14 14:27:00, as RFC 3339 or as seconds since 1970",
        ),
        (
            "ts,value\n1,2\n\n2,3 apples\n",
            "a.csv:4: '3 apples' is not a number; leave the field empty where a value is missing",
        ),
        (
            "ts,value,note\r\n\r\n1,2,\"two\r\nlines\"\r\n\r\n3,-,\r\n",
            "a.csv:6: '-' is not a number; leave the field empty where a value is missing",
        ),
        ("ts,value\n1,2\n2\n", "a.csv:3: has 1 fields where the header has 2; make them equal"),
    ] {
        assert_eq!(table(text.as_bytes()).unwrap_err(), expected);
    }
}

#[test]
fn what_is_no_text_is_refused() {
    assert_eq!(table(b"ts,value\n1,2\n2,\xff\n").unwrap_err(), "a.csv:3: is not UTF-8; convert the file");
    let endless = [b"ts,value\n1,2\n2,\"".as_slice(), &vec![b'x'; MAX_RECORD + 2 * BUFFER]].concat();
    let error = table(&endless).unwrap_err();
    assert_eq!(error, "a.csv:3: is longer than 1 MiB; a quote may not be closed");
    let wide = "a,".repeat(MAX_COLUMNS + 1);
    let error = table(wide.as_bytes()).unwrap_err();
    assert!(error.starts_with("a.csv: has more than 4096 columns; keep those that matter"), "{error}");
    let missing = read(Path::new("/nowhere/a.csv")).unwrap_err().to_string();
    assert!(missing.starts_with("/nowhere/a.csv: cannot be read: "), "{missing}");
    assert!(matches!(read(Path::new("/")), Err(CsvError::Read { .. })));
}

#[test]
fn every_column_is_there_by_its_name() {
    let table = table(b"TimeStamp,Value,Label\n1,2,0\n2,,1\n3,4,yes\n").unwrap();
    assert_eq!(table.header, ["TimeStamp", "Value", "Label"]);
    assert_eq!(table.texts("label").unwrap().collect::<Vec<_>>(), ["0", "1", "yes"]);
    let labels = table.numbers("Label").unwrap();
    assert_eq!((labels[..2].to_vec(), labels[2].is_nan()), (vec![0.0, 1.0], true));
    assert!(table.texts("labels").is_none());
    assert_eq!((table.value_column, table.cell(1, 1), table.cell(2, 1)), (1, "", "4"));
    assert_eq!(table.samples().map(|sample| sample.at.as_millis()).sum::<i64>(), 6000);
}

proptest! {
    #[test]
    fn no_bytes_are_too_odd(rest in "[ -~\u{e9}\u{3a9}\"\r\n,;-]{0,80}", time in "[0-9 :/+TZe.-]{0,24}") {
        let _ = table(format!("timestamp,value\n{time},1\n{rest}").as_bytes());
        let _ = table(rest.as_bytes());
    }
}
