//! Which packet is which command.

use dais_domain::{Refusal, SocketId, wire::ClientEvent};
use dais_identity::Verifier;
use dais_media::wire::MediaEvent;
use dais_realtime::{Answer, Application, EngineSettings, Packet, Sender, Sockets};
use dais_store::Store;
use serde_json::Value;

use crate::{
    Media,
    connect::{self, Credentials},
    rooms::{Outcome, Rooms},
};

/// The meetings application behind the engine.
#[derive(Debug)]
pub struct Signaling<S, C> {
    rooms: Rooms<S, C>,
    media: Media<S>,
    verifier: Verifier,
    settings: EngineSettings,
}

impl<S: Store, C: Sockets> Signaling<S, C> {
    /// `settings` gives the leases of connections.
    pub fn new(rooms: Rooms<S, C>, media: Media<S>, verifier: Verifier, settings: EngineSettings) -> Self {
        Self { rooms, media, verifier, settings }
    }

    async fn run(&self, sender: &Sender, packet: &Packet) -> Result<Outcome, Refusal> {
        if packet.namespace != dais_socketio::MAIN_NAMESPACE {
            return Err(Refusal::NotAuthenticated);
        }
        if let Some(event) = MediaEvent::read(&packet.name, packet.args.first(), &sender.connection_id) {
            return self.media.event(&self.rooms, sender, &packet.name, event?).await;
        }
        match ClientEvent::read(&packet.name, packet.args.first())? {
            ClientEvent::Join(join) => self.rooms.join(sender, join).await,
            ClientEvent::Leave(room) => self.rooms.leave(sender, &room).await,
            ClientEvent::Command(room, command) => {
                let room = self.rooms.named(sender, room).await?;
                self.rooms.command(sender, &packet.name, &room, &command).await
            }
            ClientEvent::MediaUpdate(update) => {
                let outcome = self.rooms.media(sender, &update).await?;
                Ok(self.media.switched_on(sender, &update, outcome))
            }
            ClientEvent::SocketIdOf(user) => self.rooms.socket_id_of(sender, &user).await,
            ClientEvent::SetUserId => Ok(Outcome::quiet()),
        }
    }
}

impl<S: Store, C: Sockets> Application for Signaling<S, C> {
    async fn connect(&self, sender: &Sender, namespace: &str, auth: Option<Value>) -> Answer {
        if namespace != dais_socketio::MAIN_NAMESPACE {
            return Answer::unknown_namespace(namespace);
        }
        let text = |name| auth.as_ref().and_then(|auth| auth.get(name)).and_then(Value::as_str);
        let identity = match self.verifier.verify(text("token").unwrap_or_default(), sender.now).await {
            Ok(identity) => identity,
            Err(error) => {
                tracing::warn!(connection = %sender.connection_id, code = error.code(), "⚠️ Refused a connection");
                return Answer::not_connected(namespace, &error.to_string(), Some(error.code()));
            }
        };
        if let Some(staff) = &identity.impersonated_by {
            // Who acts for somebody may read over REST, and has no say in a room.
            tracing::warn!(user = %identity.user_id, impersonatedBy = %staff, "⚠️ Refused somebody who acts for a user");
            return Answer::not_connected(
                namespace,
                "Acting for another user is not possible here",
                Some("impersonated"),
            );
        }
        let credentials = Credentials::new(identity, text("pid"), text("offset"));
        connect::connect(&self.rooms, &self.settings, sender, credentials).await
    }

    async fn event(&self, sender: &Sender, packet: Packet) -> Answer {
        match self.run(sender, &packet).await {
            Ok(Outcome { ack, frames, later, ack_last: true, .. }) => {
                Answer { later, ..Answer::done_after(&packet, &ack, frames) }
            }
            Ok(Outcome { ack, frames, later, in_order, ack_last: false }) => {
                Answer { later, in_order, ..Answer::done(&packet, &ack, frames) }
            }
            Err(refusal) => {
                tracing::debug!(connection = %sender.connection_id, event = packet.name, code = refusal.code(), "refused");
                Answer::refused(&packet, &refusal)
            }
        }
    }

    async fn leave(&self, sender: &Sender, namespace: &str) -> Answer {
        if namespace != dais_socketio::MAIN_NAMESPACE {
            return Answer::nothing();
        }
        self.gone(sender, true).await;
        Answer { close: true, ..Answer::default() }
    }

    async fn pong(&self, sender: &Sender) {
        let due = sender.now.plus(self.settings.lease());
        if let Err(error) = self.rooms.store().ponged(&sender.connection_id, due).await {
            tracing::warn!(connection = %sender.connection_id, %error, "a lease was not renewed");
        }
    }

    async fn guest(&self, sender: &Sender) {
        let due = sender.now.plus(self.settings.lease());
        if let Err(error) = self.rooms.store().open_guest(&sender.connection_id, due).await {
            tracing::warn!(connection = %sender.connection_id, %error, "a guest will not be pinged");
        }
    }

    async fn upgrading(&self, sender: &Sender, sid: SocketId) {
        let until = sender.now.plus(connect::UPGRADE_TIME);
        if let Err(error) = self.rooms.store().upgrade(&sender.connection_id, &sid, until).await {
            tracing::warn!(connection = %sender.connection_id, %error, "a polling session will not be continued");
        }
    }

    async fn upgraded(&self, sender: &Sender) -> Answer {
        connect::upgraded(&self.rooms, &self.settings, sender).await
    }

    async fn gone(&self, sender: &Sender, deliberate: bool) {
        let departed = self.rooms.announcer().depart(&sender.connection_id, sender.now, !deliberate).await;
        if self.settings.track_guests
            && let Err(error) = self.rooms.store().close(&sender.connection_id, sender.now, !deliberate).await
        {
            tracing::warn!(connection = %sender.connection_id, %error, "a guest's lease is left to the heartbeat");
        }
        match departed {
            Ok(room) => {
                tracing::info!(connection = %sender.connection_id, deliberate, "👋 Connection closed");
                if let Some(room) = room {
                    self.rooms.media_plane().left(&room, &sender.connection_id).await;
                }
            }
            Err(error) => {
                tracing::warn!(connection = %sender.connection_id, %error, "a departure is left to the heartbeat");
            }
        }
    }
}
