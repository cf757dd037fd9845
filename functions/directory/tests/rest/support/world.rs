//! One function and everything around it.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex},
    time::Duration,
};

use dais_directory::{ROUTES, Rest, signature::Secrets};
use dais_domain::{
    Actor, Command, ConnectionId, Description, DisplayName, EmailAddress, Invitation, InvitationId, MailId, MediaState,
    Meeting, MeetingId, Presence, RecoveryId, Role, SocketId, Terms, Timestamp, TokenHash, UserId,
};
use dais_function::AfterAnswer;
use dais_store::{
    Attendance, Attended, Connection, Connections, Directory, Invitations, KnownUser, Mail, MailKind, Mails, Meetings,
    MemoryStore, Rooms,
    memory::{FairWeather, Weather},
};
use futures::future::BoxFuture;
use lambda_http::{Body, request::from_str};
use serde_json::{Value, json};

use super::{
    Listening, NOW_MS, OLD_SECRET, Person, Recorder, SECRET, Webhook,
    people::{token, verifier},
};

/// A function whose deferred work runs when [`World::settle`] says so.
pub struct World {
    pub store: MemoryStore,
    pub sockets: Recorder,
    pub media: Listening,
    rest: Rest<MemoryStore, Recorder>,
    deferred: Arc<Mutex<Vec<BoxFuture<'static, ()>>>>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
}

impl World {
    pub fn new() -> Self {
        Self::with_weather(Arc::new(FairWeather))
    }

    pub fn with_weather(weather: Arc<dyn Weather>) -> Self {
        let store = MemoryStore::with_weather(weather);
        let sockets = Recorder::default();
        let deferred: Arc<Mutex<Vec<BoxFuture<'static, ()>>>> = Arc::default();
        let later = deferred.clone();
        let after = AfterAnswer::with_spawner(Arc::new(move |work| later.lock().unwrap().push(work)));
        let secrets = Secrets::new(&[SECRET.to_owned(), OLD_SECRET.to_owned()]).unwrap();
        let media = Listening::beside(&sockets);
        let plane = Arc::new(media.clone());
        let rest = Rest::new(store.clone(), sockets.clone(), plane, verifier(), secrets, after);
        Self { store, sockets, media, rest, deferred }
    }

    /// Runs what was deferred.
    pub async fn settle(&self) {
        let works = mem::take(&mut *self.deferred.lock().unwrap());
        futures::future::join_all(works).await;
    }

    /// The provider sends an event, signed and for the first time.
    pub async fn told(&self, id: &str, event: &Value) -> Reply {
        self.webhook(&Webhook::new(id, event)).await
    }

    pub async fn webhook(&self, webhook: &Webhook) -> Reply {
        self.post(webhook.headers(), &webhook.body).await
    }

    pub async fn post(&self, headers: Vec<(String, String)>, body: &str) -> Reply {
        self.send("POST", "/api/webhooks/users", headers, Some(body)).await
    }

    /// Somebody asks for his network.
    pub async fn network(&self, person: Person, query: &str) -> Reply {
        self.network_claiming(person, query, Value::Null).await
    }

    pub async fn network_claiming(&self, person: Person, query: &str, claims: Value) -> Reply {
        let authorization = format!("Bearer {}", token(person, NOW_MS, claims));
        let headers = vec![("authorization".to_owned(), authorization)];
        self.send("GET", &format!("/api/network{query}"), headers, None).await
    }

    /// A request as API Gateway sends it (HTTP API, payload format 2.0).
    pub async fn send(&self, method: &str, path: &str, headers: Vec<(String, String)>, body: Option<&str>) -> Reply {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let served = ROUTES.iter().find(|route| route.method == method && route.path == path);
        let key = served.map_or("ANY /api/{proxy+}".to_owned(), |route| route.key());
        // API Gateway joins the values of a header that comes twice.
        let mut joined: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in headers {
            let held = joined.entry(name).or_default();
            *held = if held.is_empty() { value } else { format!("{held},{value}") };
        }
        let event = json!({
            "version": "2.0", "routeKey": key, "rawPath": path, "rawQueryString": query, "headers": joined,
            "body": body, "isBase64Encoded": false,
            "requestContext": {
                "accountId": "123456789012", "apiId": "api", "domainName": "api.example.com", "stage": "$default",
                "requestId": "request=", "routeKey": key, "timeEpoch": NOW_MS,
                "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "t" },
            },
        });
        let response = self.rest.answer(&from_str(&event.to_string()).unwrap()).await;
        let Body::Text(text) = response.body() else { panic!("not a text: {response:?}") };
        let header = |(name, value): (&lambda_http::http::HeaderName, &lambda_http::http::HeaderValue)| {
            (name.to_string(), value.to_str().unwrap().to_owned())
        };
        Reply {
            status: response.status().as_u16(),
            headers: response.headers().iter().map(header).collect(),
            body: serde_json::from_str(text).unwrap(),
        }
    }

    pub async fn known(&self, person: Person) -> Option<KnownUser> {
        self.store.user(&person.user_id()).await.unwrap()
    }

    /// Whose an address is.
    pub async fn owner(&self, email: &str) -> Option<UserId> {
        self.store.user_by_email(&EmailAddress::new(email).unwrap()).await.unwrap()
    }

