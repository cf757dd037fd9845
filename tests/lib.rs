//! Scenarios that cross parts, and what the tests of both documents have in common.

use serde_json::Value;

/// The first `$ref` of a document that leads nowhere, if there is one.
pub fn dangling_reference(document: &Value) -> Option<&str> {
    find(document, document)
}

fn find<'a>(whole: &Value, value: &'a Value) -> Option<&'a str> {
    let leads_nowhere =
        |reference: &&str| reference.strip_prefix('#').is_none_or(|place| whole.pointer(place).is_none());
    value["$ref"].as_str().filter(leads_nowhere).or_else(|| match value {
        Value::Object(members) => members.values().find_map(|member| find(whole, member)),
        Value::Array(items) => items.iter().find_map(|item| find(whole, item)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reference_that_leads_nowhere_is_found_wherever_it_is() {
        let document = json!({ "a": { "$ref": "#/b" }, "b": [{ "$ref": "#/c" }] });
        assert_eq!(dangling_reference(&document), Some("#/c"));
        assert_eq!(dangling_reference(&json!({ "a": { "$ref": "#/b" }, "b": [] })), None);
    }
}
