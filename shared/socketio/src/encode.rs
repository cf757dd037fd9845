//! What the server sends: each function makes the text of one WebSocket message.
//!
//! An event is made once per broadcast and shared by all its receivers.
//!
//! Namespaces are those of decoded packets or [`MAIN_NAMESPACE`]; the protocol has no way to write one
//! that holds a comma.

use std::sync::Arc;

use serde::Serialize;

use crate::{MAIN_NAMESPACE, MAX_MESSAGE_BYTES};

/// A packet that cannot be sent. The caller sends something else: fewer items at once, or an error.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// A value has no JSON form, such as a map whose keys are not strings.
    #[error("a value cannot be written as JSON")]
    NotJson(#[from] serde_json::Error),
    /// API Gateway refuses a longer message. Split what it carries.
    #[error("the packet has {bytes} bytes, which is more than {MAX_MESSAGE_BYTES}")]
    TooLong {
        /// Bytes that the packet would have.
        bytes: usize,
    },
}

/// `40{"sid","pid"}`: lets the client in. A `pid` tells it that it may recover this connection later.
pub fn connect(namespace: &str, sid: &str, pid: Option<&str>) -> String {
    let mut text = header('0', namespace);
    text.push_str(r#"{"sid":"#);
    text.push_str(&quoted(sid));
    if let Some(pid) = pid {
        text.push_str(r#","pid":"#);
        text.push_str(&quoted(pid));
    }
    text.push('}');
    text
}

/// `44{"message","data":{"code"}}`: refuses the client's CONNECT; it gets a `connect_error` with both.
pub fn connect_error(namespace: &str, message: &str, code: Option<&str>) -> String {
    let mut text = header('4', namespace);
    text.push_str(r#"{"message":"#);
    text.push_str(&quoted(message));
    if let Some(code) = code {
        text.push_str(r#","data":{"code":"#);
        text.push_str(&quoted(code));
        text.push('}');
    }
    text.push('}');
    text
}

/// `41`: puts the client out of a namespace. It does not reconnect by itself.
pub fn disconnect(namespace: &str) -> String {
    header('1', namespace)
}

/// `42[name, args…, offset]`: an event for any number of receivers.
///
/// With an `offset`, a client that may recover remembers it as the last event it has seen (Socket.IO, connection state
/// recovery): it is the last argument, and a string.
pub fn event<A: Serialize>(
    namespace: &str,
    name: &str,
    args: &[A],
    offset: Option<&str>,
) -> Result<Arc<str>, EncodeError> {
    let mut text = header('2', namespace);
    text.push('[');
    text.push_str(&quoted(name));
    for arg in args {
        text.push(',');
        text.push_str(&serde_json::to_string(arg)?);
    }
    if let Some(offset) = offset {
        text.push(',');
        text.push_str(&quoted(offset));
    }
    text.push(']');
    bounded(text).map(Arc::from)
}

/// `43<id>[args…]`: answers the event that asked for it.
pub fn ack<A: Serialize>(namespace: &str, id: u64, args: &[A]) -> Result<String, EncodeError> {
    let mut text = header('3', namespace);
    text.push_str(&id.to_string());
    text.push_str(&serde_json::to_string(args)?);
    bounded(text)
}

/// `4`, the packet type, and the namespace if it is not the main one.
fn header(packet_type: char, namespace: &str) -> String {
    let mut text = String::from("4");
    text.push(packet_type);
    if namespace != MAIN_NAMESPACE {
        text.push_str(namespace);
        text.push(',');
    }
    text
}

fn bounded(text: String) -> Result<String, EncodeError> {
    if text.len() > MAX_MESSAGE_BYTES { Err(EncodeError::TooLong { bytes: text.len() }) } else { Ok(text) }
}

/// `text` as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
