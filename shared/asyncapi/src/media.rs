//! What clients ask of media and what they hear of it. What mediasoup-client makes and takes as a whole is described there and
//! only named here.

use dais_media::wire::names;
use dais_rest::{text_schema, wire::schema};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

use crate::{
    Event,
    client::{Anything, Done, InRoom},
    server::SocketId,
};

text_schema!(TransportId, "Id of a transport.", |schema| schema.min_length(Some(1)));
text_schema!(ProducerId, "Id of a producer.", |schema| schema.min_length(Some(1)));
text_schema!(ConsumerId, "Id of a consumer.", |schema| schema.min_length(Some(1)));

/// An object of mediasoup-client's, with the members that its documentation says.
macro_rules! of_mediasoup {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(Debug, Serialize)]
        pub struct $name(pub Value);

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new().schema_type(Type::Object).description(Some($doc)).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    };
}

of_mediasoup!(
    RtpCapabilities,
    "What a side can receive: mediasoup's RtpCapabilities (https://mediasoup.org/documentation/v3/mediasoup/rtp-parameters-and-capabilities/)."
);
of_mediasoup!(RtpParameters, "What is sent and how: mediasoup's RtpParameters (the same page).");
of_mediasoup!(DtlsParameters, "A side's certificates: mediasoup's DtlsParameters.");
of_mediasoup!(IceParameters, "A side's ICE credentials: mediasoup's IceParameters.");
of_mediasoup!(IceCandidate, "An address: mediasoup's IceCandidate.");
of_mediasoup!(IceServer, "A STUN or TURN server: RTCIceServer.");

/// Whose media is wanted, and a room to come into.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JoinMedia {
    /// Which room.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: String,
    /// What the client calls its user: as in `join-room`.
    pub user_name: Option<String>,
    /// The picture that the client has of its user: as in `join-room`.
    pub user_image_url: Option<String>,
    /// Not read: `consume` says it.
    pub rtp_capabilities: Option<RtpCapabilities>,
}

/// A transport to make.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateTransport {
    /// In which room.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: String,
    /// For what one sends, or for what one receives.
    pub direction: Direction,
}

/// The direction of a transport, as its client sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// To the node.
    Send,
    /// From the node.
    Recv,
}

/// The client's side of a transport.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectTransport {
    /// In which room.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: String,
    /// Which.
    #[schema(value_type = TransportId)]
    pub transport_id: String,
    /// Its certificates.
    pub dtls_parameters: DtlsParameters,
}

/// A transport.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OneTransport {
    /// In which room.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: String,
    /// Which.
    #[schema(value_type = TransportId)]
    pub transport_id: String,
}

/// A track to publish.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Produce {
    /// In which room.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: String,
    /// Over which transport.
    #[schema(value_type = TransportId)]
    pub transport_id: String,
    /// Sound or picture.
    pub kind: Kind,
    /// How it is sent.
    pub rtp_parameters: RtpParameters,
    /// What the client says of it.
    pub app_data: Option<AppData>,
    /// It begins paused.
    pub paused: Option<bool>,
}

/// Sound or picture.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Sound.
    Audio,
    /// Picture.
    Video,
}

/// What a client says of a producer. Nothing else is passed on.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppData {
    /// It is a screen, or its sound.
    #[schema(nullable = false)]
    pub share: Option<bool>,
}

/// A producer to receive.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Consume {
    /// In which room.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: String,
    /// Which.
    #[schema(value_type = ProducerId)]
    pub producer_id: String,
    /// What the client can receive.
    pub rtp_capabilities: RtpCapabilities,
}

/// A consumer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OneConsumer {
    /// In which room.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: String,
    /// Which.
    #[schema(value_type = ConsumerId)]
    pub consumer_id: String,
}

/// One of one's own producers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OneProducer {
    /// In which room.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: String,
    /// Which.
    #[schema(value_type = ProducerId)]
    pub producer_id: String,
}

/// The most that is wanted of a picture.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreferredLayers {
    /// In which room.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: String,
    /// Of which consumer.
    #[schema(value_type = ConsumerId)]
    pub consumer_id: String,
    /// 0 is the smallest picture.
    pub spatial_layer: u8,
    /// 0 is the fewest pictures a second.
    pub temporal_layer: Option<u8>,
}

/// What the nodes can do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Capabilities {
    /// For `device.load`.
    pub rtp_capabilities: RtpCapabilities,
}

/// You are in the room, and on its node.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JoinedMedia {
    /// Always true.
    pub success: bool,
    /// What can be consumed.
    pub existing_producers: Vec<Producer>,
    /// You are a host.
    pub is_host: bool,
    /// You are a co-host.
    pub is_co_host: bool,
    /// What is so of your media.
    pub media_state: MediaState,
    /// Always true: you had joined before. Not there the first time.
    #[schema(nullable = false)]
    pub already_joined: Option<bool>,
}

