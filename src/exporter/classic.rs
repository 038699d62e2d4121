//! OpenMetrics lines turned into lines of the Prometheus text format 0.0.4.
//!
//! What differs: the text format names a counter's family with `_total` and an info's with `_info`; it has
//! no units, no end mark, no exemplars, no creation times, and fewer types. Sample lines of gauges are the
//! same in both, so they stay where they are. Timestamps are dropped: this page carries none.

/// The state of a conversion: the family whose samples follow.
#[derive(Debug, Default)]
pub(super) struct Classic {
    family: String,
    kind: Kind,
    /// The help text of the family whose type is still to come.
    help: String,
}

/// What matters of an OpenMetrics type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    /// Samples may have exemplars and creation times.
    Counter,
    /// Likewise.
    Histogram,
    /// The family's name lacks the suffix its samples have.
    Info,
    /// Samples are a name, labels and a value.
    Gauge,
    /// Likewise.
    Summary,
    /// Likewise, of a type the text format does not know.
    #[default]
    Untyped,
}

impl Kind {
    fn parse(name: &str) -> Self {
        match name {
            "counter" => Self::Counter,
            "histogram" => Self::Histogram,
            "info" => Self::Info,
            "gauge" | "stateset" => Self::Gauge,
            "summary" => Self::Summary,
            _ => Self::Untyped,
        }
    }

    /// The type's name in the text format.
    fn classic_name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Histogram => "histogram",
            Self::Info | Self::Gauge => "gauge",
            Self::Summary => "summary",
            Self::Untyped => "untyped",
        }
    }

    /// What the text format has at the end of the family's name.
    fn suffix(self) -> &'static str {
        match self {
            Self::Counter => "_total",
            Self::Info => "_info",
            _ => "",
        }
    }
}

impl Classic {
    /// Converts the line that begins at `start` and ends the buffer. It may vanish.
    pub(super) fn convert(&mut self, buffer: &mut String, start: usize) {
        if buffer[start..].starts_with('#') {
            let line = buffer.split_off(start);
            self.convert_header(line.trim_end_matches('\n'), buffer);
        } else {
            self.convert_sample(buffer, start);
        }
    }

    fn convert_header(&mut self, line: &str, out: &mut String) {
        let mut parts = line.splitn(4, ' ').skip(1);
        let (keyword, name, text) = (parts.next(), parts.next(), parts.next());
        match (keyword, name) {
            (Some("HELP"), Some(_)) => self.help = text.unwrap_or_default().replace("\\\"", "\""),
            (Some("TYPE"), Some(name)) => {
                self.kind = Kind::parse(text.unwrap_or_default());
                name.clone_into(&mut self.family);
                let name = format!("{name}{}", self.kind.suffix());
                let help = std::mem::take(&mut self.help);
                out.push_str(&format!("# HELP {name} {help}\n# TYPE {name} {}\n", self.kind.classic_name()));
            }
            _ => {}
        }
    }

    fn convert_sample(&self, buffer: &mut String, start: usize) {
        let line = &buffer[start..];
        let rich = matches!(self.kind, Kind::Counter | Kind::Histogram);
        if rich && self.is_creation_time(line) {
            return buffer.truncate(start);
        }
        let value = if rich { value_after_labels(line) } else { value_without_exemplar(line) };
        let mut tokens = line[value..].split_ascii_whitespace();
        let (first, more) = (tokens.next().unwrap_or_default(), tokens.next());
        if more.is_some() {
            let end = start + value + first.len();
            buffer.truncate(end);
            buffer.push('\n');
        }
        spell_infinity(buffer, start);
    }

    fn is_creation_time(&self, line: &str) -> bool {
        let rest = line.strip_prefix(&*self.family).and_then(|rest| rest.strip_prefix("_created"));
        rest.is_some_and(|rest| rest.starts_with(['{', ' ']))
    }
}

/// Where the value begins in a line that cannot have an exemplar: after the last brace, if there is one.
fn value_without_exemplar(line: &str) -> usize {
    let after = line.rfind('}').map_or_else(|| line.find(' '), |brace| Some(brace + 1));
    after.map_or(line.len(), |after| (after + 1).min(line.len()))
}

/// Where the value begins in any line: after the brace that closes the labels, outside of quotes.
fn value_after_labels(line: &str) -> usize {
    let (mut quoted, mut escaped, mut inside) = (false, false, false);
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' if !quoted => inside = true,
            b'}' if !quoted => inside = false,
            b' ' if !quoted && !inside => return at + 1,
            _ => {}
        }
    }
    line.len()
}

