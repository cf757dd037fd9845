//! Socket.IO v5: the packet inside an Engine.IO message.
//!
//! `<type>[<attachments>-][<namespace>,][<acknowledgement id>][<JSON>]`

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};

use crate::{
    DecodeError, Json, MAIN_NAMESPACE, MAX_ACK_ID, MAX_ARGUMENTS, MAX_DEPTH, MAX_EVENT_NAME_BYTES, MAX_MESSAGE_BYTES,
    MAX_NAMESPACE_BYTES, ReplyTo, json::is_deeper_than,
};

/// Names that socket.io-parser refuses in both directions: its own events, and those of Node's EventEmitter.
const RESERVED_NAMES: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/// A Socket.IO packet without binary attachments. Those with attachments are [`DecodeError::Binary`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet<'a> {
    /// `0`: a client asks to enter a namespace, or the server lets it in.
    Connect {
        /// The namespace, a query string behind it dropped.
        namespace: &'a str,
        /// A JSON object: what the client passes as `auth`, or the server's `{"sid", "pid"}`.
        auth: Option<Json<'a>>,
    },
    /// `1`: the peer leaves a namespace. There is no answer.
    Disconnect {
        /// The namespace it leaves.
        namespace: &'a str,
    },
    /// `2`: something happened.
    Event {
        /// The namespace it belongs to.
        namespace: &'a str,
        /// The sender waits for an acknowledgement with this id.
        id: Option<u64>,
        /// Name of the event; never a reserved one.
        name: Cow<'a, str>,
        /// What comes after the name, at most [`MAX_ARGUMENTS`].
        args: Vec<Json<'a>>,
    },
    /// `3`: the answer to an event that asked for one.
    Ack {
        /// The namespace it belongs to.
        namespace: &'a str,
        /// The id of the event that is answered.
        id: u64,
        /// The answer, at most [`MAX_ARGUMENTS`] values.
        args: Vec<Json<'a>>,
    },
    /// `4`: the server refuses a CONNECT.
    ConnectError {
        /// The namespace that was asked for.
        namespace: &'a str,
        /// A JSON object `{"message", "data"}` or a string.
        error: Json<'a>,
    },
}

impl<'a> Packet<'a> {
    /// Reads the data of an [`EnginePacket::Message`](crate::EnginePacket::Message).
    pub fn decode(text: &'a str) -> Result<Self, DecodeError> {
        if text.len() > MAX_MESSAGE_BYTES {
            return Err(DecodeError::TooLong);
        }
        let mut characters = text.chars();
        let packet_type = characters.next().ok_or(DecodeError::Empty)?;
        let mut rest = characters.as_str();
        let has_attachments = match packet_type {
            '0'..='4' => false,
            '5' | '6' => true,
            _ => return Err(DecodeError::UnknownType),
        };
        if has_attachments {
            rest = skip_attachments(rest)?;
        }
        let (namespace, rest) = split_namespace(rest)?;
        let (id, payload) = split_id(rest)?;
        // An acknowledgement is not itself acknowledged.
        let asked = if matches!(packet_type, '2' | '5') { id } else { None };
        let reply_to = || ReplyTo { namespace: namespace.to_owned(), id: asked };
        if has_attachments {
            return Err(DecodeError::Binary(reply_to()));
        }
        if is_deeper_than(payload, MAX_DEPTH) {
            return Err(DecodeError::TooDeep(reply_to()));
        }

        match packet_type {
            '0' => Ok(Self::Connect { namespace, auth: read_auth(payload)? }),
            '1' if payload.is_empty() => Ok(Self::Disconnect { namespace }),
            '1' => Err(DecodeError::BadPayload { expected: "empty" }),
            '2' => {
                let expected = "a JSON array that begins with the event name";
                let array = Array::read(payload, 1 + MAX_ARGUMENTS).ok_or(DecodeError::BadPayload { expected })?;
                let mut args = array.values.into_iter();
                let name = args.next().and_then(read_name).ok_or(DecodeError::BadPayload { expected })?;
                if name.len() > MAX_EVENT_NAME_BYTES {
                    return Err(DecodeError::NameTooLong(reply_to()));
                }
                if RESERVED_NAMES.contains(&name.as_ref()) {
                    return Err(DecodeError::ReservedName);
                }
                if array.has_more {
                    return Err(DecodeError::TooManyArguments(reply_to()));
                }
                Ok(Self::Event { namespace, id, name, args: args.collect() })
            }
            '3' => {
                let id = id.ok_or(DecodeError::BadId)?;
                let array =
                    Array::read(payload, MAX_ARGUMENTS).ok_or(DecodeError::BadPayload { expected: "a JSON array" })?;
                if array.has_more {
                    return Err(DecodeError::TooManyArguments(reply_to()));
                }
                Ok(Self::Ack { namespace, id, args: array.values })
            }
            _ => Ok(Self::ConnectError { namespace, error: read_connect_error(payload)? }),
        }
    }
}

