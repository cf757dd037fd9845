//! What the events of media do.

use dais_domain::{
    MeetingId, Presence, Refusal, RoomView, Source,
    wire::{JoinRoom, MediaUpdate, ServerEvent, names as room_names},
};
use dais_media::{
    capabilities,
    control::{Answer, Problem, ProducerInfo, Request},
    wire::{self, MediaEvent, names},
};
use dais_media_nodes::peer;
use dais_realtime::{Announcer, Sender, Sockets, frame};
use dais_store::Store;
use futures::future::OptionFuture;
use serde_json::{Value, json};

use super::{Asked, Media, MediaError, Reach};
use crate::rooms::{Entered, Outcome, Rooms, unavailable};

impl<S: Store> Media<S> {
    /// Does what an event asks for.
    pub async fn event<C: Sockets>(
        &self,
        rooms: &Rooms<S, C>,
        sender: &Sender,
        name: &str,
        event: MediaEvent,
    ) -> Result<Outcome, Refusal> {
        match event {
            MediaEvent::Capabilities => {
                Ok(Outcome { ack: json!({ "rtpCapabilities": capabilities::router() }), ..Outcome::quiet() })
            }
            MediaEvent::ScreenShareStarted => Ok(Outcome::quiet()),
            MediaEvent::Join(join) => self.join(rooms, sender, name, join).await,
            MediaEvent::Ask { room, request } => Ok(self.request(rooms, sender, name, room, request).await),
        }
    }

    /// Joins the room, if he has not, and then its node. What a join tells the sender comes before the acknowledgement:
    /// the real clients take their own role from it.
    async fn join<C: Sockets>(
        &self,
        rooms: &Rooms<S, C>,
        sender: &Sender,
        name: &str,
        join: JoinRoom,
    ) -> Result<Outcome, Refusal> {
        let Entered { outcome, view } = rooms.enter(sender, join).await?;
        let presence = view.presence(&sender.connection_id).ok_or(Refusal::RoomNotFound)?.clone();
        let request = Request::Join { peer: peer(&presence) };
        let Asked { result, moved } = self.ask(&view.meeting.id, view.media.clone(), request, Reach::Any).await;
        let (mut frames, before) = (outcome.frames, outcome.later);
        frames.extend(Announcer::<S, C>::list(&view));
        let (ack, is_new) = match result {
            Ok(Answer::Joined { producers, already }) => (joined(&view, &presence, &producers, already), !already),
            Ok(_) => (refused(&mut frames, name, &Problem::Unavailable.into()), false),
            Err(error) => (refused(&mut frames, name, &error), false),
        };
        let (announcer, now) = (rooms.announcer().clone(), sender.now);
        let later = async move {
            if let Some(before) = before {
                before.await;
            }
            let own = Some(&presence.connection_id);
            if moved {
                announcer.event(&view, &node_changed(&view.meeting.id), own, now).await;
            }
            if is_new {
                announcer.event(&view, &new_peer(&view, &presence), own, now).await;
            }
        };
        Ok(Outcome { ack, frames, later: Some(Box::pin(later)), in_order: true, ack_last: true })
    }

    /// Lets the node know that a client has switched his camera on, after the answer: it may have held it back while it was
    /// locked. Of a microphone it was asked before.
    pub fn switched_on(&self, sender: &Sender, update: &MediaUpdate, outcome: Outcome) -> Outcome {
        if update.is_video_paused != Some(false) {
            return outcome;
        }
        let (media, room, connection_id) = (self.clone(), update.room.clone(), sender.connection_id.clone());
        let telling = async move {
            media.nodes.mention(&room, None, Request::SwitchedOn { connection_id, source: Source::Camera }).await;
        };
        let before = outcome.later;
        let later = async move {
            let before = OptionFuture::from(before);
            futures::join!(telling, before);
        };
        Outcome { later: Some(Box::pin(later)), ..outcome }
    }

    /// Passes a request on to the room's node. The node knows whether its sender is in the room.
    async fn request<C: Sockets>(
        &self,
        rooms: &Rooms<S, C>,
        sender: &Sender,
        name: &str,
        room: MeetingId,
        request: Request,
    ) -> Outcome {
        let Asked { result, moved } = self.ask(&room, None, request, Reach::Moved).await;
        let mut outcome = Outcome::quiet();
        outcome.ack = match result {
            Ok(answer) => match wire::acknowledged(answer, &self.ice_servers) {
                Some(ack) => ack,
                None => refused(&mut outcome.frames, name, &Problem::Unavailable.into()),
            },
            Err(error) => refused(&mut outcome.frames, name, &error),
        };
        if moved {
            let (announcer, store, now) = (rooms.announcer().clone(), rooms.store().clone(), sender.now);
            outcome.later = Some(Box::pin(async move {
                // If this fails they notice that nothing comes any more.
                if let Ok(Some(view)) = store.room(&room, now).await.map_err(unavailable) {
                    announcer.event(&view, &node_changed(&room), None, now).await;
                }
            }));
        }
        outcome
    }
}

/// The acknowledgement of a join: always with the roles, also when it is not the first one.
fn joined(view: &RoomView, presence: &Presence, producers: &[ProducerInfo], already: bool) -> Value {
    let (meeting, user) = (&view.meeting, &presence.user_id);
    let role = meeting.role_of(user);
    let shown = meeting.shown(user, presence.media);
    let locked = |source| meeting.may_publish(user, source).is_err();
    let mut ack = json!({
        "success": true,
        "existingProducers": producers,
        "isHost": role.is_host(),
        "isCoHost": role.is_cohost(),
        "mediaState": {
            "isAudioMuted": shown.is_audio_muted,
            "isVideoPaused": shown.is_video_paused,
            "audioLocked": locked(Source::Microphone),
            "screenShareLocked": locked(Source::Screen),
        },
    });
    if already {
        ack["alreadyJoined"] = true.into();
    }
    ack
}

/// The acknowledgement of what was not done; its events go to `frames`.
fn refused(frames: &mut Vec<dais_realtime::Frame>, event: &str, error: &MediaError) -> Value {
    let (sentence, denied) = match error {
        MediaError::Problem(problem) => (wire::sentence(event, problem), wire::denied(problem)),
        MediaError::NoNode => (error.to_string(), None),
    };
    let payload = json!({ "message": sentence, "code": error.code(), "event": event });
    let error_event = ServerEvent { name: room_names::ERROR, payload };
    let denied = denied.filter(|_| event == "produce").map(|(name, payload)| ServerEvent { name, payload });
    frames.extend(denied.iter().chain([&error_event]).filter_map(|event| frame(event, None)));
    json!({ "error": sentence, "code": error.code() })
}

fn node_changed(room: &MeetingId) -> ServerEvent {
    ServerEvent { name: names::MEDIA_NODE_CHANGED, payload: json!({ "roomId": room }) }
}

fn new_peer(view: &RoomView, presence: &Presence) -> ServerEvent {
    let role = view.meeting.role_of(&presence.user_id);
    let payload = json!({
        "peerId": presence.socket_id,
        "userId": presence.user_id,
        "name": presence.name,
        "imageUrl": presence.image_url,
        "isHost": role.is_host(),
        "isCoHost": role.is_cohost(),
    });
    ServerEvent { name: names::NEW_PEER_JOINED, payload }
}
