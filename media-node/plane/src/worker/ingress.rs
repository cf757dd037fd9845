//! What comes from the network.

use std::{net::SocketAddr, time::Instant};

use super::{
    Worker,
    transport::{Binding, Handshake, Source},
};
use crate::{
    DownReason,
    dtls::{Dtls, Outcome},
    ice::{self, Refusal, Request},
    keys::TransportKey,
    rtp::Header,
    srtp::{OpenError, Received},
};

/// SSRCs that one client may use over time. Those of closed producers are remembered, so that their packets cannot be replayed.
const MAX_SOURCES: usize = 4096;

impl Worker {
    /// A datagram has come. It is decrypted in place. Never fails: what is wrong with it is counted.
    pub fn receive(&mut self, now: Instant, from: SocketAddr, datagram: &mut [u8]) {
        self.at_work = None;
        self.counters.packets_in += 1;
        self.counters.bytes_in += datagram.len() as u64;
        // RFC 7983: the first byte tells what it is.
        match datagram.first() {
            Some(0..=3) => self.receive_stun(now, from, datagram),
            Some(20..=63) => match self.sender(from, datagram.len()) {
                Some(key) => self.receive_dtls(now, key, datagram),
                None => self.counters.drops.unknown_address += 1,
            },
            Some(128..=191) => match self.sender(from, datagram.len()) {
                // RFC 5761: payload types 64 to 95 are RTCP.
                Some(key) if datagram.get(1).is_some_and(|kind| (192..=223).contains(kind)) => {
                    self.receive_rtcp(now, key, datagram);
                }
                Some(key) => self.receive_rtp(now, key, datagram),
                None => self.counters.drops.unknown_address += 1,
            },
            _ => self.counters.drops.malformed += 1,
        }
    }

    fn sender(&mut self, from: SocketAddr, length: usize) -> Option<TransportKey> {
        let key = *self.by_address.get(&from)?;
        self.at_work = Some(key);
        let transport = self.transports.get_mut(key)?;
        transport.packets_in += 1;
        transport.bytes_in += length as u64;
        Some(key)
    }

    fn receive_stun(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) {
        let provider = self.identity.provider().clone();
        let crypto = provider.crypto();
        let request = match Request::read(datagram) {
            Ok(request) => request,
            Err(refused) => {
                self.counters.drops.stun += 1;
                if let Some((message, refusal)) = refused {
                    self.answer(from, ice::error(&message, refusal, None, crypto));
                }
                return;
            }
        };
        let (name, nominated) = (request.local_name.clone(), request.nominates);
        let known = self.by_name.get(&name).copied();
        let there = known.and_then(|key| Some((key, self.transports.get_mut(key)?)));
        let Some((key, transport)) = there else {
            self.counters.drops.stun += 1;
            self.answer(from, ice::error(&request.into_message(), Refusal::Unauthorized, None, crypto));
            return;
        };
        let Some(password) = transport.ice.password(&name).map(str::to_owned) else { return };
        let message = match request.authenticate(&password, crypto) {
            Ok(message) => message,
            Err((message, refusal)) => {
                self.counters.drops.stun += 1;
                let password = (refusal != Refusal::Unauthorized).then_some(password.as_str());
                self.answer(from, ice::error(&message, refusal, password, crypto));
                return;
            }
        };
        // Not before: anybody can name anybody.
        self.at_work = Some(key);
        transport.packets_in += 1;
        transport.bytes_in += datagram.len() as u64;
        transport.last_seen = now;
        transport.first_check.get_or_insert(now);
        let changed = transport.ice.checked(now, from, &name, nominated);
        if let Some(expired) = changed.expired {
            self.by_name.remove(&expired);
        }
        if let Some(removed) = changed.removed {
            self.forget_address(removed, key);
        }
        self.by_address.insert(from, key);
        self.counters.ice_checks += 1;
        self.answer(from, ice::success(&message, from, &password, crypto));
        self.begin_handshake(now, key);
    }

    fn answer(&mut self, to: SocketAddr, datagram: Option<Vec<u8>>) {
        if let Some(datagram) = datagram {
            self.counters.packets_out += 1;
            self.counters.bytes_out += datagram.len() as u64;
            self.egress.push(to, &datagram);
        }
    }

    fn receive_dtls(&mut self, now: Instant, key: TransportKey, datagram: &[u8]) {
        let Some(transport) = self.transports.get_mut(key) else { return };
        if let Handshake::Idle { is_client: false } = transport.handshake
            && let Ok(configs) = &self.configs
        {
            transport.handshake = Handshake::Begun(Box::new(Dtls::server(configs)));
        }
        let Handshake::Begun(dtls) = &mut transport.handshake else { return };
        let outcome = dtls.receive(now, datagram);
        self.flush_dtls(key);
        match outcome {
            Outcome::Nothing => {}
            Outcome::Established(established) => self.established(now, key, established),
            Outcome::Closed => self.take_down(now, key, DownReason::DtlsClosed),
            Outcome::Failed => self.take_down(now, key, DownReason::DtlsFailed),
        }
        self.schedule(key);
    }

