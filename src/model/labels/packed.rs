//! Names and values in one text: how many there are, then each after its length in bytes.
//!
//! A number takes six bits a character, the lowest first; a seventh says that more follow. All such characters are
//! ASCII, so the whole is text again and is taken apart without a look at what it holds.

/// The bits of a character that count.
const DIGIT_BITS: usize = 6;
/// Says that the number goes on.
const MORE: u8 = 1 << DIGIT_BITS;

/// Puts pairs into one text; none is the empty text.
pub(super) fn pack<N: AsRef<str>, V: AsRef<str>>(pairs: &[(N, V)]) -> String {
    let bytes = pairs.iter().map(|(name, value)| name.as_ref().len() + value.as_ref().len() + 4);
    let mut text = String::with_capacity(bytes.sum::<usize>() + 2);
    if !pairs.is_empty() {
        push_number(&mut text, pairs.len());
    }
    for (name, value) in pairs {
        for part in [name.as_ref(), value.as_ref()] {
            push_number(&mut text, part.len());
            text.push_str(part);
        }
    }
    text
}

fn push_number(text: &mut String, mut number: usize) {
    while number >= usize::from(MORE) {
        text.push(char::from(number as u8 & (MORE - 1) | MORE));
        number >>= DIGIT_BITS;
    }
    text.push(char::from(number as u8));
}

/// The pairs of a text, in their order.
#[derive(Clone)]
pub(super) struct Pairs<'a> {
    left: usize,
    rest: &'a str,
}

impl<'a> Pairs<'a> {
    /// All that [`pack`] put in.
    pub(super) fn of(packed: &'a str) -> Self {
        let (left, rest) = split_number(packed);
        Self { left, rest }
    }

    fn part(&mut self) -> &'a str {
        let (length, rest) = split_number(self.rest);
        let (part, rest) = rest.split_at(length);
        self.rest = rest;
        part
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        Some((self.part(), self.part()))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Pairs<'_> {}

/// The number that a text begins with, and what follows it; 0 of the empty text.
fn split_number(text: &str) -> (usize, &str) {
    let mut number = 0;
    for (at, byte) in text.bytes().enumerate() {
        number |= usize::from(byte & (MORE - 1)) << (DIGIT_BITS * at);
        if byte & MORE == 0 {
            return (number, &text[at + 1..]);
        }
    }
    (number, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_packed_comes_out_again() {
        for length in [0, 1, 63, 64, 65, 127, 128, 4095, 4096, 262_143, 262_144] {
            for letter in ["a", "\0", "@", "é", "\u{1F600}"] {
                let long = letter.repeat(length);
                let pairs = [(long.as_str(), ""), ("name", "value"), ("", long.as_str())];
                let packed = pack(&pairs);
                assert!(Pairs::of(&packed).eq(pairs), "{length} times {letter:?}");
            }
        }
    }

    #[test]
    fn as_many_are_counted_as_are_left() {
        let pairs: Vec<(String, &str)> = (0..100).map(|number| (number.to_string(), "")).collect();
        let packed = pack(&pairs);
        let mut left = Pairs::of(&packed);
        for number in (0..100).rev() {
            left.next();
            assert_eq!(left.len(), number);
        }
        assert_eq!((left.next(), Pairs::of("").len()), (None, 0));
    }
}
