//! The file name of a series: readable, the same in every export, and harmless whatever its labels say.

use crate::model::Labels;

/// Longest readable part.
const MAX_READABLE: usize = 80;

/// `up_localhost_9100_node-0123456789abcdef.csv`: the name and the label values, and the fingerprint, which
/// tells apart what the readable part does not.
pub(super) fn file_name(labels: &Labels) -> String {
    let name = labels.get("__name__");
    let values = labels.iter().filter(|(name, _)| *name != "__name__").map(|(_, value)| value);
    let words: Vec<&str> = name.into_iter().chain(values).collect();
    let safe = |letter: char| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '_' };
    let readable: String = words.join("_").chars().map(safe).take(MAX_READABLE).collect();
    match readable.trim_matches(['.', '_']) {
        "" => format!("series-{}.csv", labels.fingerprint()),
        readable => format!("{readable}-{}.csv", labels.fingerprint()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(labels: &[(&str, &str)]) -> String {
        file_name(&labels.iter().copied().collect())
    }

    #[test]
    fn names_are_readable_safe_and_short() {
        for (labels, expected) in [
            (vec![("__name__", "up"), ("instance", "a:9100"), ("job", "node")], "up_a_9100_node-"),
            (vec![("a", "../../etc/passwd")], "etc_passwd-"),
            (vec![("a", "-rf *\n\0")], "rf-"),
            (vec![("a", "Ω")], "series-"),
            (vec![], "series-cbf29ce484222325.csv"),
        ] {
            let name = named(&labels);
            assert!(name.starts_with(expected), "{name}");
            assert!(name.ends_with(".csv") && !name.contains(['/', '\n', '\0', ' ']), "{name}");
        }
        assert_eq!(named(&[("a", &"x".repeat(5000))]).len(), MAX_READABLE + 1 + 16 + 4);
    }

    #[test]
    fn what_reads_alike_is_told_apart() {
        assert_ne!(named(&[("a", "b:1")]), named(&[("a", "b/1")]));
        assert_ne!(named(&[("a", "b")]), named(&[("c", "b")]));
    }
}
