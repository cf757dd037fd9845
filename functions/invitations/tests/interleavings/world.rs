//! Makes a script happen, step by step, with the real code.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    mem,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use dais_courier::{Courier, Links};
use dais_domain::{
    Actor, Command, Description, EmailAddress, InvitationId, InvitationState, Meeting, MeetingId, Outcome, Timestamp,
    TokenHash, Version,
};
use dais_function::AfterAnswer;
use dais_invitations::{Rest, Rules};
use dais_store::{CommitError, Directory, Invitations, KnownUser, Mails, Meetings, MemoryStore, NewsSource};
use futures::future::BoxFuture;
use lambda_http::{Body, request::from_str};
use serde_json::{Value, json};

use super::{
    post::{self, Post},
    rules::{self, Moment, Owners},
    script::{Act, Copied, Event, Script},
};
use crate::{
    executor::{Yield, run, step},
    people::{ADA, BO, CY, DI, NOW_MS, Person, token, verifier},
    sky::{Choices, Sky},
    sockets::Recorder,
};

const DAY_MS: u64 = 24 * 3600 * 1000;
/// Between two events: shorter than a courier's claim, and two of them longer.
const PAUSE_MS: u64 = 40_000;
/// The first is the creator. The last two share an address.
const PEOPLE: [Person; 4] = [ADA, BO, CY, DI];
const ADDRESSES: [&str; 4] = ["user_bo@example.com", "team@example.com", "bo@work.example", "nobody@example.com"];

type App = Rest<MemoryStore, Recorder, Post>;
type Deferred = Arc<Mutex<Vec<BoxFuture<'static, ()>>>>;

/// What somebody was told that must be so for ever.
#[derive(Debug, Clone)]
enum Told {
    Accepted(TokenHash, Person),
    Declined(TokenHash),
    Revoked(InvitationId),
    Nothing,
}

type Answer = Result<Told, String>;

struct Task {
    future: BoxFuture<'static, Answer>,
    /// Polls until it is killed.
    lives: Option<usize>,
    now: Timestamp,
}

pub struct World {
    sky: Arc<Sky>,
    store: MemoryStore,
    post: Post,
    app: Arc<App>,
    courier: Arc<Courier<MemoryStore, Post>>,
    deferred: Deferred,
    queue: VecDeque<Task>,
    live: Vec<Task>,
    last: Moment,
    told: Vec<Told>,
    /// Every token that ever stood in an invitation.
    tokens: HashMap<TokenHash, InvitationId>,
    /// Invitations whose inviter was no host at some time since: their mails may have been dropped.
    in_vain: HashSet<InvitationId>,
    latest: Timestamp,
}

impl World {
    /// Ada has a meeting, and has invited one address.
    pub fn new(script: &Script) -> Self {
        let sky = Arc::new(Sky::new(script.storm, &script.fates));
        sky.state().calm = true;
        let store = MemoryStore::with_weather(sky.clone());
        let post = Post::default();
        post.calm(true);
        let deferred = Deferred::default();
        let later = deferred.clone();
        let after = AfterAnswer::with_spawner(Arc::new(move |work| later.lock().unwrap().push(work)));
        let sender = EmailAddress::new("invitations@meet.example.com").unwrap();
        let links = Links::new("https://meet.example.com").unwrap();
        let courier = Courier::new(store.clone(), post.clone(), sender, links);
        let rules = Rules { per_address_day: 100, ..Rules::default() };
        let app = Rest::new(store.clone(), Recorder::default(), Some(courier.clone()), verifier(), rules, after)
            .pausing(|_| Box::pin(Yield::default()));
        let title = Description::new("Stand-up").unwrap();
        let starts_at = at(script.starts_in_days * DAY_MS);
        let (meeting, first) = Meeting::create(room(), ADA.user_id(), None, title, starts_at, at(0));
        run(store.create(&meeting, &first, None)).unwrap();
        let known = KnownUser {
            id: BO.user_id(),
            name: None,
            image_url: None,
            emails: [ADDRESSES[0], ADDRESSES[2]].map(|email| EmailAddress::new(email).unwrap()).to_vec(),
            source: NewsSource::Provider,
            updated_at: at(0),
        };
        assert!(run(store.learn(&known)).unwrap());
        let (app, courier) = (Arc::new(app), Arc::new(courier));
        let last = Moment { meeting, invitations: Default::default() };
        let (tokens, in_vain) = (HashMap::new(), HashSet::new());
        Self {
            sky,
            store,
            post,
            app,
            courier,
            deferred,
            queue: VecDeque::new(),
            live: Vec::new(),
            last,
            told: Vec::new(),
            tokens,
            in_vain,
            latest: at(0),
        }
    }

