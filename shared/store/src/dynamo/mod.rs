//! The DynamoDB adapter. One file per capability; this one holds the client and what every call shares.

mod connections;
mod meetings;
mod polling;
mod rooms;

use std::{future::Future, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
};

use crate::StoreError;

/// The table in DynamoDB. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DynamoStore {
    client: Client,
    table: String,
}

impl DynamoStore {
    /// `config` carries region, credentials and, for the local cloud, the endpoint.
    pub fn new(config: &aws_config::SdkConfig, table: impl Into<String>) -> Self {
        Self { client: Client::new(config), table: table.into() }
    }
}

/// Tries of a plain write that meets a transaction on the same item.
const CONFLICT_TRIES: u32 = 6;

/// Runs a plain write, again when a transaction on the same item was under way. Throttling is retried by the SDK.
async fn retry_conflicts<T, E, R, F>(mut call: impl FnMut() -> F) -> Result<T, SdkError<E, R>>
where
    F: Future<Output = Result<T, SdkError<E, R>>>,
    SdkError<E, R>: ProvideErrorMetadata,
{
    let mut pause = Duration::from_millis(10);
    for _ in 1..CONFLICT_TRIES {
        match call().await {
            Err(error) if error.code() == Some("TransactionConflictException") => {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            done => return done,
        }
    }
    call().await
}

/// Whether a write was refused by its condition.
fn is_condition_failure<E, R>(error: &SdkError<E, R>) -> bool
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    error.code() == Some("ConditionalCheckFailedException")
}

/// An error without the item that it may carry.
fn unavailable<E, R>(operation: &'static str) -> impl Fn(SdkError<E, R>) -> StoreError
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    move |error| StoreError::Unavailable {
        operation,
        reason: match (error.code(), error.message()) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(code), None) => code.to_owned(),
            (None, _) => match &error {
                SdkError::TimeoutError(_) => "timed out".to_owned(),
                SdkError::DispatchFailure(_) => "could not be reached".to_owned(),
                _ => "no usable answer".to_owned(),
            },
        },
    }
}
