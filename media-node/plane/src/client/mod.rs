//! A client without I/O, for the tests of the plane: what a browser does on one transport, and what none would.
//!
//! It is the controlling ICE side and, unless told otherwise, the DTLS client. Its SRTP is that of rtc-srtp, so that the node's own is
//! checked against it.

mod ice;
pub mod media;

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use dais_media::{DtlsParameters, IceParameters, capabilities::id::TRANSPORT_CC, transport::DtlsRole};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
pub use rtc_rtcp;
use rtc_rtcp::{
    packet::{Packet, marshal, unmarshal},
    payload_feedbacks::picture_loss_indication::PictureLossIndication,
    transport_feedbacks::transport_layer_nack::{TransportLayerNack, nack_pairs_from_sequence_numbers},
};
use rtc_shared::marshal::{MarshalSize, Unmarshal};
use rtc_srtp::{context::Context, protection_profile::ProtectionProfile};

pub use crate::srtp::nonces;
use crate::{
    Identity, NewTransport,
    congestion::{Arrivals, INTERVAL},
    dtls::{Configs, Dtls, Established, Outcome},
    rtp::Header,
    srtp::Profile,
};

/// Time between checks once one was answered, as in browsers.
const CONSENT_INTERVAL: Duration = Duration::from_millis(2500);
/// Time between checks before that.
const CHECK_INTERVAL: Duration = Duration::from_millis(50);

/// How a client is to behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behaviour {
    /// It begins the handshake.
    pub is_dtls_client: bool,
    /// It offers AEAD_AES_128_GCM.
    pub offers_gcm: bool,
    /// It offers AES_CM_128_HMAC_SHA1_80.
    pub offers_cm: bool,
    /// It tells the node when packets with transport-wide numbers came.
    pub sends_feedback: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self { is_dtls_client: true, offers_gcm: true, offers_cm: true, sends_feedback: true }
    }
}

/// What a client has noticed.
#[derive(Debug)]
pub enum Noticed {
    /// ICE and DTLS are done.
    Connected,
    /// A packet, decrypted.
    Rtp(BytesMut),
    /// A compound, decrypted.
    Rtcp(Vec<Box<dyn Packet>>),
    /// The node has ended the association, or the handshake failed.
    Closed,
    /// SRTP or SRTCP that could not be decrypted.
    Undecryptable,
}

/// What a client cannot do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// Before [`Noticed::Connected`].
    #[error("not connected")]
    NotConnected,
    /// A component has refused.
    #[error("{0}")]
    Component(String),
}

/// A certificate and settings that many clients share.
pub struct Profiled {
    identity: Arc<Identity>,
    configs: Configs,
    behaviour: Behaviour,
}

impl Profiled {
    /// Prepares clients that behave in the same way and show the same certificate.
    pub fn new(identity: Arc<Identity>, behaviour: Behaviour) -> Result<Self, ClientError> {
        let mut profiles = Vec::new();
        if behaviour.offers_gcm {
            profiles.push(SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm);
        }
        if behaviour.offers_cm {
            profiles.push(SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80);
        }
        let configs = Configs::with_profiles(identity.certificate(), identity.provider(), &profiles)
            .map_err(ClientError::Component)?;
        Ok(Self { identity, configs, behaviour })
    }

    /// What the node must be told with `connect_transport`.
    pub fn dtls_parameters(&self) -> DtlsParameters {
        let role = if self.behaviour.is_dtls_client { DtlsRole::Client } else { DtlsRole::Server };
        DtlsParameters { role, fingerprints: vec![self.identity.fingerprint().clone()] }
    }
}

struct Keys {
    outbound: Context,
    inbound: Context,
}

/// A client of one transport.
pub struct Client {
    shared: Arc<Profiled>,
    ice: ice::Checks,
    dtls: Option<Dtls>,
    keys: Option<Box<Keys>>,
    next_check: Instant,
    arrivals: Option<Box<Arrivals>>,
    feedback_at: Option<Instant>,
    transmits: VecDeque<Vec<u8>>,
    noticed: VecDeque<Noticed>,
    /// Its SSRC in RTCP that is about nothing it sends.
    pub rtcp_ssrc: u32,
}

impl Client {
    /// A client of a transport. `seed` makes its name and transaction identifiers.
    pub fn new(now: Instant, shared: Arc<Profiled>, transport: &NewTransport, seed: u64) -> Self {
        Self::with_credentials(now, shared, transport.ice_parameters.clone(), seed)
    }