    /// Makes it happen and checks what must be true meanwhile and afterwards.
    pub fn play(mut self, script: &Script) -> Result<(), String> {
        let first = Event { act: Act::Invite { by: 0, address: 0, cohost: false }, copy: Copied::No, dies_after: None };
        self.live.push(self.task(0, &first, at(0)));
        while !self.live.is_empty() {
            self.advance(0)?;
        }
        self.plan(&script.events);
        self.post.trouble(&script.mail);
        self.calm(false);
        let mut schedule = Choices::new(&script.schedule);
        loop {
            while self.live.len() < script.window
                && let Some(task) = self.queue.pop_front()
            {
                self.latest = self.latest.max(task.now);
                self.live.push(task);
            }
            if self.live.is_empty() {
                break;
            }
            let chosen = schedule.take() % self.live.len();
            self.advance(chosen)?;
        }
        self.calm(true);
        self.settle()?;
        self.check()
    }

    fn calm(&self, calm: bool) {
        self.sky.state().calm = calm;
        self.post.calm(calm);
    }

    fn plan(&mut self, events: &[Event]) {
        let (mut late, mut waited) = (Vec::new(), 0);
        for (index, event) in events.iter().enumerate() {
            if let Act::Wait { days } = event.act {
                waited += days * DAY_MS;
                continue;
            }
            let number = index + 1;
            let now = at(waited + number as u64 * PAUSE_MS);
            self.queue.push_back(self.task(number, event, now));
            match event.copy {
                Copied::No => {}
                Copied::AtOnce => self.queue.push_back(self.task(number, event, now)),
                Copied::Late => late.push(self.task(number, event, now)),
            }
        }
        self.queue.extend(late);
    }

