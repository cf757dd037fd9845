//! The `Events` of a function → routes of the HTTP API, schedules and rules.

use std::time::Duration;

use http::Method;
use serde_json::{Map, Value};

use super::{Cors, HttpRoute, Rule, Schedule, TemplateError, Throttle, resolve::text, yaml::below};

/// The API that the SAM transform makes for HttpApi events without an `ApiId`.
pub(super) const IMPLICIT_HTTP_API: &str = "ServerlessHttpApi";

/// What a function listens to.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// Routes, each with the logical id of its API.
    pub(super) routes: Vec<(String, HttpRoute)>,
    pub(super) schedules: Vec<Schedule>,
    pub(super) rules: Vec<Rule>,
}

impl Events {
    /// Adds the events of one function, resolved.
    pub(super) fn add(&mut self, function: &str, events: &Map<String, Value>, path: &str) -> Result<(), TemplateError> {
        for (name, event) in events {
            let path = below(path, name);
            let nothing = Value::Object(Map::new());
            let properties = event.get("Properties").unwrap_or(&nothing);
            match event.get("Type").and_then(Value::as_str) {
                Some("HttpApi") => {
                    let api = properties.get("ApiId").and_then(Value::as_str).unwrap_or(IMPLICIT_HTTP_API);
                    self.routes.push((api.to_owned(), route(function, properties, &path)?));
                }
                Some("Schedule" | "ScheduleV2") => self.schedules.extend(schedule(function, name, properties, &path)?),
                Some("EventBridgeRule" | "CloudWatchEvent") => self.rules.push(rule(function, properties, &path)?),
                other => {
                    return Err(TemplateError::UnknownEvent {
                        function: function.to_owned(),
                        event: name.clone(),
                        kind: other.unwrap_or("(none)").to_owned(),
                    });
                }
            }
        }
        Ok(())
    }
}

fn route(function: &str, properties: &Value, path: &str) -> Result<HttpRoute, TemplateError> {
    if properties.get("Auth").is_some() {
        return Err(TemplateError::invalid(below(path, "Properties.Auth"), "the local cloud has no authorizers"));
    }
    let given = |name: &str| properties.get(name).and_then(Value::as_str);
    let place = given("Path").map(str::to_owned);
    if place.as_deref().is_some_and(|place| !place.starts_with('/')) {
        return Err(TemplateError::invalid(below(path, "Properties.Path"), "a path begins with /"));
    }
    let method = match given("Method").map(str::to_ascii_uppercase).as_deref() {
        None | Some("ANY" | "X-AMAZON-APIGATEWAY-ANY-METHOD" | "*") => None,
        Some(method) => Some(
            Method::from_bytes(method.as_bytes())
                .map_err(|_| TemplateError::invalid(below(path, "Properties.Method"), "it is not an HTTP method"))?,
        ),
    };
    Ok(HttpRoute { method, path: place, function: function.to_owned() })
}

/// None when the schedule is switched off.
fn schedule(function: &str, name: &str, properties: &Value, path: &str) -> Result<Option<Schedule>, TemplateError> {
    let off = properties.get("Enabled").is_some_and(|enabled| text(enabled) == "false")
        || properties.get("State").is_some_and(|state| state == "DISABLED");
    if off {
        return Ok(None);
    }
    let expression = properties
        .get("Schedule")
        .or_else(|| properties.get("ScheduleExpression"))
        .and_then(Value::as_str)
        .ok_or_else(|| TemplateError::Missing {
            path: below(path, "Properties.Schedule"),
            why: "it says when to run",
        })?;
    let rate = rate(expression).ok_or_else(|| {
        TemplateError::invalid(
            below(path, "Properties.Schedule"),
            format!("{expression} is not rate(<number> minutes|hours|days), which is all the local cloud knows"),
        )
    })?;
    let input = match properties.get("Input") {
        None => None,
        Some(input) => Some(serde_json::from_str(&text(input)).map_err(|error| {
            TemplateError::invalid(below(path, "Properties.Input"), format!("it is not JSON: {error}"))
        })?),
    };
    Ok(Some(Schedule { name: format!("{function}.{name}"), function: function.to_owned(), rate, input }))
}

