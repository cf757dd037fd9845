//! `update-my-state`: what a participant says of his own microphone and camera.

use dais_domain::{
    MediaChange, Refusal, Source,
    wire::{MediaUpdate, ServerEvent},
};
use dais_realtime::{Sender, Sockets, frame};
use dais_store::Store;
use serde_json::json;

use super::{Outcome, Rooms, unavailable};

impl<S: Store, C: Sockets> Rooms<S, C> {
    /// Sets the sender's own state, whatever user the payload names, and tells the others what changed.
    ///
    /// Whoever may not speak does not speak: clients say so after an attempt that failed, and it is refused. Nor does he who
    /// has media in this room, and no microphone among them: that is ignored. The rest of what they say counts.
    pub async fn media(&self, sender: &Sender, update: &MediaUpdate) -> Result<Outcome, Refusal> {
        let mut view = self.room_of(sender, &update.room).await?;
        let connection = sender.connection_id.clone();
        let own = view.presence(&connection).ok_or(Refusal::RoomNotFound)?;
        let user = own.user_id.clone();
        let mut change = MediaChange {
            is_audio_muted: update.is_audio_muted,
            is_video_paused: update.is_video_paused,
            as_of: view.meeting.version,
        };
        let mut refused = None;
        for (source, is_off) in
            [(Source::Microphone, &mut change.is_audio_muted), (Source::Camera, &mut change.is_video_paused)]
        {
            if *is_off == Some(false) && view.meeting.may_publish(&user, source).is_err() {
                *is_off = None;
                refused = Some(Refusal::Locked(source));
            }
        }
        let mut unheard = false;
        if change.is_audio_muted == Some(false) && !self.media.switched_on(&view, &connection, Source::Microphone).await
        {
            change.is_audio_muted = None;
            unheard = true;
        }
        let before = own.media;
        let after = before.after(change);
        let says_more = (before.is_audio_muted, before.is_video_paused)
            != (after.is_audio_muted, after.is_video_paused)
            || view.meeting.shown(&user, before) != view.meeting.shown(&user, after);
        if says_more && !self.store.set_media(&update.room, &connection, change).await.map_err(unavailable)? {
            return Err(Refusal::RoomNotFound);
        }
        if let Some(own) = view.presences.iter_mut().find(|presence| presence.connection_id == connection) {
            own.media = after;
        }
        // His microphone is on if it is on in one of his tabs.
        let shown = view.participant(&user).ok_or(Refusal::RoomNotFound)?;
        let told = ServerEvent::state_changed(
            &user,
            change.is_audio_muted.map(|_| shown.is_audio_muted),
            change.is_video_paused.map(|_| shown.is_video_paused),
        );
        let frames: Vec<_> = match &refused {
            // His own buttons follow what he is told of himself.
            Some(refusal) => [ServerEvent::error(refusal, Some("update-my-state")), ServerEvent::state_of(&shown)]
                .iter()
                .filter_map(|event| frame(event, None))
                .collect(),
            None if unheard => frame(&ServerEvent::state_of(&shown), None).into_iter().collect(),
            None => Vec::new(),
        };
        let ack = match &refused {
            Some(refusal) => json!({ "error": refusal.to_string(), "code": refusal.code() }),
            None => json!({ "success": true }),
        };
        let (announcer, now) = (self.announcer.clone(), sender.now);
        let is_told =
            change.is_audio_muted.is_some() || change.is_video_paused.is_some() || (refused.is_none() && !unheard);
        let switches_on = change.is_audio_muted == Some(false) || change.is_video_paused == Some(false);
        let later = async move {
            if switches_on {
                announcer.stated(&view, &told, &user, &connection, now).await;
            } else if is_told {
                announcer.event(&view, &told, Some(&connection), now).await;
            }
        };
        Ok(Outcome { ack, frames, later: Some(Box::pin(later)), ..Outcome::quiet() })
    }
}
