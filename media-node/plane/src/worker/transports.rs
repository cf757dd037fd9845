//! Making, connecting and closing transports.

use std::time::Instant;

use dais_media::{
    Direction, DtlsParameters, IceParameters,
    transport::{DtlsFingerprint, DtlsRole, IceCandidate},
};

use super::{
    NewTransport, Transport, Worker,
    transport::{Handshake, Keys},
};
use crate::{
    DownReason, Event, PlaneError,
    dtls::{Dtls, Established},
    ice::Credentials,
    identity::{FingerprintAlgorithm, fingerprint},
    keys::{ConsumerKey, ProducerKey, RoomKey, TransportKey},
    random::u32_of,
    srtp,
};

/// Most certificates that a client may announce.
const MAX_FINGERPRINTS: usize = 8;

pub(super) const NO_TRANSPORT: PlaneError = PlaneError::NotFound { what: "transport" };

impl Worker {
    /// Makes a transport for a client of a room.
    pub fn create_transport(
        &mut self,
        now: Instant,
        room: RoomKey,
        direction: Direction,
    ) -> Result<NewTransport, PlaneError> {
        let max = self.config.bounds.transports;
        let there = self.rooms.get(room).ok_or(PlaneError::NotFound { what: "room" })?;
        if there.transports.len() >= max {
            return Err(PlaneError::TooMany { what: "transports", max });
        }
        if self.configs.is_err() {
            return Err(PlaneError::Crypto("DTLS configuration"));
        }
        let credentials = self.new_credentials();
        let name = credentials.username_fragment.clone();
        self.owners += 1;
        let rtcp_ssrc = u32_of(self.random.as_mut());
        let transport = Transport::new(now, room, direction, credentials, self.owners, rtcp_ssrc);
        let ice_parameters = ice_parameters(&transport);
        let key = self.transports.insert(transport);
        self.by_name.insert(name, key);
        if let Some(room) = self.rooms.get_mut(room) {
            room.transports.push(key);
        }
        self.schedule(key);
        Ok(NewTransport {
            key,
            ice_parameters,
            ice_candidates: self.candidates(),
            dtls_parameters: DtlsParameters {
                role: DtlsRole::Auto,
                fingerprints: vec![self.identity.fingerprint().clone()],
            },
        })
    }

    fn candidates(&self) -> Vec<IceCandidate> {
        let candidate = |(at, address): (usize, &std::net::SocketAddr)| IceCandidate {
            foundation: "udpcandidate".to_owned(),
            // Host candidates of the only component (RFC 8445, 5.1.2.1).
            priority: 126 << 24 | 0xffff_u32.saturating_sub(at as u32) << 8 | 255,
            address: address.ip(),
            ip: address.ip(),
            protocol: "udp".to_owned(),
            port: address.port(),
            kind: "host".to_owned(),
        };
        self.config.candidates.iter().enumerate().map(candidate).collect()
    }

    fn new_credentials(&mut self) -> Credentials {
        loop {
            let credentials = Credentials::new(self.random.as_mut());
            if !self.by_name.contains_key(&credentials.username_fragment) {
                return credentials;
            }
        }
    }

    /// The client's certificates and role. Media is accepted only after this. Saying the same again changes nothing.
    pub fn connect_transport(
        &mut self,
        now: Instant,
        transport: TransportKey,
        dtls: &DtlsParameters,
    ) -> Result<(), PlaneError> {
        let there = self.transports.get_mut(transport).ok_or(NO_TRANSPORT)?;
        if dtls.fingerprints.len() > MAX_FINGERPRINTS {
            return Err(PlaneError::TooMany { what: "fingerprints", max: MAX_FINGERPRINTS });
        }
        let is_known = |own: &&DtlsFingerprint| FingerprintAlgorithm::read(&own.algorithm).is_some();
        let expected: Vec<_> = dtls.fingerprints.iter().filter(is_known).cloned().collect();
        if expected.is_empty() {
            return Err(PlaneError::Dtls { reason: "no fingerprint of sha-256, sha-384 or sha-512" });
        }
        if let Some(before) = &there.expected {
            return match *before == expected {
                true => Ok(()),
                false => Err(PlaneError::Dtls { reason: "already connected with other fingerprints" }),
            };
        }
        there.expected = Some(expected);
        if dtls.role == DtlsRole::Server && there.unverified.is_none() {
            // The client waits, so the node begins, as soon as it knows where he is.
            there.handshake = Handshake::Idle { is_client: true };
            self.begin_handshake(now, transport);
        }
        self.verify(now, transport);
        Ok(())
    }

    /// Begins the handshake, if that is the node's part and the client's address is known.
    pub(super) fn begin_handshake(&mut self, now: Instant, key: TransportKey) {
        let Some(transport) = self.transports.get_mut(key) else { return };
        let (Handshake::Idle { is_client: true }, Some(_)) = (&transport.handshake, transport.ice.selected()) else {
            return;
        };
        let Ok(configs) = &self.configs else { return };
        if let Some(dtls) = Dtls::client(configs, now) {
            transport.handshake = Handshake::Begun(Box::new(dtls));
            self.flush_dtls(key);
            self.schedule(key);
        }
    }

