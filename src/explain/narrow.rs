//! An expression's series of one place alone, so that an answer holds one series and costs as much. Pure.
//!
//! Where every vector of the expression keeps the label that names the place, asking each of them for that place alone
//! says the same, and Prometheus reads one series instead of all: of 10,000, a thousandth of the work. Everywhere else
//! the answer is narrowed, not the question.

use super::relate::PLACES;
use crate::model::{Labels, escape_promql};

/// Functions whose result has a series for each of their argument's, with its labels; `le` aside, which no place has.
const KEEPING: [&str; 34] = [
    "abs",
    "avg_over_time",
    "ceil",
    "changes",
    "clamp",
    "clamp_max",
    "clamp_min",
    "count_over_time",
    "delta",
    "deriv",
    "exp",
    "floor",
    "histogram_quantile",
    "idelta",
    "increase",
    "irate",
    "last_over_time",
    "ln",
    "log10",
    "log2",
    "max_over_time",
    "min_over_time",
    "predict_linear",
    "present_over_time",
    "quantile_over_time",
    "rate",
    "resets",
    "round",
    "sgn",
    "sqrt",
    "stddev_over_time",
    "sum_over_time",
    "time",
    "timestamp",
];
/// Aggregations that keep the labels behind `by` and no others.
const AGGREGATING: [&str; 9] = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar", "quantile"];
/// Words that are neither metrics nor change which series there are.
const PLAIN: [&str; 4] = ["bool", "inf", "nan", "offset"];

