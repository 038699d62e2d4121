//! Whether the numbers that an expression of PromQL returns are those of series, or rest on numbers that stand in the
//! expression. Pure.
//!
//! Series may be compared with numbers, ranked by them and converted by them: multiplied or divided by the factors
//! between units, and taken from a whole, which is 1 or 100, once. Any other number that is reckoned with comes from
//! whoever wrote the expression. What is not understood counts as such.

use promql_parser::parser::{self, AggregateExpr, Call, Expr};

/// Parts within parts that are followed: more than anybody writes, and bounded for the stack.
const MAX_DEPTH: usize = 40;
/// Factors between units, besides the powers of ten and of 1024: bits, hours of a day, seconds.
const FACTORS: [f64; 6] = [8.0, 24.0, 60.0, 3600.0, 86_400.0, 604_800.0];
/// What a share is taken from.
const WHOLES: [f64; 2] = [1.0, 100.0];
/// Functions and aggregations whose numbers choose among the values of series or say how finely they are told, and
/// become none.
const CHOOSING: [&str; 9] = [
    "bottomk",
    "histogram_fraction",
    "histogram_quantile",
    "limit_ratio",
    "limitk",
    "quantile",
    "quantile_over_time",
    "round",
    "topk",
];

/// Whether numbers of the expression itself are in what it returns.
pub(super) fn computed(expr: &str) -> bool {
    let kind = parser::parse(expr).ok().and_then(|parsed| kind(&parsed, MAX_DEPTH));
    !matches!(kind, Some(Kind::Series { .. }))
}

/// What a part of an expression is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// A number that stands there.
    Number(f64),
    /// Values of series; `rest`: what is left of a whole without them.
    Series { rest: bool },
}

/// `None`: it is nested deeper than that, or reckons with numbers of its own.
fn kind(expr: &Expr, depth: usize) -> Option<Kind> {
    let of = |part: &Expr| kind(part, depth.checked_sub(1)?);
    match expr {
        Expr::NumberLiteral(number) => Some(Kind::Number(number.val)),
        Expr::VectorSelector(_) | Expr::MatrixSelector(_) => Some(Kind::Series { rest: false }),
        Expr::Paren(within) => of(&within.expr),
        Expr::Subquery(within) => of(&within.expr),
        Expr::Unary(negated) => match of(&negated.expr)? {
            Kind::Number(number) => Some(Kind::Number(-number)),
            series => Some(series),
        },
        Expr::Binary(both) => join(&both.op.to_string(), of(&both.lhs)?, of(&both.rhs)?),
        Expr::Call(Call { func, args }) => called(func.name, args.args.iter().map(|part| &**part), of),
        Expr::Aggregate(AggregateExpr { op, expr, param, .. }) => {
            called(&op.to_string(), param.iter().chain([expr]).map(|part| &**part), of)
        }
        Expr::StringLiteral(_) | Expr::Extension(_) => None,
    }
}

/// A function or an aggregation of parts. Texts become no values.
fn called<'e>(
    name: &str,
    parts: impl Iterator<Item = &'e Expr>,
    of: impl Fn(&Expr) -> Option<Kind>,
) -> Option<Kind> {
    let mut rest = false;
    for part in parts.filter(|part| !matches!(part, Expr::StringLiteral(_))) {
        match of(part)? {
            Kind::Series { rest: of_part } => rest |= of_part,
            Kind::Number(_) if CHOOSING.contains(&name) => {}
            Kind::Number(_) => return None,
        }
    }
    Some(Kind::Series { rest })
}

fn join(operator: &str, left: Kind, right: Kind) -> Option<Kind> {
    use Kind::{Number, Series};
    match (left, operator, right) {
        (Number(left), _, Number(right)) => reckoned(operator, left, right).map(Number),
        (Series { rest: left }, _, Series { rest: right }) => Some(Series { rest: left || right }),
        (Series { rest }, "==" | "!=" | "<" | ">" | "<=" | ">=", Number(_))
        | (Number(_), "==" | "!=" | "<" | ">" | "<=" | ">=", Series { rest }) => Some(Series { rest }),
        (Series { rest }, "*" | "/", Number(number)) | (Number(number), "*" | "/", Series { rest }) => {
            converts(number).then_some(Series { rest })
        }
        (Number(whole), "-", Series { rest: false }) => {
            WHOLES.contains(&whole).then_some(Series { rest: true })
        }
        _ => None,
    }
}

