//! One connection of the WebSocket API, from its upgrade to its `$disconnect`.

use std::{sync::Arc, time::Duration};

use futures::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::{
    io::AsyncReadExt,
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, Role, WebSocketConfig},
    },
};

use crate::{clock::Clock, ids, invoke::Order};

use super::{
    Gateway,
    limits::{WEBSOCKET_FRAME, WEBSOCKET_IDLE_MS, WEBSOCKET_LIFETIME_MS, WEBSOCKET_MESSAGE},
    messages,
    registry::{Connection, Outgoing},
    websocket_event::Context,
};

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// How long a client has to answer our close frame.
const FAREWELL: Duration = Duration::from_secs(1);

// Close codes of RFC 6455, section 7.4.1.
const NO_STATUS: u16 = 1005;
const ABNORMAL: u16 = 1006;
pub(super) const GOING_AWAY: u16 = 1001;
const PROTOCOL_ERROR: u16 = 1002;
const UNSUPPORTED: u16 = 1003;
const INVALID_DATA: u16 = 1007;
const TOO_BIG: u16 = 1009;

/// Runs a connection that `$connect` has let in.
pub(super) async fn run(
    gateway: Arc<Gateway>,
    connection: Arc<Connection>,
    outgoing: mpsc::Receiver<Outgoing>,
    upgrade: OnUpgrade,
) {
    let session = gateway.connections.session();
    let (code, reason) = match upgrade.await {
        Ok(upgraded) => {
            // Small buffers: a laptop holds a thousand of these.
            let config = WebSocketConfig::default()
                .read_buffer_size(4 * 1024)
                .write_buffer_size(4 * 1024)
                .max_frame_size(Some(WEBSOCKET_FRAME))
                .max_message_size(Some(WEBSOCKET_MESSAGE));
            let io = TokioIo::new(upgraded);
            let socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
            // Only from here on can anybody post to it, as in the cloud.
            gateway.connections.insert(&connection);
            let end = talk(&gateway, &connection, outgoing, socket).await;
            gateway.connections.remove(&connection.id);
            end
        }
        Err(_) => (ABNORMAL, String::new()),
    };
    disconnect(&gateway, &connection, code, &reason).await;
    drop(session);
}

