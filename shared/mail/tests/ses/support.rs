//! SES as the SDK sees it: one answer, and the request that was sent.

use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use dais_domain::{EmailAddress, MessageId};
use dais_mail::{Attachment, Letter, MailError, Mailer, Ses};
use serde_json::Value;

/// What the service says.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Status, name of the error and body.
    Says(u16, &'static str, String),
    /// The connection breaks.
    Nothing,
}

/// The service: gives its one answer to each request and keeps the requests.
#[derive(Debug, Clone)]
pub struct Service {
    answer: Answer,
    pub requests: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Service {
    pub fn new(answer: Answer) -> Self {
        Self { answer, requests: Arc::default() }
    }

    pub fn taking() -> Self {
        Self::new(Answer::Says(200, "", r#"{"MessageId":"0100018f-a1b2-000000"}"#.to_owned()))
    }

    pub fn failing(status: u16, name: &'static str, message: &str) -> Self {
        Self::new(Answer::Says(status, name, serde_json::json!({ "message": message }).to_string()))
    }

    /// The adapter that talks to it.
    pub fn ses(&self) -> Ses {
        let credentials = Credentials::new("key", "secret", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(SharedHttpClient::new(self.clone()))
            .build();
        let sender = EmailAddress::new("invitations@meet.example.com").unwrap();
        Ses::new(&config, sender, Some("dais-mail"))
    }

    pub async fn send(&self, letter: &Letter) -> Result<MessageId, MailError> {
        self.ses().send(letter).await
    }

    /// The body of the only request.
    pub fn request(&self) -> Value {
        let requests = self.requests.lock().unwrap();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests[0].1.clone()
    }
}

pub fn letter(to: &str) -> Letter {
    Letter {
        to: EmailAddress::new(to).unwrap(),
        subject: "You've been invited to co-host «Überblick»".to_owned(),
        html: "<p>Überblick</p>".to_owned(),
        text: "Überblick".to_owned(),
        headers: vec![("List-Unsubscribe", "<https://meet.example.com/u>".to_owned())],
        attachments: vec![Attachment { name: "event.ics", content_type: "text/calendar", content: b"BEGIN".to_vec() }],
    }
}

impl HttpClient for Service {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Service {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        self.requests.lock().unwrap().push((format!("{} {}", request.method(), request.uri()), body));
        let answer = match &self.answer {
            Answer::Nothing => Err(ConnectorError::io("broken".into())),
            Answer::Says(status, name, body) => {
                let response = http::Response::builder().status(*status).header("x-amzn-errortype", *name);
                Ok(HttpResponse::try_from(response.body(SdkBody::from(body.clone())).unwrap()).unwrap())
            }
        };
        HttpConnectorFuture::ready(answer)
    }
}
