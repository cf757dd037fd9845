//! Answers as Engine.IO servers give them over HTTP.

use lambda_http::{Body, Response};

/// A request that is refused: HTTP 400 with Engine.IO's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// `transport` is not polling.
    UnknownTransport,
    /// The session id was never given, or its time for an upgrade is over: a WebSocket is needed.
    UnknownSession,
    /// A session begins with GET.
    BadHandshakeMethod,
    /// The body cannot be read.
    BadRequest,
    /// Not revision 4 of the protocol.
    UnsupportedVersion,
    /// The table could not do it: HTTP 503.
    Unavailable,
}

impl Refused {
    /// The HTTP answer.
    pub fn response(self) -> Response<Body> {
        let (status, code, message) = match self {
            Refused::UnknownTransport => (400, 0, "Transport unknown"),
            Refused::UnknownSession => (400, 1, "Session ID unknown"),
            Refused::BadHandshakeMethod => (400, 2, "Bad handshake method"),
            Refused::BadRequest => (400, 3, "Bad request"),
            Refused::UnsupportedVersion => (400, 5, "Unsupported protocol version"),
            Refused::Unavailable => (503, 3, "Temporarily unavailable"),
        };
        let body = format!(r#"{{"code":{code},"message":"{message}"}}"#);
        respond(status, "application/json", body)
    }
}

/// 200 with text.
pub fn text(body: &str) -> Response<Body> {
    respond(200, "text/plain; charset=UTF-8", body.to_owned())
}

/// 404: the event is not of the HTTP API.
pub fn not_found() -> Response<Body> {
    respond(404, "application/json", r#"{"message":"Not Found"}"#.to_owned())
}

fn respond(status: u16, content_type: &str, body: String) -> Response<Body> {
    let response = Response::builder()
        .status(status)
        .header("content-type", content_type)
        .header("cache-control", "no-store")
        .body(Body::Text(body));
    response.unwrap_or_default()
}
