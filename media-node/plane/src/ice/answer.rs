//! Answering checks.

use std::net::SocketAddr;

use rtc_crypto::RTCCrypto;
use rtc_stun::{
    attributes::ATTR_UNKNOWN_ATTRIBUTES,
    error_code::{CODE_BAD_REQUEST, CODE_ROLE_CONFLICT, CODE_UNAUTHORIZED, CODE_UNKNOWN_ATTRIBUTE, ErrorCodeAttribute},
    fingerprint::FINGERPRINT,
    integrity::MessageIntegrity,
    message::{BINDING_ERROR, BINDING_SUCCESS, Message, Setter},
    xoraddr::XorMappedAddress,
};

use super::Refusal;

/// The answer to a valid check.
pub(crate) fn success(request: &Message, from: SocketAddr, password: &str, crypto: &dyn RTCCrypto) -> Option<Vec<u8>> {
    let mapped = XorMappedAddress { ip: from.ip(), port: from.port() };
    let mut answer = begin(request, true);
    mapped.add_to(&mut answer).ok()?;
    end(answer, Some(password), crypto)
}

/// The answer to a refused one. It is never longer than the request, so that nobody can use it to flood a third party.
/// `password` is for refusals of authenticated checks.
pub(crate) fn error(
    request: &Message,
    refusal: Refusal,
    password: Option<&str>,
    crypto: &dyn RTCCrypto,
) -> Option<Vec<u8>> {
    let code = match refusal {
        Refusal::BadRequest => CODE_BAD_REQUEST,
        Refusal::Unauthorized => CODE_UNAUTHORIZED,
        Refusal::UnknownAttribute(_) => CODE_UNKNOWN_ATTRIBUTE,
        Refusal::RoleConflict => CODE_ROLE_CONFLICT,
    };
    let mut answer = begin(request, false);
    ErrorCodeAttribute { code, reason: Vec::new() }.add_to(&mut answer).ok()?;
    if let Refusal::UnknownAttribute(kind) = refusal {
        answer.add(ATTR_UNKNOWN_ATTRIBUTES, &kind.to_be_bytes());
    }
    end(answer, password, crypto).filter(|answer| answer.len() <= request.raw.len())
}

fn begin(request: &Message, is_success: bool) -> Message {
    let mut answer = Message::new();
    answer.set_type(if is_success { BINDING_SUCCESS } else { BINDING_ERROR });
    answer.transaction_id = request.transaction_id;
    answer.write_header();
    answer
}

fn end(mut answer: Message, password: Option<&str>, crypto: &dyn RTCCrypto) -> Option<Vec<u8>> {
    if let Some(password) = password {
        MessageIntegrity::new_raw_integrity_with_provider(password.as_bytes(), crypto).add_to(&mut answer).ok()?;
    }
    FINGERPRINT.add_to(&mut answer).ok()?;
    Some(answer.raw)
}
