//! `update-my-state`: what a participant says of his own microphone and camera.

use dais_domain::{
    MediaChange, Refusal,
    wire::{MediaUpdate, ServerEvent},
};
use dais_realtime::{Sender, Sockets};
use dais_store::Store;

use super::{Outcome, Rooms, unavailable};

impl<S: Store, C: Sockets> Rooms<S, C> {
    /// Sets the sender's own state, whatever user the payload names, and tells the others what changed.
    pub async fn media(&self, sender: &Sender, update: &MediaUpdate) -> Result<Outcome, Refusal> {
        let mut view = self.room_of(sender, &update.room).await?;
        let change = MediaChange { is_audio_muted: update.is_audio_muted, is_video_paused: update.is_video_paused };
        let connection = sender.connection_id.clone();
        let own = view.presences.iter_mut().find(|presence| presence.connection_id == connection);
        let own = own.ok_or(Refusal::RoomNotFound)?;
        let (before, user) = (own.media, own.user_id.clone());
        own.media = before.after(change);
        if own.media != before && !self.store.set_media(&update.room, &connection, change).await.map_err(unavailable)? {
            return Err(Refusal::RoomNotFound);
        }
        let (announcer, now) = (self.announcer.clone(), sender.now);
        let later = async move {
            // His microphone is on if it is on in one of his tabs.
            let Some(shown) = view.participant(&user) else { return };
            let muted = change.is_audio_muted.map(|_| shown.is_audio_muted);
            let paused = change.is_video_paused.map(|_| shown.is_video_paused);
            announcer.event(&view, &ServerEvent::state_changed(&user, muted, paused), Some(&connection), now).await;
        };
        Ok(Outcome { later: Some(Box::pin(later)), ..Outcome::quiet() })
    }
}
