//! Round trips, and every kind of damage.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::model::Timestamp;
use crate::snapshots::{self, FORMAT, state_file};

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

fn wanted(query: &str) -> Wanted {
    Wanted { query: query.to_owned(), expr: "up".to_owned(), interval_ms: 60_000, model: "auto".to_owned() }
}

fn model(query: &str, state: &[u8]) -> TrainedModel {
    TrainedModel { of: wanted(query), series: 3, state: state.to_owned() }
}

fn open(folder: &Path) -> ModelStore {
    ModelStore::open(&Location::Folder(folder.to_owned()), &Config::default()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_was_stored_stands_in_for_missing_snapshots_only() {
    let folder = TempDir::new().unwrap();
    let (models, state) = (folder.path().join("models"), folder.path().join("data/state"));
    let store = open(&models);
    store.write(&[model("a", b"state of a"), model("b", b"state of b")], NOW).await.unwrap();
    fs::create_dir_all(&state).unwrap();
    snapshots::write(&state_file(&state, "b"), b"its own").unwrap();
    let queries = ["a", "b", "c"].map(wanted);
    let (taken, faults) = take_up(&store, &state, &queries).await.unwrap();
    assert_eq!((taken, faults.len()), (vec!["a".to_owned()], 0));
    assert_eq!(snapshots::read(&state_file(&state, "a")).unwrap().unwrap(), b"state of a");
    assert_eq!(snapshots::read(&state_file(&state, "b")).unwrap().unwrap(), b"its own");
    assert!(!state_file(&state, "c").exists());
}

#[tokio::test]
async fn a_training_takes_the_place_of_the_one_before() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path());
    store.write(&[model("a", b"1"), model("b", b"2"), model("c", b"3")], NOW).await.unwrap();
    let manifest = store.write(&[model("a", b"1"), model("b", b"new")], NOW).await.unwrap();
    assert_eq!(store.manifest().await.unwrap(), manifest);
    assert_eq!(names(folder.path()).len(), 3, "{:?}", names(folder.path()));
    let states = [store.state(&manifest.models[0]).await, store.state(&manifest.models[1]).await];
    assert_eq!(states.map(Result::unwrap), [b"1".to_vec(), b"new".to_vec()]);
    assert_eq!((manifest.models[0].series, manifest.trained), (3, NOW));
}

/// The error after somebody has changed the files of a store with one model.
async fn refused(change: impl FnOnce(&Path, &Path)) -> String {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path());
    let manifest = store.write(&[model("a", b"what was learnt")], NOW).await.unwrap();
    change(&folder.path().join("manifest.json"), &folder.path().join(&manifest.models[0].object));
    let state = folder.path().join("state");
    let error = match take_up(&store, &state, &[wanted("a")]).await {
        Ok((taken, faults)) => {
            assert_eq!((taken.len(), faults.len()), (0, 1), "{faults:?}");
            faults[0].to_string()
        }
        Err(error) => error.to_string(),
    };
    assert!(!state_file(&state, "a").exists(), "{error}");
    error.replace(&format!("{}/", folder.path().display()), "")
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

