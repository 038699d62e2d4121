//! The JSON schema that an answer must have, in the part of JSON Schema that OpenAI's strict mode knows.
//!
//! Servers that only speak the same API do not all hold the model to it, so every answer is checked here as
//! well. What is checked: `type` (one or several), `properties`, `required`, `additionalProperties`,
//! `items`, `minItems`, `maxItems`, `maxLength`, `enum` and `anyOf`. Other keywords are for the model alone.

use serde_json::Value;

/// Deepest value that is looked into.
const MAX_DEPTH: usize = 16;

/// A schema with a name. Both are the program's own, so neither is redacted.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    name: &'static str,
    value: Value,
}

impl Schema {
    /// A schema of an object. The name has letters, digits, `_` and `-`, at most 64 of them. For strict
    /// mode every object must require all its properties and set `additionalProperties` to false.
    pub fn new(name: &'static str, value: Value) -> Self {
        Self { name, value }
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The schema itself.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Whether a value is of this schema; the error names the place and what is wrong there, and repeats
    /// nothing of the value but names of the schema's own.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        check(&self.value, value, &mut vec!["$".to_owned()])
    }
}

fn check(schema: &Value, value: &Value, path: &mut Vec<String>) -> Result<(), String> {
    if path.len() > MAX_DEPTH {
        return Err(fault(path, "is nested too deeply"));
    }
    if let Some(choices) = schema["anyOf"].as_array()
        && !choices.iter().any(|choice| check(choice, value, path).is_ok())
    {
        return Err(fault(path, "fits none of what it may be"));
    }
    if let Some(types) = types(schema)
        && !types.iter().any(|kind| is_of(kind, value))
    {
        return Err(fault(path, &format!("must be of type {}", types.join(" or "))));
    }
    if schema["enum"].as_array().is_some_and(|choices| !choices.contains(value)) {
        return Err(fault(path, "is not one of the values it may have"));
    }
    match value {
        Value::Object(_) => check_object(schema, value, path),
        Value::Array(items) => check_items(schema, items, path),
        Value::String(text) => check_length(schema, "maxLength", text.chars().count(), path),
        _ => Ok(()),
    }
}

fn check_object(schema: &Value, value: &Value, path: &mut Vec<String>) -> Result<(), String> {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for name in required {
        if value.get(name).is_none() {
            return Err(fault(path, &format!("lacks '{name}'")));
        }
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(name) {
            Some(known) => within(path, format!(".{name}"), |path| check(known, inner, path))?,
            None if schema["additionalProperties"] == Value::Bool(false) => {
                return Err(fault(path, "has a property that it must not have"));
            }
            None => {}
        }
    }
    Ok(())
}

fn check_items(schema: &Value, items: &[Value], path: &mut Vec<String>) -> Result<(), String> {
    check_length(schema, "maxItems", items.len(), path)?;
    if schema["minItems"].as_u64().is_some_and(|least| (items.len() as u64) < least) {
        return Err(fault(path, "has too few items"));
    }
    for (index, item) in items.iter().enumerate() {
        within(path, format!("[{index}]"), |path| check(&schema["items"], item, path))?;
    }
    Ok(())
}

fn check_length(schema: &Value, key: &str, length: usize, path: &[String]) -> Result<(), String> {
    match schema[key].as_u64() {
        Some(most) if length as u64 > most => Err(fault(path, &format!("is longer than {most}"))),
        _ => Ok(()),
    }
}

fn within(
    path: &mut Vec<String>,
    step: String,
    check: impl FnOnce(&mut Vec<String>) -> Result<(), String>,
) -> Result<(), String> {
    path.push(step);
    let result = check(path);
    path.pop();
    result
}

fn types(schema: &Value) -> Option<Vec<&str>> {
    match &schema["type"] {
        Value::String(kind) => Some(vec![kind]),
        Value::Array(kinds) => Some(kinds.iter().filter_map(Value::as_str).collect()),
        _ => None,
    }
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => false,
    }
}

fn fault(path: &[String], what: &str) -> String {
    format!("{} {what}", path.concat())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Schema {
        let step = json!({"type": "object", "additionalProperties": false, "required": ["text", "ids"],
        "properties": {
            "text": {"type": "string", "maxLength": 10},
            "ids": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "integer"}},
        }});
        let value = json!({"type": "object", "additionalProperties": false, "required": ["sure", "steps", "note"],
        "properties": {
            "sure": {"type": "string", "enum": ["low", "high"]},
            "steps": {"type": "array", "items": step},
            "note": {"type": ["string", "null"]},
            "odd": {"anyOf": [{"type": "number"}, {"type": "boolean"}]},
        }});
        Schema::new("answer", value)
    }

    #[test]
    fn an_answer_is_held_to_its_schema() {
        let step = |text: &str, ids: Value| json!({"sure": "low", "note": null, "steps": [{"text": text, "ids": ids}]});
        for (value, expected) in [
            (json!({"sure": "low", "steps": [], "note": null}), ""),
            (json!({"sure": "low", "steps": [], "note": "x", "odd": 1.5}), ""),
            (step("ten chars.", json!([1, 2.0])), ""),
            (json!([]), "$ must be of type object"),
            (json!("low"), "$ must be of type object"),
            (json!({"sure": "low", "steps": []}), "$ lacks 'note'"),
            (
                json!({"sure": "so so", "steps": [], "note": null}),
                "$.sure is not one of the values it may have",
            ),
            (json!({"sure": 1, "steps": [], "note": null}), "$.sure must be of type string"),
            (json!({"sure": "low", "steps": {}, "note": null}), "$.steps must be of type array"),
            (json!({"sure": "low", "steps": [], "note": 1}), "$.note must be of type string or null"),
            (
                json!({"sure": "low", "steps": [], "note": null, "x": 1}),
                "$ has a property that it must not have",
            ),
            (
                json!({"sure": "low", "steps": [], "note": null, "odd": "1"}),
                "$.odd fits none of what it may be",
            ),
            (step("eleven char", json!([1])), "$.steps[0].text is longer than 10"),
            (step("", json!([])), "$.steps[0].ids has too few items"),
            (step("", json!([1, 2, 3])), "$.steps[0].ids is longer than 2"),
            (step("", json!([1.5])), "$.steps[0].ids[0] must be of type integer"),
        ] {
            assert_eq!(schema().check(&value).err().unwrap_or_default(), expected, "{value}");
        }
    }

    #[test]
    fn a_value_without_end_is_refused() {
        let mut value = json!(1);
        let mut nested = json!({"type": "number"});
        for _ in 0..20 {
            value = json!([value]);
            nested = json!({"type": "array", "items": nested});
        }
        let fault = Schema::new("deep", nested).check(&value).unwrap_err();
        assert!(fault.ends_with("is nested too deeply"), "{fault}");
    }
}
