//! Secrets are sent, and shown nowhere.

use super::super::answer::clean;
use super::*;
use crate::model::Action;

#[tokio::test]
async fn the_bearer_token_is_sent_and_never_shown() {
    let (_file, bearer) = token("s3cret-token\n");
    let (url, served) =
        server(answer("HTTP/1.1 500 Oops\r\ncontent-length: 19\r\n\r\nbad s3cret-token !\n")).await;
    let result = send_it(&HttpAction { bearer, ..post(&url) }).await;
    assert!(served.await.unwrap().contains("authorization: Bearer s3cret-token\r\n"));
    assert_eq!(result, Err(ActError::Failed { report: report("HTTP 500", "bad <secret> !\n") }));
}

#[tokio::test]
async fn secrets_in_headers_are_sent_and_never_shown() {
    let (_first, long) = token("s3cret-token\n");
    let (_second, short) = token("s3cret");
    let secret_headers =
        vec![("X-Vault-Token".to_owned(), short.unwrap()), ("DD-API-KEY".to_owned(), long.unwrap())];
    let (url, served) =
        server(answer("HTTP/1.1 500 Oops\r\ncontent-length: 27\r\n\r\nbad s3cret-token or s3cret!\n")).await;
    let result = send_it(&HttpAction { secret_headers, ..post(&url) }).await;
    let request = served.await.unwrap();
    assert!(request.contains("dd-api-key: s3cret-token\r\n"), "{request}");
    assert!(request.contains("x-vault-token: s3cret\r\n"), "{request}");
    assert_eq!(result, Err(ActError::Failed { report: report("HTTP 500", "bad <secret> or <secret>!") }));
}

#[test]
fn of_a_secret_header_the_journal_keeps_the_place_alone() {
    let secret_headers = vec![("X-Token".to_owned(), SecretSource::Environment("HOOK".to_owned()))];
    let action = Action::Http(HttpAction { secret_headers, ..post("http://h/") }.into());
    let text = serde_json::to_string(&action).unwrap();
    assert!(text.contains(r#""secret_headers":[["X-Token",{"environment":"HOOK"}]]"#), "{text}");
    assert_eq!(serde_json::from_str::<Action>(&text).unwrap(), action);
    let without = serde_json::to_string(&Action::Http(post("http://h/").into())).unwrap();
    assert!(!without.contains("secret_headers"), "what was written before reads the same: {without}");
}

#[test]
fn no_piece_of_the_secret_survives_a_cut() {
    for (claim, body, cut, expected) in [
        ("whole body", "a tok b", false, "a <secret> b"),
        ("the end of a cut body goes", "abcdto", true, "abc"),
        ("also after a replacement", "tokabto", true, "<secret>a"),
        ("not of a whole one", "abcdto", false, "abcdto"),
    ] {
        assert_eq!(clean(body.as_bytes(), &["tok"], cut), expected, "{claim}");
    }
    assert_eq!(clean(b"abc", &[], true), "abc");
}
