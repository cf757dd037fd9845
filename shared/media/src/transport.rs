//! Transport parameters: ICE (RFC 8445, lite on our side), DTLS (RFC 5763), in the JSON of mediasoup v3.

use std::net::IpAddr;

use dais_domain::TransportId;
use serde::{Deserialize, Serialize};

/// What a client does on a transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// It publishes.
    Send,
    /// It subscribes.
    Recv,
}

/// The node's ICE credentials.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IceParameters {
    /// Local user name fragment.
    pub username_fragment: String,
    /// Local password: a secret between the node and one client.
    pub password: String,
    /// Always true: the node answers checks and makes none (RFC 8445, 2.5).
    pub ice_lite: bool,
}

impl std::fmt::Debug for IceParameters {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("IceParameters")
            .field("username_fragment", &self.username_fragment)
            .finish_non_exhaustive()
    }
}

/// An address of the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IceCandidate {
    /// The same for candidates of one base.
    pub foundation: String,
    /// Higher is tried first.
    pub priority: u32,
    /// The address, as mediasoup-client 3 reads it.
    pub address: IpAddr,
    /// The same, as older versions read it.
    pub ip: IpAddr,
    /// `udp`.
    pub protocol: String,
    /// The port.
    pub port: u16,
    /// `host`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// Who begins the DTLS handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DtlsRole {
    /// Whoever is asked: the node says this, and the browser begins.
    #[default]
    Auto,
    /// This side begins.
    Client,
    /// The other side begins.
    Server,
}

/// Hash of a certificate (RFC 8122).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DtlsFingerprint {
    /// `sha-256`, `sha-384` or `sha-512`; browsers send the first.
    pub algorithm: String,
    /// Upper-case hexadecimal bytes with colons between them.
    pub value: String,
}

/// The DTLS side of a transport.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DtlsParameters {
    /// Who begins.
    #[serde(default)]
    pub role: DtlsRole,
    /// Certificates that this side may show, at most 8.
    pub fingerprints: Vec<DtlsFingerprint>,
}

/// A STUN or TURN server for the client, as `RTCIceServer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IceServer {
    /// `turn:…` or `stun:…`.
    pub urls: Vec<String>,
    /// For TURN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// For TURN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// What a client needs for its side of a transport. Handed whole to `device.createSendTransport`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransportParams {
    /// Which transport.
    pub id: TransportId,
    /// The node's ICE credentials.
    pub ice_parameters: IceParameters,
    /// The node's addresses, complete.
    pub ice_candidates: Vec<IceCandidate>,
    /// The node's certificate.
    pub dtls_parameters: DtlsParameters,
    /// TURN servers, if the deployment has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ice_servers: Vec<IceServer>,
}
