//! Numbers for people.

/// Four significant digits, plain where that is short.
pub fn format_number(value: f64) -> String {
    let magnitude = value.abs();
    if !value.is_finite() || magnitude == 0.0 {
        return value.to_string();
    }
    if !(1e-4..1e9).contains(&magnitude) {
        return format!("{value:.3e}");
    }
    let decimals = (3 - magnitude.log10().floor() as i32).max(0) as usize;
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (0.98765, "0.9877"),
            (1234.5, "1234"),
            (2.5, "2.5"),
            (1e12, "1.000e12"),
            (100.0, "100"),
        ] {
            assert_eq!(format_number(value), text);
        }
    }
}
