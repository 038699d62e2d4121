//! What comes out where, and what is refused.

use super::*;
use crate::model::{AlertStatus, Timestamp};

fn alert(value: &str) -> Alert {
    let labels: Labels = [("alertname", "A"), ("evil", value)].into_iter().collect();
    Alert {
        status: AlertStatus::Firing,
        labels,
        annotations: Labels::default(),
        starts_at: Timestamp::default(),
        ends_at: None,
        generator_url: String::new(),
    }
}

fn render(template: &str, escape: Escape, value: &str) -> Result<String, String> {
    let compiled = Template::compile(template, escape).map_err(|error| error.to_string())?;
    compiled.render(&alert(value), "t").map_err(|error| error.to_string())
}

#[test]
fn values_stay_data_wherever_they_go() {
    for (template, escape, value, expected) in [
        ("{{ labels.evil }}", Escape::Argument, "; rm -rf /", "; rm -rf /"),
        ("{{ labels.evil }}", Escape::Argument, "$(reboot)", "$(reboot)"),
        ("{{ labels.evil }}", Escape::Argument, "{{ 7*7 }}", "{{ 7*7 }}"),
        ("--unit={{ labels.evil }}", Escape::Argument, "-x", "--unit=-x"),
        (
            r#"up{a="{{ labels.evil }}"}"#,
            Escape::PromQl,
            r#""} or vector(1) #"#,
            r#"up{a="\"} or vector(1) #"}"#,
        ),
        (r#"up{a="{{ labels.evil }}"}"#, Escape::PromQl, r"\", r#"up{a="\\"}"#),
        ("http://h/x/{{ labels.evil }}", Escape::Url, "../a?b=c&d#e", "http://h/x/..%2Fa%3Fb%3Dc%26d%23e"),
        (r#"{"a": "{{ labels.evil }}"}"#, Escape::Json, r#"","b":"c"#, r#"{"a": "\",\"b\":\"c"}"#),
        ("{{ target }}/{{ alertname }}", Escape::Argument, "", "t/A"),
    ] {
        assert_eq!(render(template, escape, value).unwrap(), expected);
    }
}

#[test]
fn what_cannot_be_made_safe_is_refused() {
    for (template, escape, value, sentence) in [
        ("{{ labels.evil }}", Escape::Argument, "--force", "option"),
        ("{{ labels.evil }}", Escape::Argument, "a\nb", "control character"),
        ("{{ labels.evil }}", Escape::Argument, "a\0b", "control character"),
        ("{{ labels.none }}", Escape::Argument, "", "undefined"),
        ("{{ label.evil }}", Escape::Argument, "", "'label' is not known"),
        ("{{ labels.evil", Escape::Argument, "", "syntax error"),
        ("up{a={{ labels.evil }}}", Escape::PromQl, "x", "between double quotes"),
        ("{{ labels.evil }}", Escape::Json, "x", "between double quotes"),
        (r#"up{a=~"x{{ labels.evil }}"}"#, Escape::PromQl, ".*", "part of a pattern"),
        (r#"up{a!~ "{{ labels.evil }}"}"#, Escape::PromQl, ".*", "part of a pattern"),
        ("http://{{ labels.evil }}/", Escape::Url, "h", "fixed text"),
        ("http://h/{{ labels.evil }}", Escape::Url, "..", "path"),
        ("http://h/x/{{ labels.evil }}{{ labels.evil }}/y", Escape::Url, ".", "path"),
        (
            "{% for a in labels %}{% for b in labels %}{{ a }}{% endfor %}{% endfor %}",
            Escape::Argument,
            "",
            "",
        ),
    ] {
        match render(template, escape, value) {
            Err(error) => assert!(error.contains(sentence), "{template}: {error}"),
            Ok(text) => assert!(sentence.is_empty(), "{template}: {text}"),
        }
    }
    assert!(render("{{ labels.evil }}", Escape::Argument, &"x".repeat(5000)).is_err());
}

/// Pieces of templates that the engine does and does not have to read.
const PIECES: [&str; 24] = [
    "{{ labels.evil }}",
    "{{labels.evil}}",
    "{{ target }}",
    "{{ alertname }}",
    "{{ labels.none }}",
    "{{ annotations.summary }}",
    "{{ labels.items }}",
    "{{- target }}",
    "{{ target -}}",
    "{{ labels['evil'] }}",
    "{{ target ~ 'x' }}",
    "{{ 7*7 }}",
    "{{ labels . evil }}",
    "{% if true %}x{% endif %}",
    "{# no #}",
    "}}",
    "{",
    " ",
    "\n",
    "\\",
    "\"",
    "a=",
    "http://h/",
    "{{\tlabels.evil\n}}",
];

#[test]
fn what_is_filled_in_without_the_engine_is_what_the_engine_says() {
    let mut random = fastrand::Rng::with_seed(11);
    let (mut plain, mut engine) = (0, 0);
    for _ in 0..4000 {
        let template: String = (0..random.usize(0..6)).map(|_| PIECES[random.usize(0..24)]).collect();
        let escape = [Escape::Argument, Escape::Url, Escape::Json, Escape::PromQl][random.usize(0..4)];
        let value = ["x", "", "-x", "a\"b\\", "a\nb", "{{ 1 }}", "\u{202e}", "ü <&>"][random.usize(0..8)];
        let Ok(compiled) = Template::compile(&template, escape) else { continue };
        let mut alert = alert(value);
        alert.annotations = [("summary", value)].into_iter().collect();
        let whole = Template { plain: None, ..compiled.clone() };
        assert_eq!(compiled.render(&alert, value), whole.render(&alert, value), "{template:?} {value:?}");
        *(if compiled.plain.is_some() { &mut plain } else { &mut engine }) += 1;
    }
    assert!(plain > 500 && engine > 500, "{plain} {engine}");
}
