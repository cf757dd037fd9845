//! Makes a script happen, step by step, with the real code.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
    time::{Duration, SystemTime},
};

use dais_domain::{
    ConnectionId, LogEntry, Meeting, Refusal, Role, RoomView, Timestamp, UserId, Version, wire::JoinRoom,
};
use dais_heartbeat::Heartbeat;
use dais_media_nodes::NoMedia;
use dais_realtime::{FloodGuard, Sender};
use dais_signaling::{Outcome, Rooms};
use dais_store::{Connection, Connections, Meetings, MemoryStore, Rooms as _};
use futures::future::BoxFuture;

use super::{
    history::{Asked, Moment, Run},
    rules,
    script::{Act, Copied, Event, Script},
};
use crate::support::{
    self, at,
    executor::{run, step},
    patience::yielding,
    room,
    sky::{Choices, Sky},
    sockets::FakeSockets,
};

const NAMES: [&str; 6] = ["Ada", "Bo", "Cy", "Di", "Ed", "Flo"];
const MINUTE_MS: u64 = 60_000;

type Answer = Option<Result<Outcome, Refusal>>;

struct Task {
    future: BoxFuture<'static, Answer>,
    /// Polls until it is killed.
    lives: Option<usize>,
    /// Whose answer is checked.
    run: Option<Run>,
    begun: bool,
}

pub struct World {
    sky: Arc<Sky>,
    store: MemoryStore,
    sockets: FakeSockets,
    rooms: Arc<Rooms<MemoryStore, FakeSockets>>,
    heartbeat: Arc<Heartbeat<MemoryStore, FakeSockets>>,
    users: Vec<UserId>,
    connections: Vec<Connection>,
    queue: VecDeque<Task>,
    live: Vec<Task>,
    moments: Vec<Moment>,
    runs: Vec<Run>,
    closed: BTreeSet<ConnectionId>,
    /// Connections that were told that they are in the room, and did nothing to get out.
    staying: BTreeSet<ConnectionId>,
    step: usize,
    beats: u64,
    pongs_lost: bool,
}

impl World {
    /// Everybody as the script wants them when it begins.
    pub fn new(script: &Script) -> Self {
        let sky = Arc::new(Sky::new(script.storm, &script.fates));
        sky.state().calm = true;
        let store = MemoryStore::with_weather(sky.clone());
        let sockets = FakeSockets::default();
        sockets.state().only_pings = true;
        let rooms = Arc::new(Rooms::new(
            store.clone(),
            sockets.clone(),
            Arc::new(FloodGuard::default()),
            yielding(),
            Arc::new(NoMedia),
        ));
        let heartbeat = Heartbeat::new(store.clone(), sockets.clone(), rooms.announcer().clone(), support::settings());
        let mut world = Self {
            sky,
            store,
            sockets,
            rooms,
            heartbeat: Arc::new(heartbeat),
            users: Vec::new(),
            connections: Vec::new(),
            queue: VecDeque::new(),
            live: Vec::new(),
            moments: Vec::new(),
            runs: Vec::new(),
            closed: BTreeSet::new(),
            staying: BTreeSet::new(),
            step: 0,
            beats: 0,
            pongs_lost: false,
        };
        world.populate(script);
        world
    }

    fn populate(&mut self, script: &Script) {
        let (mut meeting, first) = support::meeting(NAMES[0]);
        run(self.store.create(&meeting, &first, None)).unwrap();
        let creator = dais_domain::Actor { user_id: meeting.created_by.clone(), name: None };
        for (person, name) in script.people.iter().zip(NAMES) {
            let user = support::user(name);
            self.users.push(user.clone());
            let command = match person.role {
                Role::Host => dais_domain::Command::MakeHost(user),
                Role::CoHost => dais_domain::Command::MakeCohost(user),
                Role::Participant => dais_domain::Command::RemoveCohost(user),
            };
            if let Ok(Some(decision)) = meeting.decide(&creator, &command, None, at(0)) {
                run(self.store.commit(&decision)).unwrap();
                meeting = decision.meeting;
            }
            for tab in 0..person.tabs {
                let connection = support::connection(name, tab);
                self.sockets.open(&connection.id);
                let due = if person.due { at(0) } else { at(10 * MINUTE_MS) };
                run(self.store.open(&connection, due)).unwrap();
                if person.inside {
                    let joined = run(self.rooms.join(&sender(&connection, at(0)), join_room()));
                    drop(joined.unwrap_or_else(|refusal| panic!("{refusal}")));
                    self.staying.insert(connection.id.clone());
                }
                self.connections.push(connection);
            }
        }
    }

    /// Makes it happen and checks what must be true meanwhile and afterwards.
    pub fn play(mut self, script: &Script) -> Result<(), String> {
        self.remember()?;
        self.plan(&script.events);
        self.sky.state().calm = false;
        let mut schedule = Choices::new(&script.schedule);
        loop {
            while self.live.len() < script.window
                && let Some(task) = self.queue.pop_front()
            {
                self.live.push(task);
            }
            if self.live.is_empty() {
                break;
            }
            let chosen = schedule.take() % self.live.len();
            self.advance(chosen)?;
        }
        self.sky.state().calm = true;
        self.check(script)
    }

