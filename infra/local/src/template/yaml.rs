//! YAML with CloudFormation's short tags → JSON with the long names of the intrinsics.

use serde_json::{Map, Number, Value, json};
use serde_yaml_ng::Value as Yaml;

use super::TemplateError;

/// Tags whose long name is the short one behind `Fn::`.
const FUNCTIONS: [&str; 17] = [
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
];

/// Reads `text`; tagged values become `{"Ref": …}`, `{"Fn::Sub": …}` and so on.
pub(super) fn parse(text: &str) -> Result<Value, TemplateError> {
    to_json(serde_yaml_ng::from_str(text)?, "")
}

/// Where `key` under `path` is.
pub(super) fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn to_json(value: Yaml, path: &str) -> Result<Value, TemplateError> {
    Ok(match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(value),
        Yaml::String(value) => Value::String(value),
        Yaml::Number(number) => number_to_json(&number, path)?,
        Yaml::Sequence(items) => Value::Array(
            items
                .into_iter()
                .enumerate()
                .map(|(index, item)| to_json(item, &format!("{path}[{index}]")))
                .collect::<Result<_, _>>()?,
        ),
        Yaml::Mapping(entries) => {
            let mut object = Map::new();
            for (key, entry) in entries {
                let key = match key {
                    Yaml::String(key) => key,
                    // `200:` in an OpenAPI body, `true:` nowhere; both mean their text.
                    Yaml::Number(number) => number.to_string(),
                    Yaml::Bool(key) => key.to_string(),
                    _ => return Err(TemplateError::invalid(path, "a key is not text")),
                };
                let entry = to_json(entry, &below(path, &key))?;
                object.insert(key, entry);
            }
            Value::Object(object)
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!');
            let inner = to_json(tagged.value, path)?;
            match name {
                "Ref" | "Condition" => json!({ name: inner }),
                "GetAtt" => json!({ "Fn::GetAtt": split_attribute(inner) }),
                _ if FUNCTIONS.contains(&name) => json!({ format!("Fn::{name}"): inner }),
                _ => return Err(TemplateError::UnknownIntrinsic { path: path.to_owned(), name: tag }),
            }
        }
    })
}

fn number_to_json(number: &serde_yaml_ng::Number, path: &str) -> Result<Value, TemplateError> {
    let number = if let Some(value) = number.as_u64() {
        Some(Number::from(value))
    } else if let Some(value) = number.as_i64() {
        Some(Number::from(value))
    } else {
        number.as_f64().and_then(Number::from_f64)
    };
    number.map(Value::Number).ok_or_else(|| TemplateError::invalid(path, "the number is not finite"))
}

/// `!GetAtt Table.Arn` is short for `[Table, Arn]`; only the first point separates.
fn split_attribute(value: Value) -> Value {
    match value.as_str().and_then(|text| text.split_once('.')) {
        Some((resource, attribute)) => json!([resource, attribute]),
        None => value,
    }
}
