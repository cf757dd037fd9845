//! Engine.IO v4: the outer packet of each WebSocket message.

use serde::{Deserialize, Serialize};

use crate::{DecodeError, MAIN_NAMESPACE, MAX_MESSAGE_BYTES, ReplyTo, encode::quoted};

/// An Engine.IO packet: one digit for its type, then its data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum EnginePacket<'a> {
    /// `0`: the server's [`Handshake`] as JSON.
    Open(&'a str),
    /// `1`: the peer wants the connection closed.
    Close,
    /// `2`: the server asks for a sign of life; with the text `probe`, a client tries a new transport.
    Ping(&'a str),
    /// `3`: the answer to a ping, with the same text.
    Pong(&'a str),
    /// `4`: data for the layer above, here a Socket.IO [`Packet`](crate::Packet).
    Message(&'a str),
    /// `5`: the client moves to the transport on which it sends this.
    Upgrade,
    /// `6`: nothing; ends a pending poll while a client upgrades.
    Noop,
}

impl<'a> EnginePacket<'a> {
    /// Reads one packet. Data after a type that carries none is ignored, as the JavaScript parser does.
    pub fn decode(text: &'a str) -> Result<Self, DecodeError> {
        if text.len() > MAX_MESSAGE_BYTES {
            return Err(DecodeError::TooLong);
        }
        let mut characters = text.chars();
        let packet_type = characters.next().ok_or(DecodeError::Empty)?;
        let data = characters.as_str();
        match packet_type {
            '0' => Ok(Self::Open(data)),
            '1' => Ok(Self::Close),
            '2' => Ok(Self::Ping(data)),
            '3' => Ok(Self::Pong(data)),
            '4' => Ok(Self::Message(data)),
            '5' => Ok(Self::Upgrade),
            '6' => Ok(Self::Noop),
            // How text transports carry a binary message: base64 behind a `b`.
            'b' => Err(DecodeError::Binary(ReplyTo { namespace: MAIN_NAMESPACE.to_owned(), id: None })),
            _ => Err(DecodeError::UnknownType),
        }
    }

    /// The packet as the text of one WebSocket message.
    pub fn encode(&self) -> String {
        let (packet_type, data) = match self {
            Self::Open(data) => ('0', *data),
            Self::Close => ('1', ""),
            Self::Ping(data) => ('2', *data),
            Self::Pong(data) => ('3', *data),
            Self::Message(data) => ('4', *data),
            Self::Upgrade => ('5', ""),
            Self::Noop => ('6', ""),
        };
        let mut text = String::with_capacity(1 + data.len());
        text.push(packet_type);
        text.push_str(data);
        text
    }
}

/// Shows the type and the length: the data may hold a session token.
impl std::fmt::Debug for EnginePacket<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Open(data) => write!(formatter, "Open({} bytes)", data.len()),
            Self::Close => formatter.write_str("Close"),
            Self::Ping(data) => write!(formatter, "Ping({} bytes)", data.len()),
            Self::Pong(data) => write!(formatter, "Pong({} bytes)", data.len()),
            Self::Message(data) => write!(formatter, "Message({} bytes)", data.len()),
            Self::Upgrade => formatter.write_str("Upgrade"),
            Self::Noop => formatter.write_str("Noop"),
        }
    }
}

/// What the server announces in the open packet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Handshake {
    /// Id of the Engine.IO session. Not the id that Socket.IO's CONNECT answer gives.
    pub sid: String,
    /// Transports that the client may move to. Empty on WebSocket.
    pub upgrades: Vec<String>,
    /// Milliseconds between two pings of the server.
    #[serde(rename = "pingInterval")]
    pub ping_interval_ms: u64,
    /// Milliseconds that either side waits beyond the interval before it gives the other up.
    #[serde(rename = "pingTimeout")]
    pub ping_timeout_ms: u64,
    /// Bytes of the largest payload that the server takes in one polling request.
    #[serde(rename = "maxPayload")]
    pub max_payload_bytes: u64,
}

impl Handshake {
    /// The open packet.
    pub fn encode(&self) -> String {
        format!(
            r#"0{{"sid":{},"upgrades":{},"pingInterval":{},"pingTimeout":{},"maxPayload":{}}}"#,
            quoted(&self.sid),
            serde_json::Value::from(self.upgrades.as_slice()),
            self.ping_interval_ms,
            self.ping_timeout_ms,
            self.max_payload_bytes,
        )
    }

    /// Reads the data of an [`EnginePacket::Open`].
    pub fn decode(data: &str) -> Result<Self, DecodeError> {
        serde_json::from_str(data).map_err(|_| DecodeError::BadPayload { expected: "the handshake of an open packet" })
    }
}
