//! One function and everything around it.

use std::{
    collections::BTreeMap,
    mem,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use dais_function::AfterAnswer;
use dais_meetings::{ROUTES, Rest};
use dais_store::{
    MemoryStore,
    memory::{FairWeather, Weather},
};
use futures::future::BoxFuture;
use lambda_http::{Body, request::from_str};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{Document, Listening, NOW_MS, Person, Recorder, people::verifier, token};

/// A function whose deferred work runs when [`World::settle`] says so.
pub struct World {
    pub store: MemoryStore,
    pub sockets: Recorder,
    pub media: Listening,
    rest: Rest<MemoryStore, Recorder>,
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
        Self::with_weather(Arc::new(FairWeather))
    }

    pub fn with_weather(weather: Arc<dyn Weather>) -> Self {
        let store = MemoryStore::with_weather(weather);
        let sockets = Recorder::default();
        let deferred: Arc<Mutex<Vec<BoxFuture<'static, ()>>>> = Arc::default();
        let later = deferred.clone();
        let after = AfterAnswer::with_spawner(Arc::new(move |work| later.lock().unwrap().push(work)));
        let media = Listening::beside(&sockets);
        let rest = Rest::new(store.clone(), sockets.clone(), Arc::new(media.clone()), verifier(), after);
        let document = Document::served();
        Self { store, sockets, media, rest, deferred, requests: AtomicU64::new(0), document }
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

    /// Creates a meeting.
    pub async fn meeting(&self, by: Person, id: &str) {
        let reply = self.by(by).post("/api/meetings", json!({ "roomId": id })).await;
        assert_eq!(reply.status, 201, "{reply:?}");
    }
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
        self.json("POST", path, body).await
    }

    pub async fn patch(self, path: &str, body: Value) -> Reply {
        self.json("PATCH", path, body).await
    }

    async fn json(self, method: &str, path: &str, body: Value) -> Reply {
        self.header("content-type", "application/json").send(method, path, Some(body.to_string())).await
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
            "version": "2.0", "routeKey": route_key, "rawPath": decoded(raw_path), "pathParameters": parameters, "rawQueryString": query,
            "headers": headers, "body": body, "isBase64Encoded": false,
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
            body: serde_json::from_str(text).unwrap(),
        };
        world.document.hold(method, raw_path, &reply);
        reply
    }
}

/// What API Gateway makes of a path: decoded, and cut where a question mark was encoded.
fn decoded(path: &str) -> String {
    let text = percent_decode_str(path).decode_utf8_lossy().into_owned();
    text.split('?').next().unwrap_or_default().to_owned()
}

/// The route that API Gateway chooses, before it decodes, and the parameters of the path.
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
    ("ANY /api/{proxy+}".to_owned(), BTreeMap::from([("proxy".to_owned(), decoded(path))]))
}

impl Reply {
    /// Asserts that it is an error: `{error, code, message}`, all of them sentences or words, and nothing else.
    #[track_caller]
    pub fn assert_error(&self, status: u16, code: &str) -> &str {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{self:?}");
        let names: Vec<&String> = self.body.as_object().unwrap().keys().collect();
        assert_eq!(names, ["code", "error", "message"]);
        self.body["message"].as_str().unwrap()
    }
}