fn reckoned(operator: &str, left: f64, right: f64) -> Option<f64> {
    match operator {
        "+" => Some(left + right),
        "-" => Some(left - right),
        "*" => Some(left * right),
        "/" => Some(left / right),
        "^" => Some(left.powf(right)),
        _ => None,
    }
}

/// Whether a number is a factor between units, either way.
fn converts(number: f64) -> bool {
    let factor = number.abs();
    [factor, 1.0 / factor].into_iter().any(|factor| {
        let power = |base: f64| (0..=15).any(|exponent| close(factor, base.powi(exponent)));
        power(10.0) || power(1024.0) || FACTORS.iter().any(|known| close(factor, *known))
    })
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= other * 1e-12
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_series_unless_the_expression_reckons_with_its_own() {
        for (expr, sentence) in [
            ("up", "a series"),
            ("up{job=\"a\", instance=~\"97|(b)\"}", "numbers within a selector"),
            ("{__name__=\"up\"}", "a selector without a name"),
            ("sum by (job) (rate(http_requests_total[5m]))", "an aggregation"),
            ("sum(rate(a[5m])) without (x) / on(job) group_left(b) sum by (job) (c)", "one by another"),
            ("topk(5, a)", "the first five"),
            ("histogram_quantile(0.99, sum by (le) (rate(a_bucket[5m])))", "a quantile"),
            ("a > 0.9 and on (instance) b == bool 97", "compared with numbers"),
            ("a offset 5m - a offset -1h", "at other times"),
            ("a @ 1609746000 / a @ end()", "at given times"),
            ("max_over_time(rate(a[5m])[1h:30s])", "a subquery"),
            ("a * 100", "in percent"),
            ("a / 1024 / 1024", "in MiB"),
            ("a / (1024 ^ 3)", "in GiB"),
            ("rate(a[5m]) * 60 * 60", "an hour"),
            ("a / 1e9", "from nanoseconds"),
            ("a * 0.001", "from thousandths"),
            ("-a * 8", "in bits"),
            ("1 - avg by (instance) (rate(node_cpu_seconds_total{mode=\"idle\"}[5m]))", "the rest of 1"),
            ("100 - (avg(a) * 100)", "the rest of 100"),
            ("time() - process_start_time_seconds # 97", "since a start"),
            ("round(a, 0.1)", "to a tenth"),
            ("label_replace(a, \"b\", \"97\", \"\", \"\")", "a label, not a value"),
            ("topk by (job) (5, -a)", "the lowest of each job"),
            ("a[5m]", "samples"),
        ] {
            assert!(!computed(expr), "{sentence}: {expr}");
        }
        for (expr, sentence) in [
            ("up*0+97", "a number added to nothing"),
            ("up * 0 + (97)", "in brackets"),
            ("97 + up", "before it"),
            ("up * 97", "a factor of no units"),
            ("up / 0.97", "a divisor of none"),
            ("up % 97", "a remainder"),
            ("up ^ 2", "a power"),
            ("up * 0", "nothing"),
            ("up * (90 + 7)", "a number of numbers"),
            ("up - 3", "less a number"),
            ("98 - up", "the rest of no whole"),
            ("100 - (1 - up)", "the rest of a rest"),
            ("clamp_min(up, 97)", "a bound"),
            ("clamp(up, 100, 100)", "a bound that is a factor between units"),
            ("up * 0 + vector(100)", "a number made a series"),
            ("sum(up * 97)", "within a function"),
            ("predict_linear(a[1h], 4 * 3600)", "how far ahead"),
            ("up or 97", "a number beside series"),
            ("90 + 7", "numbers alone"),
            ("97", "a number"),
            ("0x61 + up", "in another notation"),
            ("up + Inf", "no number"),
            ("up + 97s", "a duration"),
            ("(up", "what does not end"),
            ("up up", "what is no expression"),
            ("", "nothing at all"),
        ] {
            assert!(computed(expr), "{sentence}: {expr}");
        }
        let deep = format!("{}up{}", "(".repeat(1000), ")".repeat(1000));
        assert!(computed(&deep), "deeper than anybody writes");
    }
}
