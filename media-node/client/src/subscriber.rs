//! A peer connection that subscribes.

use std::sync::Arc;

use dais_media::{DtlsParameters, TransportParams, transport::DtlsRole};
use rtc::{peer_connection::sdp::RTCSessionDescription, rtp::Packet};
use webrtc::media_stream::track_remote::TrackRemoteEvent;

use crate::{
    PeerError, Shared,
    connection::Connection,
    description::{self, Section},
};

/// Gets packets of what it has subscribed to.
pub struct Subscriber {
    connection: Connection,
    role: DtlsRole,
    sections: Vec<Section>,
    is_described: bool,
}

impl Subscriber {
    /// Subscribes to nothing yet. `on_packet` is called with each packet that comes, in one task per track.
    pub async fn new(
        shared: &Shared,
        transport: TransportParams,
        on_packet: impl Fn(Packet) + Send + Sync + 'static,
    ) -> Result<Self, PeerError> {
        let on_packet = Arc::new(on_packet);
        let on_track = move |track: Arc<dyn webrtc::media_stream::track_remote::TrackRemote>| {
            let on_packet = Arc::clone(&on_packet);
            tokio::spawn(async move {
                while let Some(event) = track.poll().await {
                    if let TrackRemoteEvent::OnRtpPacket(packet) = event {
                        on_packet(packet);
                    }
                }
            });
        };
        let connection = Connection::new(shared, transport, Box::new(on_track)).await?;
        Ok(Self { connection, role: shared.role(), sections: Vec::new(), is_described: false })
    }

    /// What the node must be told with `connect-transport`, before [`Subscriber::connect`].
    pub fn dtls_parameters(&self) -> DtlsParameters {
        self.connection.dtls_parameters(self.role)
    }

    /// Takes what the node has answered to `consume`.
    pub async fn receive(&mut self, section: Section) -> Result<(), PeerError> {
        self.sections.push(section);
        if self.is_described { self.describe().await } else { Ok(()) }
    }

    /// ICE and DTLS, to their end. There must be something to receive; whoever waits sets the time limit.
    pub async fn connect(&mut self) -> Result<(), PeerError> {
        self.describe().await?;
        self.connection.connected().await
    }

    async fn describe(&mut self) -> Result<(), PeerError> {
        self.is_described = true;
        let peer = &self.connection.peer;
        let offer = description::offer(&self.connection.transport, &self.sections)?;
        peer.set_remote_description(RTCSessionDescription::offer(offer)?).await?;
        let answer = peer.create_answer(None).await?;
        Ok(peer.set_local_description(answer).await?)
    }

    /// Ends the association.
    pub async fn close(&self) -> Result<(), PeerError> {
        Ok(self.connection.peer.close().await?)
    }
}
