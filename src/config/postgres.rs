//! The database of a journal that replicas share.

use url::Url;

use crate::journal::Database;
use crate::model::SecretSource;

use super::document::Node;
use super::item::Parsed;
use super::secrets::{PASSWORD, secret};
use super::section::Section;
use super::values::text;

/// What may stand after the question mark: how the connection is protected, and where a socket is.
const PARAMETERS: [&str; 6] = ["sslmode", "sslrootcert", "sslcert", "sslkey", "host", "port"];

/// The section `storage.postgres`.
pub(super) fn database(section: &mut Section) -> Option<Database> {
    let hint = "write postgres://user@host:5432/database?sslmode=verify-full";
    let url = section.required("url", hint, database_url);
    let named = ["password", "password_file", "password_env"].iter().any(|key| section.is_written(key));
    // Asked for where it is absent, too: so the key is known, and suggested to whoever misspells it.
    let absent = |section: &mut Section| section.file("password_file").map(SecretSource::File);
    let password = if named { secret(section, &PASSWORD) } else { absent(section) };
    Some(Database { url: url?, password })
}

fn database_url(node: &Node) -> Parsed<Url> {
    let url: Url = text(node)?.parse().map_err(|error| format!("is not a URL: {error}"))?;
    check(&url)?;
    Ok(url)
}

/// No message repeats the URL: a password may stand in it.
fn check(url: &Url) -> Parsed<()> {
    let refuse = |why: &str| Err(why.to_owned());
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return refuse("is not a PostgreSQL URL; write postgres://user@host:5432/database");
    }
    if url.password().is_some() {
        return refuse(
            "must not hold a password; put it in a file of its own and name that with password_file",
        );
    }
    if url.path().trim_matches('/').is_empty() {
        return refuse("names no database; write postgres://user@host:5432/database");
    }
    match url.query_pairs().find(|(key, _)| !PARAMETERS.contains(&key.as_ref())) {
        Some(_) => Err(format!("has a parameter that is not known here; use {}", PARAMETERS.join(", "))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_database_is_named_without_its_password() {
        for (url, expected) in [
            ("postgres://ops@db.example:5432/journal?sslmode=verify-full&sslrootcert=/ca.pem", None),
            ("postgresql:///journal?host=/run/postgresql", None),
            ("mysql://ops@db/journal", Some("not a PostgreSQL URL")),
            ("postgres://ops:hunter2@db/journal", Some("password_file")),
            ("postgres://ops@db", Some("names no database")),
            ("postgres://ops@db/journal?password=hunter2", Some("not known here")),
            ("postgres://ops@db/journal?options=-csearch_path%3Dx", Some("not known here")),
        ] {
            let found = check(&url.parse().unwrap());
            match expected {
                None => assert_eq!(found, Ok(()), "{url}"),
                Some(part) => {
                    let message = found.unwrap_err();
                    assert!(message.contains(part) && !message.contains("hunter2"), "{url}: {message}");
                }
            }
        }
    }
}