    fn task(&self, number: usize, event: &Event, now: Timestamp) -> Task {
        let ask = Ask { app: self.app.clone(), number, now };
        let (store, post, courier) = (self.store.clone(), self.post.clone(), self.courier.clone());
        let future: BoxFuture<'static, Answer> = match event.act {
            Act::Invite { by, address, cohost } => Box::pin(ask.invite(PEOPLE[by], ADDRESSES[address], cohost)),
            Act::Resend { by, invitation } => Box::pin(async move {
                let Some(id) = nth(&store, invitation).await else { return Ok(Told::Nothing) };
                ask.send(
                    PEOPLE[by],
                    "POST",
                    "/api/meetings/{id}/host-invitations/{invitationId}/resend",
                    Some(&id),
                    None,
                )
                .await?;
                Ok(Told::Nothing)
            }),
            Act::Revoke { by, invitation } => Box::pin(async move {
                let Some(id) = nth(&store, invitation).await else { return Ok(Told::Nothing) };
                let route = "/api/meetings/{id}/host-invitations/{invitationId}";
                let done = ask.send(PEOPLE[by], "DELETE", route, Some(&id), None).await?;
                Ok(if done { Told::Revoked(id) } else { Told::Nothing })
            }),
            Act::Accept { by, letter } => Box::pin(ask.answer(PEOPLE[by], "accept", post, letter)),
            Act::Decline { by, letter } => Box::pin(ask.answer(PEOPLE[by], "decline", post, letter)),
            Act::MakeHost { by, target } => command(store, by, Command::MakeHost(PEOPLE[target].user_id()), now),
            Act::RemoveHost { by, target } => command(store, by, Command::RemoveHost(PEOPLE[target].user_id()), now),
            Act::End { by } => command(store, by, Command::End, now),
            Act::Courier | Act::Wait { .. } => Box::pin(async move {
                if let Ok(due) = store.due_mails(now, 100).await {
                    courier.deliver(due, now).await;
                }
                Ok(Told::Nothing)
            }),
        };
        Task { future, lives: event.dies_after, now }
    }

    /// One step of one invocation.
    fn advance(&mut self, chosen: usize) -> Result<(), String> {
        let task = &mut self.live[chosen];
        let (lives, now) = (task.lives, task.now);
        let done = step(task.future.as_mut());
        // What an invocation does after its answer dies with it.
        for work in mem::take(&mut *self.deferred.lock().unwrap()) {
            let future = Box::pin(async move {
                work.await;
                Ok(Told::Nothing)
            });
            self.live.push(Task { future, lives, now });
        }
        self.remember()?;
        match done {
            Some(answer) => {
                drop(self.live.remove(chosen));
                self.told.push(answer?);
            }
            None => {
                let task = &mut self.live[chosen];
                task.lives = task.lives.map(|lives| lives.saturating_sub(1));
                if lives == Some(0) {
                    drop(self.live.remove(chosen));
                }
            }
        }
        Ok(())
    }

    fn calmly<T>(&self, look: impl Future<Output = T>) -> T {
        let calm = mem::replace(&mut self.sky.state().calm, true);
        let seen = run(look);
        self.sky.state().calm = calm;
        seen
    }

    /// Keeps the state of the table, and checks what must be true in every one.
    fn remember(&mut self) -> Result<(), String> {
        let happened = mem::take(&mut self.sky.state().happened);
        if !self.sky.state().calm && !happened.iter().any(|operation| is_write(operation)) {
            return Ok(());
        }
        let meeting = self.calmly(self.store.meeting(&room())).unwrap().unwrap();
        let all = self.calmly(self.store.invitations(&room(), None, 1_000)).unwrap().invitations;
        let moment = Moment { meeting, invitations: all.into_iter().map(|one| (one.id.clone(), one)).collect() };
        moment.check(self.latest)?;
        moment.follows(&self.last, &owners(), &self.post.letters())?;
        for (id, invitation) in &moment.invitations {
            if moment.meeting.may_invite(&invitation.inviter).is_err() {
                self.in_vain.insert(id.clone());
            }
            if let Some(hash) = &invitation.token
                && self.tokens.insert(hash.clone(), id.clone()).is_some_and(|other| other != *id)
            {
                return Err(format!("two invitations have had one token: {invitation:?}"));
            }
        }
        self.last = moment;
        Ok(())
    }

    /// The couriers that come when nothing else happens any more.
    fn settle(&mut self) -> Result<(), String> {
        for quarter in 1..=8 {
            let now = self.latest.plus(Duration::from_secs(quarter * 900));
            let due = run(self.store.due_mails(now, 1_000)).unwrap();
            run(self.courier.deliver(due, now));
            self.remember()?;
        }
        let waiting = run(self.store.due_mails(self.latest.plus(Duration::from_secs(100 * 24 * 3600)), 1_000)).unwrap();
        if waiting.is_empty() { Ok(()) } else { Err(format!("{waiting:?} are never sent")) }
    }

    fn check(&self) -> Result<(), String> {
        let log = run(self.store.log(&room(), Version(0), 10_000)).unwrap().entries;
        rules::check_log(&log, &self.last)?;
        let letters = self.post.letters();
        for letter in letters.iter().filter(|letter| post::token(letter).is_some()) {
            let id = post::hash(letter).and_then(|hash| self.tokens.get(&hash));
            let invitation = id.and_then(|id| self.last.invitations.get(id));
            if invitation.is_none_or(|invitation| invitation.email != letter.to) {
                return Err(format!("a letter to {:?} belongs to {invitation:?}", letter.to));
            }
        }
        for invitation in self.last.invitations.values() {
            let pending = invitation.state_at(self.latest) == InvitationState::Pending;
            let sent =
                || letters.iter().any(|letter| invitation.token.is_some() && post::hash(letter) == invitation.token);
            if pending && !self.in_vain.contains(&invitation.id) && !sent() {
                return Err(format!("nobody was told of {invitation:#?}"));
            }
        }
        self.told.iter().try_for_each(|told| self.is_so(told))
    }

    fn is_so(&self, told: &Told) -> Result<(), String> {
        let outcome = |id: &InvitationId| &self.last.invitations[id].outcome;
        let so = match told {
            Told::Accepted(token, person) => {
                matches!(outcome(&self.tokens[token]), Outcome::Accepted { by, .. } if *by == person.user_id())
            }
            Told::Declined(token) => matches!(outcome(&self.tokens[token]), Outcome::Declined { .. }),
            Told::Revoked(id) => matches!(outcome(id), Outcome::Revoked { .. }),
            Told::Nothing => true,
        };
        if so { Ok(()) } else { Err(format!("not so: {told:?}, {:#?}", self.last)) }
    }
}

fn is_write(operation: &str) -> bool {
    matches!(operation, "invite" | "renew" | "end" | "accept" | "claim" | "commit" | "bounced")
}

fn at(ms: u64) -> Timestamp {
    Timestamp::from_ms(NOW_MS + ms)
}

fn room() -> MeetingId {
    MeetingId::new("m1").unwrap()
}

