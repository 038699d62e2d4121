//! What the user may say about a Prophet model, and what of it is refused.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Settings of a fit; the defaults are Prophet's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// How many candidate changes of slope, spread evenly over the samples; at most 200. Default 25.
    pub changepoints: usize,
    /// The share of the history, from its start, that may hold them, in (0, 1]. Default 0.8.
    pub changepoint_range: f64,
    /// Scale of the Laplace prior on the changes of slope: the larger, the more the trend bends.
    /// Default 0.05.
    pub changepoint_prior_scale: f64,
    /// Standard deviation of the prior on the seasonal coefficients, in units of the largest value.
    /// Default 10.
    pub seasonality_prior_scale: f64,
    /// The same for the holidays' coefficients. Default 10.
    pub holidays_prior_scale: f64,
    /// Fourier order of the year (365.25 days), at most 50. 0 leaves it out; `None`, the default: 10 from
    /// 730 days of history on.
    pub yearly: Option<usize>,
    /// Fourier order of the week. `None`: 3 from 14 days on, if samples are less than 7 days apart.
    pub weekly: Option<usize>,
    /// Fourier order of the day. `None`: 4 from 2 days on, if samples are less than a day apart.
    pub daily: Option<usize>,
    /// Days that are unlike others. Default none.
    pub holidays: Vec<Holiday>,
    /// Where the days begin. Seasons and holidays follow its clocks through daylight saving; the trend
    /// follows elapsed time. Prophet itself knows no time zones. Default UTC.
    pub time_zone: TimeZone,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            changepoints: 25,
            changepoint_range: 0.8,
            changepoint_prior_scale: 0.05,
            seasonality_prior_scale: 10.0,
            holidays_prior_scale: 10.0,
            yearly: None,
            weekly: None,
            daily: None,
            holidays: Vec::new(),
            time_zone: TimeZone::UTC,
        }
    }
}

/// A named day that comes again, each time with the same effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Holiday {
    /// What the effect is remembered by. Holidays of one name share their coefficients.
    pub name: String,
    /// When it was and will be. Only names seen in the history have an effect later.
    pub dates: Vec<Date>,
    /// How many days before the date have an effect of their own, each its own; at most 30.
    pub days_before: u8,
    /// The same after the date.
    pub days_after: u8,
}

/// Why settings are refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// More changepoints than 200.
    #[error("{0} changepoints: at most 200 are possible")]
    Changepoints(usize),
    /// Not a share.
    #[error("a changepoint range of {0} is not in (0, 1]")]
    Range(f64),
    /// A prior that is no width, or so narrow or wide that nothing can be computed with it.
    #[error("a prior scale of {0} is not between 1e-6 and 1e6")]
    PriorScale(f64),
    /// A seasonality with more than 50 harmonics.
    #[error("a Fourier order of {0}: at most 50 is possible")]
    Order(usize),
    /// A holiday's window is too wide.
    #[error("the holiday {0:?} reaches over more than 30 days before or after its date")]
    Window(String),
    /// Too many names and windows: each is a coefficient.
    #[error("{0} coefficients for holidays: at most 256 are possible")]
    HolidayColumns(usize),
    /// Too many dates.
    #[error("{0} days in holidays: at most 65536 are possible")]
    HolidayDays(usize),
    /// The zone came from a file without a name, so a state could not say which it was.
    #[error("the time zone has no name")]
    TimeZone,
}

const MOST_CHANGEPOINTS: usize = 200;
const MOST_HARMONICS: usize = 50;
const WIDEST_WINDOW: u8 = 30;
const MOST_HOLIDAY_COLUMNS: usize = 256;
const MOST_HOLIDAY_DAYS: usize = 65_536;

impl Config {
    /// Says what is wrong, if anything.
    ///
    /// # Errors
    /// The first setting that is outside its range.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.changepoints > MOST_CHANGEPOINTS {
            return Err(ConfigError::Changepoints(self.changepoints));
        }
        if !(0.0 < self.changepoint_range && self.changepoint_range <= 1.0) {
            return Err(ConfigError::Range(self.changepoint_range));
        }
        let scales = [self.changepoint_prior_scale, self.seasonality_prior_scale, self.holidays_prior_scale];
        if let Some(scale) = scales.into_iter().find(|scale| !(1e-6..=1e6).contains(scale)) {
            return Err(ConfigError::PriorScale(scale));
        }
        let orders = [self.yearly, self.weekly, self.daily];
        if let Some(order) = orders.into_iter().flatten().find(|order| *order > MOST_HARMONICS) {
            return Err(ConfigError::Order(order));
        }
        self.zone_name()?;
        self.check_holidays()
    }

    fn check_holidays(&self) -> Result<(), ConfigError> {
        let (mut columns, mut days) = (BTreeSet::new(), 0_usize);
        for holiday in &self.holidays {
            if holiday.days_before.max(holiday.days_after) > WIDEST_WINDOW {
                return Err(ConfigError::Window(holiday.name.clone()));
            }
            columns.extend(holiday.window().map(|offset| (holiday.name.as_str(), offset)));
            days = days.saturating_add(holiday.window().count() * holiday.dates.len());
        }
        if columns.len() > MOST_HOLIDAY_COLUMNS {
            return Err(ConfigError::HolidayColumns(columns.len()));
        }
        if days > MOST_HOLIDAY_DAYS {
            return Err(ConfigError::HolidayDays(days));
        }
        Ok(())
    }

    /// What the time zone is called: an IANA name, an offset or a POSIX rule.
    pub(super) fn zone_name(&self) -> Result<String, ConfigError> {
        if self.time_zone.is_unknown() {
            return Err(ConfigError::TimeZone);
        }
        jiff::fmt::temporal::DateTimePrinter::new()
            .time_zone_to_string(&self.time_zone)
            .map_err(|_| ConfigError::TimeZone)
    }
}

impl Holiday {
    /// The days of its window, counted from the date.
    pub(super) fn window(&self) -> impl Iterator<Item = i8> + use<> {
        let (before, after) = (i16::from(self.days_before), i16::from(self.days_after));
        (-before..=after).filter_map(|offset| i8::try_from(offset).ok())
    }
}
