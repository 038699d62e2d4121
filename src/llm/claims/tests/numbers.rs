//! Numbers, rounded and in other units.

use super::super::{Fault, Known, check};
use super::table;

const NUMBER: Option<Fault> = Some(Fault::Number);

#[test]
fn numbers_stand_as_they_are_and_rounded_honestly() {
    table(&[
        ("as it is", "The value is 0.934.", None),
        ("rounded", "The value is 0.93, expected 0.41.", None),
        ("rounded down where it has to be up", "The value is 0.94.", NUMBER),
        ("rounded too far", "The value is 1.", NUMBER),
        ("more digits than are known", "The value is 0.9344.", NUMBER),
        ("a ratio as a percentage", "The CPU is 93.4 % busy.", None),
        ("a percentage without its decimals", "The CPU is 93% busy.", None),
        ("a percentage in words", "The CPU is 93 percent busy.", None),
        ("a narrow blank of typographers", "The CPU is 93\u{202f}% busy.", None),
        ("another percentage", "The CPU is 95% busy.", NUMBER),
        ("a percentage as a ratio", "The share is 0.125.", None),
        ("the same percentage", "Errors are at 12.5%.", None),
        ("a percentage rounded", "Errors are at 13 %.", None),
        ("thousands apart", "It served 1,234 requests.", None),
        ("in thousands", "It served 1.2k requests.", None),
        ("about", "It served about 1,200 requests.", None),
        ("about, by a sign", "It served ~1200 requests.", None),
        ("not about", "It served 1,200 requests.", NUMBER),
        ("more than", "It served more than 1,200 requests.", None),
        ("an invented number", "It served 1500 requests.", NUMBER),
        ("an invented number, about", "It served about 1,500 requests.", NUMBER),
        ("bytes as GiB", "It uses 1.5 GiB of 4 GiB.", None),
        ("bytes as GB", "It uses 1.6 GB.", None),
        ("bytes as MiB, glued", "It uses 1536MiB.", None),
        ("other bytes", "It uses 2.5 GiB.", NUMBER),
        ("milliseconds as seconds", "Requests take 0.85 s.", None),
        ("a status code", "Requests fail with 503.", None),
        ("another one", "Requests fail with 502.", NUMBER),
        ("a fall is as large as a rise", "It changed by -3.27.", None),
        ("digits of another script", "It served ١٢٣٤ requests.", NUMBER),
        ("digits of full width", "It served ９９ requests.", NUMBER),
        ("a number in other units of nothing", "It served 4 million requests.", NUMBER),
        ("over, if it is about that", "The score is over 3.", None),
        ("a class of status codes", "Requests fail with 5xx.", None),
        ("another class", "Requests fail with 4xx.", NUMBER),
        ("a run", "Run 17 restarted it.", None),
        ("a port", "Port 9100 does not answer.", None),
        ("a range", "Expected were 0.3–0.5.", None),
        ("a range, one end invented", "Expected were 0.3-0.7.", NUMBER),
        ("a score", "The score was 3.3 (3.27).", None),
        ("in emphasis", "The score was **3.27**.", None),
        ("a year that is known", "It was in 2026.", None),
        ("a year that is not", "It was in 2019.", NUMBER),
    ]);
}

#[test]
fn what_is_counted_has_to_be_there() {
    table(&[
        ("one is a word", "One of the hosts is down, the other one is not.", None),
        ("an ordinal", "The first alert is the one to look at, then the 2nd.", None),
        ("values of a label", "Two instances are affected.", None),
        ("values of a label, with a word between", "The 2 affected instances share a job.", None),
        ("other values of a label", "Three instances are affected.", NUMBER),
        (
            "what a sentence lists",
            "Three things matter: node_cpu_busy, node_memory_used and shop.service.",
            None,
        ),
        ("what it does not list", "Four things matter: node_cpu_busy and node_memory_used.", NUMBER),
        ("a number in words that is known", "The limit of twelve is passed.", NUMBER),
    ]);
    let known = Known::with("web-1 and web-2 are down", [7.0], ["e9"]);
    assert_eq!(check("There are 7 alerts [e9]. There are 8 alerts.", &known).struck.len(), 1);
    let text = "Two steps:\n- look\n- think\n\nThree steps:\n- look\n- think";
    assert_eq!(check(text, &known).text, "Two steps:\n- look\n- think\n\n- look\n- think");
}
