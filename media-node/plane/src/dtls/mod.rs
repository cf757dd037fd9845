//! The DTLS side of a transport: a handshake by rtc-dtls, the keys of SRTP, and the end of the association.

mod filter;
mod flight;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use rtc_crypto::{RTCCryptoProvider, SecretVec};
use rtc_dtls::{
    cipher_suite::CipherSuiteId,
    config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig},
    crypto::Certificate,
    endpoint::{Endpoint, EndpointEvent},
    extension::extension_use_srtp::SrtpProtectionProfile,
};
use rtc_shared::TransportProtocol;

use crate::srtp::Profile;

/// Time to the retransmission of a flight, seven times. RFC 6347 begins with one second; the path is known to work here.
const FLIGHT_INTERVAL: Duration = Duration::from_millis(300);
/// The component tells associations apart by address; each transport has its own endpoint, and clients move.
const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 1);
const LABEL: &str = "EXTRACTOR-dtls_srtp";

/// The parameters of both roles, built once.
pub(crate) struct Configs {
    server: Arc<HandshakeConfig>,
    client: Arc<HandshakeConfig>,
}

/// What the node offers and accepts, the best first.
const PROFILES: &[SrtpProtectionProfile] =
    &[SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm, SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80];

impl Configs {
    pub(crate) fn new(certificate: &Certificate, provider: &Arc<dyn RTCCryptoProvider>) -> Result<Self, String> {
        Self::with_profiles(certificate, provider, PROFILES)
    }

    /// With other profiles than the node's, for clients.
    pub(crate) fn with_profiles(
        certificate: &Certificate,
        provider: &Arc<dyn RTCCryptoProvider>,
        profiles: &[SrtpProtectionProfile],
    ) -> Result<Self, String> {
        Ok(Self {
            server: config(certificate, provider, profiles, false)?,
            client: config(certificate, provider, profiles, true)?,
        })
    }
}

fn config(
    certificate: &Certificate,
    provider: &Arc<dyn RTCCryptoProvider>,
    profiles: &[SrtpProtectionProfile],
    is_client: bool,
) -> Result<Arc<HandshakeConfig>, String> {
    let config = ConfigBuilder::default()
        .with_crypto_provider(provider.clone())
        .with_certificates(vec![certificate.clone()])
        .with_cipher_suites(vec![
            CipherSuiteId::Tls_Ecdhe_Ecdsa_With_Aes_128_Gcm_Sha256,
            CipherSuiteId::Tls_Ecdhe_Ecdsa_With_Aes_256_Cbc_Sha,
        ])
        .with_srtp_protection_profiles(profiles.to_vec())
        // Certificates are self-signed; who it is says the fingerprint, which the transport compares.
        .with_client_auth(ClientAuthType::RequireAnyClientCert)
        .with_insecure_skip_verify(true)
        .with_extended_master_secret(ExtendedMasterSecretType::Require)
        .with_flight_interval(FLIGHT_INTERVAL)
        .with_server_name("dais".to_owned())
        .build(is_client, Some(PEER));
    config.map(Arc::new).map_err(|error| error.to_string())
}

/// What both sides know after a handshake.
pub(crate) struct Established {
    pub profile: Profile,
    pub material: SecretVec,
    /// The client's certificate in DER.
    pub certificate: Vec<u8>,
    /// The node was the DTLS client.
    pub is_client: bool,
}

/// What a datagram has brought about.
pub(crate) enum Outcome {
    Nothing,
    /// The handshake is done.
    Established(Box<Established>),
    /// The client has ended the association.
    Closed,
    /// The handshake cannot succeed any more.
    Failed,
}

/// The DTLS side of a transport.
pub(crate) struct Dtls {
    endpoint: Endpoint,
    filter: filter::Filter,
    flight: flight::Flight,
    is_client: bool,
    is_established: bool,
}

impl Dtls {
    /// The side that waits for the client to begin.
    pub(crate) fn server(configs: &Configs) -> Self {
        Self::new(Some(configs.server.clone()), false)
    }

    /// The side that begins.
    pub(crate) fn client(configs: &Configs, now: Instant) -> Option<Self> {
        let mut dtls = Self::new(None, true);
        dtls.endpoint.connect(now, PEER, configs.client.clone(), None).ok()?;
        Some(dtls)
    }

    fn new(server: Option<Arc<HandshakeConfig>>, is_client: bool) -> Self {
        let endpoint = Endpoint::new(PEER, TransportProtocol::UDP, server);
        Self {
            endpoint,
            filter: filter::Filter::default(),
            flight: flight::Flight::default(),
            is_client,
            is_established: false,
        }
    }

    /// A datagram from a validated address.
    pub(crate) fn receive(&mut self, now: Instant, datagram: &[u8]) -> Outcome {
        if !self.filter.admits(datagram, self.is_established) {
            return Outcome::Nothing;
        }
        let events = match self.endpoint.read(now, PEER, None, BytesMut::from(datagram)) {
            Ok(events) => events,
            // After the handshake, errors are about single records. Before, the component cannot go on.
            Err(error) if self.is_established => {
                tracing::debug!(%error, "DTLS record dropped");
                return Outcome::Nothing;
            }
            Err(error) => {
                tracing::debug!(%error, "DTLS handshake failed");
                return Outcome::Failed;
            }
        };
        for event in events {
            match event {
                EndpointEvent::HandshakeComplete => {
                    self.is_established = true;
                    self.flight.is_done();
                    let Some(established) = self.established() else { return Outcome::Failed };
                    return Outcome::Established(Box::new(established));
                }
                EndpointEvent::PeerClosed => return Outcome::Closed,
                // Data channels are not offered.
                _ => {}
            }
        }
        if !self.is_established && self.endpoint.poll_timeout(&PEER).is_none() {
            self.flight.wake(now);
        }
        Outcome::Nothing
    }

    fn established(&self) -> Option<Established> {
        let state = self.endpoint.get_connection_state(PEER)?;
        let profile = match state.srtp_protection_profile() {
            SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm => Profile::AeadAes128Gcm,
            SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80 => Profile::Aes128CmSha1,
            _ => return None,
        };
        let material = state.export_keying_material(LABEL, &[], profile.material_length()).ok()?;
        let certificate = state.peer_certificates.first()?.clone();
        Some(Established { profile, material, certificate, is_client: self.is_client })
    }

    /// The next datagram to send.
    pub(crate) fn poll_transmit(&mut self) -> Option<BytesMut> {
        if let Some(transmit) = self.endpoint.poll_transmit() {
            if !self.is_established {
                self.flight.sent(transmit.now, &transmit.message);
            }
            return Some(transmit.message);
        }
        self.flight.poll_transmit()
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.endpoint.poll_timeout(&PEER).or(self.flight.deadline())
    }

    /// Retransmits what is due. False if that was in vain too often.
    pub(crate) fn advance(&mut self, now: Instant) -> bool {
        match self.endpoint.poll_timeout(&PEER) {
            Some(deadline) if deadline <= now => self.endpoint.handle_timeout(PEER, now).is_ok(),
            Some(_) => true,
            None => self.flight.advance(now),
        }
    }

    /// Ends the association: a `close_notify` is to be sent.
    pub(crate) fn close(&mut self, now: Instant) {
        self.endpoint.stop(now, PEER);
    }
}
