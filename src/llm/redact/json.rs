//! JSON in which a secret and its name are texts of their own: `{"password": "…"}`, `{"name": "API_KEY", "value": "…"}`,
//! `["--token", "…"]`, `["X-Api-Key", "…"]`.

use serde_json::{Map, Value};

use super::Session;

/// Fields that name what stands in a field of [`VALUES`] beside them.
const NAMES: [&str; 5] = ["name", "key", "header", "field", "label"];
/// Fields that say nothing of what they hold: it is named beside them, or around them.
const VALUES: [&str; 3] = ["value", "values", "text"];

/// What may name a value.
#[derive(Clone, Copy, Default)]
struct Names<'a> {
    /// The field that it stands in.
    field: Option<&'a str>,
    /// The flag before it, or the first of the two that it is the second of.
    flag: Option<&'a str>,
    /// The word before it, which may be no name.
    word: Option<&'a str>,
}

impl Session {
    /// Takes out of every text in it what has to be, also what is a secret by the name of its field or by what stands
    /// before it in a list. The same value gets the same placeholder, and numbers that are secrets become texts.
    pub fn redact_json(&mut self, value: Value) -> Value {
        self.json(value, Names::default())
    }

    fn json(&mut self, value: Value, names: Names<'_>) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text, names)),
            Value::Number(number) => {
                let text = number.to_string();
                let redacted = self.text(text.clone(), names);
                if redacted == text { Value::Number(number) } else { Value::String(redacted) }
            }
            Value::Array(items) => Value::Array(self.items(items, names.field)),
            Value::Object(fields) => Value::Object(self.fields(fields, names.field)),
            other => other,
        }
    }

    fn text(&mut self, text: String, names: Names<'_>) -> String {
        let by = [(names.field, false), (names.flag, false), (names.word, true)];
        let by: Vec<_> = by.into_iter().filter_map(|(name, list)| Some((name?, list))).collect();
        if by.is_empty() {
            return self.redact(&text).into_string();
        }
        by.into_iter().fold(text, |text, (name, list)| self.redact_apart(name, &text, list).into_string())
    }

    fn items(&mut self, items: Vec<Value>, field: Option<&str>) -> Vec<Value> {
        let words: Vec<Option<String>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
        let is_pair = items.len() == 2;
        let is_flag = |word: Option<&str>| word.is_some_and(|word| word.starts_with('-'));
        let mut before = None;
        let mut redacted = Vec::with_capacity(items.len());
        for (item, word) in items.into_iter().zip(&words) {
            let ahead = before.filter(|_| !is_flag(word.as_deref()));
            let (flag, word_before) = match is_pair || is_flag(ahead) {
                true => (ahead, None),
                false => (None, ahead),
            };
            redacted.push(self.json(item, Names { field, flag, word: word_before }));
            before = word.as_deref();
        }
        redacted
    }

    fn fields(&mut self, fields: Map<String, Value>, around: Option<&str>) -> Map<String, Value> {
        let beside =
            fields.iter().find(|(key, _)| is_one_of(&NAMES, key)).and_then(|(_, name)| name.as_str());
        let beside = beside.map(str::to_owned);
        let mut redacted = Map::new();
        for (key, value) in fields {
            let field = match is_one_of(&VALUES, &key) {
                true => beside.as_deref().or(around),
                false => Some(&*key),
            };
            let value = self.json(value, Names { field, ..Names::default() });
            redacted.insert(self.redact(&key).into_string(), value);
        }
        redacted
    }
}

fn is_one_of(names: &[&str], key: &str) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case(key))
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Redactor};
    use serde_json::json;

    #[test]
    fn a_secret_goes_whether_its_name_stands_in_the_text_or_around_it() {
        let hidden = "correct horse";
        for (given, sentence) in [
            (json!({"password": hidden}), "the field names it"),
            (json!({"db": {"admin_password": hidden}}), "a field within another"),
            (json!({"Authorization": "Bearer correct-horse"}), "a header, whose scheme stays"),
            (json!({"secrets": ["correct", "horse"]}), "a list of them"),
            (json!({"password": {"value": hidden}}), "the field around it names it"),
            (json!({"name": "API_KEY", "value": hidden}), "the field beside it names it"),
            (json!([{"value": hidden, "Key": "api_key"}]), "behind it, in other letters"),
            (json!({"name": "token", "values": ["correct", "horse"]}), "several of one name"),
            (json!({"argv": ["/bin/x", "--token", hidden, "web"]}), "the flag before it names it"),
            (
                json!({"argv": ["/bin/x", "--token=correct", "horse-1", "password", "horse22"]}),
                "words before it",
            ),
            (
                json!({"headers": [["X-Api-Key", hidden], ["Accept", "text/plain"]]}),
                "the first of two names it",
            ),
            (json!({"pin": {"password": 4711}, "secret": 12.5}), "a number"),
            (
                json!({"note": "the password=horse was correct", "password": "correct"}),
                "the text itself names it",
            ),
        ] {
            let text = Redactor::new(&Config::default()).session().redact_json(given).to_string();
            let leaks = [
                "horse22",
                "correct horse",
                "correct-horse",
                "\"correct\"",
                "\"horse\"",
                "4711",
                "12.5",
                "=horse",
                "=correct",
            ];
            assert!(text.contains("[secret-1]"), "{sentence}: {text}");
            assert!(leaks.iter().all(|leak| !text.contains(leak)), "{sentence}: {text}");
        }
    }

    #[test]
    fn what_is_no_secret_stays_as_it_is() {
        for (given, sentence) in [
            (
                json!({"argv": ["kubectl", "get", "secret", "my-secret", "--token", "--all"]}),
                "words, and a flag behind a flag",
            ),
            (
                json!({"bearer": {"file": "secrets/token"}, "secret": {"file": "a/b"}}),
                "the place of a secret",
            ),
            (json!({"name": "DB_HOST", "value": "db-1"}), "a pair of something else"),
            (
                json!({"name": "token", "status": "stale", "count": 3}),
                "fields beside a name that hold no value",
            ),
            (json!({"max_tokens": 4000, "password": null, "token": true}), "numbers and switches"),
            (json!(["instance", "web:80", 7]), "a list"),
            (json!({"password": "[secret-1]"}), "what is taken out already"),
        ] {
            let redacted = Redactor::new(&Config::default()).session().redact_json(given.clone());
            assert_eq!(redacted, given, "{sentence}");
        }
    }

    #[test]
    fn a_value_has_one_placeholder_in_all_of_it() {
        let given = json!([{"password": "abc"}, {"token": "def"}, "password=abc"]);
        let redacted = Redactor::new(&Config::default()).session().redact_json(given);
        assert_eq!(
            redacted,
            json!([{"password": "[secret-1]"}, {"token": "[secret-2]"}, "password=[secret-1]"])
        );
    }
}