/// The address in somebody's token.
fn claimed(person: Person) -> String {
    if [CY, DI].contains(&person) { ADDRESSES[1].to_owned() } else { format!("{}@example.com", person.id) }
}

fn owners() -> Owners {
    let mut owners: Owners =
        PEOPLE.iter().map(|one| (one.user_id(), vec![EmailAddress::new(claimed(*one)).unwrap()])).collect();
    owners.entry(BO.user_id()).or_default().push(EmailAddress::new(ADDRESSES[2]).unwrap());
    owners
}

/// One of the invitations that there are now.
async fn nth(store: &MemoryStore, number: usize) -> Option<InvitationId> {
    let all = store.invitations(&room(), None, 1_000).await.ok()?.invitations;
    let count = all.len().max(1);
    all.into_iter().rev().nth(number % count).map(|one| one.id)
}

fn command(store: MemoryStore, by: usize, command: Command, now: Timestamp) -> BoxFuture<'static, Answer> {
    Box::pin(async move {
        let actor = Actor { user_id: PEOPLE[by].user_id(), name: None };
        for _ in 0..3 {
            let Ok(Some(meeting)) = store.meeting(&room()).await else { break };
            let Ok(Some(decision)) = meeting.decide(&actor, &command, None, now) else { break };
            if !matches!(store.commit(&decision).await, Err(CommitError::Conflict)) {
                break;
            }
        }
        Ok(Told::Nothing)
    })
}

/// A request that may come more than once.
struct Ask {
    app: Arc<App>,
    number: usize,
    now: Timestamp,
}

impl Ask {
    async fn invite(self, by: Person, address: &str, cohost: bool) -> Answer {
        let body = json!({ "emails": [address], "role": if cohost { "cohost" } else { "host" } });
        self.send(by, "POST", "/api/meetings/{id}/host-invitations/email", None, Some(body)).await?;
        Ok(Told::Nothing)
    }

    async fn answer(self, by: Person, what: &str, post: Post, letter: usize) -> Answer {
        let tokens = post.tokens();
        let Some(token) = tokens.get(letter % tokens.len().max(1)) else { return Ok(Told::Nothing) };
        let body = json!({ "token": token.reveal() });
        let done = self.send(by, "POST", &format!("/api/host-invitations/{what}"), None, Some(body)).await?;
        let hash = token.hash().unwrap();
        Ok(match what {
            _ if !done => Told::Nothing,
            "accept" => Told::Accepted(hash, by),
            _ => Told::Declined(hash),
        })
    }

    /// Whether it was answered by 200. Nothing may be an error of the function itself.
    async fn send(
        &self,
        by: Person,
        method: &str,
        route: &str,
        invitation: Option<&InvitationId>,
        body: Option<Value>,
    ) -> Result<bool, String> {
        let id = invitation.map(InvitationId::as_str).unwrap_or_default();
        let route_key = format!("{method} {route}");
        let event = json!({
            "version": "2.0", "routeKey": route_key, "rawPath": route.replace("{id}", "m1").replace("{invitationId}", id),
            "pathParameters": { "id": "m1", "invitationId": id }, "rawQueryString": "", "isBase64Encoded": false,
            "headers": {
                "host": "api.example.com", "content-type": "application/json",
                "authorization": format!("Bearer {}", session(by, self.now)),
            },
            "body": body.map(|body| body.to_string()),
            "requestContext": {
                "accountId": "123456789012", "apiId": "api", "domainName": "api.example.com", "stage": "$default",
                "requestId": format!("request-{}=", self.number), "routeKey": route_key, "timeEpoch": self.now.as_ms(),
                "http": {
                    "method": method, "path": route, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test",
                },
            },
        });
        let response = self.app.answer(&from_str(&event.to_string()).unwrap()).await;
        match (response.status().as_u16(), response.body()) {
            (200, _) => Ok(true),
            (401 | 500, body) => Err(format!("{route_key} was answered {body:?}")),
            (400, Body::Text(text)) => Err(format!("{route_key} was answered {text}")),
            _ => Ok(false),
        }
    }
}

/// Signing takes long, and the same people ask at the same times.
fn session(person: Person, now: Timestamp) -> String {
    static SESSIONS: OnceLock<Mutex<HashMap<(&str, u64), String>>> = OnceLock::new();
    let mut sessions = SESSIONS.get_or_init(Mutex::default).lock().unwrap();
    let sign = || token(person, now.as_ms(), json!({ "email": claimed(person) }));
    sessions.entry((person.id, now.as_ms())).or_insert_with(sign).clone()
}
