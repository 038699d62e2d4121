//! One tiny bad file per rule, each with its exact message; the shipped example; no panic on
//! anything; no secret in anything that is printed.

mod aws;
mod good;
mod never_panics;
mod refused;

use std::path::{Path, PathBuf};

use super::{Config, Faults, Overrides, Place, Source, load, parse};

/// The faults of a text, with the address given by flag.
fn faults_of(text: &str) -> Vec<String> {
    parse(text, &with_url()).map_or_else(|faults| faults.lines().collect(), |_| Vec::new())
}

fn with_url() -> Overrides {
    Overrides { prometheus_url: Some("http://localhost:9090".to_owned()), ..Overrides::default() }
}

fn loaded(path: &Path, overrides: Overrides) -> Result<Config, Faults> {
    load(Source::open(Some(path), overrides)?)
}

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/testdata")
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("smartcloudops.example.yml")
}
