//! `AWS::Serverless::WebSocketApi` and its route responses.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{TemplateError, WebSocketApi, WebSocketRoute, events::throttle, names::function_of_arn, yaml::below};

/// What the SAM transform calls the stage of an API that names none.
const DEFAULT_STAGE: &str = "default";

/// The API that `properties`, resolved, describe. `answering` holds the ids of the routes that have a route response.
pub(super) fn api(
    id: &str,
    properties: &Map<String, Value>,
    answering: &BTreeSet<String>,
    path: &str,
) -> Result<WebSocketApi, TemplateError> {
    if properties.get("Auth").is_some() {
        return Err(TemplateError::invalid(below(path, "Auth"), "the local cloud has no authorizers"));
    }
    let expression =
        properties.get("RouteSelectionExpression").and_then(Value::as_str).ok_or_else(|| TemplateError::Missing {
            path: below(path, "RouteSelectionExpression"),
            why: "it selects the route of a message",
        })?;
    let selector = expression.strip_prefix("$request.body.").filter(|field| !field.is_empty()).ok_or_else(|| {
        TemplateError::invalid(
            below(path, "RouteSelectionExpression"),
            format!("{expression} is not $request.body.<field>, which is all the local cloud knows"),
        )
    })?;
    let declared = properties.get("Routes").and_then(Value::as_object).ok_or_else(|| TemplateError::Missing {
        path: below(path, "Routes"),
        why: "an API without routes does nothing",
    })?;
    let mut routes = BTreeMap::new();
    let mut unanswered = answering.clone();
    for (key, route) in declared {
        let place = format!("{path}.Routes.{key}.FunctionArn");
        let arn = route
            .get("FunctionArn")
            .and_then(Value::as_str)
            .ok_or_else(|| TemplateError::Missing { path: place.clone(), why: "it says which function is called" })?;
        let function = function_of_arn(arn)
            .ok_or_else(|| TemplateError::invalid(&place, format!("{arn} is not the ARN of a function")))?;
        let answers = unanswered.remove(&route_id(id, key));
        routes.insert(key.clone(), WebSocketRoute { function: function.to_owned(), answers });
    }
    if let Some(route) = unanswered.first() {
        return Err(TemplateError::invalid(
            format!("Resources.*.RouteId = {route}"),
            format!(
                "{id} has no such route; its routes are {}",
                declared.keys().cloned().collect::<Vec<_>>().join(", ")
            ),
        ));
    }
    Ok(WebSocketApi {
        id: id.to_owned(),
        stage: properties.get("StageName").and_then(Value::as_str).unwrap_or(DEFAULT_STAGE).to_owned(),
        selector: selector.split('.').map(str::to_owned).collect(),
        routes,
        throttle: throttle(properties, path)?,
    })
}

/// What the SAM transform calls the resource of a route: `WebSocketApi` + `$default` → `WebSocketApiDefaultRoute`.
fn route_id(api: &str, key: &str) -> String {
    let plain = key.trim_start_matches('$').to_ascii_lowercase();
    let mut letters = plain.chars();
    let capitalized: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    format!("{api}{capitalized}Route")
}

/// The route that an `AWS::ApiGatewayV2::RouteResponse`, resolved, belongs to.
pub(super) fn answering_route(properties: &Map<String, Value>, path: &str) -> Result<String, TemplateError> {
    let key = properties.get("RouteResponseKey").and_then(Value::as_str);
    if key != Some("$default") {
        return Err(TemplateError::invalid(below(path, "RouteResponseKey"), "API Gateway takes $default only"));
    }
    properties
        .get("RouteId")
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| TemplateError::Missing { path: below(path, "RouteId"), why: "it says which route answers" })
}

#[cfg(test)]
mod tests {
    use super::route_id;

    #[test]
    fn routes_are_called_as_the_transform_calls_them() {
        assert_eq!(route_id("WebSocketApi", "$default"), "WebSocketApiDefaultRoute");
        assert_eq!(route_id("WebSocketApi", "sendMessage"), "WebSocketApiSendmessageRoute");
    }
}
