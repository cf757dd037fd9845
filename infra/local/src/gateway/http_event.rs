//! Events of the HTTP API, payload format 2.0, as its functions get them.

use std::collections::BTreeMap;

use axum::body::Bytes;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, header, request::Parts};
use serde_json::{Map, Value, json};

use crate::template::ACCOUNT;

use super::{query, stamp::common_log};

/// What an event is made of.
pub(super) struct Context<'a> {
    pub(super) api: &'a str,
    pub(super) route: &'a str,
    pub(super) parameters: &'a BTreeMap<String, String>,
    /// Path as it came, percent-encoded.
    pub(super) path: &'a str,
    pub(super) source_ip: &'a str,
    pub(super) request_id: &'a str,
    pub(super) now_ms: u64,
}

impl Context<'_> {
    /// The event for a request.
    pub(super) fn event(&self, parts: &Parts, body: &Bytes) -> Bytes {
        let raw_query = parts.uri.query().unwrap_or_default();
        // The service decodes the path, and loses what follows a question mark that was encoded in it.
        let path = query::decode(self.path);
        let path = path.split('?').next().unwrap_or_default();
        let domain = text(&parts.headers, &header::HOST);
        let mut event = json!({
            "version": "2.0",
            "routeKey": self.route,
            "rawPath": path,
            "rawQueryString": raw_query,
            "headers": self.headers(&parts.headers),
            "requestContext": {
                "accountId": ACCOUNT,
                "apiId": self.api,
                "domainName": domain,
                "domainPrefix": domain.split('.').next(),
                "http": {
                    "method": parts.method.as_str(),
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": self.source_ip,
                    "userAgent": text(&parts.headers, &header::USER_AGENT),
                },
                "requestId": self.request_id,
                "routeKey": self.route,
                "stage": "$default",
                "time": common_log(self.now_ms),
                "timeEpoch": self.now_ms,
            },
            "isBase64Encoded": false,
        });
        let Some(fields) = event.as_object_mut() else { return Bytes::new() };
        let cookies = cookies(&parts.headers);
        if !cookies.is_empty() {
            fields.insert("cookies".to_owned(), Value::from(cookies));
        }
        let parameters = joined(query::pairs(raw_query));
        if !parameters.is_empty() {
            fields.insert("queryStringParameters".to_owned(), Value::Object(parameters));
        }
        if !self.parameters.is_empty() {
            fields.insert("pathParameters".to_owned(), json!(self.parameters));
        }
        if !body.is_empty() {
            let readable = is_text(&parts.headers).then(|| std::str::from_utf8(body).ok()).flatten();
            fields.insert("isBase64Encoded".to_owned(), Value::Bool(readable.is_none()));
            fields
                .insert("body".to_owned(), Value::from(readable.map_or_else(|| STANDARD.encode(body), str::to_owned)));
        }
        Bytes::from(event.to_string())
    }

    /// Lower-case names, values of one name joined with commas, cookies apart, and what the service adds.
    fn headers(&self, headers: &HeaderMap) -> Map<String, Value> {
        let pairs = headers
            .iter()
            .filter(|(name, _)| **name != header::COOKIE)
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        let mut joined = joined(pairs);
        let forwarded = match joined.get("x-forwarded-for").and_then(Value::as_str) {
            Some(before) => format!("{before}, {}", self.source_ip),
            None => self.source_ip.to_owned(),
        };
        joined.insert("x-forwarded-for".to_owned(), Value::from(forwarded));
        joined.insert("x-forwarded-proto".to_owned(), Value::from("http"));
        let host = text(headers, &header::HOST);
        joined.insert("x-forwarded-port".to_owned(), Value::from(host.rsplit_once(':').map_or("80", |(_, port)| port)));
        joined.entry("content-length").or_insert_with(|| Value::from("0"));
        let trace = format!("Root=1-{:08x}-{}", self.now_ms / 1000, "0".repeat(24));
        joined.entry("x-amzn-trace-id").or_insert_with(|| Value::from(trace));
        joined
    }
}

fn joined(pairs: impl IntoIterator<Item = (String, String)>) -> Map<String, Value> {
    let mut joined = Map::new();
    for (name, value) in pairs {
        match joined.get_mut(&name) {
            Some(Value::String(before)) => {
                before.push(',');
                before.push_str(&value);
            }
            _ => {
                joined.insert(name, Value::from(value));
            }
        }
    }
    joined
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .map(|cookie| cookie.trim().to_owned())
        .filter(|cookie| !cookie.is_empty())
        .collect()
}

/// Bodies of these types reach the function as they are, all others in base64; without a type it is text.
fn is_text(headers: &HeaderMap) -> bool {
    if headers.contains_key(header::CONTENT_ENCODING) {
        return false;
    }
    let kind = text(headers, &header::CONTENT_TYPE).to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.is_empty()
        || kind.starts_with("text/")
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
        || ["application/json", "application/javascript", "application/xml"].contains(&kind)
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
