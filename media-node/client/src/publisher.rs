//! A peer connection that publishes.

use std::sync::Arc;

use dais_media::{DtlsParameters, MediaKind, RtpParameters, TransportParams, transport::DtlsRole};
use rtc::{
    media_stream::MediaStreamTrack,
    peer_connection::{
        configuration::media_engine::{MIME_TYPE_OPUS, MIME_TYPE_VP8},
        sdp::RTCSessionDescription,
    },
    rtp::Packet,
    rtp_transceiver::rtp_sender::{RTCRtpCodec, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind},
};
use serde::Deserialize;
use webrtc::media_stream::track_local::{TrackLocal, static_rtp::TrackLocalStaticRTP};

use crate::{
    PeerError, Shared,
    connection::Connection,
    description::{self, Section},
};

/// A track to be: Opus, or VP8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct NewTrack {
    /// Audio or video.
    pub kind: MediaKind,
    /// Of its packets.
    pub ssrc: u32,
}

/// Sends packets of its tracks.
pub struct Publisher {
    connection: Connection,
    tracks: Vec<Arc<TrackLocalStaticRTP>>,
    sections: Vec<Section>,
}

impl Publisher {
    /// Offers tracks. Nothing is sent before [`Publisher::connect`].
    pub async fn new(shared: &Shared, transport: TransportParams, tracks: &[NewTrack]) -> Result<Self, PeerError> {
        let connection = Connection::new(shared, transport, Box::new(|_| {})).await?;
        let tracks: Vec<_> =
            tracks.iter().map(|new| (new.kind, Arc::new(TrackLocalStaticRTP::new(track(*new))))).collect();
        for (_, track) in &tracks {
            connection.peer.add_track(Arc::clone(track) as Arc<dyn TrackLocal>).await?;
        }
        let offer = connection.peer.create_offer(None).await?;
        connection.peer.set_local_description(offer.clone()).await?;
        let offer = offer.unmarshal()?;
        let sections = tracks.iter().enumerate().map(|(at, (kind, _))| {
            let rtp_parameters = description::sent(&offer, at, mime_type(*kind))?;
            Ok(Section { kind: *kind, rtp_parameters })
        });
        let sections = sections.collect::<Result<_, PeerError>>()?;
        Ok(Self { connection, tracks: tracks.into_iter().map(|(_, track)| track).collect(), sections })
    }

    /// What the node must be told with `connect-transport`, before [`Publisher::connect`].
    pub fn dtls_parameters(&self) -> DtlsParameters {
        self.connection.dtls_parameters(DtlsRole::Client)
    }

    /// What the node must be told with `produce`, for each track.
    pub fn rtp_parameters(&self, track: usize) -> Option<&RtpParameters> {
        self.sections.get(track).map(|section| &section.rtp_parameters)
    }

    /// ICE and DTLS, to their end. Whoever waits sets the time limit.
    pub async fn connect(&self) -> Result<(), PeerError> {
        let answer = description::answer(&self.connection.transport, &self.sections)?;
        self.connection.peer.set_remote_description(RTCSessionDescription::answer(answer)?).await?;
        self.connection.connected().await
    }

    /// Sends a packet of a track.
    pub async fn send(&self, track: usize, packet: Packet) -> Result<(), PeerError> {
        let track = self.tracks.get(track).ok_or(PeerError::Missing("track"))?;
        Ok(track.write_rtp(packet).await?)
    }

    /// Ends the association.
    pub async fn close(&self) -> Result<(), PeerError> {
        Ok(self.connection.peer.close().await?)
    }
}

fn mime_type(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Audio => MIME_TYPE_OPUS,
        MediaKind::Video => MIME_TYPE_VP8,
    }
}

fn track(new: NewTrack) -> MediaStreamTrack {
    let (codec_kind, clock_rate, channels) = match new.kind {
        MediaKind::Audio => (RtpCodecKind::Audio, 48_000, 2),
        MediaKind::Video => (RtpCodecKind::Video, 90_000, 0),
    };
    let codec =
        RTCRtpCodec { mime_type: mime_type(new.kind).to_owned(), clock_rate, channels, ..RTCRtpCodec::default() };
    let rtp_coding_parameters = RTCRtpCodingParameters { ssrc: Some(new.ssrc), ..RTCRtpCodingParameters::default() };
    let encoding = RTCRtpEncodingParameters { rtp_coding_parameters, codec, ..RTCRtpEncodingParameters::default() };
    MediaStreamTrack::new("stream".to_owned(), format!("track-{}", new.ssrc), String::new(), codec_kind, vec![encoding])
}
