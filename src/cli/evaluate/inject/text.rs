//! The table of injected faults for people.

use std::fmt::{self, Display, Formatter};

use super::{Figures, TIMES, Table};

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let healthy = &self.healthy;
        writeln!(
            f,
            "{} healthy series of {:.0} days ({} too short), {TIMES} faults of each kind and size in each, alarm line 1",
            self.series, self.series_days, self.too_short
        )?;
        writeln!(
            f,
            "without a fault: {} false notifications, {:.3} per series-day\n",
            healthy.false_notifications, healthy.false_notifications_per_series_day
        )?;
        writeln!(
            f,
            "fault            size  injected  detected  recall  false   days  precision  hard event F1, 90 % bar"
        )?;
        for line in &self.faults {
            let size = line.size.map_or_else(|| "-".to_owned(), |size| size.to_string());
            row(f, &format!("{:<14} {size:>6}", line.kind.name()), &line.figures)?;
        }
        row(f, &format!("{:<21}", "all"), &self.all)?;
        writeln!(
            f,
            "\nsizes: spreads of the series (the larger of 1.4826 MAD and the width of the middle 98 % by 4.65); of a \
             period change, how many times as fast\nfalse: notifications outside of the faults, in the week around \
             each; days: all these weeks, or what there is of them"
        )
    }
}

fn row(f: &mut Formatter<'_>, begin: &str, figures: &Figures) -> fmt::Result {
    let (at, bar) = (&figures.at_1, &figures.hard_event_f1_bar_90);
    writeln!(
        f,
        "{begin}  {:>8}  {:>8}  {:>6.3}  {:>5}  {:>5.0}  {:>9.3}  {:>7.3} [{:.3}, {:.3}]",
        figures.injected,
        at.detected,
        at.event_recall,
        at.false_notifications,
        figures.days,
        at.hard_precision,
        at.hard_event_f1,
        bar.low,
        bar.high
    )
}
