//! What the functions may do: their roles' policies, so that a missing grant fails on the laptop and not after the deploy.
//!
//! Conditions are not looked at, and only what is allowed is: a template with `Deny` or `NotAction` is not understood.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{TemplateError, yaml::below};

/// The policies of all functions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policies {
    functions: BTreeMap<String, Vec<Statement>>,
}

/// Actions on resources, both with `*` as a wildcard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    actions: Vec<String>,
    resources: Vec<String>,
}

impl Policies {
    /// Whether the policies of `function` grant `action` (`dynamodb:GetItem`) on the resource with this ARN.
    pub fn allow(&self, function: &str, action: &str, arn: &str) -> bool {
        self.functions.get(function).into_iter().flatten().any(|statement| {
            statement.actions.iter().any(|pattern| matches(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase()))
                && statement.resources.iter().any(|pattern| matches(pattern, arn))
        })
    }

    /// Grants somebody who is no function of the template these actions on these resources.
    pub fn allow_also(&mut self, name: &str, actions: &[&str], resources: Vec<String>) {
        let actions = actions.iter().map(|action| (*action).to_owned()).collect();
        self.grant(name, vec![Statement { actions, resources }]);
    }

    pub(super) fn grant(&mut self, function: &str, statements: Vec<Statement>) {
        self.functions.entry(function.to_owned()).or_default().extend(statements);
    }
}

/// The statements of the policies in `Policies`, resolved, of a role or a function.
pub(super) fn statements(properties: &Map<String, Value>, path: &str) -> Result<Vec<Statement>, TemplateError> {
    let path = below(path, "Policies");
    let mut statements = Vec::new();
    let policies = match properties.get("Policies") {
        None => return Ok(statements),
        Some(Value::Array(policies)) => policies.as_slice(),
        Some(single) => std::slice::from_ref(single),
    };
    for (index, policy) in policies.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let document = policy.get("PolicyDocument").unwrap_or(policy);
        let listed = match document.get("Statement") {
            Some(Value::Array(listed)) => listed.as_slice(),
            Some(single) => std::slice::from_ref(single),
            None => {
                return Err(TemplateError::invalid(path, "it has no statements; others the local cloud does not know"));
            }
        };
        for entry in listed {
            if entry.get("Effect").and_then(Value::as_str) != Some("Allow") {
                return Err(TemplateError::invalid(&path, "the local cloud knows statements that allow, no others"));
            }
            let (actions, resources) = (list(entry.get("Action")), list(entry.get("Resource")));
            if actions.is_empty() || resources.is_empty() {
                return Err(TemplateError::invalid(&path, "a statement needs Action and Resource"));
            }
            statements.push(Statement { actions, resources });
        }
    }
    Ok(statements)
}

fn list(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(single)) => vec![single.clone()],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Whether `text` has the form of `pattern`, in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(found) => rest = &rest[found + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, expected) in [
            ("dynamodb:getitem", "dynamodb:getitem", true),
            ("dynamodb:getitem", "dynamodb:getitems", false),
            ("dynamodb:get*", "dynamodb:getitem", true),
            ("*", "anything", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("arn:x/live/POST/@connections/*", "arn:x/live/POST/@connections/abc=", true),
            ("arn:x/live/POST/@connections/*", "arn:x/live/GET/@connections/abc=", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
