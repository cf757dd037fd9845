//! A certificate is the right one if its hash is; whoever signed it, whatever names it has, and whenever it expires.

use aws_lc_rs::digest::{SHA256, digest};
use rustls::{
    CertificateError, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{WebPkiSupportedAlgorithms, aws_lc_rs::default_provider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

/// SHA-256 of the one certificate that is accepted.
#[derive(Debug)]
pub struct Pin {
    hash: [u8; 32],
    algorithms: WebPkiSupportedAlgorithms,
}

impl Pin {
    /// From hexadecimal digits, with or without colons. `None`: it is no hash.
    pub fn new(fingerprint: &str) -> Option<Self> {
        let digits: Vec<u32> = fingerprint
            .chars()
            .filter(|character| *character != ':')
            .map(|digit| digit.to_digit(16))
            .collect::<Option<_>>()?;
        let bytes: Vec<u8> = digits
            .chunks(2)
            .map(|pair| u8::try_from(pair.iter().fold(0, |sum, digit| sum * 16 + digit)))
            .collect::<Result<_, _>>()
            .ok()?;
        let hash = bytes.try_into().ok().filter(|_| digits.len() == 64)?;
        Some(Self { hash, algorithms: default_provider().signature_verification_algorithms })
    }
}

impl ServerCertVerifier for Pin {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if digest(&SHA256, end_entity.as_ref()).as_ref() == self.hash {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    // That the other side has the certificate's key is checked as always.

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::Pin;

    #[test]
    fn a_fingerprint_is_64_digits() {
        let digits = "0123456789abcdefABCDEF0123456789".repeat(2);
        assert!(
            Pin::new(&digits).is_some_and(|pin| pin.hash[..9] == [1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xab])
        );
        let with_colons: Vec<String> =
            digits.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).into()).collect();
        assert!(Pin::new(&with_colons.join(":")).is_some());
        for bad in ["", &digits[..62], &format!("{digits}00"), &digits.replace('a', "g"), &digits[..63]] {
            assert!(Pin::new(bad).is_none(), "{bad}");
        }
    }
}
