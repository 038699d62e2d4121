//! Times, dates and durations.

use super::super::Fault;
use super::table;

const TIME: Option<Fault> = Some(Fault::Time);

#[test]
fn times_stand_in_any_form() {
    table(&[
        ("as it is", "It fires since 2026-11-23T03:17:42Z.", None),
        ("with a blank", "It fires since 2026-11-23 03:17:42 UTC.", None),
        ("cut to minutes", "It fires since 2026-11-23T03:17Z.", None),
        ("of the day", "It fires since 03:17.", None),
        ("of the day, rounded", "It fires since 03:18 UTC.", None),
        ("with seconds", "It fires since 03:17:42.", None),
        ("without the fraction", "Memory is high since 03:05:10.", None),
        ("with a zone behind it", "It fires since 03:17:42.000Z, 03:17Z that is.", None),
        ("in twelve hours", "It fires since 3:17 am.", None),
        ("in the afternoon", "It fires since 3:17 pm.", TIME),
        ("in another zone, written out", "It fires since 2026-11-23T04:17:42+01:00.", None),
        ("in another zone, by name", "It fires since 03:17 CET.", TIME),
        ("another minute", "It fires since 03:20.", TIME),
        ("another second", "It fires since 03:17:40.", TIME),
        ("another day at that time", "It fires since 2026-11-22T03:17:42Z.", TIME),
        ("no time at all", "It fires since 2026-11-23T25:61Z.", TIME),
        ("a range", "Between 03:05-03:17 memory rose.", None),
        ("a date", "It was on 2026-11-23.", None),
        ("a date in words", "It was on 23 November 2026.", None),
        ("a date of America", "It was on November 23rd.", None),
        ("another date", "It was on 24 November.", TIME),
        ("another year", "It was on 23 November 2025.", TIME),
        ("a day of the week", "It was on Monday.", None),
        ("another day of the week", "It was on Tuesday.", TIME),
        ("an hour that is none of them", "It was at 4 pm.", TIME),
    ]);
}

#[test]
fn durations_are_known_or_follow_from_two_times() {
    table(&[
        ("as it is", "It is down for 14m3s.", None),
        ("rounded", "It is down for 14 minutes.", None),
        ("in seconds", "It is down for 843 s.", None),
        ("a limit", "The limit is 5m.", None),
        ("a limit in words", "The limit is five minutes.", None),
        ("a limit with a hyphen", "The 5-minute limit is passed.", None),
        ("between two times", "It was restarted 11 minutes later.", None),
        ("between two times, in words", "Memory rose twelve minutes before.", None),
        ("between two times, exactly", "It was restarted 11m18s later.", None),
        ("between two times, in hours", "That was an hour, about 57 minutes, before.", None),
        ("between none", "It was restarted 30 minutes later.", TIME),
        ("hours instead of minutes", "It is down for 14 hours.", TIME),
        ("days out of nowhere", "It is down for 3 days.", TIME),
        ("milliseconds", "Requests take 850 ms.", None),
        ("microseconds", "Requests take 850000 µs.", None),
        ("other milliseconds", "Requests take 250 ms.", TIME),
    ]);
}
