//! Labelled sets with scores, made from a seed: several intervals, events of one row and of many, one that
//! begins in the probation, missing values, scores that are equal, missing or infinite.

use std::fs;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use jiff::Timestamp;

/// How the labels are laid out.
#[derive(Clone, Copy, PartialEq)]
pub enum Layout {
    /// As the Numenta Anomaly Benchmark does: windows in a JSON file, series beside it.
    Windows,
    /// A label in each row.
    Rows,
}

struct Shape {
    name: &'static str,
    rows: usize,
    /// Seconds.
    interval: i64,
    /// Rows of the rhythm.
    period: f64,
    /// First and last row of each event.
    events: &'static [(usize, usize)],
}

const SHAPES: [Shape; 5] = [
    Shape { name: "a/day.csv", rows: 320, interval: 300, period: 24.0, events: &[(90, 110), (200, 205)] },
    Shape { name: "a/hours.csv", rows: 260, interval: 3600, period: 30.0, events: &[(20, 60), (150, 150)] },
    Shape {
        name: "b/eight.csv",
        rows: 300,
        interval: 480,
        period: 1000.0,
        events: &[(100, 130), (140, 160)],
    },
    Shape { name: "b/healthy.csv", rows: 240, interval: 300, period: 12.0, events: &[] },
    Shape { name: "c.csv", rows: 200, interval: 60, period: 17.0, events: &[(5, 12), (190, 199)] },
];

/// Writes a set; the folders of the scores and of the labels.
pub fn write(folder: &Path, layout: Layout) -> (PathBuf, PathBuf) {
    let (scores, labels) = (folder.join("scores"), folder.join("labels"));
    let mut random = Rng::with_seed(20);
    let mut windows = serde_json::Map::new();
    for shape in &SHAPES {
        let values: Vec<String> = (0..shape.rows).map(|row| shape.value(row, &mut random)).collect();
        save(&scores.join(shape.name), &shape.scores(&values, &mut random));
        match layout {
            Layout::Rows => save(&labels.join(shape.name), &shape.labelled(&values)),
            Layout::Windows => save(&labels.join("data").join(shape.name), &shape.plain(&values)),
        }
        let times = shape.events.iter().map(|(first, last)| [*first, *last].map(|row| shape.time(row)));
        windows.insert(shape.name.to_owned(), serde_json::to_value(times.collect::<Vec<_>>()).unwrap());
    }
    if layout == Layout::Windows {
        let windows = serde_json::to_string(&windows).expect("windows are JSON");
        save(&labels.join("labels/combined_windows.json"), &windows);
    }
    (scores, labels)
}

impl Shape {
    fn time(&self, row: usize) -> String {
        let second = 1_700_000_000 + row as i64 * self.interval;
        Timestamp::from_second(second)
            .expect("a time of this century")
            .strftime("%Y-%m-%d %H:%M:%S")
            .to_string()
    }

    fn is_anomalous(&self, row: usize) -> bool {
        self.events.iter().any(|(first, last)| (*first..=*last).contains(&row))
    }

    fn value(&self, row: usize, random: &mut Rng) -> String {
        let wave = (row as f64 * std::f64::consts::TAU / self.period).sin();
        let shift = if self.is_anomalous(row) { 2.0 } else { 0.0 };
        // One in 50 is missing.
        if random.usize(..50) == 0 {
            String::new()
        } else {
            format!("{:.3}", wave + shift + random.f64() / 2.0)
        }
    }

    fn plain(&self, values: &[String]) -> String {
        let line = |(row, value): (usize, &String)| format!("{},{value}\n", self.time(row));
        format!("timestamp,value\n{}", values.iter().enumerate().map(line).collect::<String>())
    }

    fn labelled(&self, values: &[String]) -> String {
        let label = |row| u8::from(self.is_anomalous(row));
        let line =
            |(row, value): (usize, &String)| format!("\"{}\",{value},{}\n", self.time(row), label(row));
        format!("TimeStamp,Value,Label\n{}", values.iter().enumerate().map(line).collect::<String>())
    }

    /// Noise with bursts, somewhat higher in events; rounded, so that scores are equal.
    fn scores(&self, values: &[String], random: &mut Rng) -> String {
        let mut burst = 0;
        let line = |(row, value): (usize, &String)| {
            if random.usize(..40) == 0 {
                burst = random.usize(1..20);
            }
            let lift = if self.is_anomalous(row) { 0.25 } else { 0.0 };
            let score = 0.8 * random.f64() + lift + if burst > 0 { 0.4 } else { 0.0 };
            burst = burst.saturating_sub(1);
            let score = match random.usize(..150) {
                0 => String::new(),
                1 => "inf".to_owned(),
                _ => format!("{score:.2}"),
            };
            let alarm = u8::from(random.usize(..25) == 0);
            format!("{},{value},{score},{alarm}\n", self.time(row))
        };
        let lines: String = values.iter().enumerate().map(line).collect();
        format!("timestamp,value,anomaly_score,alarm\n{lines}")
    }
}

fn save(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder can be made");
    fs::write(path, text).expect("the file can be written");
}
