//! What Slack and a receiver of webhooks do, by their own libraries: sign a request, and verify one.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Seen;

/// Signs as Slack does: reads the secret, the time and the body, and writes the signature.
const SIGN: &str = "\
import json, sys
from slack_sdk.signature import SignatureVerifier
given = json.load(sys.stdin)
print(SignatureVerifier(given['secret']).generate_signature(timestamp=given['time'], body=given['body']))
";

/// Verifies as a receiver does: reads the key, the headers and the body; ends with an error if they do not fit.
const VERIFY: &str = "\
import json, sys
from standardwebhooks import Webhook
given = json.load(sys.stdin)
Webhook(given['key']).verify(given['body'], given['headers'])
print('verified')
";

/// The signature of a body at a time, in seconds since the epoch.
pub fn slack_signature(secret: &str, time: &str, body: &str) -> String {
    let given = serde_json::json!({"secret": secret, "time": time, "body": body});
    python(SIGN, &given).expect("slack_sdk signs")
}

/// Whether the signature of a webhook fits, by Standard Webhooks.
pub fn is_signed(key: &str, seen: &Seen) -> bool {
    let header =
        |name: &str| seen.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let headers: serde_json::Map<_, _> =
        names.iter().map(|name| ((*name).to_owned(), header(name).into())).collect();
    let body = String::from_utf8_lossy(&seen.body);
    let given = serde_json::json!({"key": key, "headers": headers, "body": body});
    python(VERIFY, &given).as_deref() == Some("verified")
}

/// What a script writes; `None`: it failed.
fn python(script: &str, given: &serde_json::Value) -> Option<String> {
    let mut command = Command::new(interpreter());
    let mut child = command
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is there");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(given.to_string().as_bytes()).expect("the script reads");
    drop(stdin);
    let output = child.wait_with_output().expect("the script ends");
    let text = String::from_utf8(output.stdout).expect("the script writes UTF-8");
    output.status.success().then(|| text.trim().to_owned())
}

/// The project's own, which has the libraries, or the machine's.
fn interpreter() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python");
    if own.is_file() { own } else { PathBuf::from("python3") }
}
