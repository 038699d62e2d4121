//! Answers that were given before, by the hash of what was sent. The newest of a bounded number, size and age.
//!
//! An answer is kept with its placeholders: what was sent may be the same where what was taken out of it is
//! not, and everybody gets their own put back.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::{Answer, Digest};

/// Most answers that are kept.
const MAX_ENTRIES: usize = 256;
/// Most bytes of text that are kept.
const MAX_BYTES: usize = 4 << 20;
/// How long an answer is given again.
const MAX_AGE: Duration = Duration::from_secs(3_600);

/// The answers that are kept.
#[derive(Debug, Default)]
pub(super) struct Cache {
    answers: HashMap<Digest, (Answer, Instant)>,
    /// From the oldest to the newest.
    order: VecDeque<Digest>,
    bytes: usize,
}

impl Cache {
    /// The answer to what was sent, unless it is too old.
    pub fn find(&mut self, digest: &Digest, now: Instant) -> Option<Answer> {
        self.drop_old(now);
        self.answers.get(digest).map(|(answer, _)| answer.clone())
    }

    /// Keeps an answer.
    pub fn keep(&mut self, digest: Digest, answer: Answer, now: Instant) {
        self.drop_old(now);
        if self.answers.contains_key(&digest) {
            return;
        }
        self.bytes += answer.text.len();
        self.order.push_back(digest);
        self.answers.insert(digest, (answer, now));
        while self.order.len() > MAX_ENTRIES || self.bytes > MAX_BYTES {
            self.drop_oldest();
        }
    }

    fn drop_old(&mut self, now: Instant) {
        let kept_at = |cache: &Self| cache.order.front().map(|oldest| cache.answers[oldest].1);
        while kept_at(self).is_some_and(|at| now.saturating_duration_since(at) >= MAX_AGE) {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        let oldest = self.order.pop_front().and_then(|digest| self.answers.remove(&digest));
        self.bytes -= oldest.map_or(0, |(answer, _)| answer.text.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(number: usize) -> Digest {
        Digest::of(&number.to_le_bytes())
    }

    fn answer(length: usize) -> Answer {
        Answer { text: "x".repeat(length), ..Answer::default() }
    }

    fn kept(cache: &mut Cache, count: usize, now: Instant) -> Vec<usize> {
        (0..count).filter(|number| cache.find(&digest(*number), now).is_some()).collect()
    }

    #[test]
    fn an_answer_is_given_again_for_an_hour() {
        let (mut cache, begin) = (Cache::default(), Instant::now());
        cache.keep(digest(0), answer(1), begin);
        cache.keep(digest(1), answer(1), begin + Duration::from_secs(60));
        for (seconds, expected) in [(60, vec![0, 1]), (3_599, vec![0, 1]), (3_600, vec![1]), (3_660, vec![])]
        {
            assert_eq!(kept(&mut cache, 2, begin + Duration::from_secs(seconds)), expected, "{seconds}");
        }
        assert_eq!((cache.bytes, cache.order.len(), cache.answers.len()), (0, 0, 0));
    }

    #[test]
    fn the_newest_stay_within_number_and_size() {
        let now = Instant::now();
        let mut many = Cache::default();
        (0..MAX_ENTRIES + 2).for_each(|number| many.keep(digest(number), answer(1), now));
        assert_eq!(kept(&mut many, MAX_ENTRIES + 2, now), (2..MAX_ENTRIES + 2).collect::<Vec<_>>());
        let mut large = Cache::default();
        (0..5).for_each(|number| large.keep(digest(number), answer(MAX_BYTES / 2), now));
        assert_eq!(kept(&mut large, 5, now), [3, 4]);
        large.keep(digest(9), answer(MAX_BYTES + 1), now);
        assert_eq!((large.bytes, large.order.len()), (0, 0), "one that is too large is not kept");
    }

    #[test]
    fn the_first_answer_stays() {
        let (mut cache, now) = (Cache::default(), Instant::now());
        cache.keep(digest(0), answer(1), now);
        cache.keep(digest(0), answer(2), now);
        assert_eq!((cache.find(&digest(0), now).unwrap().text.len(), cache.bytes), (1, 1));
    }
}
