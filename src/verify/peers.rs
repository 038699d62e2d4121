//! Difference in differences: a target's change against that of untouched peers.
//!
//! What moves everyone alike, such as load, the time of day or the recovery of something shared, is no effect of an
//! action on one of them. So the estimate is the target's change less the median of its peers' (O. Ashenfelter,
//! D. Card, "Using the longitudinal structure of earnings", Review of Economics and Statistics 67, 1985); it rests on
//! the target moving as they did, had nothing been done. Changes are differences, not ratios: peers should be of a size.
//!
//! The peers' spread is the median absolute deviation of their changes, scaled to a normal distribution's standard
//! deviation with the factors for small numbers of C. Croux and P. J. Rousseeuw ("Time-efficient algorithms for two
//! highly robust estimators of scale", COMPSTAT 1992), so that a few odd peers do not hide an effect or make one.
//! One more member on which nothing acted would lie within `t * spread * sqrt(1 + pi / 2n)` of the median of `n`, the
//! second term being the median's own uncertainty. `t` is Student's quantile for 97.5 % with `n / 2` degrees of
//! freedom, rounded down: so few are what the median absolute deviation is worth, and a test holds that chance alone
//! is outside in no more than 6 % of cases, from 3 peers to 40.

use std::f64::consts::FRAC_PI_2;

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::model::{Better, PeersChange};

/// Peers that tell a spread.
pub(super) const ENOUGH: usize = 3;
/// A change of less than this share of the larger of both values is none, however calm the peers are.
const RELEVANT: f64 = 0.1;
/// From a median absolute deviation to a standard deviation.
const NORMAL: f64 = 1.482_6;
/// More than that for few values, from two to nine of them.
const FEW: [f64; 8] = [1.196, 1.495, 1.363, 1.206, 1.200, 1.140, 1.129, 1.107];

/// How a target moved beside its peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Movement {
    /// It got better, and by more than they did.
    Better,
    /// It got better, and so did they.
    AllBetter,
    /// It did not change, or not more than they did.
    None,
    /// It got worse, and by more than they did.
    Worse,
}

/// How peers moved, each before and after; `None` without any.
pub(super) fn change(better: Better, peers: &[(f64, f64)]) -> Option<PeersChange> {
    let changes: Vec<f64> = peers.iter().map(|(before, after)| gain(better, *before, *after)).collect();
    let change = median(changes.clone())?;
    Some(PeersChange {
        count: peers.len(),
        before: median(peers.iter().map(|(before, _)| *before).collect())?,
        after: median(peers.iter().map(|(_, after)| *after).collect())?,
        change,
        interval: interval(&changes, change),
    })
}

/// How the target moved beside them.
pub(super) fn movement(better: Better, before: f64, after: f64, peers: Option<&PeersChange>) -> Movement {
    let own = gain(better, before, after);
    let relevant = RELEVANT * before.abs().max(after.abs());
    let (others, chance) = peers.map_or((0.0, 0.0), |peers| (peers.change, peers.interval.unwrap_or(0.0)));
    let beyond = own - others;
    let moved = own != 0.0 && own.abs() >= relevant;
    let more = own.signum() == beyond.signum() && beyond.abs() >= relevant && beyond.abs() > chance;
    match (moved, own > 0.0) {
        (true, true) if more => Movement::Better,
        (true, false) if more => Movement::Worse,
        (true, true) if others > 0.0 => Movement::AllBetter,
        _ => Movement::None,
    }
}

/// A change, positive if it is for the better.
pub(super) fn gain(better: Better, before: f64, after: f64) -> f64 {
    match better {
        Better::Lower => before - after,
        Better::Higher => after - before,
    }
}

