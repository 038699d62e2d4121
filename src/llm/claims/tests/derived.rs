//! Numbers that follow from known ones, and those that nearly do.

use super::super::{Known, check};

const EVIDENCE: &str = "\
[e1] web calls api calls db; db's latency rose from 0.05 seconds to 1.05 seconds since 2026-11-23T03:17:42Z.
[e2] busy {instance=\"web-1:80\"} is 0.9, expected 0.4 (score 3).
[e3] memory is 1536 MiB of 4096 MiB on web-1:80.
[e4] the share of failed requests of api rose from 2% to 30%.
[e5] 1234 requests came, 200 failed.
[e6] the queue has 4096 jobs, usually 256; a job takes 0.25 s, usually 0.1 s.
[e7] the rate fell from 500 to 80 at 2026-11-23T03:29:00Z.";

fn faults(rows: &[&str], stands: bool) -> Vec<String> {
    let known = Known::new(EVIDENCE);
    let wrong = |sentence: &&&str| check(sentence, &known).struck.is_empty() != stands;
    rows.iter().filter(wrong).map(|sentence| (*sentence).to_owned()).collect()
}

#[test]
fn what_exactly_follows_stands() {
    let wrong = faults(
        &[
            "The latency of db rose from 0.05 s to 1.05 s, by 1 s.",
            "The latency of db rose from 50 ms to 1050 ms, by 1000 ms.",
            "The latency of db rose from 0.05 s to 1.05 s, 21 times.",
            "The latency of db rose by 2000 % to 1.05 s.",
            "At 1.05 seconds db is slower by a factor of 21.",
            "busy is 0.9, which is 0.5 above what is expected.",
            "busy is 0.9, 125 % above what is expected.",
            "busy is 0.9, 2.25 times what is expected.",
            "busy is 0.9, 2.3 times what is expected.",
            "busy is 0.9 where 0.4 is expected, a difference of 0.5.",
            "1536 MiB of 4096 MiB are used, 37.5 % of it.",
            "1.5 GiB of 4 GiB are used, and 2.5 GiB are free.",
            "1.5 GiB are used, and 2560 MiB remain.",
            "Failures rose from 2 % to 30 %, by 28 points.",
            "Failures rose from 2 % to 30 %, 15 times.",
            "Failures rose to 30 %, 28 % more.",
            "Of 1234 requests 200 failed, a share of 16.2 %.",
            "200 requests failed, which is 16 % of all.",
            "The queue has 4096 jobs, 16 times the usual.",
            "The queue has 4096 jobs, a rise of 1500 %.",
            "The queue has 4096 jobs, 3840 more than usually.",
            "A job takes 250 ms, 150 ms more than usually.",
            "A job takes 0.25 s, 2.5 times as long.",
            "The rate fell from 500 to 80, by 84 %.",
            "The rate fell by 420 to 80.",
            "The rate is 80, 16 % of the 500 before.",
            "That was 11m18s later.",
            "A job takes 250 ms.",
            "1.5 GiB of memory are used.",
        ],
        true,
    );
    assert!(wrong.is_empty(), "struck: {wrong:#?}");
}

#[test]
fn what_nearly_follows_or_from_nothing_is_struck() {
    let wrong = faults(
        &[
            "The latency of db rose from 0.05 s to 1.05 s, by 1.2 s.",
            "The latency of db rose from 0.05 s to 1.05 s, 20 times.",
            "The latency of db rose from 0.05 s to 1.05 s, 22 times.",
            "The latency of db rose by 2100 % to 1.05 s.",
            "The latency of db rose by 1900 % to 1.05 s.",
            "It rose by 2000 %.",
            "It is 21 times as slow.",
            "The latency of db is 1.05 s, and 21 hosts are down.",
            "busy is 0.9, which is 0.6 above what is expected.",
            "busy is 0.9, 124 % above what is expected.",
            "busy is 0.9, 2.2 times what is expected.",
            "busy is 0.9, 55.6 % above what is expected.",
            "busy is 0.9, 18 times the latency.",
            "1.5 GiB of 4 GiB are used, and 2.4 GiB are free.",
            "1536 MiB of 4096 MiB are used, 36 % of it.",
            "Failures rose from 2 % to 30 %, by 27 points.",
            "Of 1234 requests 200 failed, a share of 17 %.",
            "Of 1234 requests 200 failed, a share of 16.3 %.",
            "The queue has 4096 jobs, 15 times the usual.",
            "The queue has 4096 jobs, 3841 more than usually.",
            "A job takes 250 ms, 160 ms more than usually.",
            "The rate fell from 500 to 80, by 525 %.",
            "The rate fell by 419 to 80.",
            "That was 19 minutes later.",
            "A job takes 260 ms.",
            "1.6 GB of 5 GiB are used.",
            "84 % of the customers are gone.",
        ],
        false,
    );
    assert!(wrong.is_empty(), "stands: {wrong:#?}");
}