fn rule(function: &str, properties: &Value, path: &str) -> Result<Rule, TemplateError> {
    for unsupported in ["EventBusName", "Input", "InputPath", "State"] {
        if properties.get(unsupported).is_some() {
            return Err(TemplateError::invalid(
                below(path, &format!("Properties.{unsupported}")),
                "the local cloud does not know this property",
            ));
        }
    }
    let place = below(path, "Properties.Pattern");
    let pattern = properties
        .get("Pattern")
        .ok_or_else(|| TemplateError::Missing { path: place.clone(), why: "it says which events are meant" })?;
    check_pattern(pattern, &place)?;
    Ok(Rule { function: function.to_owned(), pattern: pattern.clone() })
}

/// Lists of plain values, in maps.
fn check_pattern(pattern: &Value, path: &str) -> Result<(), TemplateError> {
    match pattern {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().try_for_each(|(name, inner)| check_pattern(inner, &below(path, name)))
        }
        Value::Array(values) if !values.iter().any(|value| value.is_object() || value.is_array()) => Ok(()),
        _ => Err(TemplateError::invalid(path, "the local cloud knows lists of plain values in patterns, nothing else")),
    }
}

/// `rate(1 minute)`, `rate(5 minutes)`, `rate(2 hours)`, `rate(1 day)`.
fn rate(expression: &str) -> Option<Duration> {
    let inside = expression.trim().strip_prefix("rate(")?.strip_suffix(')')?;
    let (number, unit) = inside.trim().split_once(' ')?;
    let seconds = match unit.trim() {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3_600,
        "day" | "days" => 86_400,
        _ => return None,
    };
    let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
    number.checked_mul(seconds).map(Duration::from_secs)
}

/// `CorsConfiguration`, resolved: a map, or `true` for everything.
pub(super) fn cors(configuration: &Value, path: &str) -> Result<Option<Cors>, TemplateError> {
    match configuration {
        Value::Null | Value::Bool(false) => Ok(None),
        Value::Bool(true) => {
            let all = || vec!["*".to_owned()];
            Ok(Some(Cors { allow_origins: all(), allow_methods: all(), allow_headers: all(), ..Cors::default() }))
        }
        Value::Object(fields) => {
            let mut cors = Cors::default();
            for (name, value) in fields {
                match name.as_str() {
                    "AllowOrigins" => cors.allow_origins = list(value),
                    "AllowMethods" => cors.allow_methods = list(value),
                    "AllowHeaders" => cors.allow_headers = list(value),
                    "ExposeHeaders" => cors.expose_headers = list(value),
                    "AllowCredentials" => cors.allow_credentials = text(value) == "true",
                    "MaxAge" => cors.max_age_s = text(value).parse().ok(),
                    _ => {
                        return Err(TemplateError::invalid(
                            below(path, name),
                            "the local cloud does not know this property",
                        ));
                    }
                }
            }
            Ok(Some(cors))
        }
        _ => Err(TemplateError::invalid(path, "it is neither true nor a map")),
    }
}

/// `DefaultRouteSettings`: both limits or none.
pub(super) fn throttle(properties: &Map<String, Value>, path: &str) -> Result<Option<Throttle>, TemplateError> {
    let Some(settings) = properties.get("DefaultRouteSettings") else { return Ok(None) };
    let number = |name: &str| settings.get(name).map(|value| text(value).parse::<u32>());
    match (number("ThrottlingRateLimit"), number("ThrottlingBurstLimit")) {
        (None, None) => Ok(None),
        (Some(Ok(rate)), Some(Ok(burst))) => Ok(Some(Throttle { rate, burst })),
        _ => Err(TemplateError::invalid(
            below(path, "DefaultRouteSettings"),
            "ThrottlingRateLimit and ThrottlingBurstLimit are whole numbers and come together",
        )),
    }
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        single => vec![text(single)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_whole_numbers_of_minutes_hours_or_days() {
        assert_eq!(rate("rate(1 minute)"), Some(Duration::from_secs(60)));
        assert_eq!(rate("rate(2 hours)"), Some(Duration::from_secs(7_200)));
        for wrong in ["rate(0 minutes)", "rate(1 second)", "cron(0 12 * * ? *)", "rate(minute)", "1 minute"] {
            assert_eq!(rate(wrong), None, "{wrong}");
        }
    }
}
