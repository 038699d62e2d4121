//! Whether a text looks like something made by a random generator rather than by a person.

/// Bytes below which a text is too short to tell, and above which it is no key.
const LENGTHS: std::ops::RangeInclusive<usize> = 20..=512;
/// Digits of a hash or a key written in hexadecimal.
const HEX: usize = 32;
/// Bits for each character; English and names of things have fewer.
const BITS: f64 = 3.5;

/// For what follows a name that may be one of a key: letters of both cases and digits without order, or
/// many hexadecimal digits. A UUID and a path are not.
pub(super) fn looks_random(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-.~".contains(&byte);
    if !LENGTHS.contains(&text.len()) || !text.bytes().all(allowed) || is_uuid(text) || is_path(text) {
        return false;
    }
    if text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return text.len() >= HEX;
    }
    has_three_classes(text) && bits(text) >= BITS
}

/// The shape of a secret access key of AWS: forty characters of base64, of all classes.
pub(super) fn looks_like_access_key(text: &str) -> bool {
    let count = |class: fn(&u8) -> bool| text.bytes().filter(class).count();
    text.len() == 40
        && count(u8::is_ascii_uppercase) >= 5
        && count(u8::is_ascii_lowercase) >= 5
        && count(u8::is_ascii_digit) >= 2
        && !is_path(text)
        && bits(text) >= 4.0
}

/// For what follows `Bearer` or `Basic`: anything but a word such as "authentication" or a name with its sign.
pub(super) fn looks_encoded(text: &str) -> bool {
    let inside = text.get(1..).unwrap_or_default();
    let padded = text.ends_with('=') && text.len().is_multiple_of(4);
    text.len() >= 6 && (padded || text.bytes().any(|byte| byte.is_ascii_digit()))
        || text.len() >= 8 && inside.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn has_three_classes(text: &str) -> bool {
    let has = |class: fn(&u8) -> bool| text.bytes().any(|byte| class(&byte));
    has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_path(text: &str) -> bool {
    text.starts_with('/') || text.bytes().filter(|byte| *byte == b'/').count() > 3
}

/// Shannon's entropy of the text's bytes, in bits for each.
fn bits(text: &str) -> f64 {
    let mut counts = [0u32; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let share = |count: &u32| f64::from(*count) / text.len() as f64;
    counts.iter().filter(|count| **count > 0).map(share).map(|share| -share * share.log2()).sum()
}
