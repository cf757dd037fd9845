//! One function and everything around it.

use std::{
    collections::BTreeMap,
    mem,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use dais_courier::{Courier, Links};
use dais_domain::{Actor, Command, Description, DisplayName, EmailAddress, Meeting, MeetingId, Role, Timestamp};
use dais_function::AfterAnswer;
use dais_invitations::{ROUTES, Rest, Rules};
use dais_store::{
    Attendance, Attended, CommitError, Directory, KnownUser, Meetings, MemoryStore, NewsSource,
    memory::{FairWeather, Weather},
};
use futures::future::BoxFuture;
use lambda_http::{Body, request::from_str};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{Document, NOW_MS, Person, PostOffice, Recorder, people::verifier, token};

pub const DAY_MS: u64 = 24 * 3600 * 1000;

/// The address in somebody's token.
pub fn email_of(person: Person) -> String {
    format!("{}@example.com", person.id)
}

/// A function whose deferred work runs when [`World::settle`] says so.
pub struct World {
    pub store: MemoryStore,
    pub sockets: Recorder,
    pub post: PostOffice,
    rest: Rest<MemoryStore, Recorder, PostOffice>,
    deferred: Arc<Mutex<Vec<BoxFuture<'static, ()>>>>,
    requests: AtomicU64,
    document: Document,
}

/// An answer that the document allows.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
}

impl World {
    pub fn new() -> Self {
        Self::with(Arc::new(FairWeather), Rules::default())
    }

    pub fn with_rules(rules: Rules) -> Self {
        Self::with(Arc::new(FairWeather), rules)
    }

    pub fn with(weather: Arc<dyn Weather>, rules: Rules) -> Self {
        let store = MemoryStore::with_weather(weather);
        let (sockets, post) = (Recorder::default(), PostOffice::default());
        let deferred: Arc<Mutex<Vec<BoxFuture<'static, ()>>>> = Arc::default();
        let later = deferred.clone();
        let after = AfterAnswer::with_spawner(Arc::new(move |work| later.lock().unwrap().push(work)));
        let courier = courier(&store, &post);
        let rest = Rest::new(store.clone(), sockets.clone(), Some(courier), verifier(), rules, after);
        Self { store, sockets, post, rest, deferred, requests: AtomicU64::new(0), document: Document::served() }
    }

    /// A courier of its own, as the scheduled function has one.
    pub fn courier(&self) -> Courier<MemoryStore, PostOffice> {
        courier(&self.store, &self.post)
    }

