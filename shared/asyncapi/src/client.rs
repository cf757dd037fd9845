//! What clients ask for in rooms, and what they are answered.

use std::borrow::Cow;

use dais_rest::{text_schema, wire::schema};
use serde::Serialize;
use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Ref, RefOr,
        schema::{OneOfBuilder, Schema},
    },
};

use crate::{Event, server::SocketId};

text_schema!(
    AnyName,
    "A name as the client has it. Shown only when the token has none, and only if it will do as one.",
    |schema| schema
);

/// An object that names a room, or the room's id alone.
macro_rules! or_room_id {
    ($name:ident, $object:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(Debug)]
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let described = |name: Cow<'static, str>| Ref::from_schema_name(name);
                let one_of =
                    OneOfBuilder::new().item(described($object::name())).item(described(schema::MeetingId::name()));
                one_of.description(Some($doc)).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                schemas.push(($object::name().into_owned(), $object::schema()));
                $object::schemas(schemas);
            }
        }
    };
}

/// A room to come into.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoomToJoin {
    /// Which.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: String,
    /// What the client calls its user.
    #[schema(value_type = Option<AnyName>)]
    pub user_name: Option<String>,
    /// The picture that the client has of its user. Shown only when the token has none.
    pub user_image_url: Option<String>,
}

or_room_id!(JoinRoom, RoomToJoin, "A room to come into, or its id alone.");

/// A room.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InRoom {
    /// Which.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: String,
}

or_room_id!(LeaveRoom, InRoom, "A room, or its id alone.");

/// Whose role is to change.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleOf {
    /// In which room.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: String,
    /// His user id.
    #[schema(value_type = schema::UserId)]
    pub participant_id: String,
}

/// Whose microphone is to be locked or unlocked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AudioOf {
    /// In which room.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: String,
    /// Who.
    #[schema(value_type = schema::UserId)]
    pub target_user_id: String,
    /// What.
    pub force: AudioForce,
}

/// What is done to a microphone.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AudioForce {
    /// Off, and locked.
    Mute,
    /// May be switched on.
    Unmute,
}

/// Whose camera is to be locked or unlocked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VideoOf {
    /// In which room.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: String,
    /// Who.
    #[schema(value_type = schema::UserId)]
    pub target_user_id: String,
    /// What.
    pub force: VideoForce,
}

/// What is done to a camera.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum VideoForce {
    /// Off, and locked.
    Pause,
    /// May be switched on.
    Unpause,
    /// The same as `pause`.
    Disable,
    /// The same as `unpause`.
    Enable,
}

/// Whose screen share is to be locked or unlocked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScreenOf {
    /// In which room.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: String,
    /// Who.
    #[schema(value_type = schema::UserId)]
    pub target_user_id: String,
    /// What.
    pub force: ScreenForce,
}

/// What is done to a screen share.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScreenForce {
    /// Off, and locked.
    Disable,
    /// May be started.
    Enable,
}

/// Somebody else in a room.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// In which room; the one that the sender is in, if it is not there.
    #[schema(value_type = Option<schema::MeetingId>)]
    pub room_id: Option<String>,
    /// Who.
    #[schema(value_type = schema::UserId)]
    pub target_user_id: String,
}

/// The same in other words.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetParticipant {
    /// In which room; the one that the sender is in, if it is not there.
    #[schema(value_type = Option<schema::MeetingId>)]
    pub room_id: Option<String>,
    /// Who.
    #[schema(value_type = schema::UserId)]
    pub participant_id: String,
}

/// Who is to be removed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum RemoveParticipant {
    /// In the words of some front ends.
    Target(Target),
    /// In those of others.
    Participant(TargetParticipant),
}

/// Who may come back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadmitParticipant {
    /// Into which room.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: String,
    /// Who.
    #[schema(value_type = schema::UserId)]
    pub target_user_id: String,
}

/// A source of media.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Microphones.
    Audio,
    /// Cameras.
    Video,
    /// Screens.
    Screenshare,
}

/// A room-wide switch.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulkAction {
    /// In which room; the one that the sender is in, if it is not there.
    #[schema(value_type = Option<schema::MeetingId>)]
    pub room_id: Option<String>,
    /// Of what.
    #[serde(rename = "type")]
    pub source: Source,
    /// They may.
    pub grant: bool,
}

/// What one person may.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ControlParticipant {
    /// In which room; the one that the sender is in, if it is not there.
    #[schema(value_type = Option<schema::MeetingId>)]
    pub room_id: Option<String>,
    /// The one to whom it is done: here, and only here, `userId` is not the sender.
    #[schema(value_type = schema::UserId)]
    pub user_id: String,
    /// What.
    #[serde(rename = "type")]
    pub source: Source,
    /// He may not.
    pub disable: bool,
}

