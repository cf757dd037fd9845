//! The intrinsic functions: parameters, conditions and references become plain values.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{TemplateError, names::Names, yaml::below};

/// Everything a reference can lead to.
pub(super) struct Resolver<'a> {
    pub(super) parameters: BTreeMap<String, Value>,
    pub(super) conditions: &'a Map<String, Value>,
    pub(super) mappings: &'a Map<String, Value>,
    pub(super) names: Names<'a>,
}

/// Conditions may refer to each other; deeper than this they refer to themselves.
const DEEPEST_CONDITION: usize = 32;

impl Resolver<'_> {
    /// `value` without intrinsics; None stands for `AWS::NoValue`.
    pub(super) fn resolve(&self, value: &Value, path: &str) -> Result<Option<Value>, TemplateError> {
        match value {
            Value::Array(items) => {
                let mut resolved = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    resolved.extend(self.resolve(item, &format!("{path}[{index}]"))?);
                }
                Ok(Some(Value::Array(resolved)))
            }
            Value::Object(object) => match intrinsic(object) {
                Some((name, argument)) => self.call(name, argument, path),
                None => {
                    let mut resolved = Map::new();
                    for (key, entry) in object {
                        if let Some(entry) = self.resolve(entry, &below(path, key))? {
                            resolved.insert(key.clone(), entry);
                        }
                    }
                    Ok(Some(Value::Object(resolved)))
                }
            },
            plain => Ok(Some(plain.clone())),
        }
    }

    /// Whether the condition `name` holds with the parameters as they are.
    pub(super) fn holds(&self, name: &str, path: &str) -> Result<bool, TemplateError> {
        self.holds_within(name, path, DEEPEST_CONDITION)
    }

    fn holds_within(&self, name: &str, path: &str, depth: usize) -> Result<bool, TemplateError> {
        let condition = self
            .conditions
            .get(name)
            .ok_or_else(|| TemplateError::UnknownReference { path: path.to_owned(), name: name.to_owned() })?;
        self.truth(condition, &below("Conditions", name), depth)
    }

    fn truth(&self, condition: &Value, path: &str, depth: usize) -> Result<bool, TemplateError> {
        if depth == 0 {
            return Err(TemplateError::invalid(path, "the condition refers to itself"));
        }
        let unreadable = || TemplateError::invalid(path, "it is not a condition");
        let object = condition.as_object().ok_or_else(unreadable)?;
        let (name, argument) = object.iter().next().filter(|_| object.len() == 1).ok_or_else(unreadable)?;
        let all = |argument: &Value| -> Result<Vec<bool>, TemplateError> {
            let parts = argument.as_array().ok_or_else(unreadable)?;
            parts.iter().map(|part| self.truth(part, path, depth - 1)).collect()
        };
        match name.as_str() {
            "Condition" => self.holds_within(argument.as_str().ok_or_else(unreadable)?, path, depth - 1),
            "Fn::Equals" => match self.resolve(argument, path)? {
                Some(Value::Array(sides)) if sides.len() == 2 => Ok(text(&sides[0]) == text(&sides[1])),
                _ => Err(TemplateError::invalid(path, "Fn::Equals takes two values")),
            },
            "Fn::Not" => Ok(!all(argument)?.iter().all(|part| *part)),
            "Fn::And" => Ok(all(argument)?.iter().all(|part| *part)),
            "Fn::Or" => Ok(all(argument)?.iter().any(|part| *part)),
            _ => Err(TemplateError::UnknownIntrinsic { path: path.to_owned(), name: name.clone() }),
        }
    }

    fn call(&self, name: &str, argument: &Value, path: &str) -> Result<Option<Value>, TemplateError> {
        let invalid = |reason: &str| TemplateError::invalid(path, format!("{name} {reason}"));
        match name {
            "Ref" => self.reference(argument.as_str().ok_or_else(|| invalid("takes a name"))?, path),
            "Fn::GetAtt" => {
                let parts: Vec<&str> = match argument {
                    Value::Array(parts) => parts.iter().filter_map(Value::as_str).collect(),
                    Value::String(text) => text.splitn(2, '.').collect(),
                    _ => Vec::new(),
                };
                match parts.as_slice() {
                    [resource, attribute] => self.names.attribute(resource, attribute, path).map(Some),
                    _ => Err(invalid("takes a resource and an attribute")),
                }
            }
            "Fn::Sub" => self.substitute(argument, path).map(Some),
            "Fn::If" => match argument.as_array().map(Vec::as_slice) {
                Some([Value::String(condition), yes, no]) => {
                    self.resolve(if self.holds(condition, path)? { yes } else { no }, path)
                }
                _ => Err(invalid("takes a condition and two values")),
            },
            "Fn::Join" => {
                let (separator, items) =
                    self.pair(argument, path).ok_or_else(|| invalid("takes a separator and a list"))??;
                let items = items.as_array().ok_or_else(|| invalid("takes a separator and a list"))?;
                Ok(Some(Value::String(items.iter().map(text).collect::<Vec<_>>().join(&text(&separator)))))
            }
            "Fn::Split" => {
                let (separator, whole) =
                    self.pair(argument, path).ok_or_else(|| invalid("takes a separator and a text"))??;
                Ok(Some(text(&whole).split(text(&separator).as_str()).map(Value::from).collect()))
            }
            "Fn::Select" => {
                let (index, items) =
                    self.pair(argument, path).ok_or_else(|| invalid("takes an index and a list"))??;
                let index: usize = text(&index).parse().map_err(|_| invalid("takes an index and a list"))?;
                items.get(index).cloned().map(Some).ok_or_else(|| invalid("selects beyond the end of its list"))
            }
            "Fn::FindInMap" => {
                let keys = self.resolve(argument, path)?.unwrap_or_default();
                let mut found = Value::Object(self.mappings.clone());
                for key in keys.as_array().ok_or_else(|| invalid("takes three names"))? {
                    found = found.get(text(key)).cloned().ok_or_else(|| invalid("finds nothing"))?;
                }
                Ok(Some(found))
            }
            _ => Err(TemplateError::UnknownIntrinsic { path: path.to_owned(), name: name.to_owned() }),
        }
    }

    /// Both halves of a two-part argument; the inner result is that of resolving them.
    fn pair(&self, argument: &Value, path: &str) -> Option<Result<(Value, Value), TemplateError>> {
        let [first, second] = argument.as_array()?.as_slice() else { return None };
        let both =
            || Ok((self.resolve(first, path)?.unwrap_or_default(), self.resolve(second, path)?.unwrap_or_default()));
        Some(both())
    }

    fn reference(&self, name: &str, path: &str) -> Result<Option<Value>, TemplateError> {
        if name == "AWS::NoValue" {
            return Ok(None);
        }
        match self.parameters.get(name) {
            Some(value) => Ok(Some(value.clone())),
            None => self.names.reference(name, path).map(Some),
        }
    }

    /// `${Name}`, `${Resource.Attribute}`, `${!Literal}`, and names that the second part of the long form gives.
    fn substitute(&self, argument: &Value, path: &str) -> Result<Value, TemplateError> {
        let (pattern, given) = match argument {
            Value::String(pattern) => (pattern.as_str(), None),
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(pattern), Value::Object(given)] => (pattern.as_str(), Some(given)),
                _ => return Err(TemplateError::invalid(path, "Fn::Sub takes a text and a map")),
            },
            _ => return Err(TemplateError::invalid(path, "Fn::Sub takes a text")),
        };
        let mut result = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) =
                after.split_once('}').ok_or_else(|| TemplateError::invalid(path, "Fn::Sub has a ${ without its }"))?;
            result.push_str(before);
            if let Some(literal) = name.strip_prefix('!') {
                result.push_str(&format!("${{{literal}}}"));
            } else if let Some(value) = given.and_then(|given| given.get(name)) {
                result.push_str(&text(&self.resolve(value, path)?.unwrap_or_default()));
            } else if let Some((resource, attribute)) = name.split_once('.') {
                result.push_str(&text(&self.names.attribute(resource, attribute, path)?));
            } else {
                result.push_str(&text(&self.reference(name, path)?.unwrap_or_default()));
            }
            rest = behind;
        }
        result.push_str(rest);
        Ok(Value::String(result))
    }
}

/// The name and argument of an intrinsic, which is a map of exactly one entry with a reserved name.
pub(super) fn intrinsic(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = object.iter().next().filter(|_| object.len() == 1)?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name.as_str(), argument))
}

/// The text of a plain value as CloudFormation passes it on: lists with commas, everything else as written.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