/// `2-…`: drops the number of attachments. Nothing is reserved for them, since they are refused.
fn skip_attachments(text: &str) -> Result<&str, DecodeError> {
    match text.split_once('-') {
        Some((count, rest)) if !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit()) => Ok(rest),
        _ => Err(DecodeError::BadAttachments),
    }
}

/// `/admin,…` or, at the end of a packet, `/admin`. Without a slash it is the main namespace.
fn split_namespace(text: &str) -> Result<(&str, &str), DecodeError> {
    if !text.starts_with('/') {
        return Ok((MAIN_NAMESPACE, text));
    }
    let (namespace, rest) = text.split_once(',').unwrap_or((text, ""));
    // Clients of earlier revisions put the query of their URL here; since this revision it is not part of the name.
    let namespace = namespace.split_once('?').map_or(namespace, |(name, _query)| name);
    if namespace.len() > MAX_NAMESPACE_BYTES || namespace.contains(char::is_control) {
        return Err(DecodeError::BadNamespace);
    }
    Ok((namespace, rest))
}

/// `12[…]`. Nothing in front of the payload is no id.
fn split_id(text: &str) -> Result<(Option<u64>, &str), DecodeError> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (id, rest) = text.split_at(digits);
    if id.is_empty() {
        return Ok((None, rest));
    }
    match id.parse() {
        Ok(id) if id <= MAX_ACK_ID => Ok((Some(id), rest)),
        _ => Err(DecodeError::BadId),
    }
}

fn read_auth(payload: &str) -> Result<Option<Json<'_>>, DecodeError> {
    if payload.is_empty() {
        return Ok(None);
    }
    match Json::parse(payload) {
        Ok(auth) if auth.is_object() => Ok(Some(auth)),
        _ => Err(DecodeError::BadPayload { expected: "a JSON object" }),
    }
}

fn read_connect_error(payload: &str) -> Result<Json<'_>, DecodeError> {
    match Json::parse(payload) {
        Ok(error) if error.is_object() || error.is_string() => Ok(error),
        _ => Err(DecodeError::BadPayload { expected: "a JSON object or string" }),
    }
}

/// The name as it stands in the packet; only one with escapes is copied.
fn read_name(value: Json<'_>) -> Option<Cow<'_, str>> {
    let inner = value.as_str().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') { value.read().ok().map(Cow::Owned) } else { Some(Cow::Borrowed(inner)) }
}

/// The first values of a JSON array.
struct Array<'a> {
    values: Vec<Json<'a>>,
    /// There are more values than were kept.
    has_more: bool,
}

impl<'a> Array<'a> {
    /// Reads an array and keeps at most `limit` of its values, so that `[0,0,0,…]` does not become sixteen times its size.
    fn read(payload: &'a str, limit: usize) -> Option<Self> {
        let mut deserializer = serde_json::Deserializer::from_str(payload);
        let array = deserializer.deserialize_seq(ArrayVisitor { limit }).ok()?;
        deserializer.end().ok()?;
        Some(array)
    }
}

struct ArrayVisitor {
    limit: usize,
}

impl<'de> Visitor<'de> for ArrayVisitor {
    type Value = Array<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while values.len() < self.limit {
            match sequence.next_element()? {
                Some(value) => values.push(value),
                None => return Ok(Array { values, has_more: false }),
            }
        }
        // The rest is read, not kept: the whole must be JSON before anything of it counts.
        let mut has_more = false;
        while sequence.next_element::<IgnoredAny>()?.is_some() {
            has_more = true;
        }
        Ok(Array { values, has_more })
    }
}
