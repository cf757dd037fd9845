//! Reading checks.

use rtc_crypto::RTCCrypto;
use rtc_stun::{
    attributes::{
        ATTR_FINGERPRINT, ATTR_ICE_CONTROLLED, ATTR_ICE_CONTROLLING, ATTR_MESSAGE_INTEGRITY, ATTR_PRIORITY,
        ATTR_USE_CANDIDATE, ATTR_USERNAME,
    },
    fingerprint::FINGERPRINT,
    integrity::MessageIntegrity,
    message::{BINDING_REQUEST, Message},
};

/// Longest check that is read. Those of browsers have about 120 bytes.
const MAX_LENGTH: usize = 548;
/// Most attributes that are read.
const MAX_ATTRIBUTES: usize = 16;

/// A check, not yet authenticated.
pub(crate) struct Request {
    message: Message,
    /// The node's part of its `USERNAME`.
    pub local_name: String,
    pub nominates: bool,
    /// The client thinks that it is the controlled side, which only the node can be.
    pub has_role_conflict: bool,
}

/// Why a check is refused with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// 400: something is missing.
    BadRequest,
    /// 401: the password is another one, or the name is nobody's.
    Unauthorized,
    /// 420: an attribute that has to be understood is not.
    UnknownAttribute(u16),
    /// 487.
    RoleConflict,
}

impl Request {
    /// Reads a check. `Err(None)` is not to be answered: no binding request, or damaged.
    pub(crate) fn read(datagram: &[u8]) -> Result<Self, Option<(Message, Refusal)>> {
        // The whole datagram is one message, or the component would look for the fingerprint in the wrong place.
        let length = datagram.get(2..4).and_then(|bytes| bytes.try_into().ok()).map(u16::from_be_bytes);
        if datagram.len() > MAX_LENGTH || length.map(|length| usize::from(length) + 20) != Some(datagram.len()) {
            return Err(None);
        }
        let mut message = Message::new();
        message.unmarshal_binary(datagram).map_err(|_| None)?;
        // Browsers always put a fingerprint at the end (RFC 8445, 7.1.3): without a right one it is something else.
        let last = message.attributes.0.last().map(|attribute| attribute.typ);
        if message.typ != BINDING_REQUEST
            || message.attributes.0.len() > MAX_ATTRIBUTES
            || last != Some(ATTR_FINGERPRINT)
            || FINGERPRINT.check(&message).is_err()
        {
            return Err(None);
        }
        let name = message.get(ATTR_USERNAME).ok().and_then(|name| String::from_utf8(name).ok());
        let local_name = name.as_deref().and_then(|name| name.split_once(':')).map(|(local, _)| local.to_owned());
        let has_integrity = message
            .attributes
            .0
            .iter()
            .any(|attribute| attribute.typ == ATTR_MESSAGE_INTEGRITY && attribute.value.len() == 20);
        let (Some(local_name), true) = (local_name, has_integrity) else {
            return Err(Some((message, Refusal::BadRequest)));
        };
        let nominates = message.contains(ATTR_USE_CANDIDATE);
        let has_role_conflict = message.contains(ATTR_ICE_CONTROLLED);
        Ok(Self { message, local_name, nominates, has_role_conflict })
    }

    /// Checks that it was made by somebody who knows the password, and that it can be answered.
    pub(crate) fn authenticate(
        mut self,
        password: &str,
        crypto: &dyn RTCCrypto,
    ) -> Result<Message, (Message, Refusal)> {
        if MessageIntegrity::check(&mut self.message, password.as_bytes(), crypto).is_err() {
            return Err((self.message, Refusal::Unauthorized));
        }
        const KNOWN: [rtc_stun::attributes::AttrType; 7] = [
            ATTR_USERNAME,
            ATTR_MESSAGE_INTEGRITY,
            ATTR_FINGERPRINT,
            ATTR_PRIORITY,
            ATTR_USE_CANDIDATE,
            ATTR_ICE_CONTROLLED,
            ATTR_ICE_CONTROLLING,
        ];
        let unknown = self.message.attributes.0.iter().map(|attribute| attribute.typ);
        if let Some(unknown) = unknown.into_iter().find(|kind| kind.required() && !KNOWN.contains(kind)) {
            return Err((self.message, Refusal::UnknownAttribute(unknown.value())));
        }
        if self.has_role_conflict {
            return Err((self.message, Refusal::RoleConflict));
        }
        Ok(self.message)
    }

    /// Gives the message back, to refuse it.
    pub(crate) fn into_message(self) -> Message {
        self.message
    }
}
