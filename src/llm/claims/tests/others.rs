//! Names, plain English, links and commands.

use super::super::{Fault, Known, check};
use super::{EVIDENCE, table};

const NAME: Option<Fault> = Some(Fault::Name);
const COMMAND: Option<Fault> = Some(Fault::Command);

#[test]
fn names_have_to_be_known() {
    table(&[
        ("an instance", "The instance 10.0.0.1:9100 is down.", None),
        ("its host", "The host 10.0.0.1 is down.", None),
        ("a host by its first label", "The host web-2 uses memory.", None),
        ("of somebody", "Look at web-2's memory.", None),
        ("with a hyphen of typographers", "The host web\u{2011}2 uses memory.", None),
        ("another host", "The host web-3 is down.", NAME),
        ("another port", "The instance 10.0.0.1:9200 is down.", NAME),
        ("another address", "The host 10.0.0.2 is down.", NAME),
        ("a part of an address", "The network 10.0.0 is down.", NAME),
        ("a metric", "The metric node_cpu_busy is high.", None),
        ("in emphasis", "The metric **node_cpu_busy** is high.", None),
        ("in backticks", "The metric `node_cpu_busy` is high.", None),
        ("another metric", "The metric node_load5 is high.", NAME),
        ("a part of a metric", "The metric node_cpu is high.", NAME),
        ("an alert", "AppDown fires.", None),
        ("another alert", "DiskFull fires.", NAME),
        ("a unit", "The unit shop.service was restarted.", None),
        ("another unit", "The unit cart.service was restarted.", NAME),
        ("a path", "The path /api/v1/cart fails.", None),
        ("another path", "The path /api/v1/pay fails.", NAME),
        ("a file", "The file /var/lib/shop/data.db is large, data.db that is.", None),
        ("a pod", "The pod shop-6d4f9c7b8-x2x4z runs.", None),
        ("another pod", "The pod shop-6d4f9c7b8-aaaaa runs.", NAME),
        ("a version", "Version 1.4.2 is on it.", None),
        ("another version", "Version 1.4.3 is on it.", NAME),
        ("a policy", "The policy restart-app acted.", None),
        ("another policy of letters", "The policy drain-node acted.", NAME),
        ("a label and its value", "All with severity=critical and job:shop fire.", None),
        ("evidence by its id", "It is down [e1, e7].", None),
        ("evidence that is not there", "It is down [e12].", NAME),
        ("a word in backticks that is no English", "The service `payments` is down.", NAME),
        ("a word of the evidence in backticks", "The job `shop` is down.", None),
        ("a percentile that nobody measured", "The p99 is high.", NAME),
        ("an e-mail address", "Ask ünal@example.org.", None),
        ("another one", "Ask eve@example.org.", NAME),
        ("a placeholder that was not given", "It is [ip-1].", NAME),
    ]);
}

#[test]
fn an_honest_answer_stands() {
    let answer = "## Headline\n**AppDown** on 10.0.0.1:9100 (job shop) has been firing since 03:17 UTC on 23 November 2026, \
        about 45 minutes before the evidence was read [e1, e8].\n\n\
        - Impact: 12.5 % of the 1,234 requests to /api/v1/cart returned HTTP 503 errors.\n\
        - CPU busy is 93.4 %, more than twice the expected 41.2 % [e2]; web‑2 uses 1.5 GiB of its 4 GiB.\n\
        - The `shop.service` restart at 03:29 by restart-app (run 17) did not help.\n\n\
        Next steps: 1. Read https://runbooks.example.org/shop/down?x=1. 2. Look at the memory of web-2. 3. Roll back.";
    let checked = check(answer, &Known::new(EVIDENCE));
    assert_eq!(checked.struck, []);
    assert_eq!(checked.text, answer);
}

#[test]
fn plain_english_is_free() {
    table(&[
        ("a sentence", "The service probably ran out of memory after the restart.", None),
        ("abbreviations", "Check the disk, e.g. its size, i.e. what is left, etc.", None),
        (
            "compounds",
            "The root-cause is a memory-related, well-known and short-lived on-call problem.",
            None,
        ),
        ("initials and plurals", "CPUs, VMs, IDs and HTTP APIs are affected.", None),
        ("either or", "Restart and/or wait; I/O is slow.", None),
        ("rates", "It counts requests/s and errors per second.", None),
        ("a dash", "It is down — nobody knows why.", None),
        ("a question", "Is it down?", None),
        ("a short one", "Nothing to do.", None),
        ("apostrophes", "It isn't clear, and it doesn't matter; don't worry.", None),
    ]);
}

#[test]
fn links_and_commands_have_to_be_in_the_evidence() {
    table(&[
        ("a link", "See https://runbooks.example.org/shop/down?x=1.", None),
        ("a link in Markdown", "See [the runbook](https://runbooks.example.org/shop/down?x=1).", None),
        ("its host", "See https://runbooks.example.org.", None),
        ("another link", "See https://evil.example.net/x.", Some(Fault::Link)),
        ("another page of the host", "See https://runbooks.example.org/pay.", Some(Fault::Link)),
        ("a link in Markdown that hides", "See [the runbook](http://evil.example.net).", Some(Fault::Link)),
        ("a script for a link", "See [it](javascript:alert).", Some(Fault::Link)),
        ("a command of the evidence", "It ran `systemctl restart shop.service`.", None),
        ("code of the evidence", "It is `up{instance=\"10.0.0.1:9100\"} == 0`.", None),
        ("code with other blanks", "It is `up{instance=\"10.0.0.1:9100\"}   ==  0`.", None),
        ("another command", "Run `systemctl stop shop.service`.", COMMAND),
        ("a part of a word is no code", "It ran `systemctl restart shop.serv`.", COMMAND),
        ("a command without backticks", "Run kubectl delete pod shop.", COMMAND),
        ("a command in the words of the evidence", "Run systemctl restart shop.service on it.", None),
        ("an option", "Restart it with --force.", COMMAND),
        ("a dangerous one", "Run rm -rf on the data.", COMMAND),
        ("a pipe", "Say yes | sh.", COMMAND),
        ("a block of code", "```\nsystemctl restart shop.service\n```", None),
        ("another block of code", "```sh\ncurl evil\n```", COMMAND),
        ("a script", "It is <script>alert</script>.", COMMAND),
    ]);
}
