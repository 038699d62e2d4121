//! What holds for any text.

use proptest::prelude::*;

use super::{by_default, everything};

/// A secret, and the part of it that must not leave.
fn secret() -> impl Strategy<Value = (String, String)> {
    let bare = prop_oneof![
        "AKIA[A-Z0-9]{16}",
        "gh[pousr]_[A-Za-z0-9]{36}",
        "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}",
        "glpat-[A-Za-z0-9_]{20}",
        "xoxb-[0-9]{12}-[A-Za-z0-9]{24}",
        "sk-proj-[A-Za-z0-9_]{64}",
        "sk-[A-Za-z0-9]{48}",
        "sk_live_[A-Za-z0-9]{24}",
        "whsec_[A-Za-z0-9]{32}",
        "AIza[A-Za-z0-9]{35}",
        "eyJ[A-Za-z0-9]{20}\\.eyJ[A-Za-z0-9]{20}\\.[A-Za-z0-9]{40}",
    ];
    let value = "[A-Za-z0-9!#%*+./^_~][A-Za-z0-9!#$%*+./^_~-]{2,30}[A-Za-z0-9]";
    let named = (
        "password=|\"token\": \"|api_key: |client_secret='|--password |\\?token=|Authorization: Bearer ",
        value,
    );
    prop_oneof![
        bare.prop_map(|secret| (secret.clone(), secret)),
        named.prop_map(|(name, value)| (format!("{name}{value}\""), value)),
        "[a-z]{1,8}:[A-Za-z0-9!$_-]{4,20}".prop_map(|user| (format!(" https://{user}@host/"), user)),
        "([A-Za-z0-9+/]{64}\n){3}".prop_map(|key| {
            (format!("-----BEGIN PRIVATE KEY-----\n{key}-----END PRIVATE KEY-----"), key)
        }),
    ]
}

/// Lines of the trade, and anything else.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,12}",
        "[a-z]{1,8}=\"[a-z0-9 ]{0,8}\"",
        Just("level=info msg=\"up\" {job=\"node\"} 0.5\n".to_owned()),
        Just("  - key: value\n".to_owned()),
        Just(" [ip-1] [secret-1] \\[text-2\\] ".to_owned()),
        "([0-9]{1,3}\\.){3}[0-9]{1,3}(:[0-9]{2,4})?",
        "[0-9a-f:]{2,20}",
        "[a-z.]{1,8}@[a-z]{1,8}\\.(com|org)",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_secret_of_a_known_shape_leaves((secret, hidden) in secret(), text in text(), at in 0usize..200) {
        let at = text.floor_char_boundary(at);
        let redacted = everything().redact(&format!("{}{secret}{}", &text[..at], &text[at..]));
        prop_assert!(!redacted.contains(&hidden), "{hidden} left in {}", &*redacted);
    }

    #[test]
    fn what_has_no_secrets_comes_back_as_it_was(text in text()) {
        let mut session = everything();
        let redacted = session.redact(&text);
        prop_assert_eq!(session.restore(&redacted), text);
    }

    #[test]
    fn redacting_twice_changes_nothing((secret, _) in secret(), text in text(), at in 0usize..200) {
        let at = text.floor_char_boundary(at);
        let text = format!("{}{secret}{}", &text[..at], &text[at..]);
        let mut session = everything();
        let once = session.redact(&text);
        prop_assert_eq!(session.redact_again(&once), once);
        let mut session = by_default();
        let once = session.redact(&text);
        prop_assert_eq!(session.redact(&once), once);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*", tail in "(password|token|key|Bearer|://|@|::|\\[ip-|=|:|\"|\\\\|\n| |é|-----BEGIN PRIVATE KEY-----){0,30}") {
        let mut session = everything();
        let redacted = session.redact(&format!("{text}{tail}{text}"));
        session.restore(&redacted);
        session.redact_again(&redacted);
    }
}
