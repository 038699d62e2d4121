//! Texts of the trade that must not be taken out.

use super::everything;

#[test]
fn what_is_no_secret_stays() {
    for (claim, text) in [
        ("a metric of buckets", "token_bucket_total 5"),
        ("the same as a setting", "token_bucket_total=5"),
        ("a metric of changes", "password_changes_total 3"),
        ("a metric with labels", "secret_rotations_total{job=\"x\"} 3"),
        ("PromQL over it", "sum by (job) (rate(token_requests_total[5m])) > 0.5"),
        ("a comparison of it", "password_failures_total == 0"),
        ("counts of a language model", "prompt_tokens=1500 completion_tokens: 20 max_tokens: 4000"),
        ("a file with a secret", "password_file: /etc/app/password"),
        ("a name of one", "secretName: app-tls"),
        ("a reference to one", "secretKeyRef: app"),
        ("its lifetime", "token_ttl=30m token_expires_in: 3600s"),
        ("a switch", "password: true"),
        ("no value", "password=\ntoken: null"),
        ("one that is hidden already", "password=<secret> token=*** secret=<redacted>"),
        ("a variable", "password=${DB_PASSWORD} token={{ .Token }}"),
        ("a sentence about one", "the password was changed, and the token has expired"),
        ("a sentence about authentication", "use bearer authentication or Basic Authentication"),
        ("a challenge", "token_type=bearer expires_in=3600, Basic realm=\"x\""),
        ("a sentence about what is wrong with one", "the password is wrong, the token is expired"),
        ("a pair of something else", r#"{"name":"DB_HOST","value":"db-1"}"#),
        ("a list of words", r#"["kubectl","get","secret","my-secret"] ["token","session","key"]"#),
        ("a flag behind a flag", r#"["--token","--all"]"#),
        ("other words", "secretary: Bob, tokenizer: fast, monkey: brown, author: Ann"),
        ("a key that is a word", "key: instance, cache_key=user"),
        ("a working directory", "cd $PWD && PWD"),
        ("a short hash of a commit", "commit 448d073 by us"),
        ("a long one", "commit 448d0731c0ffee1c0ffee1c0ffee1c0ffee1c0ff"),
        (
            "a digest of an image",
            "app@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        ("a UUID", "request 123e4567-e89b-12d3-a456-426614174000"),
        ("a UUID that names a session", "session_id=123e4567-e89b-12d3-a456-426614174000"),
        ("a pod", "pod task-runner-deployment-6d4f9c7b8-x2x4z restarted"),
        ("an instance", "i-0abc1234def567890 in eu-west-1a"),
        ("a host with a port", "node-1.example.org:9100 is down"),
        ("a URL", "https://grafana.example.org:3000/d/abc?from=now-6h&to=now"),
        ("a URL with a user", "ssh://git@host/repo and git@github.com:a/b"),
        ("durations", "for 5m, within 1h30m, every 500ms, 14d"),
        ("numbers", "0.934, 93.4 %, 1.5GiB, 1e-9, +Inf, NaN"),
        ("a time", "at 12:30:45 and 2026-11-23T03:17:00.123Z"),
        ("versions", "v1.2.3, 1.2.3, 10.15.7-rc.1, v1.2.3.4"),
        ("paths of Rust", "std::net, a::b and ::fmt"),
        ("a recorded rule", "job:http_requests:rate5m and instance:cpu:ratio"),
        ("a physical address", "aa:bb:cc:dd:ee:ff"),
        ("a unit of systemd", "getty@tty1.service and user@1000.slice failed"),
        ("an image with a tag", "docker.io/library/nginx:1.25.3"),
        ("an octet too large", "999.1.1.1 and 256.0.0.1"),
        ("other text in brackets", "[secret-1] [ip] [ip-x] [error-1] [1]"),
        ("a histogram", "http_request_duration_seconds_bucket{le=\"0.5\",key=\"a/b\"} 7"),
        ("an alert", "[FIRING:1] KeyspaceFull (authors primary critical)"),
    ] {
        assert_eq!(&*everything().redact(text), text, "{claim}");
    }
}
