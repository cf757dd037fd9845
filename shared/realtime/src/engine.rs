//! Engine.IO and the connection side of Socket.IO, driven by the WebSocket events of API Gateway.
//!
//! One event is one packet. What a packet means to meetings is the [`Application`]'s business.

use std::{future::Future, sync::Arc, time::Duration};

use aws_lambda_events::{
    apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest},
    encodings::Body,
};
use dais_domain::{ConnectionId, Refusal, SocketId, Timestamp, wire::ServerEvent};
use dais_function::AfterAnswer;
use dais_socketio::{DecodeError, EnginePacket, Handshake, Packet as SocketPacket, Reaction, encode};
use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::{EngineSettings, FloodGuard, Frame, PostError, Sockets, Verdict, frame};

/// Who sent a packet, and when, by API Gateway's clock.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The connection.
    pub connection_id: ConnectionId,
    /// When API Gateway received it.
    pub now: Timestamp,
}

/// An event that a client sent.
#[derive(Debug, Clone)]
pub struct Packet {
    /// `/` or another.
    pub namespace: String,
    /// The acknowledgement that the client waits for, if it asked for one.
    pub id: Option<u64>,
    /// Name of the event.
    pub name: String,
    /// Its arguments.
    pub args: Vec<Value>,
}

/// What goes back to the sender.
#[derive(Default)]
pub struct Answer {
    /// The integration's answer: the one frame that travels without a post of its own.
    pub frame: Option<Frame>,
    /// Frames posted to the sender after the answer, in order.
    pub then: Vec<Frame>,
    /// What is done besides, such as telling the others.
    pub later: Option<BoxFuture<'static, ()>>,
    /// `later` begins only when `then` has been sent.
    pub in_order: bool,
    /// Close the connection after that.
    pub close: bool,
}

impl Answer {
    /// Nothing.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// One frame.
    pub fn frame(frame: impl Into<Frame>) -> Self {
        Self { frame: Some(frame.into()), ..Self::default() }
    }

    /// It worked: the acknowledgement if one was asked for, and the frames. The first frame is the answer.
    pub fn done(packet: &Packet, result: &Value, frames: impl IntoIterator<Item = Frame>) -> Self {
        let ack = packet.id.and_then(|id| encode::ack(&packet.namespace, id, &[result]).ok()).map(Frame::from);
        let mut frames = ack.into_iter().chain(frames);
        Self { frame: frames.next(), then: frames.collect(), ..Self::default() }
    }

    /// It worked, and the acknowledgement comes after the frames: all are posted, in this order, and `later` begins after them.
    pub fn done_after(packet: &Packet, result: &Value, frames: impl IntoIterator<Item = Frame>) -> Self {
        let ack = packet.id.and_then(|id| encode::ack(&packet.namespace, id, &[result]).ok()).map(Frame::from);
        Self { then: frames.into_iter().chain(ack).collect(), in_order: true, ..Self::default() }
    }

    /// It was refused: as the acknowledgement `{error, code}` if one was asked for, and always as the event `error`.
    pub fn refused(packet: &Packet, refusal: &Refusal) -> Self {
        let result = json!({ "error": refusal.to_string(), "code": refusal.code() });
        Self::done(packet, &result, frame(&ServerEvent::error(refusal, Some(&packet.name)), None))
    }

    /// `40{"sid","pid"}`
    pub fn connected(namespace: &str, sid: &SocketId, pid: Option<&str>) -> Self {
        Self::frame(encode::connect(namespace, sid.as_str(), pid))
    }

    /// `44{"message","data":{"code"}}`
    pub fn not_connected(namespace: &str, message: &str, code: Option<&str>) -> Self {
        Self::frame(encode::connect_error(namespace, message, code))
    }

    /// `44/name,{"message":"Invalid namespace"}`
    pub fn unknown_namespace(namespace: &str) -> Self {
        Self::not_connected(namespace, "Invalid namespace", None)
    }
}

/// What stands behind the engine.
pub trait Application: Send + Sync + 'static {
    /// A client asks to enter a namespace. The answer is a CONNECT or CONNECT_ERROR packet.
    fn connect(&self, sender: &Sender, namespace: &str, auth: Option<Value>) -> impl Future<Output = Answer> + Send;

    /// A client sent an event, perhaps without having entered.
    fn event(&self, sender: &Sender, packet: Packet) -> impl Future<Output = Answer> + Send;

    /// A client leaves a namespace of its own will.
    fn leave(&self, sender: &Sender, namespace: &str) -> impl Future<Output = Answer> + Send;

    /// A peer has answered a ping.
    fn pong(&self, sender: &Sender) -> impl Future<Output = ()> + Send;

    /// A socket has opened and is to be pinged although nobody knows whose it is.
    fn guest(&self, sender: &Sender) -> impl Future<Output = ()> + Send;

    /// A socket has opened that continues the polling session `sid`.
    fn upgrading(&self, sender: &Sender, sid: SocketId) -> impl Future<Output = ()> + Send;

    /// That socket takes over from polling.
    fn upgraded(&self, sender: &Sender) -> impl Future<Output = Answer> + Send;

    /// The connection is closed. `deliberate`: its client wanted that and will not recover it.
    fn gone(&self, sender: &Sender, deliberate: bool) -> impl Future<Output = ()> + Send;
}

