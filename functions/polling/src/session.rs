//! A polling session: nothing but an id that carries its own birth, until a CONNECT packet comes.

use std::time::Duration;

use dais_domain::{RecoveryId, SocketId, Timestamp};
use dais_identity::Verifier;
use dais_realtime::EngineSettings;
use dais_socketio::{EnginePacket, Handshake, MAIN_NAMESPACE, Packet, payload};
use dais_store::{Polling, PollingSession};
use serde_json::Value;

use crate::http::Refused;

/// How long a client may poll before its WebSocket takes over.
const UPGRADE_TIME: Duration = Duration::from_secs(60);

/// How long a poll is held: a client that upgrades waits for its last poll, one that cannot polls this often.
const POLL_TIME: Duration = Duration::from_millis(100);

/// A session id: when it was given, in hexadecimal milliseconds, and a random part.
#[derive(Debug, Clone)]
pub struct Sid {
    id: SocketId,
    given_at: Timestamp,
}

impl Sid {
    /// Reads an id that is not too old.
    pub fn read(sid: &str, now: Timestamp) -> Result<Self, Refused> {
        let id = SocketId::new(sid).map_err(|_| Refused::UnknownSession)?;
        let (born, _) = sid.split_once('-').ok_or(Refused::UnknownSession)?;
        let given_at = u64::from_str_radix(born, 16).map(Timestamp::from_ms).map_err(|_| Refused::UnknownSession)?;
        if given_at > now || given_at.plus(UPGRADE_TIME) < now {
            return Err(Refused::UnknownSession);
        }
        Ok(Self { id, given_at })
    }
}

/// The open packet of a new session, which offers the WebSocket.
pub fn handshake(settings: &EngineSettings, now: Timestamp) -> String {
    let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let handshake = Handshake {
        sid: format!("{:x}-{}", now.as_ms(), nanoid::nanoid!(16)),
        upgrades: vec!["websocket".to_owned()],
        ping_interval_ms: millis(settings.ping_interval),
        ping_timeout_ms: millis(settings.ping_timeout),
        max_payload_bytes: settings.max_payload_bytes,
    };
    handshake.encode()
}

/// Holds a poll for a while. Nothing ever comes by polling.
pub async fn poll() {
    tokio::time::sleep(POLL_TIME).await;
}

/// Takes the packets of a POST: a CONNECT with a good token is kept for the WebSocket, everything else waits for it too.
pub async fn receive(
    store: &impl Polling,
    verifier: &Verifier,
    sid: &Sid,
    body: &str,
    now: Timestamp,
) -> Result<(), Refused> {
    for packet in payload::split(body).map_err(|_| Refused::BadRequest)? {
        let EnginePacket::Message(text) = packet.map_err(|_| Refused::BadRequest)? else { continue };
        let Packet::Connect { namespace: MAIN_NAMESPACE, auth } =
            Packet::decode(text).map_err(|_| Refused::BadRequest)?
        else {
            continue;
        };
        let auth = auth.and_then(|auth| auth.read::<Value>().ok()).unwrap_or_default();
        keep(store, verifier, sid, &auth, now).await?;
    }
    Ok(())
}

async fn keep(
    store: &impl Polling,
    verifier: &Verifier,
    sid: &Sid,
    auth: &Value,
    now: Timestamp,
) -> Result<(), Refused> {
    let field = |name| auth.get(name).and_then(Value::as_str);
    let identity = match verifier.verify(field("token").unwrap_or_default(), now).await {
        Ok(identity) if identity.impersonated_by.is_some() => return Ok(()),
        Ok(identity) => identity,
        // The WebSocket that takes over tells the client so, as there is no packet for it here.
        Err(error) => {
            tracing::warn!(code = error.code(), "⚠️ Refused a polling connection");
            return Ok(());
        }
    };
    let session = PollingSession {
        sid: sid.id.clone(),
        user_id: identity.user_id,
        name: identity.name,
        image_url: identity.image_url,
        email: identity.email,
        recover: field("pid").and_then(|pid| RecoveryId::new(pid).ok()),
        offset: field("offset").filter(|offset| offset.len() <= 32).map(str::to_owned),
        expires_at: sid.given_at.plus(UPGRADE_TIME),
    };
    store.keep(&session).await.map_err(|error| {
        tracing::error!(%error, "a polling session could not be kept");
        Refused::Unavailable
    })
}