    /// Sends what DTLS wants to send.
    pub(super) fn flush_dtls(&mut self, key: TransportKey) {
        let Some(transport) = self.transports.get_mut(key) else { return };
        loop {
            let Handshake::Begun(dtls) = &mut transport.handshake else { return };
            let Some(datagram) = dtls.poll_transmit() else { return };
            let (buffer, start) = self.egress.begin();
            buffer.extend_from_slice(&datagram);
            Self::send(&mut self.egress, &mut self.counters, transport, start, false);
        }
    }

    /// A handshake is done.
    pub(super) fn established(&mut self, now: Instant, key: TransportKey, established: Box<Established>) {
        self.counters.handshakes += 1;
        if let Some(transport) = self.transports.get_mut(key)
            && transport.keys.is_none()
        {
            transport.unverified = Some(established);
            self.verify(now, key);
        }
    }

    /// Compares the certificate with the announced ones, when both are known, and lets media flow.
    fn verify(&mut self, now: Instant, key: TransportKey) {
        let Some(transport) = self.transports.get_mut(key) else { return };
        let Some(expected) = &transport.expected else { return };
        let Some(established) = transport.unverified.take() else { return };
        let is_his = expected.iter().any(|expected| {
            FingerprintAlgorithm::read(&expected.algorithm).is_some_and(|algorithm| {
                let shown = fingerprint(algorithm, &established.certificate);
                shown.value.eq_ignore_ascii_case(&expected.value)
            })
        });
        if !is_his {
            self.take_down(now, key, DownReason::WrongCertificate);
            return;
        }
        let owner = transport.claims.owner();
        let crypto = self.identity.provider().crypto();
        let Established { profile, material, is_client, .. } = *established;
        let Some((sealer, inbound)) = srtp::keys(profile, material.as_ref(), is_client, owner, crypto) else {
            self.take_down(now, key, DownReason::DtlsFailed);
            return;
        };
        transport.keys = Some(Keys { sealer, inbound, profile: profile.name() });
        transport.is_up = true;
        transport.last_seen = now;
        transport.reports_at = now;
        let took = now.saturating_duration_since(transport.first_check.unwrap_or(transport.created));
        self.tell(Event::TransportUp { transport: key, took });
        self.schedule(key);
        self.ask_for_beginnings(now, key);
    }

    /// New ICE credentials. The old ones stay valid until the client has nominated a path with the new ones.
    pub fn restart_ice(&mut self, transport: TransportKey) -> Result<IceParameters, PlaneError> {
        if !self.transports.contains_key(transport) {
            return Err(NO_TRANSPORT);
        }
        let credentials = self.new_credentials();
        let there = self.transports.get_mut(transport).ok_or(NO_TRANSPORT)?;
        self.by_name.insert(credentials.username_fragment.clone(), transport);
        if let Some(expired) = there.ice.restart(credentials) {
            self.by_name.remove(&expired);
        }
        Ok(ice_parameters(there))
    }

    /// Closes a transport with all its producers and consumers, and the consumers of those producers. Says BYE to subscribers and
    /// `close_notify` to its client.
    pub fn close_transport(&mut self, now: Instant, transport: TransportKey) {
        self.remove_transport(now, transport);
    }

    /// Closes a transport that is dead, and says so.
    pub(super) fn take_down(&mut self, now: Instant, key: TransportKey, reason: DownReason) {
        if matches!(reason, DownReason::DtlsFailed | DownReason::WrongCertificate) {
            self.counters.handshakes_failed += 1;
        }
        let Some((producers, consumers)) = self.remove_transport(now, key) else { return };
        self.tell(Event::TransportDown { transport: key, reason, producers, consumers });
    }

    fn remove_transport(&mut self, now: Instant, key: TransportKey) -> Option<(Vec<ProducerKey>, Vec<ConsumerKey>)> {
        let transport = self.transports.get(key)?;
        let (producers, consumers) = (transport.producers.clone(), transport.consumers.clone());
        for producer in &producers {
            self.close_producer(now, *producer);
        }
        for consumer in &consumers {
            self.close_consumer(now, *consumer);
        }
        if let Some(Handshake::Begun(dtls)) = self.transports.get_mut(key).map(|transport| &mut transport.handshake) {
            dtls.close(now);
        }
        self.flush_dtls(key);
        let transport = self.transports.remove(key)?;
        for address in transport.ice.addresses() {
            self.forget_address(address, key);
        }
        for name in transport.ice.names() {
            self.by_name.remove(name);
        }
        if let Some(room) = self.rooms.get_mut(transport.room) {
            room.transports.retain(|other| *other != key);
        }
        Some((producers, consumers))
    }

    /// An address is a client's no longer, unless it has become another one's.
    pub(super) fn forget_address(&mut self, address: std::net::SocketAddr, of: TransportKey) {
        if self.by_address.get(&address) == Some(&of) {
            self.by_address.remove(&address);
        }
    }
}

fn ice_parameters(transport: &Transport) -> IceParameters {
    let Credentials { username_fragment, password } = transport.ice.current().clone();
    IceParameters { username_fragment, password, ice_lite: true }
}