/// Drives an application with API Gateway's events.
#[derive(Debug)]
pub struct Engine<A, C> {
    app: Arc<A>,
    sockets: C,
    after: AfterAnswer,
    settings: EngineSettings,
    floods: Arc<FloodGuard>,
}

impl<A: Application, C: Sockets> Engine<A, C> {
    /// `floods` is shared with the application, which credits what it makes clients send.
    pub fn new(app: A, sockets: C, after: AfterAnswer, settings: EngineSettings, floods: Arc<FloodGuard>) -> Self {
        Self { app: Arc::new(app), sockets, after, settings, floods }
    }

    /// Handles one event of the WebSocket API.
    pub async fn handle(&self, event: ApiGatewayWebsocketProxyRequest) -> ApiGatewayProxyResponse {
        let context = &event.request_context;
        let Some(connection_id) = context.connection_id.as_deref().and_then(|id| ConnectionId::new(id).ok()) else {
            return response(400, Some("the event names no connection"));
        };
        let now = Timestamp::from_ms(u64::try_from(context.request_time_epoch).unwrap_or_default());
        let sender = Sender { connection_id, now };
        match context.event_type.as_deref() {
            Some("CONNECT") => self.opened(&sender, &event).await,
            Some("DISCONNECT") => {
                self.floods.forget(&sender.connection_id);
                self.app.gone(&sender, false).await;
                response(200, None)
            }
            _ => {
                let answer = self.message(&sender, event.body.as_deref().unwrap_or_default()).await;
                self.answered(&sender, answer)
            }
        }
    }

