//! Names of settings, fields and headers, and what the value of one is likely to be.

/// What a name says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Promise {
    /// `password`, `api_key`: whatever follows is a secret.
    Secret,
    /// `tokens`, `secret_thing`: a secret unless it is a number, a duration or a switch.
    Likely,
    /// `key`, `token_name`: a secret if it looks random.
    IfRandom,
    /// `Authorization`, `Cookie`: the rest of the line is one.
    Header,
}

/// Endings of names, without separators and in lower case.
const SECRET: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "accountkey",
    "sharedkey",
    "authkey",
    "storagekey",
    "licensekey",
    "integrationkey",
    "routingkey",
    "servicekey",
    "credential",
    "credentials",
    "jsessionid",
    "phpsessid",
];
/// Words that a name is made of, in their plural where that is what numbers have.
const PARTS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "secret",
    "secrets",
    "token",
    "tokens",
    "apikey",
    "apikeys",
    "credential",
    "credentials",
];
/// Endings of names whose value is a secret only sometimes.
const SOMETIMES: &[&str] = &[
    "key",
    "keys",
    "auth",
    "pass",
    "pw",
    "salt",
    "session",
    "sessionid",
    "sid",
    "sig",
    "signature",
    "dsn",
    "jwt",
];
/// What may follow one of [`SECRET`] and still be its value.
const VALUE_OF: &[&str] = &[
    "value",
    "hash",
    "plaintext",
    "text",
    "string",
    "base64",
    "b64",
    "keybase",
    "key",
    "new",
    "old",
    "prod",
    "confirmation",
];
/// What makes another thing of a name: `password_changes_total`, `token_file`.
const ABOUT: &[&str] = &[
    "age",
    "algorithm",
    "at",
    "attempts",
    "bucket",
    "buckets",
    "bytes",
    "change",
    "changes",
    "count",
    "counts",
    "created",
    "dir",
    "disabled",
    "duration",
    "enabled",
    "endpoint",
    "errors",
    "exists",
    "expired",
    "expires",
    "expiration",
    "expiry",
    "failures",
    "file",
    "files",
    "format",
    "host",
    "id",
    "ids",
    "in",
    "invalid",
    "issuer",
    "len",
    "length",
    "limit",
    "limits",
    "max",
    "min",
    "name",
    "names",
    "path",
    "policy",
    "rate",
    "ratio",
    "ref",
    "refills",
    "requests",
    "required",
    "rotated",
    "rotation",
    "rotations",
    "seconds",
    "size",
    "state",
    "status",
    "sum",
    "total",
    "ttl",
    "type",
    "uri",
    "url",
    "usage",
    "used",
    "valid",
    "version",
];

/// What follows this name, if it may be a secret.
pub(super) fn promise(name: &str) -> Option<Promise> {
    let parts = parts(name);
    let flat = parts.concat();
    if flat.ends_with("authorization") || flat.ends_with("cookie") {
        return Some(Promise::Header);
    }
    if is_secret(&flat) || parts.len() > 1 && (flat.ends_with("pass") || flat.ends_with("pw")) {
        return Some(Promise::Secret);
    }
    if parts.iter().any(|part| PARTS.contains(&part.as_str())) {
        let about = parts.last().is_some_and(|last| ABOUT.contains(&last.as_str()));
        return Some(if about { Promise::IfRandom } else { Promise::Likely });
    }
    SOMETIMES.iter().any(|ending| flat.ends_with(ending)).then_some(Promise::IfRandom)
}

fn is_secret(flat: &str) -> bool {
    let bare = VALUE_OF.iter().find_map(|ending| flat.strip_suffix(ending)).unwrap_or(flat);
    SECRET.iter().any(|ending| flat.ends_with(ending) || bare.ends_with(ending))
}

/// The words of a name in lower case, without the digits at their ends: `dbPassword2` → `db`, `password`.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut after_lower = false;
    for c in name.chars() {
        let begins = !c.is_ascii_alphanumeric() || after_lower && c.is_ascii_uppercase();
        if begins {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut().filter(|_| c.is_ascii_alphanumeric()) {
            part.push(c.to_ascii_lowercase());
        }
        after_lower = c.is_ascii_lowercase();
    }
    parts
        .iter_mut()
        .for_each(|part| part.truncate(part.trim_end_matches(|c: char| c.is_ascii_digit()).len()));
    parts.retain(|part| !part.is_empty());
    parts
}
