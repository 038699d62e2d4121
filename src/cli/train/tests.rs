//! Training from files; Prometheus and S3 are in `tests/integration/train.rs`.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;
use crate::cli::arguments::TrainSource;
use crate::object_storage::Location;

const CONFIG: &str = "prometheus: {url: http://localhost:9090}\npresets: []\nqueries: [{name: a, expr: up}, {name: b, expr: down}]\n";

fn csv(first: i64, step: i64) -> String {
    let rows = (0..200).map(|row| format!("{},{}\n", first + row * step, row % 7));
    std::iter::once("timestamp,value\n".to_owned()).chain(rows).collect()
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn arguments(folder: &Path, from: &[&str]) -> Train {
    let source = |text: &&str| {
        let TrainSource { query, path } = text.parse().unwrap();
        TrainSource { query, path: folder.join(path) }
    };
    Train {
        config_file: Some(folder.join("config.yml")),
        prometheus_url: None,
        to: Location::Folder(folder.join("models")),
        from: from.iter().map(source).collect(),
    }
}

fn folder(files: &[(&str, &str)]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    write(folder.path(), &[("config.yml", CONFIG)]);
    write(folder.path(), files);
    let path = folder.path().to_owned();
    (folder, path)
}

#[test]
fn a_file_is_a_series_and_a_folder_is_those_of_its_index() {
    let (_keep, folder) = folder(&[
        ("one.csv", &csv(1_700_000_000, 60)),
        ("many/index.csv", "file,__name__,exported_file,job\nx.csv,down,here,\ny.csv,down,,j\n"),
        ("many/x.csv", &csv(1_700_000_000, 60)),
        ("many/y.csv", &csv(1_700_000_000, 60)),
    ]);
    let manifest = train(&arguments(&folder, &["a=one.csv", "b=many"]), Timestamp::default()).unwrap();
    let told: Vec<_> =
        manifest.models.iter().map(|it| (it.query.as_str(), it.expr.as_str(), it.series)).collect();
    assert_eq!(told, [("a", "up", 1), ("b", "down", 2)]);
}

#[test]
fn what_cannot_be_learnt_stores_nothing() {
    let (_keep, folder) = folder(&[
        ("a.csv", &csv(1_700_000_000, 60)),
        ("hourly.csv", &csv(1_700_000_000, 3600)),
        ("outside/index.csv", "file,job\n../a.csv,j\n"),
        ("plain/a.csv", &csv(1_700_000_000, 60)),
    ]);
    for (from, expected) in [
        (&["c=a.csv"][..], "has no query of this name"),
        (&["a=a.csv", "a=a.csv"], "given twice"),
        (
            &["a=a.csv", "b=hourly.csv"],
            "has a sample each 1h, and scoring.interval is 1m; export with --step=1m",
        ),
        (&["a=none.csv"], "cannot be read"),
        (&["a=outside"], "which is not in its folder"),
        (&["a=plain"], "index.csv lists the series of the folder"),
    ] {
        let error = train(&arguments(&folder, from), Timestamp::default()).unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains(expected), "{from:?}: {error}");
        assert!(!folder.join("models/manifest.json").exists(), "{from:?}");
    }
}
