//! The parameters of the template and their values.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{TemplateError, resolve::text, yaml::below};

/// The values of all parameters: those given, else `fallbacks`, else the template's defaults.
///
/// A given name that the template does not have is an error; a fallback it does not have is not needed.
pub(super) fn values(
    declared: &Map<String, Value>,
    given: &BTreeMap<String, String>,
    fallbacks: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Value>, TemplateError> {
    if let Some(name) = given.keys().find(|name| !declared.contains_key(*name)) {
        return Err(TemplateError::UnknownParameter { name: name.clone() });
    }
    let mut values = BTreeMap::new();
    for (name, declaration) in declared {
        let value = given
            .get(name)
            .or_else(|| fallbacks.get(name))
            .cloned()
            .or_else(|| declaration.get("Default").map(text))
            .ok_or_else(|| TemplateError::ParameterWithoutValue { name: name.clone() })?;
        if let Some(allowed) = declaration.get("AllowedValues").and_then(Value::as_array) {
            let allowed: Vec<String> = allowed.iter().map(text).collect();
            if !allowed.contains(&value) {
                return Err(TemplateError::ParameterNotAllowed { name: name.clone(), allowed: allowed.join(", ") });
            }
        }
        values.insert(name.clone(), typed(declaration, value, name)?);
    }
    Ok(values)
}

fn typed(declaration: &Value, value: String, name: &str) -> Result<Value, TemplateError> {
    match declaration.get("Type").and_then(Value::as_str) {
        Some("String") => Ok(Value::String(value)),
        Some("Number") => value
            .parse::<f64>()
            .map(|_| Value::String(value))
            .map_err(|_| TemplateError::invalid(below("Parameters", name), "its value is not a number")),
        Some("CommaDelimitedList") => Ok(value.split(',').map(|entry| Value::from(entry.trim())).collect()),
        // The cloud looks the value up under this name; here the name is all there is.
        Some(kind) if kind.starts_with("AWS::SSM::Parameter::Value<") => Ok(Value::String(value)),
        other => Err(TemplateError::invalid(
            below("Parameters", name),
            format!("the type {} is not known to the local cloud", other.unwrap_or("(none)")),
        )),
    }
}
