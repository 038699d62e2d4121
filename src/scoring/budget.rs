//! The cap on scored series, shared by all queries.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A shared count of series with an upper bound. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SeriesBudget {
    used: Arc<AtomicUsize>,
    max: usize,
}

impl SeriesBudget {
    /// At most `max` series at once.
    pub fn new(max: usize) -> Self {
        Self { used: Arc::default(), max }
    }

    /// Takes one place; `false` if there is none left.
    pub fn take(&self) -> bool {
        let free = |used: usize| (used < self.max).then_some(used + 1);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, free).is_ok()
    }

    /// Gives `count` places back.
    pub fn give_back(&self, count: usize) {
        self.used.fetch_sub(count, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_budget_refuses_until_something_is_given_back() {
        let budget = SeriesBudget::new(2);
        assert!(budget.take() && budget.take() && !budget.take());
        budget.give_back(1);
        assert!(budget.take() && !budget.take());
    }
}