    async fn opened(&self, sender: &Sender, event: &ApiGatewayWebsocketProxyRequest) -> ApiGatewayProxyResponse {
        let query = |name| event.query_string_parameters.first(name);
        if query("transport") != Some("websocket") {
            return response(400, Some(r#"{"code":0,"message":"Transport unknown"}"#));
        }
        if query("EIO") != Some("4") {
            return response(400, Some(r#"{"code":5,"message":"Unsupported protocol version"}"#));
        }
        let origin = event.headers.get("origin").and_then(|origin| origin.to_str().ok());
        if origin.is_some_and(|origin| !self.settings.allows_origin(origin)) {
            tracing::warn!(?origin, "⚠️ Refused a page of a foreign origin: add it to AllowedOrigins if it is yours");
            return response(403, Some(r#"{"code":4,"message":"Forbidden"}"#));
        }
        match query("sid") {
            Some(sid) => match SocketId::new(sid) {
                Ok(sid) => self.app.upgrading(sender, sid).await,
                Err(_) => return response(400, Some(r#"{"code":1,"message":"Session ID unknown"}"#)),
            },
            None => self.greet_later(sender),
        }
        response(200, None)
    }

    /// Posts the open packet once `$connect` has been answered: before that the connection does not exist.
    fn greet_later(&self, sender: &Sender) {
        let handshake = Handshake {
            sid: engine_sid(&sender.connection_id),
            upgrades: Vec::new(),
            ping_interval_ms: millis(self.settings.ping_interval),
            ping_timeout_ms: millis(self.settings.ping_timeout),
            max_payload_bytes: self.settings.max_payload_bytes,
        };
        let (app, sockets, sender) = (self.app.clone(), self.sockets.clone(), sender.clone());
        let track_guest = self.settings.track_guests;
        self.after.defer(async move {
            if greet(&sockets, &sender.connection_id, &handshake.encode()).await && track_guest {
                app.guest(&sender).await;
            }
        });
    }

    async fn message(&self, sender: &Sender, body: &str) -> Answer {
        match self.floods.take(&sender.connection_id, sender.now) {
            Verdict::Pass => {}
            Verdict::Drop => return Answer::nothing(),
            Verdict::Refuse => {
                tracing::warn!(connection = %sender.connection_id, "⚠️ Closing a connection that floods");
                let refused = frame(&ServerEvent::error(&Refusal::RateLimited, None), None);
                return Answer { frame: refused, close: true, ..Answer::default() };
            }
        }
        match EnginePacket::decode(body) {
            Ok(EnginePacket::Message(text)) => self.packet(sender, text).await,
            Ok(EnginePacket::Ping(text)) => Answer::frame(EnginePacket::Pong(text).encode()),
            Ok(EnginePacket::Pong(_)) => {
                self.app.pong(sender).await;
                Answer::nothing()
            }
            Ok(EnginePacket::Upgrade) => self.app.upgraded(sender).await,
            Ok(EnginePacket::Close) => {
                self.app.gone(sender, true).await;
                Answer { close: true, ..Answer::default() }
            }
            Ok(EnginePacket::Open(_) | EnginePacket::Noop) => Answer::nothing(),
            Err(error) => self.unreadable(sender, &error),
        }
    }

    async fn packet(&self, sender: &Sender, text: &str) -> Answer {
        match SocketPacket::decode(text) {
            Ok(SocketPacket::Connect { namespace, auth }) => {
                let auth = auth.and_then(|auth| auth.read::<Value>().ok());
                self.app.connect(sender, namespace, auth).await
            }
            Ok(SocketPacket::Event { namespace, id, name, args }) => {
                let args = args.iter().filter_map(|arg| arg.read::<Value>().ok()).collect();
                let packet = Packet { namespace: namespace.to_owned(), id, name: name.into_owned(), args };
                self.app.event(sender, packet).await
            }
            Ok(SocketPacket::Disconnect { namespace }) => self.app.leave(sender, namespace).await,
            // We ask for no acknowledgements, and only servers refuse a CONNECT.
            Ok(SocketPacket::Ack { .. } | SocketPacket::ConnectError { .. }) => Answer::nothing(),
            Err(error) => self.unreadable(sender, &error),
        }
    }

    /// A packet that could not be read: closed as socket.io does, or answered where it is well formed.
    fn unreadable(&self, sender: &Sender, error: &DecodeError) -> Answer {
        match error.reaction() {
            Reaction::Close => {
                tracing::warn!(connection = %sender.connection_id, code = error.code(), "⚠️ Closing on a bad packet");
                Answer { close: true, ..Answer::default() }
            }
            Reaction::Answer(to) => {
                let refusal = match error {
                    DecodeError::Binary(_) => Refusal::BinaryUnsupported,
                    other => Refusal::InvalidPayload { reason: other.to_string() },
                };
                let packet =
                    Packet { namespace: to.namespace.clone(), id: to.id, name: String::new(), args: Vec::new() };
                Answer::refused(&packet, &refusal)
            }
        }
    }

    fn answered(&self, sender: &Sender, answer: Answer) -> ApiGatewayProxyResponse {
        let Answer { mut frame, mut then, later, in_order, close } = answer;
        if close {
            // The integration's answer could come after the close, that is never: the last words are posted before it.
            then.splice(0..0, frame.take());
        }
        if !then.is_empty() || later.is_some() || close {
            let (sockets, connection_id) = (self.sockets.clone(), sender.connection_id.clone());
            self.after.defer(async move {
                let later = async {
                    if let Some(later) = later {
                        later.await
                    }
                };
                if in_order {
                    post_all(&sockets, &connection_id, &then).await;
                    later.await;
                } else {
                    // The others first: the sender has his answer already.
                    futures::join!(later, post_all(&sockets, &connection_id, &then));
                }
                if close && let Err(error) = sockets.close(&connection_id).await {
                    tracing::warn!(%connection_id, %error, "a connection could not be closed");
                }
            });
        }
        response(200, frame.as_deref())
    }
}

async fn post_all(sockets: &impl Sockets, connection_id: &ConnectionId, frames: &[Frame]) {
    for frame in frames {
        if let Err(error) = sockets.post(connection_id, frame).await {
            tracing::debug!(%connection_id, %error, "the sender did not get all of its answer");
            break;
        }
    }
}

/// How long the open packet is retried while API Gateway still says that the connection is not there.
const GREETING_TRIES: u32 = 12;

async fn greet(sockets: &impl Sockets, connection_id: &ConnectionId, open: &str) -> bool {
    let mut pause = Duration::from_millis(2);
    for _ in 0..GREETING_TRIES {
        match sockets.post(connection_id, open).await {
            Ok(()) => return true,
            Err(PostError::Gone) => tokio::time::sleep(pause).await,
            Err(error) => {
                tracing::warn!(%connection_id, %error, "the open packet could not be sent");
                return false;
            }
        }
        pause = (pause * 2).min(Duration::from_millis(500));
    }
    tracing::debug!(%connection_id, "the connection closed before it was greeted");
    false
}

/// Engine.IO's session id: not secret here, as nothing but the connection itself is reached with it.
fn engine_sid(connection_id: &ConnectionId) -> String {
    connection_id.as_str().trim_end_matches('=').to_owned()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn response(status: i64, body: Option<&str>) -> ApiGatewayProxyResponse {
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = status;
    response.body = body.map(|body| Body::Text(body.to_owned()));
    response
}
