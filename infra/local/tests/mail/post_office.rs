//! A local cloud with a function that sends mails, and the SDK to send them with.

use std::{path::Path, sync::Arc};

use aws_sdk_sesv2::{
    Client,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    error::ProvideErrorMetadata,
    operation::send_email::builders::SendEmailFluentBuilder,
    types::{Body, Content, Destination, EmailContent, Message},
};
use axum::body::Bytes;
use dais_domain::EmailAddress;
use dais_local::{
    functions::Catalogue,
    invoke::{InvokeError, Order, handler::Handler},
    start::{Options, Run, Running, start},
};
use dais_mail::{Attachment, Letter, Mailer, Ses};
use futures::FutureExt;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::client::{Answer, http};

pub const SENDER: &str = "invitations@dais.example";

/// A running local cloud.
pub struct PostOffice {
    pub running: Running,
    /// Events of the bus that reached a function, with the name of its binary.
    pub events: mpsc::UnboundedReceiver<(&'static str, Value)>,
}

pub async fn post_office() -> PostOffice {
    let (sender, events) = mpsc::unbounded_channel();
    let mut options = Options::in_memory(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/mail.yaml"));
    options.run = Run::InProcess(catalogue(&sender));
    PostOffice { running: start(options).await.unwrap(), events }
}

/// `post` sends a letter when its event says `{"to"}`, and passes events of the bus on; so does `idle`.
fn catalogue(events: &mpsc::UnboundedSender<(&'static str, Value)>) -> Catalogue {
    let (to_post, to_idle) = (events.clone(), events.clone());
    let passing = move |binary: &'static str, sender: mpsc::UnboundedSender<_>| -> Handler {
        Arc::new(move |event, _| {
            let _ = sender.send((binary, serde_json::from_slice::<Value>(&event).unwrap()));
            async { Ok(Bytes::from_static(b"{}")) }.boxed()
        })
    };
    Catalogue::default().with("idle", move |_, _, _| Ok(passing("idle", to_idle.clone()))).with(
        "post",
        move |_, aws, _| {
            let ses = Ses::new(aws, EmailAddress::new(SENDER).unwrap(), Some("Set"));
            let pass = passing("post", to_post.clone());
            let handler: Handler = Arc::new(move |event, context| {
                let body: Value = serde_json::from_slice(&event).unwrap();
                let Some(to) = body["to"].as_str().map(str::to_owned) else { return pass(event, context) };
                let ses = ses.clone();
                async move {
                    let sent = ses.send(&letter(&to)).await;
                    let id = sent.map_err(|error| InvokeError::failed("MailError", error.to_string()))?;
                    Ok(Bytes::from(json!({ "id": id.as_str() }).to_string()))
                }
                .boxed()
            });
            Ok(handler)
        },
    )
}

pub fn letter(to: &str) -> Letter {
    Letter {
        to: EmailAddress::new(to).unwrap(),
        subject: "You've been invited to co-host Überblick".to_owned(),
        html: "<!doctype html><html><head><title>x</title></head><body><a href=\"https://x.example/\">go</a></body></html>"
            .to_owned(),
        text: "Look: https://x.example/".to_owned(),
        headers: vec![("List-Unsubscribe", "<https://x.example/u>".to_owned())],
        attachments: vec![Attachment {
            name: "event.ics",
            content_type: "text/calendar; charset=utf-8; method=PUBLISH",
            content: b"BEGIN:VCALENDAR".to_vec(),
        }],
    }
}

impl PostOffice {
    /// The function sends a letter; its message id.
    pub async fn send(&self, to: &str) -> Result<String, InvokeError> {
        let order = Order {
            function: "PostFunction".to_owned(),
            label: "test".to_owned(),
            event: Bytes::from(json!({ "to": to }).to_string()),
            at_least_once: false,
        };
        let answer = self.running.lambda().invoke(order).await?;
        Ok(serde_json::from_slice::<Value>(&answer).unwrap()["id"].as_str().unwrap().to_owned())
    }

    /// A request to the origin.
    pub async fn ask(&self, line: &str, body: &str) -> Answer {
        http(self.running.origin.trim_start_matches("http://"), line, &[], body.as_bytes()).await
    }

    /// The same, answered with 200 and JSON.
    pub async fn json(&self, line: &str, body: &str) -> Value {
        let answer = self.ask(line, body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    pub async fn messages(&self) -> Vec<Value> {
        self.json("GET /_local/outbox.json", "").await["messages"].as_array().unwrap().clone()
    }

    /// The SDK as the function `function` uses it.
    pub fn client(&self, function: &str) -> Client {
        let config = aws_sdk_sesv2::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
            .endpoint_url(format!("{}/_aws/ses/{function}", self.running.origin))
            .retry_config(RetryConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        Client::from_conf(config)
    }
}

pub fn part(text: &str) -> Content {
    Content::builder().data(text).charset("UTF-8").build().unwrap()
}

/// A message that SES takes.
pub fn message() -> aws_sdk_sesv2::types::builders::MessageBuilder {
    Message::builder().subject(part("Hello")).body(Body::builder().text(part("Hello")).build())
}

/// A request with this message from `from` to one address.
pub fn sending(client: &Client, from: &str, to: &str, message: Message) -> SendEmailFluentBuilder {
    client
        .send_email()
        .from_email_address(from)
        .destination(Destination::builder().to_addresses(to).build())
        .content(EmailContent::builder().simple(message).build())
}

/// The name and text of the error that a request meets.
pub async fn refused(request: SendEmailFluentBuilder) -> (String, String) {
    let error = request.send().await.unwrap_err();
    (error.code().unwrap_or("none").to_owned(), error.message().unwrap_or_default().to_owned())
}
