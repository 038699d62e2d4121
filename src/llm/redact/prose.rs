//! Secrets in sentences: "the password is swordfish" gives one away, "the password is wrong" does not.
//!
//! What stands behind "is" is a secret if it is no word that passwords are described with. Those are a closed list,
//! their endings are those of participles, adjectives and adverbs; what is in neither is taken out.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// What sentences say of passwords, keys and tokens: articles, adverbs, states, and what they are made of.
const DESCRIBING: &str = "\
    a able about above absent accurate adequate again ago all alphanumeric already also always among an and \
    another any appropriate as ask at available back bad bare base58 base64 be bearer because been being below \
    beyond big blank both bound brief broken but by cached case cheap clean clear close cold common complete \
    compliant confidential constant correct corrupt critical crucial current cut dead default different dirty down \
    dual due dumb duplicate easy eight eight-character either else empty encrypted enough equal essential even \
    ever exact expired external fake false final fine first fit fixed for forgotten found free fresh from full fun \
    given global gone good half hard hashed held her here hex hidden high him his hot how huge idle illegal \
    immutable in in-memory inaccurate incomplete inherited insecure inside instead insufficient intact internal \
    into invalid irrelevant it its itself just kept kind known labelled large last late later leaked left legal \
    legitimate less like likely live local long long-lived lost low made malformed mandatory maximum meant merely \
    mine minimum mismatch missing mixed more most much mutable my near needed neither never new next no nobody \
    non-empty none normal not nothing now nowhere null numeric obsolete obvious odd of off ok okay old on once one \
    online only opaque open optional or original other our out out-of-date over overdue oversized overwritten own \
    padded part partial past per per-user personal plain plaintext poor possible present presumably private \
    probably proper public quite random rare rather raw read read-only ready really redacted required right root \
    rotten safe same same-site sane second secret secure seldom sensible sent separate session-bound set several \
    shared short short-lived shown similar simple sixteen small so somehow something sometimes somewhere soon \
    sorted sound special stale static still stolen strange strict strong such sufficient supposed sure surely \
    taken tall temporary that the their then there therefore these third third-party this those though tied tiny \
    to today together tomorrow too too-short trivial true truncated twelve twice two typed typical unchanged \
    undefined under unfit unique unknown unless unlike unsafe unset until up up-to-date upper us usable used \
    useless user-specific usual utf-8 valid very via visible void vulnerable weak well what whatever when where \
    whether which who whole whose why wide with within without worse written wrong yes yesterday yet your yours \
    zero";

static DESCRIBES: LazyLock<HashSet<&str>> = LazyLock::new(|| DESCRIBING.split_whitespace().collect());
/// Endings of participles, adjectives and adverbs.
const ENDINGS: [&str; 14] =
    ["ed", "ing", "ly", "able", "ible", "ent", "ant", "ive", "ous", "ful", "less", "ical", "ory", "ic"];
/// A word must be so long before an ending tells what it is: "red" is none of "r".
const MIN_STEM: usize = 3;
/// Fewest characters of a secret that is an ordinary word.
const MIN_WORD: usize = 4;

/// Whether what stands behind "is" is a secret: it has digits and letters, or describes nothing.
pub(super) fn is_given_away(value: &str) -> bool {
    let word = value.trim_end_matches(['!', ')']);
    looks_like_password(word) || word.len() >= MIN_WORD && is_word(word) && !describes(&word.to_lowercase())
}

/// The value without what ends its sentence.
pub(super) fn without_point(text: &str, value: Range<usize>) -> Range<usize> {
    let word = text[value.clone()].trim_end_matches(['.', ',', ';', '?']);
    value.start..value.start + word.len()
}

/// Letters and digits together.
pub(super) fn looks_like_password(value: &str) -> bool {
    let has = |class: fn(&u8) -> bool| value.bytes().any(|byte| class(&byte));
    value.len() >= 6 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
}

/// What may be one: at least a letter; no path, address, call or text in brackets.
fn is_word(word: &str) -> bool {
    word.chars().any(char::is_alphabetic)
        && !word.contains(['/', '(', '[', '{', '<', '=', ':', '"', '\'', '`'])
}

fn describes(word: &str) -> bool {
    let ends = |ending: &&str| word.len() >= ending.len() + MIN_STEM && word.ends_with(*ending);
    let bare = word.strip_prefix("un").or_else(|| word.strip_prefix("in")).unwrap_or(word);
    DESCRIBES.contains(word) || DESCRIBES.contains(bare) || word.ends_with("n't") || ENDINGS.iter().any(ends)
}
