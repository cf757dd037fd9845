//! Puts the document together.

use serde_json::{Map, Value, json};

use crate::{
    client_events,
    message::{Event, Shape},
    server::Refused,
    server_events,
};

/// Name of the message that acknowledges what was refused.
const REFUSED: &str = "refused";

const DESCRIPTION: &str = "\
Hosts, co-hosts, moderation and media of meetings, over Socket.IO protocol v5 (Engine.IO v4): any stock Socket.IO client of \
version 4. The client names its session token in `auth: {token}`; identity in payloads is never read.\n\n\
The payload is the first argument of an event. What goes to a whole room has one more, the meeting's version as a string: the \
offset of Socket.IO's connection state recovery. Long lists come in pages, each with `{page, pages, total}` as second argument.\n\n\
Every event of a client takes an acknowledgement. Unknown members of payloads are ignored.";

/// Name of the message that acknowledges an event.
fn acknowledgement_of(event: &str) -> String {
    format!("{event}.acknowledged")
}

/// The document.
pub fn document() -> Value {
    let mut parts = Parts::default();
    parts.message(REFUSED, "It was refused", &Shape::of::<Refused>(), &Value::Null);
    for event in client_events() {
        let acknowledgement = acknowledgement_of(event.name);
        parts.message(event.name, event.summary, &event.payload, &event.example);
        if let Some(shape) = &event.acknowledged {
            parts.message(&acknowledgement, "It was done", shape, &Value::Null);
        }
        let reply = json!({ "channel": channel(), "messages": [of_channel(&acknowledgement), of_channel(REFUSED)] });
        parts.operation(&event, "receive", Some(reply));
    }
    for event in server_events() {
        parts.message(event.name, event.summary, &event.payload, &event.example);
        parts.operation(&event, "send", None);
    }
    json!({
        "asyncapi": "3.0.0",
        "info": { "title": "Dais", "version": env!("CARGO_PKG_VERSION"), "description": DESCRIPTION },
        "defaultContentType": "application/json",
        "servers": {
            "local": {
                "host": "127.0.0.1:3000",
                "pathname": "/socket.io/",
                "protocol": "ws",
                "description": "The local cloud, as `make run` starts it.",
            },
        },
        "channels": {
            "socket": { "address": "/", "description": "Socket.IO's main namespace, the only one.", "messages": parts.in_channel },
        },
        "operations": parts.operations,
        "components": { "messages": parts.messages, "schemas": parts.schemas },
    })
}

fn channel() -> Value {
    json!({ "$ref": "#/channels/socket" })
}

fn of_channel(message: &str) -> Value {
    json!({ "$ref": format!("#/channels/socket/messages/{message}") })
}

#[derive(Default)]
struct Parts {
    in_channel: Map<String, Value>,
    operations: Map<String, Value>,
    messages: Map<String, Value>,
    schemas: Map<String, Value>,
}

impl Parts {
    fn message(&mut self, name: &str, summary: &str, shape: &Shape, example: &Value) {
        let mut message = json!({
            "name": name,
            "summary": summary,
            "payload": { "$ref": format!("#/components/schemas/{}", shape.name) },
        });
        if !example.is_null() {
            message["examples"] = json!([{ "payload": example }]);
        }
        self.messages.insert(name.to_owned(), message);
        self.in_channel.insert(name.to_owned(), json!({ "$ref": format!("#/components/messages/{name}") }));
        for (name, schema) in &shape.schemas {
            self.schemas.insert(name.clone(), schema.clone());
        }
    }

    fn operation(&mut self, event: &Event, action: &str, reply: Option<Value>) {
        let mut operation = json!({
            "action": action,
            "channel": channel(),
            "summary": event.summary,
            "messages": [of_channel(event.name)],
        });
        if let Some(reply) = reply {
            operation["reply"] = reply;
        }
        self.operations.insert(event.name.to_owned(), operation);
    }
}