/// Writes an infinite value at the end of the sample line that begins at `start` as `+Inf` or `-Inf`.
/// Both formats read other spellings; these are the ones they write.
pub(super) fn spell_infinity(buffer: &mut String, start: usize) {
    if !buffer.ends_with("inf\n") || buffer[start..].starts_with('#') {
        return;
    }
    for (ending, spelt) in [(" inf\n", " +Inf\n"), (" +inf\n", " +Inf\n"), (" -inf\n", " -Inf\n")] {
        if buffer.ends_with(ending) {
            buffer.truncate(buffer.len() - ending.len());
            return buffer.push_str(spelt);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(page: &str) -> String {
        let (mut classic, mut out) = (Classic::default(), String::new());
        for line in page.split_inclusive('\n') {
            let start = out.len();
            out.push_str(line);
            classic.convert(&mut out, start);
        }
        out
    }

    #[test]
    fn openmetrics_becomes_the_text_format() {
        for (claim, page, expected) in [
            (
                "a counter's family gets its suffix",
                "# HELP a Help.\n# TYPE a counter\na_total 1\n# EOF\n",
                "# HELP a_total Help.\n# TYPE a_total counter\na_total 1\n",
            ),
            (
                "an info becomes a gauge",
                "# HELP a Help.\n# TYPE a info\na_info{v=\"1\"} 1\n",
                "# HELP a_info Help.\n# TYPE a_info gauge\na_info{v=\"1\"} 1\n",
            ),
            (
                "a set of states becomes a gauge",
                "# HELP a Help.\n# TYPE a stateset\na{a=\"on\"} 1\n",
                "# HELP a Help.\n# TYPE a gauge\na{a=\"on\"} 1\n",
            ),
            (
                "unknown becomes untyped",
                "# HELP a Help.\n# TYPE a unknown\na 1\n",
                "# HELP a Help.\n# TYPE a untyped\na 1\n",
            ),
            (
                "units vanish",
                "# HELP a_seconds Help.\n# TYPE a_seconds gauge\n# UNIT a_seconds seconds\na_seconds 1\n",
                "# HELP a_seconds Help.\n# TYPE a_seconds gauge\na_seconds 1\n",
            ),
            (
                "quotes in help texts are not escaped",
                "# HELP a Say \\\"hi\\\" \\\\ there.\n# TYPE a gauge\n",
                "# HELP a Say \"hi\" \\\\ there.\n# TYPE a gauge\n",
            ),
            (
                "exemplars and timestamps vanish, braces and spaces in label values stay",
                "# HELP a Help.\n# TYPE a counter\na_total{x=\"} 7 # {\\\"\"} 1 1700000000.5 # {trace=\"}\"} 1 2\n",
                "# HELP a_total Help.\n# TYPE a_total counter\na_total{x=\"} 7 # {\\\"\"} 1\n",
            ),
            (
                "creation times vanish",
                "# HELP a Help.\n# TYPE a counter\na_total{x=\"1\"} 1\na_created{x=\"1\"} 5\n",
                "# HELP a_total Help.\n# TYPE a_total counter\na_total{x=\"1\"} 1\n",
            ),
            (
                "a histogram keeps its buckets",
                "# HELP a Help.\n# TYPE a histogram\na_sum 1\na_count 1\na_bucket{le=\"+Inf\"} 1 # {t=\"x\"} 0.5\na_created 5\n",
                "# HELP a Help.\n# TYPE a histogram\na_sum 1\na_count 1\na_bucket{le=\"+Inf\"} 1\n",
            ),
            (
                "a gauge named like a creation time stays",
                "# HELP a_created Help.\n# TYPE a_created gauge\na_created 5 17\n",
                "# HELP a_created Help.\n# TYPE a_created gauge\na_created 5\n",
            ),
            (
                "infinities are spelt as the format has them",
                "# HELP a Ends in inf\n# TYPE a gauge\na inf\na{x=\"} inf\"} -inf\na{x=\"y\"} inf 17\na NaN\n",
                "# HELP a Ends in inf\n# TYPE a gauge\na +Inf\na{x=\"} inf\"} -Inf\na{x=\"y\"} +Inf\na NaN\n",
            ),
        ] {
            assert_eq!(converted(page), expected, "{claim}");
        }
    }

    #[test]
    fn nothing_makes_the_conversion_fail() {
        for page in
            ["", "\n", "#\n", "# TYPE\n", "# HELP a\n# TYPE a\n", "}\n", "a\n", "a{\n", "a_total{x=\"\n"]
        {
            converted(page);
            converted(&format!("# TYPE a counter\n{page}"));
        }
    }
}
