//! Telling of rights, and taking those out who were removed.

use dais_domain::{ConnectionId, RoomView, Timestamp, UserId, wire::ServerEvent};
use dais_store::Store;

use super::{Announcer, Subject, everybody, push_left};
use crate::{Frame, Outbox, Sockets, frame};

impl<S: Store, C: Sockets> Announcer<S, C> {
    /// What one who has just come may not publish, if there is anything. For him alone.
    pub fn restrictions(view: &RoomView, user: &UserId) -> Vec<Frame> {
        let events = ServerEvent::restrictions(&view.meeting, user);
        events.iter().filter_map(|event| frame(event, Some(view.meeting.version))).collect()
    }

    /// Tells the others what somebody says of his microphone or camera. While he said so, he may have lost the right to: then
    /// they are told what is so.
    pub async fn stated(&self, view: &RoomView, event: &ServerEvent, of: &UserId, by: &ConnectionId, now: Timestamp) {
        self.event(view, event, Some(by), now).await;
        let Some(latest) = self.changed_since(&view.meeting.id, view.meeting.version, now).await else { return };
        let (Some(told), Some(is)) = (view.participant(of), latest.participant(of)) else { return };
        if (told.is_audio_muted, told.is_video_paused) != (is.is_audio_muted, is.is_video_paused) {
            let mut outbox = Outbox::new();
            if let Some(frame) = frame(&ServerEvent::state_of(&is), Some(latest.meeting.version)) {
                outbox.push_all(everybody(&latest), &frame);
            }
            outbox.send(&self.sockets).await;
        }
    }

    /// Takes the connections out of the room whose users were removed from the meeting, and tells the others that they have
    /// gone. What is not finished here harms nobody: a room does not show those who were removed.
    pub(super) async fn expel(&self, view: &RoomView, now: Timestamp) {
        let mut gone: Vec<Subject<'_>> = Vec::new();
        for subject in view.expelled.iter().map(Subject::from) {
            if !gone.iter().any(|before| before.user == subject.user) {
                gone.push(subject);
            }
        }
        if gone.is_empty() {
            return;
        }
        let mut outbox = Outbox::new();
        gone.iter().for_each(|subject| push_left(&mut outbox, view, subject));
        self.push_list(&mut outbox, view, now);
        outbox.send(&self.sockets).await;
        let room = &view.meeting.id;
        for presence in &view.expelled {
            // His connection keeps its room: one that is lost at this moment learns of the removal when it is recovered.
            if let Err(error) = self.store.leave(room, &presence.connection_id).await {
                tracing::warn!(roomId = %room, userId = %presence.user_id, %error, "a removed user was not taken out");
            }
        }
        self.settle(view, &gone, None, now).await;
    }
}