    fn plan(&mut self, events: &[Event]) {
        let mut late = Vec::new();
        for (index, event) in events.iter().enumerate() {
            let now = at(10 * (index as u64 + 1));
            let first = self.task(index, event, now);
            self.queue.push_back(first);
            match event.copy {
                Copied::No => {}
                Copied::AtOnce => {
                    let second = self.task(index, event, now);
                    self.queue.push_back(second);
                }
                Copied::Late => late.push(self.task(index, event, now)),
            }
        }
        self.queue.extend(late);
    }

    fn task(&mut self, number: usize, event: &Event, now: Timestamp) -> Task {
        let (rooms, sockets) = (self.rooms.clone(), self.sockets.clone());
        let tab = |tab: usize| self.connections[tab % self.connections.len()].clone();
        let (future, run): (BoxFuture<'static, Answer>, Option<Run>) = match event.act {
            Act::Role { tab: from, verb, target } => {
                let (from, target) = (tab(from), self.users[target % self.users.len()].clone());
                let command = verb.command(target);
                let run = asked(&from, Asked::Role(command.clone()));
                let role = async move { rooms.command(&sender(&from, now), verb.name(), &room(), &command).await };
                (Box::pin(async move { Some(role.await) }), Some(run))
            }
            Act::Join { tab: from } => {
                let from = tab(from);
                let run = asked(&from, Asked::Join);
                (Box::pin(async move { Some(rooms.join(&sender(&from, now), join_room()).await) }), Some(run))
            }
            Act::Leave { tab: from } => {
                let from = tab(from);
                let run = asked(&from, Asked::Leave);
                (Box::pin(async move { Some(rooms.leave(&sender(&from, now), &room()).await) }), Some(run))
            }
            Act::Disconnect { tab: from, told, deliberate } => {
                let from = tab(from);
                let disconnect = async move {
                    sockets.lose(&from.id);
                    if told {
                        // A departure that fails is left to the heartbeat.
                        let _ = rooms.announcer().depart(&from.id, now, !deliberate).await;
                    }
                    None
                };
                (Box::pin(disconnect), None)
            }
            Act::Heartbeat { pongs_lost } => {
                self.beats += 1;
                self.pongs_lost |= pongs_lost;
                let (heartbeat, now) = (self.heartbeat.clone(), at(self.beats * MINUTE_MS));
                let beat = async move {
                    let _ = heartbeat.run(now, SystemTime::now() + Duration::from_secs(60)).await;
                    None
                };
                (Box::pin(beat), None)
            }
        };
        let run = run.map(|run| Run { event: number, ..run });
        Task { future, lives: event.dies_after, run, begun: false }
    }

    /// One step of one invocation.
    fn advance(&mut self, chosen: usize) -> Result<(), String> {
        self.step += 1;
        let before = self.version();
        let (happened, failed) = {
            let sky = self.sky.state();
            (sky.happened.len(), sky.failures)
        };
        let task = &mut self.live[chosen];
        if !task.begun {
            task.begun = true;
            task.run.iter_mut().for_each(|run| run.first_step = self.step);
        }
        let done = step(task.future.as_mut());
        let (writes, failures) = {
            let sky = self.sky.state();
            let writes = sky.happened[happened..].iter().any(|operation| is_write(operation));
            (writes, sky.failures - failed)
        };
        if let Some(run) = &mut task.run {
            run.failures += failures;
        }
        if writes {
            self.remember()?;
        }
        let written = (self.version().0 - before.0) as usize;
        if written > 0 {
            self.count_writes(chosen, written);
        }
        self.answer_pings();
        match done {
            Some(answer) => self.finish(chosen, answer),
            None => {
                let task = &mut self.live[chosen];
                let killed = task.lives == Some(0);
                task.lives = task.lives.map(|lives| lives.saturating_sub(1));
                if killed {
                    drop(self.live.remove(chosen));
                }
            }
        }
        Ok(())
    }

    fn count_writes(&mut self, chosen: usize, written: usize) {
        let event = self.live[chosen].run.as_ref().map(|run| run.event);
        for (index, task) in self.live.iter_mut().enumerate().filter(|(_, task)| task.begun) {
            let Some(run) = &mut task.run else { continue };
            if index == chosen {
                run.writes += written;
            } else {
                run.overtaken += written;
                run.by_copy |= Some(run.event) == event;
            }
        }
    }

    fn finish(&mut self, chosen: usize, answer: Answer) {
        let task = self.live.remove(chosen);
        let Some(answer) = answer else { return };
        let Some(mut run) = task.run else { return };
        run.last_step = self.step;
        match answer {
            Ok(outcome) => {
                if let Some(later) = outcome.later {
                    let future = Box::pin(async move {
                        later.await;
                        None
                    });
                    self.live.push(Task { future, lives: task.lives, run: None, begun: true });
                }
            }
            Err(refusal) => run.refusal = Some(refusal),
        }
        self.runs.push(run);
    }

