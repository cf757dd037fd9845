//! Whatever changes the meeting: roles and moderation.

use std::time::{Duration, Instant};

use dais_domain::{
    Actor, Change, Command, Decision, LogEntry, MeetingId, Presence, Refusal, Role, RoomView, Source, Timestamp,
    Version, wire::ServerEvent,
};
use dais_realtime::{Sender, Sockets, frame};
use dais_store::{CommitError, Store};
use serde_json::json;

use super::{Outcome, Rooms, unavailable};

/// Tries of a change that others overtake. Each conflict means that somebody else's change was written.
const TRIES: u32 = 12;

impl<S: Store, C: Sockets> Rooms<S, C> {
    /// Changes the meeting: one read, one transaction, then the media node, then the fan-out.
    pub async fn command(
        &self,
        sender: &Sender,
        event: &str,
        room: &MeetingId,
        command: &Command,
    ) -> Result<Outcome, Refusal> {
        let target = command.target().map(ToString::to_string).unwrap_or_default();
        let mut begun = Instant::now();
        let mut view = self.room_of(sender, room).await?;
        let (from_socket, from_user) = view
            .presence(&sender.connection_id)
            .map(|presence| (presence.socket_id.to_string(), presence.user_id.to_string()))
            .unwrap_or_default();
        tracing::info!(
            roomId = %room, participantId = %target, fromSocket = %from_socket, fromUser = %from_user, "📥 Received {event}"
        );
        let mut tries = 0;
        let mut uncertain: Option<Decision> = None;
        let decision = loop {
            if let Some(before) = uncertain.take() {
                match self.at_its_version(&before).await? {
                    Some(entry) if entry == before.entry => break Some(before),
                    // Somebody else has this version: ours can never be written any more.
                    Some(_) => {}
                    None => uncertain = Some(before),
                }
            }
            if tries > 0 {
                begun = Instant::now();
                view = self.room_of(sender, room).await?;
            }
            let decided = view.decide(&sender.connection_id, command, sender.now);
            if let Err(Refusal::NotAllowed(_) | Refusal::NotOver { .. }) = decided {
                tracing::warn!(fromSocket = %from_socket, roomId = %room, "⚠️ Unauthorized {event} attempt by");
            }
            let Some(decision) = decided? else { break None };
            match self.store.commit(&decision).await {
                Ok(()) => break Some(decision),
                Err(CommitError::Conflict) => {}
                Err(CommitError::Store(error)) => {
                    tracing::warn!(%error, "a change may not have been written");
                    uncertain = Some(decision);
                }
            }
            tries += 1;
            if tries == TRIES {
                return Err(Refusal::Busy);
            }
            self.patience.pause(tries).await;
        };
        log_done(event, &target, command, decision.is_some());
        let took = begun.elapsed();
        let written = Instant::now();
        let (view, entry) = match decision {
            Some(Decision { meeting, entry }) => (view.at(meeting), Some(entry)),
            None => (view, None),
        };
        // First those lose the right who may not obey. Also when it was so already: the run that did it may have died before this.
        self.media.room_changed(&view, view.meeting.version).await;
        Ok(self.told(sender, view, command, entry, Lasted { took, since: written }))
    }

    /// The log entry of the version that a decision was to make.
    async fn at_its_version(&self, decision: &Decision) -> Result<Option<LogEntry>, Refusal> {
        let after = Version(decision.entry.version.0.saturating_sub(1));
        let page = self.store.log(&decision.meeting.id, after, 1).await.map_err(unavailable)?;
        Ok(page.entries.into_iter().next())
    }

    /// `view`: the room with the meeting as it is after the command.
    fn told(
        &self,
        sender: &Sender,
        view: RoomView,
        command: &Command,
        entry: Option<LogEntry>,
        lasted: Lasted,
    ) -> Outcome {
        let success = frame(&ServerEvent::success(success_text(command)), None);
        let (announcer, now) = (self.announcer.clone(), sender.now);
        let ack = match command {
            Command::RoomWide { allowed, .. } => json!({ "success": true, "enabled": allowed }),
            _ => json!({ "success": true }),
        };
        let by = view.presence(&sender.connection_id).map(Presence::actor);
        let command = command.clone();
        let later = async move {
            match entry {
                Some(entry) => {
                    let held = lasted.since.elapsed();
                    announcer.changed_before(&view, &entry, now, lasted.took, held).await;
                }
                // Done before, perhaps by a run that died before it could tell anybody.
                None => {
                    if let Some(entry) = by.and_then(|by| standing(&view, &command, by)) {
                        announcer.repeated(&view, &entry, now).await;
                    }
                }
            }
        };
        Outcome { ack, frames: success.into_iter().collect(), later: Some(Box::pin(later)), ..Outcome::quiet() }
    }
}

