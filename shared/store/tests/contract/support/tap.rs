//! A tap on the adapter's wire: counts its requests, and answers some of them in the table's place.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;

/// An HTTP client that lets requests through unless it has been told what to answer.
#[derive(Debug, Clone)]
pub struct Tap {
    wire: SharedHttpClient,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    seen: Vec<String>,
    answers: HashMap<&'static str, Answers>,
}

#[derive(Debug)]
struct Answers {
    left: usize,
    status: u16,
    body: String,
}

impl Default for Tap {
    fn default() -> Self {
        Self { wire: aws_smithy_http_client::Builder::new().build_http(), state: Arc::default() }
    }
}

impl Tap {
    /// Answers the next `times` requests of an operation with this error.
    pub fn answer(&self, operation: &'static str, times: usize, error: impl Into<String>) {
        self.answer_with(operation, times, 400, error.into());
    }

    /// Answers the next `times` requests of an operation with this success.
    pub fn answer_well(&self, operation: &'static str, times: usize, output: impl Into<String>) {
        self.answer_with(operation, times, 200, output.into());
    }

    fn answer_with(&self, operation: &'static str, left: usize, status: u16, body: String) {
        self.state.lock().unwrap().answers.insert(operation, Answers { left, status, body });
    }

    /// The operations since the last call, in the order in which they were sent.
    pub fn take_seen(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().seen)
    }
}

impl HttpClient for Tap {
    fn http_connector(&self, settings: &HttpConnectorSettings, parts: &RuntimeComponents) -> SharedHttpConnector {
        let wire = self.wire.http_connector(settings, parts);
        SharedHttpConnector::new(TappedConnector { wire, state: self.state.clone() })
    }
}

#[derive(Debug)]
struct TappedConnector {
    wire: SharedHttpConnector,
    state: Arc<Mutex<State>>,
}

impl HttpConnector for TappedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let mut state = self.state.lock().unwrap();
        let answer = match state.answers.get_mut(operation.as_str()) {
            Some(answers) if answers.left > 0 => {
                answers.left -= 1;
                Some((StatusCode::try_from(answers.status).unwrap(), SdkBody::from(answers.body.as_str())))
            }
            _ => None,
        };
        state.seen.push(operation);
        match answer {
            Some((status, body)) => HttpConnectorFuture::ready(Ok(HttpResponse::new(status, body))),
            None => self.wire.call(request),
        }
    }
}

/// The body of an error as DynamoDB sends it.
pub fn error(code: &str, message: &str) -> String {
    format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"{message}"}}"#)
}

/// The body of a cancelled transaction, with a reason per write.
pub fn transaction_cancelled(codes: &[&str]) -> String {
    let reasons: Vec<String> = codes.iter().map(|code| format!(r#"{{"Code":"{code}"}}"#)).collect();
    format!(
        r#"{{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled, please refer cancellation reasons for specific reasons [{}]","CancellationReasons":[{}]}}"#,
        codes.join(", "),
        reasons.join(",")
    )
}
