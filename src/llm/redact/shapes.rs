//! Secrets that are known by their shape, wherever they stand.
//!
//! A prefix that no other text has needs no word boundary before it: a token glued to a word is still one.

use std::sync::LazyLock;

use regex::Regex;

use super::entropy::{looks_encoded, looks_like_access_key};
use super::span::Span;

const TOKENS: &[&str] = &[
    // AWS: access key ids.
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",
    // GitHub and GitLab.
    r"gh[pousr]_[A-Za-z0-9]{20,255}",
    r"github_pat_[A-Za-z0-9_]{20,255}",
    r"gl(?:pat|oas|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|ffct)-[A-Za-z0-9_\-]{16,}",
    // Slack.
    r"xox[abceoprs](?:\.xox[bp])?-[A-Za-z0-9\-]{10,}",
    r"xapp-[0-9]-[A-Za-z0-9\-]{10,}",
    // OpenAI and those who write keys alike.
    r"sk-[A-Za-z0-9]{32,}",
    r"\bsk-[A-Za-z0-9]{20,}",
    r"sk-(?:proj|svcacct|admin|ant|or)-[A-Za-z0-9_\-]{40,}",
    r"\bsk-(?:proj|svcacct|admin|ant|or)-[A-Za-z0-9_\-]{16,}",
    // Stripe, and secrets of Standard Webhooks.
    r"[srp]k_(?:live|test)_[A-Za-z0-9]{10,}",
    r"whsec_[A-Za-z0-9+/=_\-]{16,}",
    // Google.
    r"AIza[A-Za-z0-9_\-]{35}",
    r"ya29\.[A-Za-z0-9_\-]{20,}",
    r"GOCSPX-[A-Za-z0-9_\-]{20,}",
    r"\b1//0[A-Za-z0-9_\-]{20,}",
    // JSON web tokens, signed or encrypted, whole or cut off.
    r"eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*){0,3}",
    // Package registries and model hubs.
    r"npm_[A-Za-z0-9]{36}",
    r"pypi-[A-Za-z0-9_\-]{50,}",
    r"dckr_(?:pat|oat)_[A-Za-z0-9_\-]{20,}",
    r"\bhf_[A-Za-z0-9]{30,}",
    // Monitoring, mail, clouds, vaults.
    r"gl(?:sa|c)_[A-Za-z0-9+/=_]{20,}",
    r"NRAK-[A-Z0-9]{27}",
    r"sntry[su]_[A-Za-z0-9+/=_\-]{20,}",
    r"\bSG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}",
    r"\bSK[0-9a-f]{32}\b",
    r"do[opr]_v1_[a-f0-9]{64}",
    r"\bhv[sbr]\.[A-Za-z0-9_\-]{20,}",
    r"\bdapi[a-f0-9]{32}",
    r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
    r"lin_api_[A-Za-z0-9]{32,}",
    r"AGE-SECRET-KEY-1[A-Z0-9]{50,}",
    r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_\-]{60,}",
    // Telegram's bots.
    r"\b[0-9]{8,10}:AA[A-Za-z0-9_\-]{33}",
];

static TOKEN: LazyLock<Regex> = LazyLock::new(|| Regex::new(&TOKENS.join("|")).expect("it is valid"));

/// Addresses that whoever knows them may post to; the host stays.
static WEBHOOK: LazyLock<Regex> = LazyLock::new(|| {
    let hosts = [
        r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/",
        r"discord(?:app)?\.com/api/(?:v[0-9]+/)?webhooks/",
        r"[a-z0-9\-]+\.webhook\.office\.com/[a-z0-9]+/",
        r"events\.pagerduty\.com/integration/",
        r"chat\.googleapis\.com/v1/spaces/",
    ];
    Regex::new(&format!(r#"(?i)(?:{})([^\s"'`<>\[\]]+)"#, hosts.join("|"))).expect("it is valid")
});

/// A scheme of HTTP authentication and what follows it.
static SCHEME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:bearer|basic)(?:\s|%20|\\t){1,4}([A-Za-z0-9._~+/\-]+=*)").expect("it is valid")
});

/// A name and a password given to curl or wget.
static USER_FLAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:^|\s)(?:-u|--user|--proxy-user)(?:\s+|=)["']?[^\s:"'\[\]]+:([^\s"']+)"#)
        .expect("it is valid")
});

/// A password given to a client by an option of one letter.
static CLIENT: LazyLock<Regex> = LazyLock::new(|| {
    let options = [
        r"(?:mysql|mysqldump|mysqladmin|mariadb)\b[ -~]{0,100}? -p([^\s\[]\S*)",
        r"sshpass -p ?([^\s\[]\S*)",
        r"redis-cli\b[ -~]{0,100}? -a +([^\s\[]\S*)",
    ];
    Regex::new(&options.join("|")).expect("it is valid")
});

static BASE64: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/]{40,}").expect("it is valid"));

/// Every secret that is known by its shape.
pub(super) fn find(text: &str) -> Vec<Span> {
    let mut spans: Vec<Span> = TOKEN.find_iter(text).map(|found| Span::secret(found.range())).collect();
    for rule in [&*WEBHOOK, &*USER_FLAG, &*CLIENT] {
        let values = rule.captures_iter(text).filter_map(|found| found.iter().skip(1).flatten().next());
        spans
            .extend(values.filter(|value| !value.as_str().starts_with('[')).map(|v| Span::secret(v.range())));
    }
    let encoded = SCHEME.captures_iter(text).filter_map(|found| found.get(1));
    spans.extend(encoded.filter(|found| looks_encoded(found.as_str())).map(|v| Span::secret(v.range())));
    let keys = BASE64.find_iter(text).filter(|found| looks_like_access_key(found.as_str()));
    spans.extend(keys.map(|found| Span::secret(found.range())));
    spans
}