    /// The same, from what signalling has told.
    pub fn with_credentials(now: Instant, shared: Arc<Profiled>, credentials: IceParameters, seed: u64) -> Self {
        Self {
            ice: ice::Checks::new(credentials, seed, shared.identity.provider().clone()),
            shared,
            dtls: None,
            keys: None,
            next_check: now,
            arrivals: None,
            feedback_at: None,
            transmits: VecDeque::new(),
            noticed: VecDeque::new(),
            rtcp_ssrc: 1,
        }
    }

    /// New credentials of the node: checks use them from now on.
    pub fn restart_ice(&mut self, now: Instant, credentials: IceParameters) {
        self.ice.restart(credentials);
        self.next_check = now;
    }

    /// Whether its last check was answered.
    pub fn is_ice_connected(&self) -> bool {
        self.ice.is_answered()
    }

    /// Whether it can send media.
    pub fn is_connected(&self) -> bool {
        self.keys.is_some()
    }

    /// Where the node sees it.
    pub fn mapped_address(&self) -> Option<SocketAddr> {
        self.ice.mapped()
    }

    /// The next datagram to send to the node.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.transmits.pop_front()
    }

    /// The next thing noticed.
    pub fn poll_noticed(&mut self) -> Option<Noticed> {
        self.noticed.pop_front()
    }

    /// When [`Client::advance`] is wanted next.
    pub fn deadline(&self) -> Instant {
        let dtls = self.dtls.as_ref().and_then(Dtls::deadline);
        [dtls, self.feedback_at].into_iter().flatten().fold(self.next_check, Instant::min)
    }

    /// Does what is due.
    pub fn advance(&mut self, now: Instant) {
        if now >= self.next_check {
            let interval = if self.ice.is_answered() { CONSENT_INTERVAL } else { CHECK_INTERVAL };
            self.next_check = now + interval;
            self.transmits.extend(self.ice.check());
        }
        if self.feedback_at.is_some_and(|at| at <= now) {
            self.feedback_at = None;
            let ssrc = self.rtcp_ssrc;
            if let Some(feedback) = self.arrivals.as_mut().and_then(|arrivals| arrivals.report(ssrc)) {
                let _ = self.send_rtcp(&[Box::new(feedback)]);
            }
        }
        if let Some(dtls) = &mut self.dtls
            && !dtls.advance(now)
        {
            self.noticed.push_back(Noticed::Closed);
        }
        self.flush();
    }

    /// A datagram of the node has come.
    pub fn receive(&mut self, now: Instant, datagram: &[u8]) {
        match datagram.first() {
            Some(0..=3) => self.receive_stun(now, datagram),
            Some(20..=63) => self.receive_dtls(now, datagram),
            Some(128..=191) => self.receive_media(now, datagram),
            _ => {}
        }
    }

    fn receive_stun(&mut self, now: Instant, datagram: &[u8]) {
        if self.ice.receive(datagram) && self.dtls.is_none() {
            let configs = &self.shared.configs;
            let is_client = self.shared.behaviour.is_dtls_client;
            self.dtls = if is_client { Dtls::client(configs, now) } else { Some(Dtls::server(configs)) };
            self.flush();
        }
    }

    fn receive_dtls(&mut self, now: Instant, datagram: &[u8]) {
        let Some(dtls) = &mut self.dtls else { return };
        let outcome = dtls.receive(now, datagram);
        self.flush();
        match outcome {
            Outcome::Nothing => {}
            Outcome::Established(established) => match self.keys_of(&established) {
                Some(keys) => {
                    self.keys = Some(Box::new(keys));
                    self.noticed.push_back(Noticed::Connected);
                }
                None => self.noticed.push_back(Noticed::Closed),
            },
            Outcome::Closed | Outcome::Failed => self.noticed.push_back(Noticed::Closed),
        }
    }

    fn keys_of(&self, established: &Established) -> Option<Keys> {
        let (profile, salt) = match established.profile {
            Profile::AeadAes128Gcm => (ProtectionProfile::AeadAes128Gcm, 12),
            Profile::Aes128CmSha1 => (ProtectionProfile::Aes128CmHmacSha1_80, 14),
        };
        let material: &[u8] = established.material.as_ref();
        let context = |is_client: bool| {
            let at = usize::from(!is_client);
            let key = material.get(16 * at..16 * (at + 1))?;
            let salt = material.get(32 + salt * at..32 + salt * (at + 1))?;
            Context::new(key, salt, profile, None, None, self.shared.identity.provider().crypto()).ok()
        };
        Some(Keys { outbound: context(established.is_client)?, inbound: context(!established.is_client)? })
    }

    fn receive_media(&mut self, now: Instant, datagram: &[u8]) {
        let Some(keys) = &mut self.keys else { return };
        let noticed = if datagram.get(1).is_some_and(|kind| (192..=223).contains(kind)) {
            let opened = keys.inbound.decrypt_rtcp(datagram).ok();
            opened.and_then(|mut compound| unmarshal(&mut compound).ok()).map(Noticed::Rtcp)
        } else {
            if self.shared.behaviour.sends_feedback
                && let Some(header) = Header::read(datagram)
                && let Some((_, number)) = header.extensions(datagram).find(|(id, _)| *id == TRANSPORT_CC)
                && let Some(number) = number.first_chunk()
            {
                let arrivals = self.arrivals.get_or_insert_with(|| Box::new(Arrivals::new(now)));
                let is_full = arrivals.record(now, u16::from_be_bytes(*number), header.ssrc);
                let at = if is_full { now } else { now + INTERVAL };
                self.feedback_at = Some(self.feedback_at.map_or(at, |before| before.min(at)));
            }
            keys.inbound.decrypt_rtp(datagram).ok().map(Noticed::Rtp)
        };
        self.noticed.push_back(noticed.unwrap_or(Noticed::Undecryptable));
    }

    /// Encrypts and sends an RTP packet.
    pub fn send_rtp(&mut self, packet: &[u8]) -> Result<(), ClientError> {
        let keys = self.keys.as_mut().ok_or(ClientError::NotConnected)?;
        // The component panics where it reads a header as longer than the packet.
        let read = rtc_rtp::header::Header::unmarshal(&mut &*packet);
        if !read.is_ok_and(|read| read.marshal_size() <= packet.len()) {
            return Err(ClientError::Component("unsound header".to_owned()));
        }
        let sealed = keys.outbound.encrypt_rtp(packet).map_err(|error| ClientError::Component(error.to_string()))?;
        self.transmits.push_back(sealed.to_vec());
        Ok(())
    }

    /// Encrypts and sends a compound.
    pub fn send_rtcp(&mut self, compound: &[Box<dyn Packet>]) -> Result<(), ClientError> {
        let component = |error: rtc_shared::error::Error| ClientError::Component(error.to_string());
        let keys = self.keys.as_mut().ok_or(ClientError::NotConnected)?;
        let packets = marshal(compound).map_err(component)?;
        let sealed = keys.outbound.encrypt_rtcp(&packets).map_err(component)?;
        self.transmits.push_back(sealed.to_vec());
        Ok(())
    }

    /// Encrypts and sends bytes as if they were a compound.
    pub fn send_raw_rtcp(&mut self, compound: &[u8]) -> Result<(), ClientError> {
        let keys = self.keys.as_mut().ok_or(ClientError::NotConnected)?;
        let sealed = keys.outbound.encrypt_rtcp(compound);
        self.transmits.push_back(sealed.map_err(|error| ClientError::Component(error.to_string()))?.to_vec());
        Ok(())
    }

    /// Asks for packets again.
    pub fn send_nack(&mut self, media_ssrc: u32, missing: &[u16]) -> Result<(), ClientError> {
        let nacks = nack_pairs_from_sequence_numbers(missing);
        self.send_rtcp(&[Box::new(TransportLayerNack { sender_ssrc: self.rtcp_ssrc, media_ssrc, nacks })])
    }

    /// Asks for a key frame.
    pub fn send_pli(&mut self, media_ssrc: u32) -> Result<(), ClientError> {
        self.send_rtcp(&[Box::new(PictureLossIndication { sender_ssrc: self.rtcp_ssrc, media_ssrc })])
    }

    /// Ends the association.
    pub fn close(&mut self, now: Instant) {
        if let Some(dtls) = &mut self.dtls {
            dtls.close(now);
        }
        self.flush();
    }

    fn flush(&mut self) {
        if let Some(dtls) = &mut self.dtls {
            while let Some(datagram) = dtls.poll_transmit() {
                self.transmits.push_back(datagram.to_vec());
            }
        }
    }
}
