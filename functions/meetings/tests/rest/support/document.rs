//! The document that the function serves, and what holds answers to it.

use serde_json::{Map, Value};

use super::{Reply, document};

/// The document as JSON.
pub struct Document(pub Value);

/// Follows a reference inside of the document.
pub fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(reference) => {
            let found = document.pointer(reference.strip_prefix('#').unwrap());
            resolve(document, found.unwrap_or_else(|| panic!("{reference} leads nowhere")))
        }
        None => schema,
    }
}

impl Document {
    pub fn served() -> Self {
        Self(serde_json::to_value(document()).unwrap())
    }

    /// Asserts that the document has this status for this operation, and that the body fits its schema. What is answered
    /// at addresses that are not served must have the shape of all errors.
    #[track_caller]
    pub fn hold(&self, method: &str, path: &str, reply: &Reply) {
        let schema = match self.operation(method, path) {
            Some(operation) => {
                let response = &operation["responses"][reply.status.to_string()];
                assert!(response.is_object(), "{method} {path} may not be answered {}: {:?}", reply.status, reply.body);
                let content = &response["content"][&reply.headers["content-type"]];
                assert!(content.is_object(), "{method} {path}: {}", reply.headers["content-type"]);
                for (name, _) in response["headers"].as_object().into_iter().flatten() {
                    assert!(reply.headers.contains_key(name), "{method} {path} {}: no {name}", reply.status);
                }
                content["schema"].clone()
            }
            None => self.0["components"]["schemas"]["Error"].clone(),
        };
        if let Err(why) = self.fits(&reply.body, &schema, "body") {
            panic!("{method} {path} {}: {why}\n{:#}", reply.status, reply.body);
        }
    }

    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let segments: Vec<&str> = path.split('/').collect();
        let fits = |template: &str| {
            let template: Vec<&str> = template.split('/').collect();
            let pairs = template.iter().zip(&segments);
            template.len() == segments.len()
                && pairs
                    .into_iter()
                    .all(|(wanted, given)| wanted == given || (wanted.starts_with('{') && !given.is_empty()))
        };
        let paths = self.0["paths"].as_object().unwrap();
        paths.iter().filter(|(template, _)| fits(template)).find_map(|(_, item)| item.get(method.to_lowercase()))
    }

    /// The part of JSON Schema that the document uses. Unknown words are an error, so that nothing passes unchecked.
    pub fn fits(&self, value: &Value, schema: &Value, at: &str) -> Result<(), String> {
        let schema = resolve(&self.0, schema);
        for (word, rule) in schema.as_object().unwrap() {
            self.fits_word(value, word, rule, at)?;
        }
        Ok(())
    }

    fn fits_word(&self, value: &Value, word: &str, rule: &Value, at: &str) -> Result<(), String> {
        let no = |why: String| Err(format!("{at} {why}"));
        let length = value.as_str().map(|text| text.chars().count());
        let empty = Map::new();
        let members = value.as_object().unwrap_or(&empty);
        match word {
            "type" if !has_type(value, rule) => no(format!("is not {rule}: {value}")),
            "enum" if !rule.as_array().unwrap().contains(value) => no(format!("is not in {rule}")),
            "minLength" if length.is_some_and(|length| length < size(rule)) => no("is too short".to_owned()),
            "maxLength" if length.is_some_and(|length| length > size(rule)) => no("is too long".to_owned()),
            "minimum" if value.is_number() && value.as_f64() < rule.as_f64() => no(format!("is less than {rule}")),
            "minItems" if value.as_array().is_some_and(|items| items.len() < size(rule)) => {
                no("has too few items".to_owned())
            }
            "required" => {
                match rule.as_array().unwrap().iter().find(|name| !members.contains_key(name.as_str().unwrap())) {
                    Some(name) => no(format!("has no {name}")),
                    None => Ok(()),
                }
            }
            "properties" => rule.as_object().unwrap().iter().try_for_each(|(name, schema)| match members.get(name) {
                Some(member) => self.fits(member, schema, &format!("{at}.{name}")),
                None => Ok(()),
            }),
            "items" => value
                .as_array()
                .into_iter()
                .flatten()
                .enumerate()
                .try_for_each(|(index, item)| self.fits(item, rule, &format!("{at}[{index}]"))),
            "allOf" => rule.as_array().unwrap().iter().try_for_each(|schema| self.fits(value, schema, at)),
            "oneOf" => {
                let fitting = rule.as_array().unwrap().iter().filter(|schema| self.fits(value, schema, at).is_ok());
                match fitting.count() {
                    1 => Ok(()),
                    count => no(format!("fits {count} of {rule}: {value}")),
                }
            }
            "type" | "enum" | "minLength" | "maxLength" | "minimum" | "minItems" => Ok(()),
            "description" | "format" | "examples" | "pattern" | "default" => Ok(()),
            other => no(format!("has a rule that is not known here: {other}")),
        }
    }
}

fn size(rule: &Value) -> usize {
    usize::try_from(rule.as_u64().unwrap()).unwrap()
}

fn has_type(value: &Value, rule: &Value) -> bool {
    match rule {
        Value::Array(types) => types.iter().any(|name| has_type(value, name)),
        Value::String(name) => match name.as_str() {
            "null" => value.is_null(),
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            other => panic!("unknown type {other}"),
        },
        other => panic!("unknown type {other}"),
    }
}
