//! What stands and what is struck: by tables, and for any text.

mod derived;
mod language;
mod numbers;
mod others;
mod properties;
mod sentences;
mod times;

use super::{Fault, Known, check};

/// What the tables' claims are about.
pub const EVIDENCE: &str = r#"[e1] alert AppDown{instance="10.0.0.1:9100",job="shop",severity="critical"} fires since 2026-11-23T03:17:42Z.
[e2] node_cpu_busy{instance="10.0.0.1:9100"}: score 3.27, value 0.934, expected 0.412 (0.3 to 0.5).
[e3] node_memory_used{instance="web-2.internal:9100",device="sda1"}: 1610612736 bytes of 4GiB; since 2026-11-23T03:05:10.250Z.
[e4] http_request_duration_seconds{path="/api/v1/cart",code="503"}: 12.5 % of 1234 requests, 850ms, limit 5m.
[e5] shop.service restarted at 2026-11-23T03:29:00Z by policy restart-app (run 17): `systemctl restart shop.service`.
[e6] runbook https://runbooks.example.org/shop/down?x=1; version v1.4.2 on pod shop-6d4f9c7b8-x2x4z in /var/lib/shop/data.db.
[e7] up{instance="10.0.0.1:9100"} == 0 for 14m3s; queue 4096; ünal@example.org says "Платёж отклонён".
[e8] read at 2026-11-23T04:02:30Z."#;

/// The fault of one sentence, if it is struck.
pub fn fault_of(sentence: &str) -> Option<Fault> {
    let checked = check(sentence, &Known::new(EVIDENCE));
    assert!(checked.struck.len() <= 1, "{sentence} is more than one sentence: {:?}", checked.struck);
    checked.struck.first().map(|struck| struck.fault)
}

/// Why, the sentence, and its fault.
pub fn table(rows: &[(&str, &str, Option<Fault>)]) {
    for (claim, sentence, expected) in rows {
        assert_eq!(fault_of(sentence), *expected, "{claim}: {sentence}");
    }
}
