//! An alert's expression: where it is told, and the value that it compares. Pure.

/// Bytes of an expression that is asked or shown.
pub const MAX_EXPR: usize = 4096;

/// The expression that the alert's link leads to: the parameter `g0.expr`, as Prometheus writes it.
pub fn of_link(generator_url: &str) -> Option<String> {
    let (_, query) = generator_url.split_once('?')?;
    let mut pairs = url::form_urlencoded::parse(query.split('#').next()?.as_bytes());
    let (_, expr) = pairs.find(|(name, _)| name == "g0.expr")?;
    let expr = expr.trim();
    (!expr.is_empty() && expr.len() <= MAX_EXPR).then(|| expr.to_owned())
}

/// A comparison at the top of an expression: what is compared, by which operator, with which number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison<'a> {
    /// The left side: its value is there before the alert fires, too.
    pub measured: &'a str,
    /// `>`, `<`, `>=`, `<=`, `==` or `!=`.
    pub operator: &'a str,
    /// The number on the right.
    pub limit: f64,
}

/// The comparison of an expression with a number, where that is all that stands at its top; `None` where it says more,
/// such as `and`, or where the number stands on the left.
pub fn comparison(expr: &str) -> Option<Comparison<'_>> {
    let (at, operator) = last_operator(expr)?;
    let (measured, limit) = (expr[..at].trim(), expr[at + operator.len()..].trim());
    let limit = limit.strip_prefix("bool ").map_or(limit, str::trim);
    let limit: f64 = limit.parse().ok()?;
    (!measured.is_empty() && !joins(measured)).then_some(Comparison { measured, operator, limit })
}

/// The last comparison that stands outside of brackets and texts.
fn last_operator(expr: &str) -> Option<(usize, &str)> {
    let mut found = None;
    let mut skip = 0;
    for (at, c) in outside(expr) {
        if at < skip || !matches!(c, '<' | '>' | '=' | '!') {
            continue;
        }
        let longer = expr.get(at..at + 2).filter(|two| matches!(*two, ">=" | "<=" | "==" | "!="));
        let operator = longer.or_else(|| expr.get(at..at + 1).filter(|one| matches!(*one, "<" | ">")));
        if let Some(operator) = operator {
            (found, skip) = (Some((at, operator)), at + operator.len());
        }
    }
    found
}

/// Whether a set operator stands outside of brackets and texts: what is compared is then but a part.
fn joins(expr: &str) -> bool {
    let top: String = {
        let mut top = String::with_capacity(expr.len());
        let mut last = 0;
        for (at, c) in outside(expr) {
            // What was skipped ends a word.
            if at > last {
                top.push(' ');
            }
            top.push(c.to_ascii_lowercase());
            last = at + c.len_utf8();
        }
        top
    };
    top.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| matches!(word, "and" | "or" | "unless"))
}

/// The characters outside of brackets and texts, with their places.
fn outside(expr: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    expr.char_indices().filter(move |(_, c)| {
        if let Some(end) = quote {
            match c {
                _ if escaped => escaped = false,
                '\\' if end != '`' => escaped = true,
                c if *c == end => quote = None,
                _ => {}
            }
            return false;
        }
        match c {
            '"' | '\'' | '`' => quote = Some(*c),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expression_is_read_from_prometheus_own_link() {
        for (link, expected) in [
            ("http://p:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1", Some("up == 0")),
            ("http://p:9090/graph?g0.tab=1&g0.expr=rate%28a%5B5m%5D%29#x", Some("rate(a[5m])")),
            ("http://p:9090/graph?g0.expr=", None),
            ("http://grafana/alerting/1", None),
            ("", None),
        ] {
            assert_eq!(of_link(link).as_deref(), expected, "{link}");
        }
        let long = format!("http://p/graph?g0.expr={}", "a".repeat(MAX_EXPR + 1));
        assert_eq!(of_link(&long), None, "longer than anybody writes");
    }

    #[test]
    fn what_is_compared_is_what_stands_left_of_the_last_comparison() {
        for (expr, expected) in [
            ("up == 0", Some(("up", "==", 0.0))),
            ("rate(a{b=\"x>1\"}[5m]) > 0.5", Some(("rate(a{b=\"x>1\"}[5m])", ">", 0.5))),
            ("a>=1e3", Some(("a", ">=", 1000.0))),
            ("a != bool 1", Some(("a", "!=", 1.0))),
            ("(1 - a / b) * 100 < 10", Some(("(1 - a / b) * 100", "<", 10.0))),
            ("a{b='\\'>1'} > 2", Some(("a{b='\\'>1'}", ">", 2.0))),
            ("a > b", None),
            ("a > 1 and b > 2", None),
            ("(a > 1 and b > 2)", None),
            ("a > 1 unless on (x) b == 3", None),
            ("1 < a", None),
            ("absent(up)", None),
            ("brand > 3", Some(("brand", ">", 3.0))),
            ("a and(b) > 3", None),
            ("> 3", None),
            ("ä > ", None),
            ("", None),
        ] {
            let found = comparison(expr).map(|one| (one.measured, one.operator, one.limit));
            assert_eq!(found, expected, "{expr}");
        }
    }
}