    /// Open sockets answer pings by themselves.
    fn answer_pings(&mut self) {
        let pinged = std::mem::take(&mut self.sockets.state().pinged);
        for id in pinged {
            if self.pongs_lost {
                continue;
            }
            let (store, due) = (self.store.clone(), at((self.beats + 5) * MINUTE_MS));
            let pong = async move {
                let _ = store.ponged(&id, due).await;
                None
            };
            self.queue.push_front(Task { future: Box::pin(pong), lives: None, run: None, begun: false });
        }
    }

    fn calmly<T>(&self, look: impl Future<Output = T>) -> T {
        let calm = std::mem::replace(&mut self.sky.state().calm, true);
        let seen = run(look);
        self.sky.state().calm = calm;
        seen
    }

    fn version(&self) -> Version {
        self.moments.last().map_or(Version::FIRST, |moment| moment.version)
    }

    fn view(&self) -> RoomView {
        self.calmly(self.store.room(&room(), at(0))).unwrap().unwrap()
    }

    /// Keeps the state of the table, and checks what must be true in every one.
    fn remember(&mut self) -> Result<(), String> {
        for connection in &self.connections {
            let stored = self.calmly(self.store.connection(&connection.id)).unwrap();
            if stored.is_some_and(|stored| stored.disconnected_at.is_some()) {
                self.closed.insert(connection.id.clone());
            }
        }
        let moment = Moment::new(self.step, &self.view(), self.closed.clone());
        if moment.hosts() == 0 {
            return Err(format!("no host is left: {moment:?}"));
        }
        if moment.version < self.version() {
            return Err(format!("the version went back to {}", moment.version));
        }
        self.moments.push(moment);
        Ok(())
    }

    fn check(mut self, script: &Script) -> Result<(), String> {
        for run in &self.runs {
            run.check(&self.moments)?;
            if matches!(run.asked, Asked::Join) && run.refusal.is_none() {
                self.staying.insert(run.connection.clone());
            }
        }
        for event in &script.events {
            if let Act::Leave { tab } | Act::Disconnect { tab, .. } = event.act {
                self.staying.remove(&self.connections[tab % self.connections.len()].id);
            }
        }
        let meeting: Meeting = self.view().meeting;
        let log: Vec<LogEntry> = self.calmly(self.store.log(&room(), Version(0), 10_000)).unwrap().entries;
        rules::check(&log, &meeting)?;
        self.settle();
        self.check_presences()
    }

    /// The heartbeats that come when nothing else happens any more, with the answers to their pings.
    fn settle(&mut self) {
        for minute in [60, 61, 62] {
            let now = at(minute * MINUTE_MS);
            self.calmly(self.heartbeat.run(now, SystemTime::now() + Duration::from_secs(60))).unwrap();
            let pinged = std::mem::take(&mut self.sockets.state().pinged);
            for id in pinged {
                self.calmly(self.store.ponged(&id, at((minute + 5) * MINUTE_MS))).unwrap();
            }
        }
    }

    fn check_presences(&self) -> Result<(), String> {
        let view = self.view();
        if let Some(ghost) = view.presences.iter().find(|there| !self.sockets.is_open(&there.connection_id)) {
            return Err(format!("{} is in the room, and its connection is not open", ghost.connection_id));
        }
        let lost = self.staying.iter().find(|id| self.sockets.is_open(id) && view.presence(id).is_none());
        if let Some(lost) = lost {
            return Err(format!("{lost} is open, was told that it is in the room, and is not there"));
        }
        let people: Vec<UserId> = view.participants().into_iter().map(|participant| participant.id).collect();
        let distinct: BTreeSet<&UserId> = people.iter().collect();
        if distinct.len() != people.len() {
            return Err(format!("somebody is listed twice: {people:?}"));
        }
        let leases = self.calmly(self.store.due(at(1_000 * MINUTE_MS), 1_000)).unwrap();
        if let Some(lease) = leases.iter().find(|lease| !self.sockets.is_open(&lease.connection_id)) {
            return Err(format!("{} is looked after for ever", lease.connection_id));
        }
        Ok(())
    }
}

fn is_write(operation: &str) -> bool {
    matches!(operation, "commit" | "enter" | "leave" | "closing" | "close" | "open" | "forget_room")
}

fn sender(connection: &Connection, now: Timestamp) -> Sender {
    Sender { connection_id: connection.id.clone(), now }
}

fn join_room() -> JoinRoom {
    JoinRoom { room: room(), name_hint: None, image_hint: None }
}

fn asked(connection: &Connection, asked: Asked) -> Run {
    Run {
        connection: connection.id.clone(),
        user: connection.user_id.clone(),
        asked,
        event: 0,
        first_step: 0,
        last_step: 0,
        writes: 0,
        overtaken: 0,
        by_copy: false,
        failures: 0,
        refusal: None,
    }
}
