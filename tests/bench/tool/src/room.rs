//! A room full of sockets, and role changes that are timed until the last of them has heard.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::{Duration, Instant},
};

use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    Error,
    command::in_ms,
    member::{Answer, Member},
};

/// The longest that anything may take.
const DEADLINE: Duration = Duration::from_secs(60);

/// Who joins.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberSpec {
    /// For `auth.token`.
    pub token: String,
    /// Whom the token names. Servers without authentication believe this.
    pub user_id: String,
}

/// The members and what they wait for.
pub struct Room {
    url: String,
    id: String,
    target: String,
    members: Vec<Member>,
    round: Rc<Round>,
    is_cohost: Cell<bool>,
}

/// How long a role change took, from the moment its host sent it.
pub struct RoleChange {
    /// Until the last member had heard.
    pub heard: Duration,
    /// Until its acknowledgement.
    pub answered: Duration,
}

impl Room {
    /// Connects and joins. Gives the room and how long each join took, in ms.
    pub async fn open(
        url: &str,
        room_id: &str,
        members: Vec<MemberSpec>,
        at_once: usize,
    ) -> Result<(Self, Vec<f64>), Error> {
        let target = members.get(1).ok_or("a room needs a host and somebody whose role changes")?.user_id.clone();
        let mut room = Self {
            url: url.to_owned(),
            id: room_id.to_owned(),
            target,
            members: Vec::with_capacity(members.len()),
            round: Rc::default(),
            is_cohost: Cell::new(false),
        };
        // Servers without durable roles make the first one who comes the host.
        let (host, others) = members.split_first().ok_or("a room needs a host")?;
        let (host, host_ms) = room.join(host).await?;
        let joined = stream::iter(others).map(|spec| room.join(spec)).buffered(at_once.max(1));
        let (others, join_ms): (Vec<Member>, Vec<f64>) = joined.try_collect::<Vec<_>>().await?.into_iter().unzip();
        room.members.push(host);
        room.members.extend(others);
        Ok((room, std::iter::once(host_ms).chain(join_ms).collect()))
    }

    async fn join(&self, spec: &MemberSpec) -> Result<(Member, f64), Error> {
        let member = within(Member::connect(&self.url, spec, self.round.clone()), "a connection").await?;
        let payload = json!({ "roomId": self.id, "userId": spec.user_id, "userName": spec.user_id });
        let answer = within(member.emit("join-room", &payload), "the answer to join-room").await?;
        accepted(&answer)?;
        Ok((member, in_ms(answer.after)))
    }

    /// Connects somebody who does not join. Gives his position.
    pub async fn connect(&mut self, spec: &MemberSpec) -> Result<usize, Error> {
        let member = within(Member::connect(&self.url, spec, self.round.clone()), "a connection").await?;
        self.members.push(member);
        Ok(self.members.len() - 1)
    }

    /// Closes the socket of the last member.
    pub fn disconnect(&mut self) {
        self.members.pop();
    }

    /// One role change, until everybody has heard and it has been acknowledged.
    pub async fn change_role(&self) -> Result<RoleChange, Error> {
        let wanted = !self.is_cohost.get();
        let event = if wanted { "make-cohost" } else { "remove-cohost" };
        let payload = json!({ "roomId": self.id, "participantId": self.target });
        self.round.begin(wanted, self.members.len());
        let answer = self.emit(0, event, &payload).await?;
        accepted(&answer)?;
        let finished = match tokio::time::timeout(DEADLINE, self.round.finished()).await {
            Ok(finished) => finished,
            Err(_) => {
                let missing = self.round.state.borrow().missing;
                return Err(format!("{missing} of {} members have not heard of a {event}", self.members.len()).into());
            }
        };
        self.is_cohost.set(wanted);
        Ok(RoleChange { heard: finished.saturating_duration_since(answer.sent), answered: answer.after })
    }

