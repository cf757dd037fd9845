//! The certificate of a process.

use std::sync::Arc;

use dais_media::transport::DtlsFingerprint;
use rtc_crypto::RTCCryptoProvider;
use rtc_dtls::crypto::Certificate;

/// A self-signed ECDSA P-256 certificate and its fingerprint: made once per process, shared by all workers.
pub struct Identity {
    certificate: Certificate,
    fingerprint: DtlsFingerprint,
    provider: Arc<dyn RTCCryptoProvider>,
}

/// The certificate could not be made. Nothing that a caller could do helps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("No certificate: {0}")]
pub struct IdentityError(String);

impl Identity {
    /// Makes one. Takes 0.1 ms.
    pub fn generate() -> Result<Self, IdentityError> {
        let failed = |error: &dyn std::fmt::Display| IdentityError(error.to_string());
        let provider = rtc_crypto::default_provider().map_err(|error| failed(&error))?;
        let certificate = Certificate::generate_self_signed(vec!["dais".to_owned()], provider.crypto())
            .map_err(|error| failed(&error))?;
        let der = certificate.certificate.first().ok_or_else(|| IdentityError("empty chain".to_owned()))?;
        let fingerprint = fingerprint(FingerprintAlgorithm::Sha256, der);
        Ok(Self { certificate, fingerprint, provider })
    }

    /// Its SHA-256 fingerprint.
    pub fn fingerprint(&self) -> &DtlsFingerprint {
        &self.fingerprint
    }

    pub(crate) fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    pub(crate) fn provider(&self) -> &Arc<dyn RTCCryptoProvider> {
        &self.provider
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Identity").field("fingerprint", &self.fingerprint.value).finish_non_exhaustive()
    }
}

/// Hashes of certificates that are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FingerprintAlgorithm {
    Sha256,
    Sha384,
    Sha512,
}

impl FingerprintAlgorithm {
    pub(crate) fn read(name: &str) -> Option<Self> {
        [("sha-256", Self::Sha256), ("sha-384", Self::Sha384), ("sha-512", Self::Sha512)]
            .into_iter()
            .find_map(|(known, algorithm)| name.eq_ignore_ascii_case(known).then_some(algorithm))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }
}

/// The fingerprint of a certificate in DER.
pub(crate) fn fingerprint(algorithm: FingerprintAlgorithm, der: &[u8]) -> DtlsFingerprint {
    use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
    let hash = match algorithm {
        FingerprintAlgorithm::Sha256 => &SHA256,
        FingerprintAlgorithm::Sha384 => &SHA384,
        FingerprintAlgorithm::Sha512 => &SHA512,
    };
    let bytes: Vec<String> = digest(hash, der).as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    DtlsFingerprint { algorithm: algorithm.name().to_owned(), value: bytes.join(":") }
}