/// How far one more member's change lies from the median by chance.
fn interval(changes: &[f64], middle: f64) -> Option<f64> {
    let count = changes.len();
    let quantile = StudentsT::new(0.0, 1.0, (count / 2) as f64).ok().filter(|_| count >= ENOUGH)?;
    let spread =
        NORMAL * few(count) * median(changes.iter().map(|change| (change - middle).abs()).collect())?;
    Some(quantile.inverse_cdf(0.975) * spread * (1.0 + FRAC_PI_2 / count as f64).sqrt())
}

fn few(count: usize) -> f64 {
    let count_f = count as f64;
    count.checked_sub(2).and_then(|place| FEW.get(place)).copied().unwrap_or(count_f / (count_f - 0.8))
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 { Some(upper) } else { Some(f64::midpoint(values[middle - 1], upper)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_judged_against_what_its_peers_did() {
        let calm = [(5.0, 5.0), (6.0, 5.9), (4.0, 4.1), (5.0, 5.2)];
        let recovered = [(90.0, 4.0), (110.0, 5.0), (100.0, 6.0)];
        let odd = [(5.0, 5.0), (5.1, 5.0), (4.9, 5.0), (5.0, 4.9), (5.0, 900.0)];
        for (before, after, peers, expected, sentence) in [
            (100.0, 5.0, &calm[..], Movement::Better, "the peers did not move"),
            (100.0, 5.0, &recovered, Movement::AllBetter, "everyone recovered"),
            (100.0, 5.0, &odd, Movement::Better, "one odd peer hides nothing"),
            (5.0, 100.0, &calm, Movement::Worse, "it got worse, they did not"),
            (5.0, 5.05, &calm, Movement::None, "a trifle"),
            (100.0, 100.0, &[(5.0, 80.0), (6.0, 90.0)], Movement::None, "that peers got worse is no merit"),
            (100.0, 96.0, &[], Movement::None, "less than a tenth"),
            (100.0, 5.0, &[], Movement::Better, "nobody to compare with"),
            (5.0, 100.0, &[], Movement::Worse, "worse, with nobody to compare with"),
            (100.0, 5.0, &recovered[..2], Movement::AllBetter, "two recovered as well"),
            (0.0, 0.0, &[], Movement::None, "nothing at all"),
            (100.0, 50.0, &recovered, Movement::AllBetter, "it did less well than they did"),
            (100.0, 5.0, &[(9.0, 9.0), (9.0, -40.0), (9.0, 80.0)], Movement::None, "peers that jump about"),
        ] {
            let peers = change(Better::Lower, peers);
            let lower = movement(Better::Lower, before, after, peers.as_ref());
            // The same upside down.
            let flipped =
                peers.map(|peers| PeersChange { before: -peers.before, after: -peers.after, ..peers });
            let higher = movement(Better::Higher, -before, -after, flipped.as_ref());
            assert_eq!((lower, higher), (expected, expected), "{sentence}");
        }
    }

    #[test]
    fn few_peers_tell_no_interval() {
        assert_eq!(change(Better::Lower, &[]), None);
        for count in 1..6 {
            let peers: Vec<(f64, f64)> = (0..count).map(|place| (10.0, f64::from(place))).collect();
            let told = change(Better::Lower, &peers).unwrap();
            assert_eq!(told.count, count as usize);
            assert_eq!(told.interval.is_some(), told.count >= ENOUGH, "{count}");
        }
    }

    /// Chance alone: a target that moves as its peers do.
    #[test]
    fn chance_alone_is_rarely_outside() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut normal = || (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
        for count in [3, 4, 5, 6, 8, 10, 20, 40] {
            let trials = 10_000;
            let outside = (0..trials)
                .filter(|_| {
                    let peers: Vec<(f64, f64)> = (0..count).map(|_| (0.0, normal())).collect();
                    let told = change(Better::Higher, &peers).unwrap();
                    (normal() - told.change).abs() > told.interval.unwrap()
                })
                .count();
            let share = outside as f64 / f64::from(trials);
            assert!((0.02..0.06).contains(&share), "{count} peers: {share}");
        }
    }
}