/// Reads and writes until the connection ends; gives code and reason.
async fn talk(
    gateway: &Arc<Gateway>,
    connection: &Arc<Connection>,
    outgoing: mpsc::Receiver<Outgoing>,
    socket: Socket,
) -> (u16, String) {
    let (sink, mut stream) = socket.split();
    let mut writer = tokio::spawn(write(sink, outgoing, Arc::clone(connection), gateway.clock.clone()));
    let mut end = None;
    let mut written = false;
    let mut faulty = false;
    let mut give_up: Option<Instant> = None;
    let expired = expired(connection, &gateway.clock);
    tokio::pin!(expired);
    let mut place = None;
    loop {
        tokio::select! {
            free = Arc::clone(&connection.places).acquire_owned(), if place.is_none() => place = free.ok(),
            message = stream.next(), if place.is_some() => {
                connection.touch(gateway.clock.now_ms());
                match message {
                    Some(Ok(Message::Text(text))) => {
                        // Messages that come after our close frame are nobody's.
                        if let (None, Some(place)) = (connection.closing(), place.take()) {
                            messages::receive(gateway, connection, text, place);
                        }
                    }
                    Some(Ok(Message::Binary(_))) => connection.close(UNSUPPORTED, "binary messages are not supported"),
                    Some(Ok(Message::Close(frame))) => {
                        end = Some(frame.map_or((NO_STATUS, String::new()), |frame| {
                            (frame.code.into(), frame.reason.as_str().to_owned())
                        }));
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                    Some(Err(error)) => {
                        if let Some((code, reason)) = fault(&error) {
                            connection.close(code, reason);
                            faulty = true;
                        }
                        break;
                    }
                    None => break,
                }
            }
            _ = &mut writer, if !written => {
                written = true;
                give_up.get_or_insert_with(|| Instant::now() + FAREWELL);
            }
            () = connection.ending.notified() => {
                give_up.get_or_insert_with(|| Instant::now() + FAREWELL);
            }
            () = &mut expired, if connection.closing().is_none() => connection.close(GOING_AWAY, "Going away"),
            () = sleep_until(give_up.unwrap_or_else(Instant::now)), if give_up.is_some() => break,
        }
    }
    if faulty && !written {
        drain(stream, writer).await;
    } else {
        // It may hang on a client that does not read.
        writer.abort();
    }
    match connection.closing() {
        Some((1000, _)) => (1000, "Connection Closed Normally".to_owned()),
        Some((code, reason)) => (code, reason.to_owned()),
        None => end.unwrap_or((ABNORMAL, String::new())),
    }
}

/// Writes what is to be written, in order, until the close frame or an error.
async fn write(
    mut sink: SplitSink<Socket, Message>,
    mut outgoing: mpsc::Receiver<Outgoing>,
    connection: Arc<Connection>,
    clock: Clock,
) -> SplitSink<Socket, Message> {
    const BATCH: usize = 64;
    let mut batch = Vec::with_capacity(BATCH);
    while outgoing.recv_many(&mut batch, BATCH).await > 0 {
        for item in batch.drain(..) {
            let (message, last) = match item {
                Outgoing::Text(text) => (Message::Text(text), false),
                Outgoing::Close(code, reason) => {
                    (Message::Close(Some(CloseFrame { code: code.into(), reason: reason.into() })), true)
                }
            };
            if sink.feed(message).await.is_err() {
                return sink;
            }
            if last {
                // A client that is gone needs no farewell.
                let _ = sink.flush().await;
                return sink;
            }
        }
        if sink.flush().await.is_err() {
            return sink;
        }
        connection.touch(clock.now_ms());
    }
    sink
}

/// Returns when the connection has been silent or alive for too long, by the local clock.
async fn expired(connection: &Connection, clock: &Clock) {
    let oldest_ms = connection.connected_at_ms.saturating_add(WEBSOCKET_LIFETIME_MS);
    loop {
        let due_ms = connection.last_active_ms().saturating_add(WEBSOCKET_IDLE_MS).min(oldest_ms);
        clock.sleep_until(due_ms).await;
        let now_ms = clock.now_ms();
        if now_ms >= oldest_ms || now_ms.saturating_sub(connection.last_active_ms()) >= WEBSOCKET_IDLE_MS {
            return;
        }
    }
}

/// How a client's mistake is answered; None if the connection is simply gone.
fn fault(error: &Error) -> Option<(u16, &'static str)> {
    match error {
        Error::Capacity(_) => Some((TOO_BIG, "message too long")),
        Error::Utf8(_) => Some((INVALID_DATA, "invalid UTF-8")),
        Error::Protocol(tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => None,
        Error::Protocol(_) => Some((PROTOCOL_ERROR, "protocol error")),
        _ => None,
    }
}

/// Takes in and forgets what a client still sends after its mistake: closing on unread bytes would reset the connection and
/// take our close frame with it.
async fn drain(stream: SplitStream<Socket>, writer: JoinHandle<SplitSink<Socket, Message>>) {
    let drained = async {
        let Ok(sink) = writer.await else { return };
        let Ok(mut socket) = stream.reunite(sink) else { return };
        let mut forgotten = vec![0; 16 * 1024];
        while socket.get_mut().read(&mut forgotten).await.is_ok_and(|length| length > 0) {}
    };
    // A client that neither reads nor goes away is dropped.
    let _ = timeout(FAREWELL, drained).await;
}

async fn disconnect(gateway: &Gateway, connection: &Connection, code: u16, reason: &str) {
    let Some(api) = &gateway.template.websocket else { return };
    let Some(route) = api.routes.get("$disconnect") else { return };
    if gateway.chaos.current().lost_disconnects {
        return;
    }
    let context =
        Context { api, connection, route: "$disconnect", request_id: ids::gateway(), now_ms: gateway.clock.now_ms() };
    let order = Order {
        function: route.function.clone(),
        label: "DISCONNECT $disconnect".to_owned(),
        event: context.disconnect(code, reason),
        at_least_once: true,
    };
    // Best effort, as in the cloud: nobody is there to hear of a failure.
    let _ = gateway.lambda.invoke(order).await;
}