/// What is so of one's own media.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MediaState {
    /// The microphone is off.
    pub is_audio_muted: bool,
    /// The camera is off.
    pub is_video_paused: bool,
    /// The microphone may not be switched on.
    pub audio_locked: bool,
    /// The screen may not be shared.
    pub screen_share_locked: bool,
}

/// What somebody publishes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Producer {
    /// Which.
    #[schema(value_type = ProducerId)]
    pub producer_id: String,
    /// Its publisher's socket.
    #[schema(value_type = SocketId)]
    pub peer_id: String,
    /// Its publisher.
    #[schema(value_type = schema::UserId)]
    pub user_id: String,
    /// What he is called.
    #[schema(value_type = schema::Name)]
    pub user_name: String,
    /// Sound or picture.
    pub kind: Kind,
    /// A screen, or its sound.
    pub is_screen_share: bool,
}

/// The node's side of a transport.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransportCreated {
    /// For `device.createSendTransport` or `device.createRecvTransport`.
    pub params: TransportParams,
}

/// What a client needs for its side of a transport.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransportParams {
    /// Which transport.
    #[schema(value_type = TransportId)]
    pub id: String,
    /// The node's credentials.
    pub ice_parameters: IceParameters,
    /// The node's addresses, all of them.
    pub ice_candidates: Vec<IceCandidate>,
    /// The node's certificate.
    pub dtls_parameters: DtlsParameters,
    /// TURN servers, if there are any.
    #[schema(nullable = false)]
    pub ice_servers: Option<Vec<IceServer>>,
}

/// New credentials.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IceRestarted {
    /// For `transport.restartIce`.
    pub ice_parameters: IceParameters,
}

/// A producer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Produced {
    /// Which.
    #[schema(value_type = ProducerId)]
    pub id: String,
}

/// A consumer, which begins paused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Consumed {
    /// Which.
    #[schema(value_type = ConsumerId)]
    pub id: String,
    /// What it consumes.
    #[schema(value_type = ProducerId)]
    pub producer_id: String,
    /// Sound or picture.
    pub kind: Kind,
    /// What the client will receive.
    pub rtp_parameters: RtpParameters,
    /// How its stream is made up.
    #[serde(rename = "type")]
    pub kind_of_stream: ConsumerType,
    /// Nothing flows until its publisher goes on.
    pub producer_paused: bool,
    /// Its publisher's socket.
    #[schema(value_type = SocketId)]
    pub peer_id: String,
    /// The same.
    #[schema(value_type = SocketId)]
    pub producer_socket_id: String,
    /// Its publisher.
    #[schema(value_type = schema::UserId)]
    pub user_id: String,
    /// What he is called.
    #[schema(value_type = schema::Name)]
    pub user_name: String,
    /// A screen, or its sound.
    pub is_screen_share: bool,
    /// The same for mediasoup-client.
    pub app_data: AppData,
}

/// How a consumer's stream is made up.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ConsumerType {
    /// One stream.
    Simple,
    /// One of several that its publisher sends.
    Simulcast,
    /// Layers in one stream.
    Svc,
}

/// What the node counts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediaStats {
    /// Of one's own transports, producers and consumers.
    #[schema(value_type = Object)]
    pub stats: Value,
}

/// Somebody has joined the media.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewPeer {
    /// His socket.
    #[schema(value_type = SocketId)]
    pub peer_id: String,
    /// Who.
    #[schema(value_type = schema::UserId)]
    pub user_id: String,
    /// What he is called.
    #[schema(value_type = schema::Name)]
    pub name: String,
    /// His picture, or null.
    #[schema(required)]
    pub image_url: Option<String>,
    /// He is a host.
    pub is_host: bool,
    /// He is a co-host.
    pub is_co_host: bool,
}

/// A producer that is no more.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProducerClosed {
    /// Which.
    #[schema(value_type = ProducerId)]
    pub producer_id: String,
    /// Its publisher's socket.
    #[schema(value_type = SocketId)]
    pub peer_id: String,
    /// Its publisher.
    #[schema(value_type = schema::UserId)]
    pub user_id: String,
    /// A screen, or its sound.
    pub is_screen_share: bool,
    /// Sound or picture.
    pub kind: Kind,
    /// Why, when its publisher did not close it.
    #[schema(nullable = false)]
    pub reason: Option<String>,
}

/// Who speaks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ActiveSpeaker {
    /// His microphone's producer. Not there when nobody speaks.
    #[schema(value_type = Option<ProducerId>, nullable = false)]
    pub producer_id: Option<String>,
    /// His socket. Not there when nobody speaks.
    #[schema(value_type = Option<SocketId>, nullable = false)]
    pub peer_id: Option<String>,
    /// Who; null when nobody speaks.
    #[schema(value_type = Option<schema::UserId>, required)]
    pub user_id: Option<String>,
}

