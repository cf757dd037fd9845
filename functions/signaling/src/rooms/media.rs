//! `update-my-state`: what a participant says of his own microphone and camera.

use dais_domain::{
    Refusal,
    wire::{MediaUpdate, ServerEvent},
};
use dais_realtime::{Sender, Sockets};
use dais_store::Store;

use super::{Outcome, Rooms, unavailable};

impl<S: Store, C: Sockets> Rooms<S, C> {
    /// Sets the sender's own state, whatever user the payload names, and tells the others what changed.
    pub async fn media(&self, sender: &Sender, update: &MediaUpdate) -> Result<Outcome, Refusal> {
        let view = self.room_of(sender, &update.room).await?;
        let own = view.presence(&sender.connection_id).ok_or(Refusal::RoomNotFound)?;
        let mut media = own.media;
        media.is_audio_muted = update.is_audio_muted.unwrap_or(media.is_audio_muted);
        media.is_video_paused = update.is_video_paused.unwrap_or(media.is_video_paused);
        if media != own.media
            && !self.store.set_media(&update.room, &own.connection_id, media).await.map_err(unavailable)?
        {
            return Err(Refusal::RoomNotFound);
        }
        let event = ServerEvent::state_changed(&own.user_id, update.is_audio_muted, update.is_video_paused);
        let (announcer, now, connection) = (self.announcer.clone(), sender.now, own.connection_id.clone());
        let later = async move { announcer.event(&view, &event, Some(&connection), now).await };
        Ok(Outcome { later: Some(Box::pin(later)), ..Outcome::quiet() })
    }
}
