//! `AWS::Serverless::Function` → what is run, with which environment.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Map, Value};

use super::{Function, TemplateError, resolve::text, yaml::below};

/// What Lambda takes when a template is silent, in seconds and MB.
const DEFAULT_TIMEOUT_S: u64 = 3;
const DEFAULT_MEMORY_MB: u64 = 128;

/// The function that `properties` (with the globals, resolved) and `resource` describe.
pub(super) fn function(
    id: &str,
    resource: &Value,
    properties: &Map<String, Value>,
    path: &str,
) -> Result<Function, TemplateError> {
    let binary = resource
        .pointer("/Metadata/BuildProperties/Binary")
        .and_then(Value::as_str)
        .ok_or_else(|| TemplateError::Missing {
            path: format!("Resources.{id}.Metadata.BuildProperties.Binary"),
            why: "it names the program to run",
        })?
        .to_owned();
    let mut environment = BTreeMap::new();
    if let Some(variables) = properties.get("Environment").and_then(|found| found.get("Variables")) {
        let place = below(path, "Environment.Variables");
        let variables = variables.as_object().ok_or_else(|| TemplateError::invalid(&place, "it is not a map"))?;
        for (name, value) in variables {
            if value.is_object() || value.is_array() {
                return Err(TemplateError::invalid(below(&place, name), "the value of a variable is a text"));
            }
            environment.insert(name.clone(), text(value));
        }
    }
    let timeout_s = whole(properties, "Timeout", DEFAULT_TIMEOUT_S, path)?;
    let memory_mb = whole(properties, "MemorySize", DEFAULT_MEMORY_MB, path)?;
    Ok(Function {
        id: id.to_owned(),
        binary,
        environment,
        timeout: Duration::from_secs(timeout_s),
        memory_mb: u32::try_from(memory_mb)
            .map_err(|_| TemplateError::invalid(below(path, "MemorySize"), "it is too much"))?,
        concurrency: match properties.get("ReservedConcurrentExecutions") {
            None => None,
            Some(_) => usize::try_from(whole(properties, "ReservedConcurrentExecutions", 0, path)?).ok(),
        },
    })
}

fn whole(properties: &Map<String, Value>, name: &str, default: u64, path: &str) -> Result<u64, TemplateError> {
    match properties.get(name) {
        None => Ok(default),
        Some(value) => {
            text(value).parse().map_err(|_| TemplateError::invalid(below(path, name), "it is not a whole number"))
        }
    }
}
