//! Sentences about passwords: those that give one away, and those that do not.

use super::by_default;

/// What is to be taken out stands in `«»`.
fn fault(marked: &str) -> Option<String> {
    let text = marked.replace(['«', '»'], "");
    let mut expected = String::new();
    let mut rest = marked;
    let mut count = 0;
    while let Some((before, behind)) = rest.split_once('«') {
        let (_, after) = behind.split_once('»').expect("it is closed");
        count += 1;
        expected += &format!("{before}[secret-{count}]");
        rest = after;
    }
    expected += rest;
    let found = by_default().redact(&text).to_string();
    (found != expected).then(|| format!("{found} instead of {expected}"))
}

#[test]
fn a_word_that_a_sentence_gives_away_as_a_password_is_taken_out() {
    let faults = [
        "password is «hunter2»",
        "The password is «swordfish».",
        "the password is «swordfish», tell nobody",
        "My password is «Swordfish» and I do not care",
        "the token: «swordfish»",
        "Root password: «letmein»",
        "pwd=«swordfish»",
        "login with pwd «abc123x»",
        "the passphrase is «opensesame» now",
        "passphrase «tr0ub4dor» was used",
        "Use the password «Tr0ub4dor3» to log in.",
        "The password was «monkey» before.",
        "The password is now «dragon»",
        "password was set to «dragon99»",
        "the password was changed to «mellon»",
        "the secret is «abracadabra!»",
        "The API token is «tok3n123»",
        "the passcode is «998877a»",
        "password is «correcthorsebatterystaple»",
        "(the password is «kitty»)",
        "The db password is \"«two words»\"",
        "the password is '«wrong»'",
        "passwd '«x»'",
        "the secret key is «Zq8vN2xK5mT9»",
    ]
    .map(fault);
    let faults: Vec<String> = faults.into_iter().flatten().collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn sentences_about_passwords_stay_as_they_are() {
    let faults = [
        "the password is wrong",
        "The password is incorrect.",
        "password is required",
        "Password is too short, at least 8 characters",
        "the password is expired and has to be changed",
        "the password was rejected by the server",
        "token expired",
        "token is expired",
        "the token is no longer valid",
        "The token was not found",
        "the token is stale",
        "the secret is missing",
        "the secret was rotated yesterday",
        "the passphrase is empty",
        "password authentication failed for user app",
        "use password authentication",
        "with password login enabled",
        "the password is stored in a file",
        "the password is the same as before",
        "passwords are hashed with bcrypt",
        "the token is invalid or malformed",
        "the credentials are unavailable",
        "the secret is being rotated",
        "the password is weak",
        "The password is case sensitive",
        "the token is opaque to clients",
        "the session is still active",
        "the secret was deleted from the vault",
        "password must not be blank",
        "secret is unknown",
        "the password isn't known",
        "the password is in the vault",
        "the password is ok",
        "the signature is different",
        "the key is instance",
    ]
    .map(fault);
    let faults: Vec<String> = faults.into_iter().flatten().collect();
    assert!(faults.is_empty(), "{faults:#?}");
}
