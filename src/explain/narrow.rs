//! An expression's series of one place alone, so that an answer holds one series and costs as much. Pure.
//!
//! Where every vector of the expression keeps the label that names the place, asking each of them for that place alone
//! says the same, and Prometheus reads one series instead of all: of 10,000, a thousandth of the work. Everywhere else
//! the answer is narrowed, not the question.

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{self, Expr, LabelModifier, VectorSelector};

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
/// Parts within parts that are followed: more than anybody writes, and bounded for the stack.
const MAX_DEPTH: usize = 40;

/// The expression, narrowed to the closest label that says where the alert is; as it is where none does.
pub fn narrowed(expr: &str, labels: &Labels) -> String {
    let places = PLACES.iter().filter_map(|(name, _)| Some((*name, labels.get(name)?)));
    let Some((name, value)) = places.take(1).next() else { return expr.to_owned() };
    if let Some(narrowed) = pushed_down(expr, &Matcher::new(MatchOp::Equal, name, value)) {
        return narrowed;
    }
    // In a replacement a dollar sign begins the name of a group.
    let value = escape_promql(value).replace('$', "$$");
    format!(r#"({expr}) and on ({name}) label_replace(vector(1), "{name}", "{value}", "", "")"#)
}

/// The matcher in every selector; `None` where that may say something else.
fn pushed_down(expr: &str, matcher: &Matcher) -> Option<String> {
    let mut parsed = parser::parse(expr).ok()?;
    push(&mut parsed, matcher, MAX_DEPTH)?;
    Some(parsed.to_string())
}

/// `None` where a part does not keep the matcher's label, or is nested deeper than that.
fn push(expr: &mut Expr, matcher: &Matcher, depth: usize) -> Option<()> {
    let into = |part: &mut Expr| push(part, matcher, depth.checked_sub(1)?);
    match expr {
        Expr::NumberLiteral(_) => Some(()),
        Expr::VectorSelector(selector) => select(selector, matcher),
        Expr::MatrixSelector(range) => select(&mut range.vs, matcher),
        Expr::Paren(within) => into(&mut within.expr),
        Expr::Unary(negated) => into(&mut negated.expr),
        Expr::Subquery(within) => into(&mut within.expr),
        Expr::Binary(both) => {
            let matching = both.modifier.as_ref().and_then(|modifier| modifier.matching.as_ref());
            matching.is_none_or(|labels| keeps(labels, &matcher.name)).then_some(())?;
            into(&mut both.lhs)?;
            into(&mut both.rhs)
        }
        Expr::Aggregate(of) => {
            of.modifier.as_ref().filter(|labels| keeps(labels, &matcher.name))?;
            of.param.iter_mut().try_for_each(|part| into(part))?;
            into(&mut of.expr)
        }
        Expr::Call(call) => {
            KEEPING.contains(&call.func.name).then_some(())?;
            call.args.args.iter_mut().try_for_each(|part| into(part))
        }
        Expr::StringLiteral(_) | Expr::Extension(_) => None,
    }
}

fn select(selector: &mut VectorSelector, matcher: &Matcher) -> Option<()> {
    selector.matchers.or_matchers.is_empty().then_some(())?;
    selector.matchers.matchers.push(matcher.clone());
    Some(())
}

/// Whether series of different values of the label stay apart.
fn keeps(labels: &LabelModifier, label: &str) -> bool {
    match labels {
        LabelModifier::Include(labels) => labels.labels.iter().any(|name| name == label),
        LabelModifier::Exclude(labels) => labels.labels.iter().all(|name| name != label),
    }
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
            (r#"{__name__=~"a.+"}"#, r#"{__name__=~"a.+",instance="a"}"#),
            (r#"rate(a{b="}",c='"'}[5m])"#, r#"rate(a{b="}",c="\"",instance="a"}[5m])"#),
            ("a / b * 100", r#"a{instance="a"} / b{instance="a"} * 100"#),
            ("1 - a:b:c", r#"1 - a:b:c{instance="a"}"#),
            (
                r#"1 - avg by (instance) (rate(n{mode="idle"}[5m]))"#,
                r#"1 - avg by (instance) (rate(n{instance="a",mode="idle"}[5m]))"#,
            ),
            ("sum(rate(a[5m])) by (job, instance)", r#"sum by (job, instance) (rate(a{instance="a"}[5m]))"#),
            ("time() - process_start_time_seconds", r#"time() - process_start_time_seconds{instance="a"}"#),
            ("max_over_time(a[1h:1m] offset 5m)", r#"max_over_time(a{instance="a"}[1h:1m] offset 5m)"#),
            ("a > bool 0", r#"a{instance="a"} > bool 0"#),
            ("predict_linear(a[1h], 4 * 3600)", r#"predict_linear(a{instance="a"}[1h], 4 * 3600)"#),
            ("a * 1e3 + Inf", r#"a{instance="a"} * 1000 + Inf"#),
            ("a and b", r#"a{instance="a"} and b{instance="a"}"#),
            ("sum without (cpu) (a)", r#"sum without (cpu) (a{instance="a"})"#),
            ("topk by (instance) (3, a)", r#"topk by (instance) (3, a{instance="a"})"#),
            ("a @ end()", r#"a{instance="a"} @ end()"#),
            ("-(a ^ 2)", r#"-(a{instance="a"} ^ 2)"#),
            (
                "a * on (instance, job) group_left (b) c",
                r#"a{instance="a"} * on (instance, job) group_left (b) c{instance="a"}"#,
            ),
            ("a / ignoring (cpu) b", r#"a{instance="a"} / ignoring (cpu) b{instance="a"}"#),
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
            "absent(a)",
            "label_replace(a, \"instance\", \"$1\", \"host\", \"(.*)\")",
            "topk(3, a)",
            "scalar(a) * b",
            "vector(1)",
            "sum without (instance) (a)",
            "count_values by (instance) (\"b\", a)",
            "a * ignoring (instance) group_left b",
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