    /// One event of one member, acknowledged.
    pub async fn emit(&self, member: usize, event: &str, payload: &Value) -> Result<Answer, Error> {
        let member = self.members.get(member).ok_or("there is no such member")?;
        within(member.emit(event, payload), &format!("the answer to {event}")).await
    }
}

fn accepted(answer: &Answer) -> Result<(), Error> {
    if answer.value.get("success") == Some(&Value::Bool(true)) {
        return Ok(());
    }
    Err(format!("refused: {}", answer.value).into())
}

async fn within<T>(work: impl Future<Output = Result<T, Error>>, what: &str) -> Result<T, Error> {
    tokio::time::timeout(DEADLINE, work).await.unwrap_or_else(|_| Err(format!("{what} did not come").into()))
}

/// What all members wait for at the moment.
#[derive(Default)]
pub struct Round {
    state: RefCell<RoundState>,
    done: Notify,
}

#[derive(Default)]
struct RoundState {
    number: u64,
    is_cohost: bool,
    /// Versions up to this one belong to rounds before. A change may be told twice.
    told_before: u64,
    newest: u64,
    missing: usize,
    finished: Option<Instant>,
}

impl Round {
    fn begin(&self, is_cohost: bool, members: usize) {
        let mut state = self.state.borrow_mut();
        let newest = state.newest;
        *state = RoundState {
            number: state.number + 1,
            is_cohost,
            told_before: newest,
            newest,
            missing: members,
            finished: None,
        };
    }

    async fn finished(&self) -> Instant {
        loop {
            if let Some(finished) = self.state.borrow().finished {
                return finished;
            }
            self.done.notified().await;
        }
    }

    /// A member was told `participant-updated`. `heard_round` is the last round in which it has counted.
    pub fn told(&self, heard_round: &mut u64, packet: &str) {
        let mut state = self.state.borrow_mut();
        let version = version_of(packet);
        if let Some(version) = version {
            state.newest = state.newest.max(version);
        }
        let is_news = version.is_none_or(|version| version > state.told_before);
        let value = if state.is_cohost { r#""isCoHost":true"# } else { r#""isCoHost":false"# };
        if *heard_round == state.number || !is_news || !packet.contains(value) {
            return;
        }
        *heard_round = state.number;
        state.missing = state.missing.saturating_sub(1);
        if state.missing == 0 {
            state.finished = Some(Instant::now());
            self.done.notify_one();
        }
    }
}

/// The offset of connection state recovery: a string at the end of the packet. Other servers send none.
fn version_of(packet: &str) -> Option<u64> {
    packet.strip_suffix("\"]")?.rsplit_once('"')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_is_told_twice_counts_once() {
        let round = Round::default();
        let (mut ada, mut bo) = (0, 0);
        let packet = |value, version| {
            format!(r#"42["participant-updated",{{"participantId":"b","updates":{{"isCoHost":{value}}}}},"{version}"]"#)
        };
        round.begin(true, 2);
        round.told(&mut ada, &packet(true, 2));
        round.told(&mut ada, &packet(true, 2));
        assert!(round.state.borrow().finished.is_none());
        round.told(&mut bo, &packet(true, 2));
        assert!(round.state.borrow().finished.is_some());

        round.begin(false, 2);
        round.told(&mut bo, &packet(true, 2));
        round.told(&mut ada, &packet(false, 3));
        assert_eq!(round.state.borrow().missing, 1);
        round.told(&mut bo, &packet(false, 3));
        assert!(round.state.borrow().finished.is_some());
    }

    #[test]
    fn servers_without_versions_are_counted_too() {
        let round = Round::default();
        let (mut ada, mut bo) = (0, 0);
        round.begin(true, 2);
        let packet = r#"42["participant-updated",{"participantId":"b","updates":{"isCoHost":true}}]"#;
        round.told(&mut ada, packet);
        round.told(&mut bo, packet);
        assert!(round.state.borrow().finished.is_some());
    }
}