/// The room has another node.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NodeChanged {
    /// Which room.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: String,
    /// Why, if it is known.
    #[schema(nullable = false)]
    pub reason: Option<String>,
}

/// Why something may not be published.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// A sentence.
    #[schema(min_length = 1)]
    pub reason: String,
}

pub(crate) fn client_events() -> Vec<Event> {
    let consumer = |name, summary| {
        Event::asked::<OneConsumer, Done>(name, summary, json!({ "roomId": "weekly", "consumerId": "c1" }))
    };
    let producer = |name, summary| {
        Event::asked::<OneProducer, Done>(name, summary, json!({ "roomId": "weekly", "producerId": "p1" }))
    };
    let rtp_parameters =
        json!({ "mid": "0", "codecs": [], "headerExtensions": [], "encodings": [{ "ssrc": 1 }], "rtcp": {} });
    let fingerprint = json!({ "algorithm": "sha-256", "value": (["AB"; 32].join(":")) });
    vec![
        Event::asked::<Anything, Capabilities>(
            "get-rtp-capabilities",
            "Ask what the nodes can do: the same for every room",
            json!({ "roomId": "weekly" }),
        ),
        Event::asked::<JoinMedia, JoinedMedia>(
            "join-mediasoup-room",
            "Come into a room, and onto its media node",
            json!({ "roomId": "weekly", "userName": "Ada" }),
        ),
        Event::asked::<CreateTransport, TransportCreated>(
            "create-webrtc-transport",
            "Make a transport; a second one of a direction replaces the first",
            json!({ "roomId": "weekly", "direction": "send" }),
        ),
        Event::asked::<ConnectTransport, Done>(
            "connect-transport",
            "Tell the node the client's side of a transport",
            json!({
                "roomId": "weekly", "transportId": "t1",
                "dtlsParameters": { "role": "client", "fingerprints": [fingerprint] },
            }),
        ),
        Event::asked::<Produce, Produced>(
            "produce",
            "Publish a track",
            json!({ "roomId": "weekly", "transportId": "t1", "kind": "audio", "rtpParameters": rtp_parameters, "appData": {} }),
        ),
        Event::asked::<Consume, Consumed>(
            "consume",
            "Receive what somebody publishes; again gives the same consumer",
            json!({ "roomId": "weekly", "producerId": "p1", "rtpCapabilities": { "codecs": [], "headerExtensions": [] } }),
        ),
        consumer("resume-consumer", "Let a consumer flow"),
        producer("close-producer", "Stop to publish"),
        Event::asked::<Anything, Done>(
            "screen-share-started",
            "Ignored: produce has said it all",
            json!({ "roomId": "weekly" }),
        ),
        producer("screen-share-stopped", "Another name for close-producer"),
        producer("pause-producer", "Send nothing for a while"),
        producer("resume-producer", "Send again"),
        consumer("pause-consumer", "Receive nothing for a while"),
        Event::asked::<PreferredLayers, Done>(
            "set-preferred-layers",
            "Say how much of a picture is wanted",
            json!({ "roomId": "weekly", "consumerId": "c1", "spatialLayer": 0 }),
        ),
        Event::asked::<OneTransport, IceRestarted>(
            "restart-ice",
            "Ask for new credentials",
            json!({ "roomId": "weekly", "transportId": "t1" }),
        ),
        Event::asked::<InRoom, MediaStats>(
            "get-media-stats",
            "Ask what the node counts of one's own media",
            json!({ "roomId": "weekly" }),
        ),
    ]
}

pub(crate) fn server_events() -> Vec<Event> {
    vec![
        Event::said::<NewPeer>(names::NEW_PEER_JOINED, "Somebody has joined the media; to the others"),
        Event::said::<Producer>(names::NEW_PRODUCER, "Somebody publishes; to the others"),
        Event::said::<ProducerClosed>(names::PRODUCER_CLOSED, "Somebody publishes something no more; to everybody"),
        Event::said::<ActiveSpeaker>(names::ACTIVE_SPEAKER, "Somebody else speaks, or nobody; to everybody"),
        Event::said::<NodeChanged>(
            names::MEDIA_NODE_CHANGED,
            "Make both transports anew, from join-mediasoup-room on; to everybody whom it concerns",
        ),
        Event::said::<Reason>(names::AUDIO_LOCKED, "You may not speak; to one whose produce was refused for that"),
        Event::said::<Reason>(
            names::SCREENSHARE_DENIED,
            "You may not share; to one whose produce was refused for that",
        ),
    ]
}
