//! Secrets in every form in which logs, labels and configurations have them.

use super::by_default;

/// Sentence, text, what leaves the host.
fn check(rows: &[(&str, &str, &str)]) {
    for (claim, text, expected) in rows {
        assert_eq!(&*by_default().redact(text), *expected, "{claim}");
    }
}

#[test]
fn what_follows_a_name_is_taken_out() {
    check(&[
        ("a setting", "password=hunter2", "password=[secret-1]"),
        ("in the middle of a line", "login password=hunter2 failed", "login password=[secret-1] failed"),
        ("a password of digits", "pwd=1234 ok", "pwd=[secret-1] ok"),
        ("in quotes, with blanks", "password = \"a b c\" x", "password = \"[secret-1]\" x"),
        ("an escaped quote within", r#"password="a\"b" x"#, r#"password="[secret-1]" x"#),
        ("JSON", r#"{"token":"abc","n":1}"#, r#"{"token":"[secret-1]","n":1}"#),
        (
            "JSON within JSON",
            r#"{"m":"{\"token\":\"abc\",\"n\":1}"}"#,
            r#"{"m":"{\"token\":\"[secret-1]\",\"n\":1}"}"#,
        ),
        ("a number in JSON", r#"{"password": 1234, "n": 1}"#, r#"{"password": [secret-1], "n": 1}"#),
        (
            "YAML, to the end of the line",
            "db:\n  password: correct horse\n  user: x",
            "db:\n  password: [secret-1]\n  user: x",
        ),
        ("a block of YAML", "token: |\n  abc\n  def\nuser: x", "token: |\n  [secret-1]\nuser: x"),
        ("a name in a sentence", "the token: abc123 is stale", "the token: [secret-1] is stale"),
        ("a query string", "GET /x?api_key=abc&page=2", "GET /x?api_key=[secret-1]&page=2"),
        ("an escaped query string", "next=/x%3Ftoken%3Dabc", "next=/x%3Ftoken%3D[secret-1]"),
        (
            "camel case",
            "accessToken=abc, clientSecret=def",
            "accessToken=[secret-1], clientSecret=[secret-2]",
        ),
        (
            "an environment variable",
            "DB_PASSWORD=abc PGPASSWORD=def",
            "DB_PASSWORD=[secret-1] PGPASSWORD=[secret-2]",
        ),
        ("a numbered name", "password2=abc", "password2=[secret-1]"),
        ("a name with an ending", "password_hash=abc", "password_hash=[secret-1]"),
        ("another ending that says nothing", "secret_backup=abc", "secret_backup=[secret-1]"),
        (
            "a connection string",
            "Server=x;Password=a;b,c;Database=y",
            "Server=x;Password=[secret-1];Database=y",
        ),
        ("a map of Go", "map[password:hunter2 user:bob]", "map[password:[secret-1] user:bob]"),
        ("a hash of Ruby", ":password=>'abc'", ":password=>'[secret-1]'"),
        ("an array of PHP", "['password'] => abc", "['password'] => [secret-1]"),
        ("XML", "<password>abc</password>", "<password>[secret-1]</password>"),
        ("a flag", "run --password hunter2 --force", "run --password [secret-1] --force"),
        (
            "a flag in a list",
            r#"["/bin/x","--token", "abc","web"]"#,
            r#"["/bin/x","--token", "[secret-1]","web"]"#,
        ),
        ("the same within JSON", r#"[\"--token\",\"abc\"]"#, r#"[\"--token\",\"[secret-1]\"]"#),
        (
            "a list over several lines",
            "[\n  \"--token\",\n  \"abc\"\n]",
            "[\n  \"--token\",\n  \"[secret-1]\"\n]",
        ),
        (
            "a pair in a list",
            r#"[["X-Api-Key","abc"],["a","b"]]"#,
            r#"[["X-Api-Key","[secret-1]"],["a","b"]]"#,
        ),
        ("a pair of Python", "('password', 'abc')", "('password', '[secret-1]')"),
        ("SQL", "ALTER ROLE x PASSWORD 'abc'", "ALTER ROLE x PASSWORD '[secret-1]'"),
        ("a comparison with a text", "if password == \"abc\"", "if password == \"[secret-1]\""),
        ("a label", "up{token=\"abc\",job=\"x\"}", "up{token=\"[secret-1]\",job=\"x\"}"),
        ("a matcher", "up{token=~\"abc\"}", "up{token=~\"[secret-1]\"}"),
        ("a quote that is not closed", "password=\"abc def\nnext", "password=\"[secret-1]\nnext"),
        ("a default of a variable", "password=${PASSWORD:-abc}", "password=[secret-1]"),
        ("a name of a key, if the value looks random", "key=Zq8vN2xK5mT9wR3yB7cD1f", "key=[secret-1]"),
        ("a hexadecimal one", "sig=0123456789abcdef0123456789abcdef", "sig=[secret-1]"),
        (
            "a pair in JSON",
            r#"{"name":"DB_PASSWORD","value":"abc"},{"name":"DB_HOST","value":"x"}"#,
            r#"{"name":"DB_PASSWORD","value":"[secret-1]"},{"name":"DB_HOST","value":"x"}"#,
        ),
        (
            "a pair in YAML",
            "- name: DB_PASSWORD\n  value: abc\n",
            "- name: DB_PASSWORD\n  value: [secret-1]\n",
        ),
        ("the commonest of passwords", "password=secret", "password=[secret-1]"),
        ("two words", "API key: abc", "API key: [secret-1]"),
        ("a sentence that gives one away", "the password is hunter2 now", "the password is [secret-1] now"),
        ("an option of one letter", "mysql -u x -phunter2 db", "mysql -u x -p[secret-1] db"),
        (
            "an access key of AWS",
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "aws_secret_access_key = [secret-1]",
        ),
    ]);
}

#[test]
fn headers_lose_their_credentials() {
    check(&[
        ("bearer", "Authorization: Bearer abc.def", "Authorization: Bearer [secret-1]"),
        ("basic", "authorization: Basic dXNlcjpwYXNz", "authorization: Basic [secret-1]"),
        (
            "within quotes",
            "-H 'Authorization: Bearer abc' http://x",
            "-H 'Authorization: Bearer [secret-1]' http://x",
        ),
        ("JSON", r#"{"Authorization":"Bearer abc"}"#, r#"{"Authorization":"Bearer [secret-1]"}"#),
        (
            "another scheme",
            "Authorization: Digest username=\"x\", response=\"y\"\nHost: z",
            "Authorization: [secret-1]\nHost: z",
        ),
        ("a cookie", "Cookie: a=b; c=d\nHost: z", "Cookie: [secret-1]\nHost: z"),
        ("a cookie in quotes", "-H \"Cookie: a=b; c=d\" url", "-H \"Cookie: [secret-1]\" url"),
        ("a header of its own", "X-Api-Key: abc\nHost: z", "X-Api-Key: [secret-1]\nHost: z"),
        ("a scheme without a header", "sent Bearer abc123def to x", "sent Bearer [secret-1] to x"),
        ("a user given to curl", "curl -u admin:hunter2 http://x", "curl -u admin:[secret-1] http://x"),
    ]);
}

#[test]
fn shapes_are_known_wherever_they_stand() {
    for (claim, secret) in [
        ("an access key id of AWS", "AKIAIOSFODNN7EXAMPLE"),
        ("a temporary one", "ASIAIOSFODNN7EXAMPLE"),
        ("GitHub", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"),
        ("GitHub, fine-grained", "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz"),
        ("GitLab", "glpat-abcdefghij0123456789"),
        ("Slack", "xoxb-123456789012-abcdefGHIJKL"),
        ("OpenAI", "sk-abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789ab"),
        ("OpenAI, of a project", "sk-proj-abcDEF_123-abcDEF_123-abcDEF_123-abcDEF_123"),
        ("Stripe", "sk_live_abcdefghij0123456789"),
        ("Standard Webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("Google", "AIzaSyA-abcdefghijklmnopqrstuvwxyz01234"),
        ("a JSON web token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"),
        ("npm", "npm_abcdefghijklmnopqrstuvwxyz0123456789"),
        ("a bot of Telegram", "123456789:AAabcdefghijklmnopqrstuvwxyz0123456"),
        ("Vault", "hvs.abcdefghijklmnopqrstuvwxyz"),
        ("Grafana", "glsa_abcdefghijklmnopqrstuvwxyz012345_6f2a"),
    ] {
        let text = format!("seen {secret}, again ({secret})");
        assert_eq!(&*by_default().redact(&text), "seen [secret-1], again ([secret-1])", "{claim}");
    }
}

#[test]
fn keys_and_addresses_with_secrets_are_taken_out() {
    let pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq\nabc=\n-----END RSA PRIVATE KEY-----";
    check(&[
        ("a private key", &format!("a\n{pem}\nb"), "a\n[secret-1]\nb"),
        ("one on one line", &format!("a {} b", pem.replace('\n', "\\n")), "a [secret-1] b"),
        (
            "one that was cut off",
            "-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bqMIIEpAIB\nMIIEpAIBAAKCAQEA7bqMIIEpAIB\nand so on",
            "[secret-1]\nand so on",
        ),
        (
            "a certificate is public",
            "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
        ),
        ("a URL", "postgres://user:pa:ss@db:5432/x", "postgres://[secret-1]@db:5432/x"),
        ("a URL without a user", "redis://:abc@cache/0", "redis://[secret-1]@cache/0"),
        ("a password with a slash", "amqp://u:p/s@mq:5672/v", "amqp://[secret-1]@mq:5672/v"),
        ("a password with an at sign", "http://u:p@s@host/", "http://[secret-1]@host/"),
        ("a token for a user", "https://0123456789abcdef0123@sentry.io/1", "https://[secret-1]@sentry.io/1"),
        (
            "a hook of Slack",
            "post https://hooks.slack.com/services/T0/B0/xyz now",
            "post https://hooks.slack.com/services/[secret-1] now",
        ),
        (
            "a hook of Discord",
            "https://discord.com/api/webhooks/123/abc-def",
            "https://discord.com/api/webhooks/[secret-1]",
        ),
    ]);
}