/// How long read and transaction of a change took, and when that was done.
#[derive(Debug, Clone, Copy)]
struct Lasted {
    took: Duration,
    since: Instant,
}

fn log_done(event: &str, target: &str, command: &Command, changed: bool) {
    if changed {
        match command {
            Command::MakeHost(_) => tracing::info!(participantId = %target, "✅ Promoted to host"),
            Command::MakeCohost(_) => tracing::info!(participantId = %target, "✅ Promoted to co-host"),
            Command::RemoveHost(_) | Command::RemoveCohost(_) => tracing::info!(participantId = %target, "✅ Demoted"),
            Command::Restrict { source, allowed, .. } => {
                tracing::info!(participantId = %target, ?source, allowed, "✅ Restricted");
            }
            Command::RoomWide { source, allowed } => {
                tracing::info!(?source, allowed, "✅ Switched for all participants")
            }
            Command::Remove(_) => tracing::info!(participantId = %target, "✅ Removed"),
            Command::Readmit(_) => tracing::info!(participantId = %target, "✅ Readmitted"),
            Command::Edit(_) | Command::End => {}
        }
    }
    tracing::info!(changed, "✅ {event} completed");
}

fn success_text(command: &Command) -> &'static str {
    match command {
        Command::MakeHost(_) => "Host status granted",
        Command::RemoveHost(_) => "Host status removed",
        Command::MakeCohost(_) => "Co-host status granted",
        Command::RemoveCohost(_) => "Co-host status removed",
        Command::Restrict { source, allowed, .. } => match (source, allowed) {
            (Source::Microphone, false) => "Participant muted",
            (Source::Microphone, true) => "Participant may unmute",
            (Source::Camera, false) => "Camera disabled",
            (Source::Camera, true) => "Camera allowed",
            (Source::Screen, false) => "Screen sharing of the participant disabled",
            (Source::Screen, true) => "Screen sharing of the participant allowed",
        },
        Command::RoomWide { source, allowed } => match (source, allowed) {
            (Source::Microphone, false) => "All participants muted",
            (Source::Microphone, true) => "All participants may unmute",
            (Source::Camera, false) => "Cameras disabled",
            (Source::Camera, true) => "Cameras allowed",
            (Source::Screen, false) => "Screen sharing disabled",
            (Source::Screen, true) => "Screen sharing enabled",
        },
        Command::Remove(_) => "Participant removed",
        Command::Readmit(_) => "Participant readmitted",
        Command::Edit(_) | Command::End => "Done",
    }
}

/// The state that a command found already there, as the change that would have made it.
fn standing(view: &RoomView, command: &Command, by: Actor) -> Option<LogEntry> {
    let meeting = &view.meeting;
    let change = match command {
        Command::MakeHost(user)
        | Command::RemoveHost(user)
        | Command::MakeCohost(user)
        | Command::RemoveCohost(user) => {
            let to = meeting.role_of(user);
            let from = match (command, to) {
                (Command::MakeHost(_) | Command::MakeCohost(_), _) => Role::Participant,
                (Command::RemoveHost(_), Role::Participant) => Role::Host,
                (Command::RemoveCohost(_), Role::Participant) => Role::CoHost,
                _ => return None,
            };
            Change::Role { user: user.clone(), name: None, from, to, invitation: None, rights: Vec::new() }
        }
        Command::Restrict { user, source, allowed } => {
            Change::Restricted { user: user.clone(), source: *source, allowed: *allowed, exempted: false }
        }
        Command::RoomWide { source, allowed } => {
            Change::RoomWide { source: *source, allowed: *allowed, policy: meeting.policy }
        }
        Command::Remove(user) => Change::Removed { user: user.clone(), name: None, from: Role::Participant },
        Command::Readmit(_) | Command::Edit(_) | Command::End => return None,
    };
    let at = Timestamp::from_ms(0);
    Some(LogEntry { version: meeting.version, at, by: by.user_id, by_name: by.name, change })
}
