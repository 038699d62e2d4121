//! No text whatsoever makes the reader panic, and whatever it says of one is fit to print.

use proptest::prelude::*;

use super::*;

/// Reads a text and checks what is said of it.
fn survives(text: &str) {
    let Err(faults) = parse(text, &with_url()) else { return };
    let last = text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count() + 1;
    assert!(faults.iter().len() > 0, "refused without a reason: {text:?}");
    for fault in faults.iter() {
        let Place::Line(line) = fault.place else { continue };
        assert!((1..=last).contains(&line), "{fault:?} of {text:?}");
    }
    assert!(faults.lines().all(|line| !line.contains(char::is_control)), "{faults:?} of {text:?}");
}

/// Pieces that YAML gives a meaning to, and keys and values that the configuration does.
fn piece() -> impl Strategy<Value = String> {
    let fixed = [
        "\n",
        "\n  ",
        "\n    ",
        "\n- ",
        ": ",
        "- ",
        "? ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "&a ",
        "*a",
        "<<: ",
        "!t ",
        "!!int ",
        "|\n",
        ">-\n",
        "\"",
        "'",
        "#",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "\t",
        "\u{feff}",
        "\0",
        "~",
        "prometheus",
        "url",
        "queries",
        "scoring",
        "interval",
        "remediation",
        "policies",
        "steps",
        "1m",
        "-1",
        ".nan",
        "0x10",
        "9999999999999999999999999999999999999999999",
        "http://h",
        "true",
    ];
    prop_oneof![
        9 => proptest::sample::select(fixed.to_vec()).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ]
}

proptest! {
    #[test]
    fn arbitrary_text(text in any::<String>()) {
        survives(&text);
    }

    #[test]
    fn text_that_looks_like_yaml(pieces in proptest::collection::vec(piece(), 0..40)) {
        survives(&pieces.concat());
    }

    #[test]
    fn the_example_with_pieces_cut_out_and_put_in(
        cuts in proptest::collection::vec((any::<proptest::sample::Index>(), 0..40usize, piece()), 1..6)
    ) {
        let mut text: Vec<char> = std::fs::read_to_string(example()).unwrap().chars().collect();
        for (index, length, piece) in cuts {
            let start = index.index(text.len().max(1)).min(text.len());
            let end = (start + length).min(text.len());
            text.splice(start..end, piece.chars());
        }
        survives(&text.into_iter().collect::<String>());
    }

    #[test]
    fn the_example_with_one_value_replaced(line in any::<proptest::sample::Index>(), value in piece()) {
        let text = std::fs::read_to_string(example()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let line = line.index(lines.len());
        let changed = lines.iter().enumerate().map(|(index, text)| match text.split_once(": ") {
            Some((key, _)) if index == line => format!("{key}: {value}\n"),
            _ => format!("{text}\n"),
        });
        survives(&changed.collect::<String>());
    }
}

#[test]
fn deep_and_large_texts_are_refused() {
    let many = format!("a: &a [{}]\n", "x,".repeat(2000));
    let aliases = (0..100).map(|index| format!("b{index}: *a\n")).collect::<String>();
    for (text, expected) in [
        ("- ".repeat(10_000), "is nested too deeply; no setting is deeper than 32 levels"),
        ("[".repeat(10_000), "is nested too deeply; no setting is deeper than 32 levels"),
        ("a: {".repeat(10_000), "is nested too deeply; no setting is deeper than 32 levels"),
        ("#".repeat((1 << 20) + 1), "is larger than 1 MiB; a configuration has to be smaller"),
        (many + &aliases, "holds more than 100,000 values, aliases included; make it smaller"),
    ] {
        let faults = parse(&text, &with_url()).unwrap_err();
        assert_eq!(faults.iter().next().unwrap().message, expected, "{}", &text[..20]);
    }
}

#[test]
fn a_file_is_refused_for_its_length_before_its_encoding() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let refusal = |bytes: Vec<u8>| {
        std::fs::write(file.path(), bytes).unwrap();
        loaded(file.path(), with_url()).unwrap_err().iter().next().unwrap().message.clone()
    };
    let long = "é".repeat(1 << 20).into_bytes();
    assert_eq!(refusal(long), "is larger than 1 MiB; a configuration has to be smaller");
    assert_eq!(refusal(vec![b'a', 0xff]), "is not UTF-8 text");
}
