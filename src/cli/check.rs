//! `smartcloudops check FILE…`: every fault of every file. It reads nothing but these files: what
//! they name (certificates, secrets) may exist on another machine only.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use crate::config::{self, Overrides, Source};

use super::arguments::Check;

/// What was found in all files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Lines for people, each ended by a newline.
    pub text: String,
    /// Whether no file has a fault.
    pub valid: bool,
}

/// Checks the files and prints what it finds; exit code 1 if any file has a fault.
pub fn run(check: &Check) -> ExitCode {
    let report = report(check);
    print!("{}", report.text);
    if report.valid { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Checks the files in their order.
pub fn report(check: &Check) -> Report {
    let overrides = Overrides { prometheus_url: check.prometheus_url.clone(), ..Overrides::default() };
    let mut report = Report { text: String::new(), valid: true };
    for file in &check.files {
        report.add(file, &overrides);
    }
    report
}

impl Report {
    fn add(&mut self, file: &Path, overrides: &Overrides) {
        let loaded = Source::open(Some(file), overrides.clone()).and_then(config::load);
        let file = file.display();
        let line = match loaded {
            Ok(_) => format!("{file}: valid"),
            Err(faults) => {
                self.valid = false;
                let count = faults.iter().len();
                format!("{faults}\n{file}: {count} {}", if count == 1 { "fault" } else { "faults" })
            }
        };
        writeln!(self.text, "{line}").expect("writing to a String does not fail");
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn checked(files: &[(&str, &str)], prometheus_url: Option<&str>) -> Report {
        let folder = tempfile::tempdir().unwrap();
        let write = |(name, text): &(&str, &str)| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let files: Vec<PathBuf> = files.iter().map(write).collect();
        let report = report(&Check { files, prometheus_url: prometheus_url.map(str::to_owned) });
        let prefix = format!("{}/", folder.path().display());
        Report { text: report.text.replace(&prefix, ""), ..report }
    }

    #[test]
    fn faults_come_by_line_with_a_count_and_good_files_are_named() {
        let good = ("good.yml", "prometheus: {url: http://localhost:9090}\n");
        let bad = ("bad.yml", "scoring:\n  interval: 5\nprometheus:\n  urll: http://localhost:9090\n");
        let report = checked(&[good, bad], None);
        assert!(!report.valid);
        assert_eq!(
            report.text,
            "good.yml: valid\n\
             bad.yml:2: scoring.interval: is a duration without a unit; write for example 30s, 5m or 14d\n\
             bad.yml:4: prometheus.urll: is not a known key; did you mean url?\n\
             bad.yml: 2 faults\n"
        );
    }

    #[test]
    fn the_flag_stands_in_for_the_address() {
        assert!(!checked(&[("a.yml", "")], None).valid);
        let report = checked(&[("a.yml", "")], Some("http://localhost:9090"));
        assert_eq!(report, Report { text: "a.yml: valid\n".to_owned(), valid: true });
    }

    #[test]
    fn a_file_that_cannot_be_read_is_a_fault() {
        let report = report(&Check { files: vec![PathBuf::from("/nowhere/a.yml")], prometheus_url: None });
        assert!(!report.valid);
        assert!(report.text.starts_with("/nowhere/a.yml: cannot be read: "), "{}", report.text);
        assert!(report.text.ends_with("/nowhere/a.yml: 1 fault\n"), "{}", report.text);
    }
}
