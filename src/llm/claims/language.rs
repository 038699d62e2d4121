//! Whether a sentence is English, told by its script and by the small words that every sentence has.

use super::names::Names;
use super::normal::is_turning;

/// Small words of English.
const ENGLISH: &[&str] = &[
    "the", "of", "and", "to", "in", "is", "was", "are", "were", "that", "this", "for", "on", "with", "at",
    "by", "from", "it", "its", "be", "been", "has", "have", "had", "not", "no", "but", "or", "an", "a", "as",
    "after", "before", "since", "while", "which", "when", "there", "all", "any", "than", "then", "up",
    "down", "still", "may", "should", "could", "would",
];
/// Small words of other languages that are no English words.
const FOREIGN: &[&str] = &[
    // German and Dutch.
    "der", "das", "und", "ist", "nicht", "ein", "eine", "einen", "einem", "mit", "auf", "für", "von", "dem",
    "den", "wurde", "wird", "wurden", "sind", "auch", "bei", "nach", "aus", "zu", "zum", "zur", "im", "seit",
    "durch", "oder", "het", "een", "van", "niet", "zijn", "voor", "naar", "werd", "wordt", "omdat", "dat",
    "bij", // French.
    "le", "la", "les", "des", "et", "est", "une", "dans", "pour", "sur", "avec", "pas", "par", "qui", "que",
    "du", "au", "aux", "ce", "cette", "sont", "été", "depuis", "où", "plus",
    // Spanish, Portuguese and Italian.
    "el", "los", "las", "de", "y", "una", "con", "para", "se", "del", "como", "fue", "está", "desde", "por",
    "os", "um", "uma", "em", "não", "foi", "da", "na", "ao", "il", "gli", "di", "è", "che", "per", "sono",
    "della", "nel", "stato", // Polish, Czech, Swedish, Turkish and others.
    "nie", "jest", "się", "przez", "je", "och", "att", "det", "som", "för", "inte", "är", "ve", "bir", "bu",
    "için", "og", "ikke", "til",
];
/// Endings that English words have.
const ENDINGS: [&str; 4] = ["ing", "ed", "ly", "tion"];

/// Whether the sentence is in another language or script. What the evidence has may be in any.
pub(super) fn is_foreign(sentence: &str, names: &Names) -> bool {
    let words = sentence.split(|c: char| !c.is_alphanumeric() && c != '\'');
    let words: Vec<String> = words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    let unknown = || words.iter().filter(|word| !names.has(word));
    let script =
        unknown().any(|word| word.chars().filter(|c| is_other_script(*c)).count() > 1 || is_mixed(word));
    let count = |list: &[&str]| words.iter().filter(|word| list.contains(&word.as_str())).count();
    let accents = unknown().filter(|word| !word.is_ascii() && !FOREIGN.contains(&word.as_str())).count();
    let (english, foreign) = (count(ENGLISH), count(FOREIGN) + accents);
    let plain =
        unknown().filter(|word| word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase())).count();
    let ending = words.iter().any(|word| ENDINGS.iter().any(|ending| word.ends_with(ending)));
    sentence.contains(is_turning)
        || script
        || foreign >= 2 && foreign > english
        || plain >= 6 && english == 0 && !ending
}

/// A letter that is neither Latin nor one that stands for a quantity alone.
fn is_other_script(c: char) -> bool {
    c.is_alphabetic() && !matches!(c, 'a'..='z' | 'A'..='Z' | '\u{aa}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// A Latin word with a letter of another script in it, which looks like another word.
fn is_mixed(word: &str) -> bool {
    word.contains(is_other_script) && word.contains(|c: char| c.is_ascii_alphabetic())
}
