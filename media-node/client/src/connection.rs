//! What publishing and subscribing peer connections have in common.

use std::{sync::Arc, time::Duration};

use dais_media::{
    DtlsParameters, TransportParams,
    transport::{DtlsFingerprint, DtlsRole},
};
use rtc::{
    crypto::SignatureScheme,
    peer_connection::{
        certificate::{CertificateParams, RTCCertificate},
        configuration::{
            RTCConfigurationBuilder, interceptor_registry::register_default_interceptors, media_engine::MediaEngine,
            setting_engine::SettingEngineBuilder,
        },
        transport::RTCDtlsRole,
    },
};
use tokio::sync::watch;
use webrtc::{
    media_stream::track_remote::TrackRemote,
    peer_connection::{
        PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCPeerConnectionState, Registry,
        SrtpProtectionProfile, crypto,
    },
};

use crate::PeerError;

/// Time between two checks. The crate's agent nominates a pair with the check after the one that was answered: 200 ms, its usual
/// interval, would be most of what joining takes. Browsers nominate at once.
const CHECK_INTERVAL: Duration = Duration::from_micros(50);
/// After how many without an answer the node counts as unreachable: ten seconds, as the runtime's clock has steps of a millisecond.
const MAX_CHECKS: u16 = 10_000;

/// Called with each track that comes.
pub(crate) type OnTrack = Box<dyn Fn(Arc<dyn TrackRemote>) + Send + Sync>;

/// A certificate that many clients show, and which side of the handshake (RFC 5763, 5) those who subscribe take. Who publishes begins it: the
/// node's answers are passive.
pub struct Shared {
    certificate: RTCCertificate,
    fingerprints: Vec<DtlsFingerprint>,
    subscribers: RTCDtlsRole,
}

impl Shared {
    /// Clients that begin the handshake whoever has offered, as browsers do.
    pub fn new() -> Result<Self, PeerError> {
        Self::with_role(RTCDtlsRole::Client)
    }

    /// Clients that let the node begin it when they subscribe: the crate's own choice towards an ICE-lite peer.
    pub fn waiting() -> Result<Self, PeerError> {
        Self::with_role(RTCDtlsRole::Server)
    }

    /// That of who subscribes.
    pub(crate) fn role(&self) -> DtlsRole {
        if self.subscribers == RTCDtlsRole::Client { DtlsRole::Client } else { DtlsRole::Server }
    }

    fn with_role(subscribers: RTCDtlsRole) -> Result<Self, PeerError> {
        let provider = crypto::default_provider().map_err(refused)?;
        let params = CertificateParams::new(vec!["client".to_owned()]).map_err(refused)?;
        let certificate = RTCCertificate::generate(provider.crypto(), SignatureScheme::EcdsaP256Sha256, params)?;
        let fingerprints = certificate.get_fingerprints(provider.crypto())?;
        let fingerprints = fingerprints.into_iter();
        let fingerprints =
            fingerprints.map(|it| DtlsFingerprint { algorithm: it.algorithm, value: it.value.to_ascii_uppercase() });
        Ok(Self { certificate, fingerprints: fingerprints.collect(), subscribers })
    }
}

fn refused(error: impl std::fmt::Display) -> PeerError {
    PeerError::Refused(error.to_string())
}

/// A peer connection on a transport.
pub(crate) struct Connection {
    pub peer: Arc<dyn PeerConnection>,
    pub transport: TransportParams,
    fingerprints: Vec<DtlsFingerprint>,
    state: watch::Receiver<RTCPeerConnectionState>,
}

impl Connection {
    pub async fn new(shared: &Shared, transport: TransportParams, on_track: OnTrack) -> Result<Self, PeerError> {
        let mut engine = MediaEngine::default();
        engine.register_default_codecs()?;
        let interceptors = register_default_interceptors(Registry::new(), &mut engine)?;
        let settings = SettingEngineBuilder::new()
            .with_ice_connection_attempts(Some(CHECK_INTERVAL), Some(MAX_CHECKS))
            .with_include_loopback_candidate(true)
            .with_answering_dtls_role(shared.subscribers)
            .with_srtp_protection_profiles(vec![
                SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
                SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
            ])
            .build();
        let configuration = RTCConfigurationBuilder::new().with_certificates(vec![shared.certificate.clone()]).build();
        let (changed, state) = watch::channel(RTCPeerConnectionState::New);
        let peer = PeerConnectionBuilder::new()
            .with_configuration(configuration)
            .with_media_engine(engine)
            .with_interceptor_registry(interceptors)
            .with_setting_engine(settings)
            .with_handler(Arc::new(Handler { changed, on_track }))
            .with_udp_addrs(vec!["127.0.0.1:0"])
            .build()
            .await?;
        Ok(Self { peer: Arc::new(peer), transport, fingerprints: shared.fingerprints.clone(), state })
    }

    /// What the node must be told before [`Connection::connected`].
    pub fn dtls_parameters(&self, role: DtlsRole) -> DtlsParameters {
        DtlsParameters { role, fingerprints: self.fingerprints.clone() }
    }

    /// Waits for the end of ICE and DTLS.
    pub async fn connected(&self) -> Result<(), PeerError> {
        use RTCPeerConnectionState::{Closed, Connected, Failed};
        let mut state = self.state.clone();
        let end = state.wait_for(|state| matches!(state, Connected | Failed | Closed)).await;
        end.is_ok_and(|state| *state == Connected).then_some(()).ok_or(PeerError::Failed)
    }
}

struct Handler {
    changed: watch::Sender<RTCPeerConnectionState>,
    on_track: OnTrack,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        self.changed.send_replace(state);
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        (self.on_track)(track);
    }
}