    fn receive_rtp(&mut self, now: Instant, key: TransportKey, datagram: &mut [u8]) {
        let Some(header) = Header::read(datagram) else {
            self.counters.drops.malformed += 1;
            return;
        };
        let Some(transport) = self.transports.get_mut(key) else { return };
        let Some(keys) = &mut transport.keys else {
            self.counters.drops.not_ready += 1;
            return;
        };
        if !transport.allowance.take(now, datagram.len(), self.config.bounds.bitrate) {
            self.counters.drops.bitrate += 1;
            return;
        }
        let length;
        let binding = if let Some(source) = transport.sources.get_mut(&header.ssrc) {
            let opened =
                keys.inbound.open_rtp(&mut source.received, header.ssrc, header.sequence, header.length, datagram);
            length = match opened {
                Ok(length) => length,
                Err(error) => return self.not_opened(error),
            };
            source.binding
        } else {
            // An SSRC that was not announced: its first packets say what it is. Only a genuine one is believed.
            let Some(binding) = self.identify(key, &header, datagram) else {
                self.counters.drops.unknown_stream += 1;
                return;
            };
            let Some(transport) = self.transports.get_mut(key) else { return };
            let Some(keys) = &mut transport.keys else { return };
            let mut received = Received::default();
            let opened = keys.inbound.open_rtp(&mut received, header.ssrc, header.sequence, header.length, datagram);
            length = match opened {
                Ok(length) => length,
                Err(error) => return self.not_opened(error),
            };
            if !self.bind(now, key, header.ssrc, binding, received) {
                self.counters.drops.unknown_stream += 1;
                return;
            }
            binding
        };
        if let Some(transport) = self.transports.get_mut(key) {
            transport.last_seen = now;
        }
        if let Some(packet) = datagram.get(..length) {
            #[cfg(feature = "panics")]
            super::eviction::panic_if_told(packet);
            self.ingest(now, key, binding, &header, packet);
        }
    }

    fn not_opened(&mut self, error: OpenError) {
        match error {
            OpenError::Malformed => self.counters.drops.malformed += 1,
            OpenError::Replayed => self.counters.drops.replayed += 1,
            OpenError::Forged => self.counters.drops.srtp += 1,
        }
    }

    /// Which stream a packet of an unknown SSRC belongs to, as its header extensions say (RFC 8852, RFC 8843).
    fn identify(&self, key: TransportKey, header: &Header, packet: &[u8]) -> Option<Binding> {
        let transport = self.transports.get(key)?;
        for key in &transport.producers {
            let producer = self.producers.get(*key)?;
            let ids = &producer.published.extensions;
            let find = |id: Option<u8>| {
                let id = id?;
                header.extensions(packet).find_map(|(at, value)| (at == id).then_some(value))
            };
            let mid = find(ids.mid).zip(producer.published.mid.as_deref());
            if mid.is_some_and(|(sent, own)| sent != own.as_bytes()) {
                continue;
            }
            let (rid, repaired) = (find(ids.rid), find(ids.repaired_rid));
            let (name, repairs) = match (rid, repaired) {
                (_, Some(repaired)) => (repaired, true),
                (Some(rid), None) => (rid, false),
                (None, None) => continue,
            };
            let is_it = |layer: &super::producer::Layer| layer.rid.as_deref().is_some_and(|own| own.as_bytes() == name);
            if let Some(layer) = producer.layers.iter().position(is_it) {
                return Some(Binding { producer: *key, layer: layer as u8, repairs });
            }
        }
        None
    }

    /// From now on, an SSRC is a stream's. A stream that had another one before has begun anew.
    fn bind(&mut self, now: Instant, key: TransportKey, ssrc: u32, binding: Binding, received: Received) -> bool {
        let Some(transport) = self.transports.get_mut(key) else { return false };
        let Some(producer) = self.producers.get_mut(binding.producer) else { return false };
        let Some(layer) = producer.layers.get_mut(usize::from(binding.layer)) else { return false };
        let mut restarted = Vec::new();
        if transport.sources.len() >= MAX_SOURCES {
            return false;
        }
        let before = if binding.repairs { &mut layer.rtx_ssrc } else { &mut layer.ssrc };
        // An announced SSRC stays; one that was learnt may change, as browsers do after an ICE restart.
        if let Some(old) = before.replace(ssrc)
            && old != ssrc
            && !binding.repairs
        {
            layer.restart(now, producer.published.codec.clock_rate);
            restarted = producer.consumers.clone();
        }
        transport.sources.insert(ssrc, Source { binding, received });
        for consumer in restarted {
            if self.consumers.get(consumer).is_some_and(|own| own.selection.current() == Some(binding.layer)) {
                self.begin_anew(now, consumer);
            }
        }
        true
    }
}
