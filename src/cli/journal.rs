//! `smartcloudops journal verify`: whether what is in the journal is what was written. It only reads, so a
//! daemon may be at work on the same journal.

use std::process::ExitCode;

use serde::Serialize;

use super::arguments::{Journal, Verify, VerifyFormat};
use crate::config::{self, Overrides, Source};
use crate::http_client;
use crate::journal::{self, Place, Verification};

/// Does what is asked of the journal; exit code 1 if it is broken or cannot be read.
pub fn run(arguments: &Journal) -> ExitCode {
    let Journal::Verify(arguments) = arguments;
    match verify(arguments) {
        Ok(verified) => {
            print!("{}", told(&verified, arguments.output));
            if verified.broken.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn verify(arguments: &Verify) -> anyhow::Result<Verification> {
    let place = place(arguments)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    http_client::install_crypto_provider();
    Ok(runtime.block_on(journal::verify(&place))?)
}

/// Where the daemon has it with the same flags.
fn place(arguments: &Verify) -> anyhow::Result<Place> {
    let Some(file) = &arguments.config_file else {
        return Ok(Place::File(arguments.storage_path.join(journal::FILE_NAME)));
    };
    let overrides = Overrides { storage_path: arguments.storage_path.clone(), ..Overrides::default() };
    let loaded = Source::open(Some(file), overrides).and_then(config::load);
    let config = loaded.map_err(|faults| anyhow::anyhow!("the configuration has faults:\n{faults}"))?;
    Ok(config.journal.place)
}

fn told(verified: &Verification, output: VerifyFormat) -> String {
    #[derive(Serialize)]
    struct Page<'a> {
        intact: bool,
        #[serde(flatten)]
        verified: &'a Verification,
    }
    match output {
        VerifyFormat::Text => text(verified),
        VerifyFormat::Json => {
            let page = Page { intact: verified.broken.is_none(), verified };
            let json = serde_json::to_string(&page).expect("numbers and texts can be written as JSON");
            json + "\n"
        }
    }
}

fn text(verified: &Verification) -> String {
    let Verification { links, first, head, broken } = verified;
    let chain = format!("links: {links}, from {first} on\nhead: {head}\n");
    match broken {
        None => format!("{chain}intact\n"),
        Some(broken) => format!("{chain}broken at {}: {}\n", broken.place, broken.differs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Broken;

    fn verification(broken: Option<Broken>) -> Verification {
        Verification { links: 3, first: 1, head: "ab".repeat(32), broken }
    }

    #[test]
    fn what_was_found_is_told_to_people_and_programs() {
        let head = "ab".repeat(32);
        let broken = Broken { place: "link 2, run 1".into(), differs: "it is missing".into() };
        for (broken, text, json) in [
            (None, "intact", r#""intact":true,"links":3,"first":1,"head":"HEAD","broken":null"#),
            (
                Some(broken),
                "broken at link 2, run 1: it is missing",
                r#""intact":false,"links":3,"first":1,"head":"HEAD","broken":{"place":"link 2, run 1","differs":"it is missing"}"#,
            ),
        ] {
            let verified = verification(broken);
            let expected = format!("links: 3, from 1 on\nhead: {head}\n{text}\n");
            assert_eq!(told(&verified, VerifyFormat::Text), expected);
            let expected = format!("{{{}}}\n", json.replace("HEAD", &head));
            assert_eq!(told(&verified, VerifyFormat::Json), expected);
        }
    }
}