    /// A meeting that somebody has created, of which the others are hosts too.
    pub async fn meeting(&self, id: &str, title: &str, creator: Person, hosts: &[Person]) {
        let (now, name) =
            (Timestamp::from_ms(NOW_MS), |person: Person| person.name.map(|n| DisplayName::new(n).unwrap()));
        let description = Description::new(title).unwrap();
        let (id, by) = (MeetingId::new(id).unwrap(), creator.user_id());
        let (meeting, first) = Meeting::create(id.clone(), by, name(creator), description, now, now);
        self.store.create(&meeting, &first, None).await.unwrap();
        for host in hosts {
            self.command(id.as_str(), creator, Command::MakeHost(host.user_id()), name(*host)).await;
        }
    }

    pub async fn command(&self, id: &str, by: Person, command: Command, name: Option<DisplayName>) {
        let meeting = self.read(id).await;
        let actor = Actor { user_id: by.user_id(), name: None };
        let decision = meeting.decide(&actor, &command, name, Timestamp::from_ms(NOW_MS)).unwrap().unwrap();
        self.store.commit(&decision).await.unwrap();
    }

    pub async fn read(&self, id: &str) -> Meeting {
        self.store.meeting(&MeetingId::new(id).unwrap()).await.unwrap().unwrap()
    }

    /// Somebody was in a meeting, so many seconds after "now".
    pub async fn attended(&self, id: &str, person: Person, seconds: u64) {
        let attended = Attended {
            meeting_id: MeetingId::new(id).unwrap(),
            user_id: person.user_id(),
            name: person.name.map(|name| DisplayName::new(name).unwrap()),
            at: Timestamp::from_ms(NOW_MS + seconds * 1000),
        };
        self.store.attended(&attended).await.unwrap();
    }

    /// Somebody invites an address, whose owner may be known, to a meeting. The token is the invitation's id.
    pub async fn invite(&self, id: &str, meeting: &str, by: Person, to: &str, known: Option<Person>) -> Invitation {
        let now = Timestamp::from_ms(NOW_MS);
        let terms = Terms {
            inviter: Actor { user_id: by.user_id(), name: by.name.map(|name| DisplayName::new(name).unwrap()) },
            inviter_email: EmailAddress::new(format!("{}@example.com", by.id)).ok(),
            role: Role::Host,
            expires_at: now.plus(Duration::from_secs(7 * 24 * 3600)),
            mail: MailId::new(format!("x-{id}")).unwrap(),
        };
        let (to, known) = (EmailAddress::new(to).unwrap(), known.map(Person::user_id));
        let (meeting_id, token) = (MeetingId::new(meeting).unwrap(), TokenHash::new(id).unwrap());
        let id = InvitationId::new(id).unwrap();
        let invitation = Invitation::new(id, meeting_id, to, known, false, terms, now);
        let mail = Mail {
            id: invitation.mail.clone(),
            kind: MailKind::Invitation,
            meeting_id: invitation.meeting_id.clone(),
            invitation_id: invitation.id.clone(),
            created_at: now,
            attempt: 0,
            due: Some(now),
        };
        self.store.invite(&invitation, &[], &mail).await.unwrap();
        let sent = invitation.with_token(&mail.id, token, now).unwrap();
        self.store.claim(&mail, now, Some(&sent)).await.unwrap().unwrap();
        sent
    }

    /// The invitation as it is now.
    pub async fn invitation(&self, invitation: &Invitation) -> Option<Invitation> {
        self.store.invitation(&invitation.meeting_id, &invitation.id).await.unwrap()
    }

    /// Puts a connection of somebody into a room.
    pub async fn enter(&self, id: &str, person: Person) {
        let now = Timestamp::from_ms(NOW_MS);
        let connection = Connection {
            id: ConnectionId::new(person.id).unwrap(),
            socket_id: SocketId::new(person.id).unwrap(),
            recovery_id: RecoveryId::new(format!("pid-{}", person.id)).unwrap(),
            user_id: person.user_id(),
            name: None,
            image_url: None,
            connected_at: now,
            room: None,
            disconnected_at: None,
        };
        let presence = Presence {
            connection_id: connection.id.clone(),
            socket_id: connection.socket_id.clone(),
            user_id: connection.user_id.clone(),
            name: DisplayName::new("Somebody").unwrap(),
            image_url: None,
            media: MediaState::default(),
            joined_at: now,
            expires_at: now.plus(Duration::from_secs(7200)),
        };
        self.store.open(&connection, now.plus(Duration::from_secs(60))).await.unwrap();
        self.store.enter(&connection, &MeetingId::new(id).unwrap(), &presence).await.unwrap();
    }
}

impl Reply {
    /// Asserts that it is an error: `{error, code, message}`.
    #[track_caller]
    pub fn assert_error(&self, status: u16, code: &str) -> &str {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{self:?}");
        let names: Vec<&String> = self.body.as_object().unwrap().keys().collect();
        assert_eq!(names, ["code", "error", "message"]);
        self.body["message"].as_str().unwrap()
    }

    #[track_caller]
    pub fn assert_taken(&self) {
        assert_eq!((self.status, &self.body), (200, &json!({ "success": true })));
    }
}
