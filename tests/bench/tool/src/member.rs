//! One socket: Engine.IO v4 and Socket.IO v5 as far as a client of the benchmarks needs them, written on its own so that it
//! shares nothing with the codec that it measures.

use std::{
    collections::HashMap,
    rc::Rc,
    time::{Duration, Instant},
};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot},
    task::{JoinHandle, spawn_local},
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use crate::{
    Error,
    room::{MemberSpec, Round},
};

/// A member of the room. Dropped, its socket closes.
pub struct Member {
    orders: mpsc::UnboundedSender<Order>,
    task: JoinHandle<()>,
}

/// An acknowledgement.
#[derive(Debug)]
pub struct Answer {
    /// When the event was sent.
    pub sent: Instant,
    /// How long the acknowledgement took.
    pub after: Duration,
    /// Its argument.
    pub value: Value,
}

struct Order {
    packet_without_id: String,
    answer: oneshot::Sender<Answer>,
}

impl Member {
    /// Opens the socket and enters the main namespace.
    pub async fn connect(url: &str, spec: &MemberSpec, round: Rc<Round>) -> Result<Self, Error> {
        let authority = url.strip_prefix("ws://").and_then(|rest| rest.split('/').next()).ok_or("no ws:// address")?;
        let stream = TcpStream::connect(authority).await?;
        stream.set_nodelay(true)?;
        let (mut socket, _) = client_async(url, stream).await?;
        expect(&mut socket, "0{").await?;
        socket.send(Message::text(format!("40{}", json!({ "token": spec.token })))).await?;
        expect(&mut socket, "40{").await?;
        let (orders, received) = mpsc::unbounded_channel();
        let task = spawn_local(run(socket, received, round));
        Ok(Self { orders, task })
    }

    /// Emits, and waits for the acknowledgement.
    pub async fn emit(&self, event: &str, payload: &Value) -> Result<Answer, Error> {
        let (answer, answered) = oneshot::channel();
        let packet_without_id = json!([event, payload]).to_string();
        let gone = || Error::from("a socket was closed by the server");
        self.orders.send(Order { packet_without_id, answer }).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Socket = WebSocketStream<TcpStream>;

async fn expect(socket: &mut Socket, prefix: &str) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) if text.starts_with(prefix) => return Ok(()),
            Message::Text(text) => return Err(format!("expected {prefix}…, got {text}").into()),
            _ => {}
        }
    }
    Err("closed by the server".into())
}

async fn run(mut socket: Socket, mut orders: mpsc::UnboundedReceiver<Order>, round: Rc<Round>) {
    let mut waiting: HashMap<u64, (Instant, oneshot::Sender<Answer>)> = HashMap::new();
    let mut next_id = 0;
    let mut heard_round = 0;
    loop {
        let reply = tokio::select! {
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => received(&text, &mut waiting, &round, &mut heard_round),
                Some(Ok(_)) => None,
                Some(Err(_)) | None => return,
            },
            order = orders.recv() => {
                let Some(order) = order else { return };
                next_id += 1;
                waiting.insert(next_id, (Instant::now(), order.answer));
                Some(format!("42{next_id}{}", order.packet_without_id))
            }
        };
        if let Some(reply) = reply
            && socket.send(Message::text(reply)).await.is_err()
        {
            return;
        }
    }
}

/// Takes a message in and gives what must be sent back.
fn received(
    text: &str,
    waiting: &mut HashMap<u64, (Instant, oneshot::Sender<Answer>)>,
    round: &Round,
    heard_round: &mut u64,
) -> Option<String> {
    if text.starts_with("42[\"participant-updated\"") {
        round.told(heard_round, text);
    } else if let Some(acknowledgement) = text.strip_prefix("43") {
        let at = acknowledgement.find('[').unwrap_or_default();
        let (id, arguments) = acknowledgement.split_at(at);
        if let Some((sent, answer)) = id.parse().ok().and_then(|id: u64| waiting.remove(&id)) {
            let value = serde_json::from_str::<Vec<Value>>(arguments).ok().and_then(|mut arguments| arguments.pop());
            // Whoever asked may have given up.
            let _ = answer.send(Answer { sent, after: sent.elapsed(), value: value.unwrap_or_default() });
        }
    } else if text == "2" {
        return Some("3".to_owned());
    }
    None
}
