//! Events of the WebSocket API, as its functions get them.

use axum::body::Bytes;
use http::HeaderMap;
use serde_json::{Map, Value, json};

use crate::{ids, template::WebSocketApi};

use super::{query, registry::Connection, stamp::common_log};

/// What all events of a connection have in common, and one request id.
pub(super) struct Context<'a> {
    pub(super) api: &'a WebSocketApi,
    pub(super) connection: &'a Connection,
    pub(super) route: &'a str,
    pub(super) request_id: String,
    pub(super) now_ms: u64,
}

impl Context<'_> {
    /// `$connect`: the only event that carries the handshake's headers and query.
    pub(super) fn connect(&self, headers: &HeaderMap, query: &str) -> Bytes {
        let mut event = headers_json(headers);
        let pairs = query::pairs(query);
        if !pairs.is_empty() {
            let mut single = Map::new();
            let mut multiple = Map::new();
            for (name, value) in pairs {
                single.insert(name.clone(), Value::from(value.clone()));
                push(&mut multiple, name, value);
            }
            event.insert("queryStringParameters".to_owned(), Value::Object(single));
            event.insert("multiValueQueryStringParameters".to_owned(), Value::Object(multiple));
        }
        self.event(event, "CONNECT", Map::new())
    }

    /// A message: neither headers nor query.
    pub(super) fn message(&self, text: &str) -> Bytes {
        let body = Map::from_iter([("body".to_owned(), Value::from(text))]);
        let message_id = Map::from_iter([("messageId".to_owned(), Value::from(ids::gateway()))]);
        self.event(body, "MESSAGE", message_id)
    }

    /// `$disconnect`: a few technical headers, empty but for the host.
    pub(super) fn disconnect(&self, code: u16, reason: &str) -> Bytes {
        let host = &self.connection.domain_name;
        let technical = json!({
            "headers": { "Host": host, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": "" },
            "multiValueHeaders": { "Host": [host], "x-api-key": [""], "X-Forwarded-For": [""], "x-restapi": [""] },
        });
        let Value::Object(technical) = technical else { return Bytes::new() };
        let end = Map::from_iter([
            ("disconnectStatusCode".to_owned(), Value::from(code)),
            ("disconnectReason".to_owned(), Value::from(reason)),
        ]);
        self.event(technical, "DISCONNECT", end)
    }

    fn event(&self, mut event: Map<String, Value>, kind: &str, mut more: Map<String, Value>) -> Bytes {
        let context = json!({
            "routeKey": self.route,
            "eventType": kind,
            "extendedRequestId": self.request_id,
            "requestTime": common_log(self.now_ms),
            "messageDirection": "IN",
            "stage": self.api.stage,
            "connectedAt": self.connection.connected_at_ms,
            "requestTimeEpoch": self.now_ms,
            "identity": { "sourceIp": self.connection.source_ip, "userAgent": self.connection.user_agent },
            "requestId": self.request_id,
            "domainName": self.connection.domain_name,
            "connectionId": self.connection.id,
            "apiId": self.api.id,
        });
        if let Value::Object(context) = context {
            more.extend(context);
        }
        event.insert("requestContext".to_owned(), Value::Object(more));
        event.insert("isBase64Encoded".to_owned(), Value::Bool(false));
        Bytes::from(Value::Object(event).to_string())
    }
}

/// `headers` and `multiValueHeaders`, with the names as browsers write them.
fn headers_json(headers: &HeaderMap) -> Map<String, Value> {
    let mut single = Map::new();
    let mut multiple = Map::new();
    for (name, value) in headers {
        let name = canonical(name.as_str());
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        single.insert(name.clone(), Value::from(value.clone()));
        push(&mut multiple, name, value);
    }
    Map::from_iter([
        ("headers".to_owned(), Value::Object(single)),
        ("multiValueHeaders".to_owned(), Value::Object(multiple)),
    ])
}

fn push(lists: &mut Map<String, Value>, name: String, value: String) {
    if let Value::Array(list) = lists.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
        list.push(Value::from(value));
    }
}

/// `sec-websocket-key` → `Sec-WebSocket-Key`.
fn canonical(name: &str) -> String {
    let words = name.split('-').map(|word| {
        if word == "websocket" {
            return "WebSocket".to_owned();
        }
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
    });
    words.collect::<Vec<String>>().join("-")
}

/// Which route a message takes: the value of the selected field of a JSON message if it is a route, else `$default`.
pub(super) fn select<'a>(api: &'a WebSocketApi, text: &str) -> Option<&'a str> {
    let chosen = text.trim_start().starts_with('{').then(|| serde_json::from_str::<Value>(text).ok()).flatten();
    let chosen = chosen.as_ref().and_then(|message| api.selector.iter().try_fold(message, |value, key| value.get(key)));
    let key = chosen.and_then(Value::as_str).filter(|key| !key.starts_with('$') && api.routes.contains_key(*key));
    api.routes.get_key_value(key.unwrap_or("$default")).map(|(key, _)| key.as_str())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::template::WebSocketRoute;

    #[test]
    fn what_selects_no_route_takes_default() {
        let route = || WebSocketRoute { function: "F".to_owned(), answers: false };
        let api = WebSocketApi {
            id: "Api".to_owned(),
            stage: "live".to_owned(),
            selector: vec!["action".to_owned()],
            routes: BTreeMap::from([("$default".to_owned(), route()), ("echo".to_owned(), route())]),
            throttle: None,
        };
        for (text, expected) in [
            (r#"{"action":"echo"}"#, "echo"),
            (r#"{"action":"other"}"#, "$default"),
            (r#"{"action":1}"#, "$default"),
            (r#"{"action":"$connect"}"#, "$default"),
            (r#"42["echo"]"#, "$default"),
            ("{", "$default"),
            ("", "$default"),
        ] {
            assert_eq!(select(&api, text), Some(expected), "{text}");
        }
    }

    #[test]
    fn header_names_are_written_as_browsers_do() {
        assert_eq!(canonical("sec-websocket-key"), "Sec-WebSocket-Key");
        assert_eq!(canonical("host"), "Host");
    }
}
