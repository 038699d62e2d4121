//! A sample of `auto`, judged: by the views, and by how long the series has been standing still.

use super::Auto;
use crate::detect::alarm_line::Line;
use crate::detect::band::Band;
use crate::detect::explanation::{Evidence, Gate};
use crate::detect::mean_line::mean_line;
use crate::detect::outlook::{Judgement, Outlook};
use crate::detect::views::{Horizon, NAMES, VIEWS, Views};
use crate::model::Timestamp;

/// The names of all evidences: the views', and that of standing still.
pub(in crate::detect) const EVIDENCES: [&str; VIEWS + 1] = {
    let [first, second, third, fourth, fifth, sixth, seventh, eighth] = NAMES;
    [first, second, third, fourth, fifth, sixth, seventh, eighth, "standstill"]
};

/// A sample that has been judged.
pub(super) struct Judged {
    /// By the views.
    pub judgement: Judgement,
    /// What would not be anomalous by the views.
    pub band: Band,
    /// What was expected.
    pub expected: f64,
    /// Where the views' score is 1.
    pub line: Line,
    /// 1 or more if the series has been standing still for too long.
    pub standing: f64,
    /// Each evidence by itself.
    pub evidences: [Evidence; VIEWS + 1],
}

impl Judged {
    /// The score of a detector that is warm.
    pub fn score(&self) -> f64 {
        self.judgement.narrowed.score.max(self.standing)
    }

    /// The evidence of all together.
    pub fn evidence(&self) -> f64 {
        self.judgement.evidence.max(self.standing * self.line.raised)
    }

    /// The score if deviations of either side and any size counted. It decides what is learnt: a query that asks for one
    /// side only does not make the other one ordinary.
    pub fn surprise(&self) -> f64 {
        (self.judgement.evidence / self.line.raised).max(self.standing)
    }

    /// What keeps the score below 1.
    pub fn gate(&self) -> Option<Gate> {
        self.judgement.narrowed.gate.filter(|_| self.standing < 1.0)
    }
}

impl Auto {
    pub(super) fn judge(&self, at: Timestamp, value: f64, with_band: bool) -> Judged {
        let (memory, level, calibration) = (&self.state.memory, &self.state.level, &self.state.calibration);
        let until = self.state.episodes.open_since().or(level.off_since().map(Timestamp::as_millis));
        let until = until.unwrap_or(i64::MAX);
        let mut views = Views::new(memory);
        views.gather(memory, Horizon { since: self.state.level_since, until });
        let foreseen = views.forecast().map(|forecast| memory.outward(forecast));
        let expected = foreseen.unwrap_or(if self.state.learned.is_some() { level.value() } else { value });
        let expected = self.config.narrowing.data_range.clamp(expected);
        let line = self.line(at);
        let fits = calibration.fits(self.rounding().max(f64::from(f32::MIN_POSITIVE)));
        let outlook = Outlook { memory, views: &views, fits, expected, line: line.raised };
        let judgement = outlook.judge(value, &self.config);
        let band = if with_band { outlook.band(value, &judgement, &self.config) } else { Band::OPEN };
        let evidences = outlook.evidences(&judgement);
        let (standing, still) = self.standing(at);
        let evidences = std::array::from_fn(|index| evidences.get(index).copied().unwrap_or(still));
        Judged { judgement, band, expected, line, standing, evidences }
    }

    /// The score of standing still, and that evidence. Where only deviations of some side or size count it is none: the
    /// value is the same.
    fn standing(&self, at: Timestamp) -> (f64, Evidence) {
        let (standstill, narrowing) = (&self.state.standstill, &self.config.narrowing);
        let tail = if narrowing.is_open() { standstill.evidence(at, &self.config) } else { 0.0 };
        let deviation = standstill.lasted(&self.config).filter(|_| narrowing.is_open());
        (tail / mean_line(&self.config), Evidence { name: EVIDENCES[VIEWS], deviation, tail })
    }
}
