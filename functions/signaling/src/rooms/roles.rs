//! `make-host`, `remove-host`, `make-cohost`, `remove-cohost`.

use std::time::{Duration, Instant};

use dais_domain::{
    Change, Command, Decision, LogEntry, MeetingId, Refusal, Role, RoomView, Timestamp, Version, wire::ServerEvent,
};
use dais_realtime::{Sender, Sockets, frame};
use dais_store::{CommitError, Store};

use super::{Outcome, Rooms, unavailable};

/// Tries of a change that others overtake. Each conflict means that somebody else's change was written.
const TRIES: u32 = 12;

impl<S: Store, C: Sockets> Rooms<S, C> {
    /// Gives or takes a role: one read, one transaction, then the fan-out.
    pub async fn role(
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
            if let Err(Refusal::NotAllowed(_)) = decided {
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
        // What a role gave may be gone with it. Also when it was so already: the run that did it may have died before this.
        let version = decision.as_ref().map_or(view.meeting.version, |decision| decision.entry.version);
        self.media.room_changed(&view, version).await;
        Ok(self.told(sender, view, command, decision, took))
    }

    /// The log entry of the version that a decision was to make.
    async fn at_its_version(&self, decision: &Decision) -> Result<Option<LogEntry>, Refusal> {
        let after = Version(decision.entry.version.0.saturating_sub(1));
        let page = self.store.log(&decision.meeting.id, after, 1).await.map_err(unavailable)?;
        Ok(page.entries.into_iter().next())
    }

    /// `took`: how long read and transaction took.
    fn told(
        &self,
        sender: &Sender,
        view: RoomView,
        command: &Command,
        decision: Option<Decision>,
        took: Duration,
    ) -> Outcome {
        let success = frame(&ServerEvent::success(success_text(command)), None);
        let (announcer, now) = (self.announcer.clone(), sender.now);
        let entry = decision.map(|decision| decision.entry);
        let command = command.clone();
        let later = async move {
            match entry {
                Some(entry) => announcer.changed(&view, &entry, now, took).await,
                // Done before, perhaps by a run that died before it could tell anybody.
                None => {
                    if let Some(entry) = standing(&view, &command) {
                        announcer.repeated(&view, &entry, now).await;
                    }
                }
            }
        };
        Outcome { frames: success.into_iter().collect(), later: Some(Box::pin(later)), ..Outcome::quiet() }
    }
}

fn log_done(event: &str, target: &str, command: &Command, changed: bool) {
    if changed {
        match command {
            Command::MakeHost(_) => tracing::info!(participantId = %target, "✅ Promoted to host"),
            Command::MakeCohost(_) => tracing::info!(participantId = %target, "✅ Promoted to co-host"),
            Command::RemoveHost(_) | Command::RemoveCohost(_) => tracing::info!(participantId = %target, "✅ Demoted"),
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
        Command::Edit(_) | Command::End => "Done",
    }
}

/// The state that a command found already there, as the change that would have made it.
fn standing(view: &RoomView, command: &Command) -> Option<LogEntry> {
    let user = command.target()?;
    let to = view.meeting.role_of(user);
    let from = match (command, to) {
        (Command::MakeHost(_) | Command::MakeCohost(_), _) => Role::Participant,
        (Command::RemoveHost(_), Role::Participant) => Role::Host,
        (Command::RemoveCohost(_), Role::Participant) => Role::CoHost,
        _ => return None,
    };
    let change = Change::Role { user: user.clone(), name: None, from, to, invitation: None };
    Some(LogEntry { version: view.meeting.version, at: Timestamp::from_ms(0), by: user.clone(), by_name: None, change })
}