#[tokio::test]
async fn whatever_is_not_as_it_was_written_is_refused_by_name_with_a_remedy() {
    type Change = fn(&Path, &Path);
    let table: [(Change, &str); 14] = [
        (
            |manifest, _| fs::remove_file(manifest).unwrap(),
            "manifest.json does not exist; store models there with",
        ),
        (|manifest, _| fs::write(manifest, "").unwrap(), "manifest.json is not of smartcloudops"),
        (
            |manifest, _| fs::write(manifest, "{\"name\": \"app\"}").unwrap(),
            "manifest.json is not of smartcloudops",
        ),
        (
            |manifest, _| edit(manifest, "\"format\": 1", "\"format\": 2"),
            "manifest.json has format 2, this version reads 1",
        ),
        (
            |manifest, _| fs::write(manifest, "{\"format\": 1}").unwrap(),
            "manifest.json is damaged (something is missing",
        ),
        (
            |manifest, _| edit(manifest, "\"series\": 3", "\"series\": 4"),
            "manifest.json is damaged (its checksum",
        ),
        (
            |manifest, _| edit(manifest, "\"expr\": \"up\"", "\"expr\": \"down\""),
            "manifest.json is damaged (its checksum",
        ),
        (
            |_, object| fs::remove_file(object).unwrap(),
            "is damaged (the manifest names it, and it does not exist)",
        ),
        (
            |_, object| fs::write(object, "").unwrap(),
            "is damaged (its checksum is not the one in the manifest)",
        ),
        (
            |_, object| {
                let mut content = fs::read(object).unwrap();
                content[30] ^= 1;
                fs::write(object, content).unwrap();
            },
            "is damaged (its checksum is not the one in the manifest)",
        ),
        (
            |_, object| {
                let content = fs::read(object).unwrap();
                fs::write(object, [&content[..], b"more"].concat()).unwrap();
            },
            "is damaged (it is longer than it should be)",
        ),
        (
            |_, object| {
                let content = fs::read(object).unwrap();
                fs::write(object, &content[..content.len() - 1]).unwrap();
            },
            "is damaged (its checksum is not the one in the manifest)",
        ),
        (
            |manifest, _| resign(manifest, |json| json["models"][0]["object"] = "../x.state".into()),
            "is not of smartcloudops (its objects",
        ),
        (
            |manifest, _| resign(manifest, |json| json["models"][0]["expr"] = "down".into()),
            "was trained for another expression of the query a",
        ),
    ];
    for (index, (change, expected)) in table.into_iter().enumerate() {
        let error = refused(change).await;
        assert!(error.contains(expected), "{index}: {error}");
        assert!(error.contains("train") || error.contains("start the version"), "{index}: {error}");
    }
}

/// A manifest whose checksum is right, whatever else is in it.
fn resign(path: &Path, change: impl Fn(&mut serde_json::Value)) {
    let mut json: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    change(&mut json);
    let changed: Manifest = serde_json::from_value(json).unwrap();
    fs::write(path, Manifest::new(changed.models, changed.trained).encode()).unwrap();
}

#[tokio::test]
async fn an_object_of_a_newer_format_is_refused() {
    let error = refused(|manifest, object| {
        let mut content = fs::read(object).unwrap();
        content[8] = 9;
        fs::write(object, &content).unwrap();
        resign(manifest, |json| {
            json["models"][0]["sha256"] = Entry::new(&model("a", b""), &content).sha256.into();
        });
    });
    let error = error.await;
    let expected = format!("has format 9, this version reads {FORMAT}; start the version that wrote it");
    assert!(error.contains(&expected), "{error}");
}

#[tokio::test]
async fn another_query_begins_without_a_model() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder.path().join("models"));
    store.write(&[model("a", b"1")], NOW).await.unwrap();
    for (wanted, what) in [
        (Wanted { expr: "up * 2".to_owned(), ..wanted("a") }, "expression"),
        (Wanted { interval_ms: 1000, ..wanted("a") }, "interval"),
        (Wanted { model: "prophet".to_owned(), ..wanted("a") }, "model"),
    ] {
        let (taken, faults) = take_up(&store, &folder.path().join("state"), &[wanted]).await.unwrap();
        let fault = faults[0].to_string();
        assert!(taken.is_empty() && fault.contains(&format!("another {what} of the query a")), "{fault}");
    }
}

#[tokio::test]
async fn what_is_not_ours_is_not_written_over() {
    let folder = TempDir::new().unwrap();
    let manifest = folder.path().join("manifest.json");
    for text in ["{\"name\": \"app\"}", "{\"format\": 7}"] {
        fs::write(&manifest, text).unwrap();
        assert!(open(folder.path()).write(&[model("a", b"1")], NOW).await.is_err(), "{text}");
        assert_eq!(fs::read_to_string(&manifest).unwrap(), text);
        assert_eq!(names(folder.path()), ["manifest.json"]);
    }
    fs::write(&manifest, "{\"format\": 1}").unwrap();
    open(folder.path()).write(&[model("a", b"1")], NOW).await.unwrap();
    assert_eq!(open(folder.path()).manifest().await.unwrap().models.len(), 1);
}