/// The expression, narrowed to the closest label that says where the alert is; as it is where none does.
pub fn narrowed(expr: &str, labels: &Labels) -> String {
    let places = PLACES.iter().filter_map(|(name, _)| Some((*name, labels.get(name)?)));
    let Some((name, value)) = places.take(1).next() else { return expr.to_owned() };
    if let Some(narrowed) = pushed_down(expr, name, &format!("{name}=\"{}\"", escape_promql(value))) {
        return narrowed;
    }
    // In a replacement a dollar sign begins the name of a group.
    let value = escape_promql(value).replace('$', "$$");
    format!(r#"({expr}) and on ({name}) label_replace(vector(1), "{name}", "{value}", "", "")"#)
}

/// The matcher in every selector; `None` where that may say something else.
fn pushed_down(expr: &str, label: &str, matcher: &str) -> Option<String> {
    let mut narrowed = String::with_capacity(expr.len() + 2 * matcher.len());
    let mut rest = expr;
    // Aggregations of which no labels were named yet: they may stand behind.
    let mut unnamed = 0_usize;
    while let Some(c) = rest.chars().next() {
        let (token, behind) = rest.split_at(token(rest)?);
        rest = behind;
        if !(c.is_ascii_alphabetic() || c == '_' || c == ':') {
            narrowed.push_str(token);
            if c == '{' {
                selected(&mut narrowed, &mut rest, matcher)?;
            }
            continue;
        }
        let word = token.to_ascii_lowercase();
        let opens = behind.trim_start().starts_with('(');
        narrowed.push_str(token);
        match word.as_str() {
            "by" => {
                let (list, behind) = behind.trim_start().strip_prefix('(')?.split_once(')')?;
                list.split(',').any(|name| name.trim() == label).then_some(())?;
                narrowed.push_str(&format!(" ({list})"));
                rest = behind;
                unnamed = unnamed.checked_sub(1)?;
            }
            word if AGGREGATING.contains(&word) => unnamed += 1,
            word if opens => KEEPING.contains(&word).then_some(())?,
            word if PLAIN.contains(&word) => {}
            "and" | "or" | "unless" | "on" | "ignoring" | "without" | "group_left" | "group_right"
            | "atan2" => {
                return None;
            }
            _ if behind.starts_with('{') => {}
            _ => narrowed.push_str(&format!("{{{matcher}}}")),
        }
    }
    (unnamed == 0).then_some(narrowed)
}

/// The bytes of the next word, number, text, range in brackets or sign; `None` where a text or a range has no end.
fn token(rest: &str) -> Option<usize> {
    let c = rest.chars().next()?;
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    match c {
        '"' | '\'' | '`' => text(rest, c),
        '[' => rest.find(']').map(|end| end + 1),
        c if c.is_ascii_alphabetic() || c == '_' || c == ':' => {
            Some(rest.find(|c: char| !word(c)).unwrap_or(rest.len()))
        }
        c if c.is_ascii_digit() => Some(rest.find(|c: char| !word(c) && c != '.').unwrap_or(rest.len())),
        // A comment, and the time of another sample: nobody has them in a rule, and both are easily misread.
        '#' | '@' => None,
        c => Some(c.len_utf8()),
    }
}

/// The bytes of a text with its quotes.
fn text(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    let inside = rest[1..].char_indices().find(|(_, c)| {
        let ends = *c == quote && !escaped;
        escaped = *c == '\\' && !escaped && quote != '`';
        ends
    });
    inside.map(|(at, _)| at + 2)
}

/// The matchers of a selector, the new one first.
fn selected(narrowed: &mut String, rest: &mut &str, matcher: &str) -> Option<()> {
    narrowed.push_str(matcher);
    if !rest.trim_start().starts_with('}') {
        narrowed.push(',');
    }
    while !rest.starts_with('}') {
        let (token, behind) = rest.split_at(token(rest)?);
        narrowed.push_str(token);
        *rest = behind;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_a(expr: &str) -> String {
        let labels: Labels = [("instance", "a"), ("job", "x")].into_iter().collect();
        let narrowed = narrowed(expr, &labels);
        promql_parser::parser::parse(&narrowed).expect(&narrowed);
        narrowed
    }

    #[test]
    fn selectors_are_narrowed_where_the_label_is_kept() {
        for (expr, expected) in [
            ("up", r#"up{instance="a"}"#),
            ("up{}", r#"up{instance="a"}"#),
            (r#"up{job="x"}"#, r#"up{instance="a",job="x"}"#),
            (r#"{__name__=~"a.+"}"#, r#"{instance="a",__name__=~"a.+"}"#),
            (r#"rate(a{b="}",c='"'}[5m])"#, r#"rate(a{instance="a",b="}",c='"'}[5m])"#),
            ("a / b * 100", r#"a{instance="a"} / b{instance="a"} * 100"#),
            ("1 - a:b:c", r#"1 - a:b:c{instance="a"}"#),
            (
                r#"1 - avg by (instance) (rate(n{mode="idle"}[5m]))"#,
                r#"1 - avg by (instance) (rate(n{instance="a",mode="idle"}[5m]))"#,
            ),
            ("sum(rate(a[5m])) by (job, instance)", r#"sum(rate(a{instance="a"}[5m])) by (job, instance)"#),
            ("time() - process_start_time_seconds", r#"time() - process_start_time_seconds{instance="a"}"#),
            ("max_over_time(a[1h:1m] offset 5m)", r#"max_over_time(a{instance="a"}[1h:1m] offset 5m)"#),
            ("a > bool 0", r#"a{instance="a"} > bool 0"#),
            ("predict_linear(a[1h], 4 * 3600)", r#"predict_linear(a{instance="a"}[1h], 4 * 3600)"#),
            ("a * 1e3 + Inf", r#"a{instance="a"} * 1e3 + Inf"#),
        ] {
            assert_eq!(of_a(expr), expected);
        }
    }

    #[test]
    fn elsewhere_the_answer_is_narrowed() {
        for expr in [
            "sum(rate(a[5m]))",
            "sum by (job) (a)",
            "sum by (instance) (a) / count(a)",
            "a / on (job) group_left b",
            "a and b",
            "absent(a)",
            "label_replace(a, \"instance\", \"$1\", \"host\", \"(.*)\")",
            "topk(3, a)",
            "sum without (cpu) (a)",
            "scalar(a) * b",
            "a @ end()",
            "vector(1)",
        ] {
            let narrowed = of_a(expr);
            assert!(narrowed.starts_with(&format!("({expr}) and on (instance)")), "{narrowed}");
        }
    }

    #[test]
    fn no_label_breaks_out() {
        for (labels, expr, expected) in [
            (&[("job", "app")][..], "x", r#"x{job="app"}"#),
            (&[("severity", "page")], "x", "x"),
            (&[("instance", "a$1\"} or up{b=\""), ("job", "app")], "x", r#"x{instance="a$1\"} or up{b=\""}"#),
            (
                &[("instance", "a$1\"} or up{b=\""), ("job", "app")],
                "sum(x)",
                r#"(sum(x)) and on (instance) label_replace(vector(1), "instance", "a$$1\"} or up{b=\"", "", "")"#,
            ),
        ] {
            let narrowed = narrowed(expr, &labels.iter().copied().collect());
            assert_eq!(narrowed, expected);
            promql_parser::parser::parse(&narrowed).expect("it parses");
        }
        for strange in ["a{b=\"", "a[5m", "\"", "by", "by (", "sum by", "{", "ä", ""] {
            let labels: Labels = [("instance", "a")].into_iter().collect();
            assert!(narrowed(strange, &labels).contains(strange));
        }
    }
}
