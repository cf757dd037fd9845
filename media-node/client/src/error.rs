//! What a client cannot do.

/// Why a client does not get on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// The peer connection refuses. The sentence is its own.
    #[error("the peer connection refuses: {0}")]
    Refused(String),
    /// Its description, or the node's parameters, lack something. Ask for another transport.
    #[error("there is no {0} in the description")]
    Missing(&'static str),
    /// ICE or DTLS has failed. Ask for another transport.
    #[error("the connection has failed")]
    Failed,
}

impl From<webrtc::error::Error> for PeerError {
    fn from(error: webrtc::error::Error) -> Self {
        Self::Refused(error.to_string())
    }
}
