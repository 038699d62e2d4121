//! PromQL templates: what stands in them, and names of services that cannot break out of a string.

use std::fmt::Write;

const SERVICES: &str = "{{ services }}";
const WINDOW: &str = "{{ window }}";

/// What is wrong with a template, as the rest of a sentence; `None`: nothing that shows without a server.
pub fn fault(template: &str) -> Option<String> {
    let rest = template.replace(SERVICES, "").replace(WINDOW, "");
    let begin = rest.find("{{")?;
    let name: String = rest[begin..].chars().take(24).collect();
    Some(format!("has '{name}'; only {SERVICES} and {WINDOW} are known, written like that"))
}

/// The template with a pattern of the names and with the window.
pub(super) fn filled<'n>(template: &str, names: impl Iterator<Item = &'n str>, window: &str) -> String {
    let pattern: Vec<String> = names.map(neutral).collect();
    template.replace(SERVICES, &pattern.join("|")).replace(WINDOW, window)
}

/// A name as a pattern within a string of PromQL that matches it alone. Every character but letters, digits, `_` and
/// `-` is written by its number, so no quote, brace or sign of a pattern is left, whatever string it stands in.
fn neutral(name: &str) -> String {
    name.chars().fold(String::with_capacity(name.len()), |mut pattern, c| {
        if c.is_ascii_alphanumeric() || c == '_' || c == '-' {
            pattern.push(c);
        } else {
            // Writing to a text cannot fail.
            let _ = write!(pattern, r"\\x{{{:x}}}", u32::from(c));
        }
        pattern
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_themselves_and_never_break_out() {
        let names = [
            "web",
            "a.b",
            "x\"} or up{a=\"",
            "'; drop",
            "`",
            "\\",
            "a|b",
            "(.*)",
            "ü 😀",
            "\n",
            "$1{{ window }}",
        ];
        for template in [r#"x{s=~"{{ services }}"}[{{ window }}]"#, "x{s=~'{{ services }}'}[{{ window }}]"] {
            let expr = filled(template, names.iter().copied(), "2m");
            let parsed = promql_parser::parser::parse(&expr);
            assert!(parsed.is_ok(), "{expr}: {parsed:?}");
            assert!(expr.ends_with("[2m]"), "{expr}");
        }
        for name in names {
            let pattern = neutral(name).replace(r"\\", r"\");
            let pattern = regex::Regex::new(&format!("^(?:{pattern})$")).unwrap();
            let matched: Vec<&str> = names.into_iter().filter(|other| pattern.is_match(other)).collect();
            assert_eq!(matched, [name]);
        }
    }

    #[test]
    fn an_unknown_placeholder_is_named() {
        for (template, expected) in [
            ("x", None),
            (r#"x{a=~"{{ services }}"}[{{ window }}]"#, None),
            ("x{a=\"{{ service }}\"}", Some("{{ service }}\"}")),
            ("x[{{window}}]", Some("{{window}}]")),
        ] {
            let found = fault(template);
            let expected = expected.map(|name| {
                format!("has '{name}'; only {SERVICES} and {WINDOW} are known, written like that")
            });
            assert_eq!(found, expected, "{template}");
        }
    }
}