/// What is so of one's own microphone and camera now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MyState {
    /// In which room.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: String,
    /// The microphone is off.
    pub is_audio_muted: Option<bool>,
    /// The camera is off.
    pub is_video_paused: Option<bool>,
}

/// Whose socket is asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SocketOf {
    /// His user id.
    #[schema(value_type = schema::UserId)]
    pub user_id: String,
}

/// Anything: it is not read.
#[derive(Debug, Serialize, ToSchema)]
pub struct Anything(pub serde_json::Value);

/// It is so now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// Always true.
    pub success: bool,
}

/// You are in the room.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Joined {
    /// Always true.
    pub success: bool,
    /// You are a host.
    pub is_host: bool,
    /// You are a co-host.
    pub is_co_host: bool,
}

/// A room-wide switch stands so now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Switched {
    /// Always true.
    pub success: bool,
    /// Participants may.
    pub enabled: bool,
}

/// A socket.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SocketFound {
    /// Whose.
    #[schema(value_type = schema::UserId)]
    pub user_id: String,
    /// Null when he is not in the room.
    #[schema(value_type = Option<SocketId>, required)]
    pub socket_id: Option<String>,
}

pub(crate) fn events() -> Vec<Event> {
    let in_room = || json!({ "roomId": "weekly" });
    let role = || json!({ "roomId": "weekly", "participantId": "user_bo" });
    let target = |force: &str| json!({ "roomId": "weekly", "targetUserId": "user_bo", "force": force });
    let switch = |name, summary| Event::asked::<InRoom, Switched>(name, summary, in_room());
    let change = |name, summary| Event::asked::<RoleOf, Done>(name, summary, role());
    vec![
        Event::asked::<JoinRoom, Joined>(
            "join-room",
            "Come into a room",
            json!({ "roomId": "weekly", "userName": "Ada" }),
        ),
        Event::asked::<LeaveRoom, Done>("leave-room", "Leave a room", in_room()),
        change("make-host", "Make a participant a host"),
        change("remove-host", "Make a host a participant; the last one cannot be"),
        change("make-cohost", "Make a participant a co-host"),
        change("remove-cohost", "Make a co-host a participant"),
        switch("mute-all-participants", "Nobody without a role may speak"),
        switch("unmute-all-participants", "Everybody may speak"),
        switch("disable-all-cameras", "Nobody without a role may send video"),
        switch("enable-all-cameras", "Everybody may send video"),
        switch("disable-all-screen-sharing", "Nobody without a role may share a screen"),
        switch("enable-all-screen-sharing", "Everybody may share a screen"),
        Event::asked::<AudioOf, Done>("toggle-remote-audio", "Mute somebody, or let him speak", target("mute")),
        Event::asked::<VideoOf, Done>(
            "toggle-remote-video",
            "Switch somebody's camera off, or allow it",
            target("pause"),
        ),
        Event::asked::<ScreenOf, Done>(
            "toggle-remote-screen-share",
            "End somebody's screen share, or allow it",
            target("disable"),
        ),
        Event::asked::<RemoveParticipant, Done>(
            "remove-participant",
            "Remove somebody from the meeting",
            json!({ "roomId": "weekly", "targetUserId": "user_bo" }),
        ),
        Event::asked::<ReadmitParticipant, Done>(
            "readmit-participant",
            "Let somebody come back who was removed",
            json!({ "roomId": "weekly", "targetUserId": "user_bo" }),
        ),
        switch("host-disable-screenshare", "Another name for disable-all-screen-sharing"),
        switch("host-enable-screenshare", "Another name for enable-all-screen-sharing"),
        Event::asked::<BulkAction, Switched>(
            "host-bulk-action",
            "Another name for the room-wide switches",
            json!({ "roomId": "weekly", "type": "audio", "grant": false }),
        ),
        Event::asked::<ControlParticipant, Done>(
            "host-control-participant",
            "Another name for the toggle-remote events",
            json!({ "roomId": "weekly", "userId": "user_bo", "type": "video", "disable": true }),
        ),
        Event::asked::<MyState, Done>(
            "update-my-state",
            "Say that one's own microphone or camera is on or off",
            json!({ "roomId": "weekly", "isAudioMuted": true }),
        ),
        Event::asked::<SocketOf, SocketFound>(
            "get-socket-id-for-user",
            "Ask for the socket of somebody in the same room",
            json!({ "userId": "user_bo" }),
        ),
        Event::asked::<Anything, Done>("set-user-id", "Ignored, kept for old clients", json!("user_ada")),
    ]
}
