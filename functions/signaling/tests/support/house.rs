//! A meeting with people in its room, behind the real [`Rooms`].

use std::sync::Arc;

use dais_domain::{Command, MediaState, Meeting, MeetingId, Presence, Refusal, Role, RoomView, wire::JoinRoom};
use dais_media_nodes::{MediaPlane, NoMedia};
use dais_realtime::{FloodGuard, Sender, Sockets};
use dais_signaling::{Outcome, Rooms};
use dais_store::{Connection, Connections, Meetings, MemoryStore, Rooms as _};

use super::{
    at, connection, connection_id,
    executor::run,
    meeting,
    patience::yielding,
    room,
    sky::Sky,
    sockets,
    sockets::{Event, event},
    user,
};

pub struct House {
    pub sky: Arc<Sky>,
    pub store: MemoryStore,
    pub sockets: sockets::FakeSockets,
    pub rooms: Rooms<MemoryStore, sockets::FakeSockets>,
}

impl House {
    /// The first one is the creator; all are in the room with one tab, and nobody has heard anything yet.
    pub fn new(names: &[&str]) -> Self {
        let house = Self::empty(names[0]);
        for name in names {
            house.connect(name, 0);
            house.join(name, 0);
        }
        house.sockets.take();
        house.sky.state().happened.clear();
        house
    }

    /// A meeting that nobody is in.
    pub fn empty(creator: &str) -> Self {
        let sky = Arc::new(Sky::default());
        let store = MemoryStore::with_weather(sky.clone());
        let sockets = sockets::FakeSockets::default();
        let rooms =
            Rooms::new(store.clone(), sockets.clone(), Arc::new(FloodGuard::default()), yielding(), Arc::new(NoMedia));
        let (meeting, first) = meeting(creator);
        run(store.create(&meeting, &first, None)).unwrap();
        Self { sky, store, sockets, rooms }
    }

    /// Other handlers over the same table and the same sockets.
    pub fn another_rooms(&self) -> Rooms<MemoryStore, sockets::FakeSockets> {
        self.rooms_with(Arc::new(NoMedia))
    }

    /// Other handlers, with media.
    pub fn rooms_with(&self, media: Arc<dyn MediaPlane>) -> Rooms<MemoryStore, sockets::FakeSockets> {
        Rooms::new(self.store.clone(), self.sockets.clone(), Arc::new(FloodGuard::default()), yielding(), media)
    }

    pub fn connect(&self, name: &str, tab: usize) -> Connection {
        let connection = connection(name, tab);
        self.sockets.open(&connection.id);
        run(self.store.open(&connection, at(600_000))).unwrap();
        connection
    }

    /// Puts a connection into the room, and nobody hears of it.
    pub fn place(&self, name: &str, tab: usize) -> Connection {
        let connection = self.connect(name, tab);
        let presence = Presence {
            connection_id: connection.id.clone(),
            socket_id: connection.socket_id.clone(),
            user_id: connection.user_id.clone(),
            name: connection.name.clone().unwrap(),
            image_url: None,
            media: MediaState::default(),
            joined_at: at(0),
            expires_at: at(7_200_000),
        };
        run(self.store.enter(&connection, &room(), &presence)).unwrap();
        connection
    }

    /// Joins as the engine makes it: the sender's frames, and then what follows from it.
    pub fn enter(&self, name: &str, tab: usize) {
        let sender = Sender { now: at(0), ..self.tab(name, tab) };
        let outcome = run(self.rooms.join(&sender, join_room())).unwrap();
        for frame in &outcome.frames {
            run(self.sockets.post(&sender.connection_id, frame)).unwrap();
        }
        run(outcome.later.unwrap());
    }

    /// Joins, and what follows from it.
    pub fn join(&self, name: &str, tab: usize) -> Outcome {
        let mut outcome = run(self.rooms.join(&self.tab(name, tab), join_room())).unwrap();
        if let Some(later) = outcome.later.take() {
            run(later);
        }
        outcome
    }

    /// Leaves, and what follows from it.
    pub fn leave(&self, name: &str, tab: usize) {
        let outcome = run(self.rooms.leave(&self.tab(name, tab), &room())).unwrap();
        if let Some(later) = outcome.later {
            run(later);
        }
    }

    /// A command of a first tab, without what follows from it.
    pub fn command(&self, name: &str, command: Command) -> Result<Outcome, Refusal> {
        let event = match command {
            Command::MakeHost(_) => "make-host",
            Command::RemoveHost(_) => "remove-host",
            Command::MakeCohost(_) => "make-cohost",
            _ => "remove-cohost",
        };
        run(self.rooms.command(&self.sender(name), event, &room(), &command))
    }

    /// Gives a role, and nobody hears of it.
    pub fn grant(&self, name: &str, role: Role) {
        let meeting = self.meeting();
        let actor = dais_domain::Actor { user_id: meeting.created_by.clone(), name: None };
        let command = match role {
            Role::Host => Command::MakeHost(user(name)),
            Role::CoHost => Command::MakeCohost(user(name)),
            Role::Participant => Command::RemoveHost(user(name)),
        };
        let decision = meeting.decide(&actor, &command, None, at(0)).unwrap().unwrap();
        run(self.store.commit(&decision)).unwrap();
    }

    /// The first tab of somebody, sending long after everything began.
    pub fn sender(&self, name: &str) -> Sender {
        self.tab(name, 0)
    }

    pub fn tab(&self, name: &str, tab: usize) -> Sender {
        Sender { connection_id: connection_id(&format!("{name}{tab}")), now: at(1_000) }
    }

    pub fn meeting(&self) -> Meeting {
        run(self.store.meeting(&room())).unwrap().unwrap()
    }

    pub fn view(&self) -> RoomView {
        self.view_of(&room())
    }

    pub fn view_of(&self, room: &MeetingId) -> RoomView {
        run(self.store.room(room, at(1_000))).unwrap().unwrap()
    }

    /// A second meeting, with nobody in it.
    pub fn another_meeting(&self, id: &str, creator: &str) -> MeetingId {
        let (meeting, first) = meeting(creator);
        let id = MeetingId::new(id).unwrap();
        run(self.store.create(&Meeting { id: id.clone(), ..meeting }, &first, None)).unwrap();
        id
    }

    /// The events that a tab has heard, since they were last taken.
    pub fn events(&self, name: &str, tab: usize) -> Vec<Event> {
        let id = connection_id(&format!("{name}{tab}"));
        self.sockets.state().posted.iter().filter(|(to, _)| *to == id).map(|(_, frame)| event(frame)).collect()
    }

    /// The names of the events that a connection has heard.
    pub fn heard_by(&self, id: &str) -> Vec<String> {
        let state = self.sockets.state();
        state.posted.iter().filter(|(to, _)| to.as_str() == id).map(|(_, frame)| event(frame).0).collect()
    }

    /// The names of the events that somebody's first tab has heard.
    pub fn heard(&self, name: &str) -> Vec<String> {
        self.events(name, 0).into_iter().map(|event| event.0).collect()
    }
}

pub fn join_room() -> JoinRoom {
    JoinRoom { room: room(), name_hint: None, image_hint: None }
}
