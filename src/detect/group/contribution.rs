//! Which members of a group a score is made of.

use super::statistic::Statistic;

/// How many members are named at most.
pub const MOST_CONTRIBUTIONS: usize = 5;

/// A member's part in a group's score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contribution {
    /// Which value of the row, from 0.
    pub feature: usize,
    /// Its share, above 0 and at most 1; the shares of all members sum to 1.
    pub share: f64,
}

/// The members with the largest shares, largest first: each statistic's shares count by its evidence.
pub(super) fn top(statistics: &[Statistic], evidences: &[f64]) -> Vec<Contribution> {
    let total: f64 = evidences.iter().sum();
    let columns = statistics.first().map_or(0, |statistic| statistic.shares.len());
    if total <= 0.0 {
        return Vec::new();
    }
    let share = |feature: usize| {
        let parts =
            statistics.iter().zip(evidences).map(|(statistic, weight)| weight * statistic.shares[feature]);
        parts.sum::<f64>() / total
    };
    let mut top: Vec<Contribution> = Vec::with_capacity(MOST_CONTRIBUTIONS + 1);
    for feature in 0..columns {
        let share = share(feature).min(1.0);
        let place = top.partition_point(|other| other.share >= share);
        if share > 0.0 && place < MOST_CONTRIBUTIONS {
            top.insert(place, Contribution { feature, share });
            top.truncate(MOST_CONTRIBUTIONS);
        }
    }
    top
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statistic(shares: &[f64]) -> Statistic {
        Statistic { name: "any", raw: 1.0, limit: 1.0, shares: shares.to_vec() }
    }

    #[test]
    fn the_largest_come_first_and_none_without_a_share() {
        let statistics = [statistic(&[0.1, 0.9, 0.0, 0.0]), statistic(&[0.5, 0.0, 0.5, 0.0])];
        let found = top(&statistics, &[3.0, 1.0]);
        let expected = [(1, 0.675), (0, 0.2), (2, 0.125)];
        assert_eq!(found.iter().map(|part| (part.feature, part.share)).collect::<Vec<_>>(), expected);
        assert_eq!(top(&statistics, &[0.0, 0.0]), []);
    }

    #[test]
    fn no_more_than_a_few_are_named() {
        let shares: Vec<f64> = (0..64).map(|feature| f64::from(feature) / 2016.0).collect();
        let found = top(&[statistic(&shares)], &[1.0]);
        assert_eq!(found.iter().map(|part| part.feature).collect::<Vec<_>>(), [63, 62, 61, 60, 59]);
    }
}