    /// A request by somebody who has signed in.
    pub fn by(&self, person: Person) -> Asking<'_> {
        Asking { person: Some(person), ..self.nobody() }
    }

    /// A request without a token.
    pub fn nobody(&self) -> Asking<'_> {
        Asking { world: self, person: None, claims: Value::Null, now_ms: NOW_MS, headers: Vec::new(), request_id: None }
    }

    /// Runs what was deferred.
    pub async fn settle(&self) {
        let works = mem::take(&mut *self.deferred.lock().unwrap());
        futures::future::join_all(works).await;
    }

    /// The environment dies before what was deferred has been done.
    pub fn die(&self) {
        self.deferred.lock().unwrap().clear();
    }

    /// Creates a meeting called "Stand-up" that starts now.
    pub async fn meeting(&self, by: Person, id: &str) {
        let now = Timestamp::from_ms(NOW_MS);
        let name = by.name.and_then(|name| DisplayName::new(name).ok());
        let title = Description::new("Stand-up").unwrap();
        let (meeting, first) = Meeting::create(MeetingId::new(id).unwrap(), by.user_id(), name, title, now, now);
        self.store.create(&meeting, &first, None).await.unwrap();
    }

    /// A meeting changes as if somebody had given this command.
    pub async fn command(&self, by: Person, id: &str, command: Command) {
        loop {
            let meeting = self.stored(id).await;
            let actor = Actor { user_id: by.user_id(), name: None };
            let decision = meeting.decide(&actor, &command, None, Timestamp::from_ms(NOW_MS)).unwrap().unwrap();
            match self.store.commit(&decision).await {
                Ok(()) => return,
                Err(CommitError::Conflict) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    pub async fn stored(&self, id: &str) -> Meeting {
        self.store.meeting(&MeetingId::new(id).unwrap()).await.unwrap().unwrap()
    }

    pub async fn role(&self, id: &str, person: Person) -> Role {
        self.stored(id).await.role_of(&person.user_id())
    }

    /// The identity provider knows somebody by these addresses.
    pub async fn knows(&self, person: Person, emails: &[&str]) {
        let news = KnownUser {
            id: person.user_id(),
            name: person.name.and_then(|name| DisplayName::new(name).ok()),
            image_url: None,
            emails: emails.iter().map(|email| EmailAddress::new(email).unwrap()).collect(),
            source: NewsSource::Provider,
            updated_at: Timestamp::from_ms(NOW_MS),
        };
        assert!(self.store.learn(&news).await.unwrap());
    }

    /// Somebody was in a meeting.
    pub async fn attended(&self, person: Person, id: &str) {
        let meeting_id = MeetingId::new(id).unwrap();
        let attended = Attended { meeting_id, user_id: person.user_id(), name: None, at: Timestamp::from_ms(NOW_MS) };
        self.store.attended(&attended).await.unwrap();
    }

    /// Ada invites an address to her meeting m1, which is there already; the mail is sent. Returns the invitation's id and token.
    pub async fn invited(&self, email: &str) -> (String, String) {
        let reply = self.by(super::ADA).invite("m1", &[email]).await;
        assert_eq!(reply.body["results"][0]["status"], "sent", "{reply:?}");
        self.settle().await;
        let id = reply.body["results"][0]["invitationId"].as_str().unwrap().to_owned();
        let tokens = self.post.tokens_to(&email.to_lowercase());
        let [token] = &tokens[..] else { panic!("{} mails", tokens.len()) };
        (id, token.clone())
    }
}

fn courier(store: &MemoryStore, post: &PostOffice) -> Courier<MemoryStore, PostOffice> {
    let sender = EmailAddress::new("invitations@meet.example.com").unwrap();
    Courier::new(store.clone(), post.clone(), sender, Links::new("https://meet.example.com").unwrap())
}

/// A request that is being put together.
#[derive(Clone)]
pub struct Asking<'a> {
    world: &'a World,
    person: Option<Person>,
    claims: Value,
    now_ms: u64,
    headers: Vec<(String, String)>,
    request_id: Option<String>,
}

impl Asking<'_> {
    /// When it arrives.
    pub fn at(mut self, now_ms: u64) -> Self {
        self.now_ms = now_ms;
        self
    }

    /// Claims of the token that differ.
    pub fn claiming(mut self, claims: Value) -> Self {
        self.claims = claims;
        self
    }

    /// API Gateway's id of the request, as when one invocation happens twice.
    pub fn request_id(mut self, id: &str) -> Self {
        self.request_id = Some(id.to_owned());
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub async fn get(self, path: &str) -> Reply {
        self.send("GET", path, None).await
    }

    pub async fn delete(self, path: &str) -> Reply {
        self.send("DELETE", path, None).await
    }

    pub async fn post(self, path: &str, body: Value) -> Reply {
        self.header("content-type", "application/json").send("POST", path, Some(body.to_string())).await
    }

    /// Invites addresses.
    pub async fn invite(self, meeting: &str, emails: &[&str]) -> Reply {
        self.post(&format!("/api/meetings/{meeting}/host-invitations/email"), json!({ "emails": emails })).await
    }

    /// `preview`, `accept` or `decline` with a token.
    pub async fn answer(self, what: &str, token: &str) -> Reply {
        self.post(&format!("/api/host-invitations/{what}"), json!({ "token": token })).await
    }

    /// The first invitation of a meeting, as its list shows it.
    pub async fn listed(self, meeting: &str) -> Value {
        let reply = self.get(&format!("/api/meetings/{meeting}/host-invitations")).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.body["invitations"][0].clone()
    }

    /// Sends it as API Gateway does (HTTP API, payload format 2.0) and holds the answer to the document.
    pub async fn send(self, method: &str, path: &str, body: Option<String>) -> Reply {
        let (raw_path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut headers: BTreeMap<String, String> = self.headers.into_iter().collect();
        headers.insert("host".to_owned(), "api.example.com".to_owned());
        if let Some(person) = self.person {
            let token = token(person, self.now_ms, self.claims);
            headers.entry("authorization".to_owned()).or_insert(format!("Bearer {token}"));
        }
        let world = self.world;
        let count = world.requests.fetch_add(1, Ordering::SeqCst);
        let (route_key, parameters) = routed(method, raw_path);
        let event = json!({
            "version": "2.0", "routeKey": route_key, "rawPath": raw_path, "pathParameters": parameters,
            "rawQueryString": query, "headers": headers, "body": body, "isBase64Encoded": false,
            "requestContext": {
                "accountId": "123456789012", "apiId": "api", "domainName": "api.example.com", "stage": "$default",
                "requestId": self.request_id.unwrap_or(format!("request-{count}=")),
                "routeKey": route_key, "timeEpoch": self.now_ms,
                "http": {
                    "method": method, "path": raw_path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test",
                },
            },
        });
        let response = world.rest.answer(&from_str(&event.to_string()).unwrap()).await;
        let Body::Text(text) = response.body() else { panic!("not a text: {response:?}") };
        let reply = Reply {
            status: response.status().as_u16(),
            headers: response
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect(),
            body: serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
        };
        world.document.hold(method, raw_path, &reply);
        reply
    }
}

/// The route that API Gateway chooses, and the parameters of the path.
fn routed(method: &str, path: &str) -> (String, BTreeMap<String, String>) {
    let given: Vec<&str> = path.split('/').collect();
    for route in ROUTES.iter().filter(|route| route.method == method) {
        let wanted: Vec<&str> = route.path.split('/').collect();
        let pairs: Vec<(&str, &str)> = wanted.iter().copied().zip(given.iter().copied()).collect();
        let name = |wanted: &str| Some(wanted.strip_prefix('{')?.strip_suffix('}')?.to_owned());
        let fits = |(wanted, given): &(&str, &str)| wanted == given || (name(wanted).is_some() && !given.is_empty());
        if wanted.len() == given.len() && pairs.iter().all(fits) {
            let parameters = pairs.iter().filter_map(|(wanted, given)| {
                Some((name(wanted)?, percent_decode_str(given).decode_utf8_lossy().into_owned()))
            });
            return (route.key(), parameters.collect());
        }
    }
    ("ANY /api/{proxy+}".to_owned(), BTreeMap::new())
}

impl Reply {
    /// Asserts that it is an error of the shape that all have.
    #[track_caller]
    pub fn assert_error(&self, status: u16, code: &str) -> &str {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{self:?}");
        self.body["message"].as_str().unwrap()
    }

    /// The statuses of the results, in order.
    #[track_caller]
    pub fn statuses(&self) -> Vec<&str> {
        assert_eq!(self.status, 200, "{self:?}");
        self.body["results"].as_array().unwrap().iter().map(|result| result["status"].as_str().unwrap()).collect()
    }
}
