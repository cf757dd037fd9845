//! The sockets of a WebSocket API, through its @connections API. The only user of that SDK.

use aws_sdk_apigatewaymanagement::{
    Client,
    config::{Builder, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
    primitives::Blob,
};
use dais_domain::ConnectionId;
use std::time::Duration;

use crate::{PostError, Sockets};

/// How long one post may take with its retries. A slow receiver must not hold up the others.
const POST_TIMEOUT: Duration = Duration::from_secs(5);

/// The @connections API. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ApiGateway {
    client: Client,
}

impl ApiGateway {
    /// `management_url`: `https://{api}.execute-api.{region}.amazonaws.com/{stage}`, without `/@connections`.
    pub fn new(config: &aws_config::SdkConfig, management_url: &str) -> Self {
        let timeouts = TimeoutConfig::builder().operation_timeout(POST_TIMEOUT).build();
        let config = Builder::from(config).endpoint_url(management_url).timeout_config(timeouts).build();
        Self { client: Client::from_conf(config) }
    }
}

impl Sockets for ApiGateway {
    async fn post(&self, connection: &ConnectionId, message: &str) -> Result<(), PostError> {
        let sent = self
            .client
            .post_to_connection()
            .connection_id(connection.as_str())
            .data(Blob::new(message.as_bytes()))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(error) => Err(post_error(&error)),
        }
    }

    async fn close(&self, connection: &ConnectionId) -> Result<(), PostError> {
        match self.client.delete_connection().connection_id(connection.as_str()).send().await {
            Ok(_) => Ok(()),
            Err(error) => match post_error(&error) {
                PostError::Gone => Ok(()),
                other => Err(other),
            },
        }
    }
}

fn post_error<E, R>(error: &SdkError<E, R>) -> PostError
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    match error.code() {
        Some("GoneException") => PostError::Gone,
        Some("PayloadTooLargeException") => PostError::TooLarge,
        Some(code) => PostError::Unavailable { reason: code.to_owned() },
        None => PostError::Unavailable { reason: "no answer".to_owned() },
    }
}
