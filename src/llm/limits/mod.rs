//! What a language model may cost: requests per minute and per day, tokens and money per day. Pure: the
//! time is an argument.
//!
//! A request reserves the most it can cost before it is sent, and is settled with what it did cost once
//! that is known, so that requests under way cannot overspend together. What never becomes known, because
//! the answer did not come, stays as reserved: the server may well bill it. Each limit holds in every span
//! of its length, not from midnight to midnight. A [`Ledger`] can be written down, so that a restart, or a
//! loop of them, renews nothing.

mod money;
#[cfg(test)]
mod tests;
mod window;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;

pub use money::{Money, Prices};
use window::{Day, Minute, Steady};

/// Tokens of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens sent.
    pub input: u64,
    /// Tokens written, those of hidden reasoning included.
    pub output: u64,
}

impl Usage {
    fn total(self) -> u64 {
        self.input.saturating_add(self.output)
    }
}

/// What may be spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests within any minute.
    pub requests_per_minute: u32,
    /// Requests within any 24 hours.
    pub requests_per_day: u32,
    /// Tokens within any 24 hours, sent and written. Must be above `max_output_tokens`.
    pub tokens_per_day: u64,
    /// Dollars within any 24 hours; needs `prices`. Without it only the tokens are limited.
    pub money_per_day: Option<Money>,
}

impl Default for Limits {
    /// 10 requests a minute, 500 a day, a million tokens a day.
    fn default() -> Self {
        Self {
            requests_per_minute: 10,
            requests_per_day: 500,
            tokens_per_day: 1_000_000,
            money_per_day: None,
        }
    }
}

/// Which limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Budget {
    /// Requests within a minute.
    Minute,
    /// Requests within a day.
    Day,
    /// Tokens within a day.
    Tokens,
    /// Money within a day.
    Money,
}

impl Budget {
    /// As the configuration names it.
    pub fn setting(self) -> &'static str {
        match self {
            Self::Minute => "requests_per_minute",
            Self::Day => "requests_per_day",
            Self::Tokens => "tokens_per_day",
            Self::Money => "dollars_per_day",
        }
    }
}

/// A limit leaves no room for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    /// The limit that holds longest.
    pub budget: Budget,
    /// How long until the request fits; `None` if the limit is below what this one request may cost.
    pub again_in: Option<Duration>,
}

/// What a request may spend; give it back to [`Ledger::settle`].
#[derive(Debug)]
pub struct Reservation {
    at: i64,
    usage: Usage,
    money: Money,
}

/// What was spent so far; nothing by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    time: Steady,
    minute: Minute,
    day: Day,
    tokens: Day,
    money: Day,
}

impl Ledger {
    /// Reserves the most a request can cost, or says which limit is in the way.
    pub fn reserve(
        &mut self,
        limits: &Limits,
        prices: &Prices,
        usage: Usage,
        now: Timestamp,
    ) -> Result<Reservation, Spent> {
        let (at, money) = (self.time.at(now), prices.cost(usage));
        self.check(limits, usage, money, at)?;
        self.minute.add(1, at);
        self.day.add(1, at);
        self.tokens.add(usage.total(), at);
        self.money.add(money.as_micros(), at);
        Ok(Reservation { at, usage, money })
    }

    fn check(&mut self, limits: &Limits, usage: Usage, money: Money, at: i64) -> Result<(), Spent> {
        let most = limits.money_per_day.map_or(u64::MAX, Money::as_micros);
        let waits = [
            (Budget::Minute, self.minute.wait(1, limits.requests_per_minute.into(), at)),
            (Budget::Day, self.day.wait(1, limits.requests_per_day.into(), at)),
            (Budget::Tokens, self.tokens.wait(usage.total(), limits.tokens_per_day, at)),
            (Budget::Money, self.money.wait(money.as_micros(), most, at)),
        ];
        let longest = waits.into_iter().max_by_key(|(_, wait)| wait.unwrap_or(u64::MAX));
        match longest {
            Some((budget, wait)) if wait != Some(0) => {
                Err(Spent { budget, again_in: wait.map(Duration::from_millis) })
            }
            _ => Ok(()),
        }
    }

    /// How many requests and tokens are left of the limits of a day.
    pub fn left(&mut self, limits: &Limits, now: Timestamp) -> (u64, u64) {
        let at = self.time.at(now);
        let requests = u64::from(limits.requests_per_day).saturating_sub(self.day.total(at));
        (requests, limits.tokens_per_day.saturating_sub(self.tokens.total(at)))
    }

    /// Puts what a request did cost in the place of what it might have, and says what it did.
    pub fn settle(&mut self, reserved: Reservation, actual: Usage, prices: &Prices) -> Money {
        let money = prices.cost(actual);
        self.tokens.correct(reserved.usage.total(), actual.total(), reserved.at);
        self.money.correct(reserved.money.as_micros(), money.as_micros(), reserved.at);
        money
    }
}
