//! The DynamoDB adapter. One file per capability; this one holds the client and what every call shares.

mod attendance;
mod batch;
mod connections;
mod directory;
mod erasure;
mod invitations;
mod limits;
mod lists;
mod mails;
mod media;
mod meetings;
mod polling;
mod rooms;
mod transact;

use std::{future::Future, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
};

use crate::{
    StoreError,
    items::{Item, key_item},
    keys::Key,
};

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

    /// Reads an item, strongly consistent.
    async fn get(&self, key: Key) -> Result<Option<Item>, StoreError> {
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key_item(key)))
            .consistent_read(true)
            .send()
            .await
            .map_err(unavailable("GetItem"))?;
        Ok(output.item)
    }

    /// Writes an item whatever was there.
    async fn put_plain(&self, item: Item) -> Result<(), StoreError> {
        retry_conflicts(|| self.client.put_item().table_name(&self.table).set_item(Some(item.clone())).send())
            .await
            .map(drop)
            .map_err(unavailable("PutItem"))
    }
}

/// Pauses between tries of what the SDK does not retry: 10 ms and doubling, 5 of them.
struct Pauses {
    left: u32,
    length: Duration,
}

impl Pauses {
    fn new() -> Self {
        Self { left: 5, length: Duration::from_millis(10) }
    }

    /// Waits for one pause, or returns false when there are no more.
    async fn next(&mut self) -> bool {
        if self.left == 0 {
            return false;
        }
        tokio::time::sleep(self.length).await;
        self.left -= 1;
        self.length *= 2;
        true
    }
}

/// Runs a plain write, again when a transaction on the same item was under way. Throttling is retried by the SDK.
async fn retry_conflicts<T, E, R, F>(mut call: impl FnMut() -> F) -> Result<T, SdkError<E, R>>
where
    F: Future<Output = Result<T, SdkError<E, R>>>,
    SdkError<E, R>: ProvideErrorMetadata,
{
    let mut pauses = Pauses::new();
    loop {
        match call().await {
            Err(error) if error.code() == Some("TransactionConflictException") && pauses.next().await => {}
            done => return done,
        }
    }
}

/// What became of a write with a condition: whether it was done, or refused by its condition.
fn written<T, E, R>(operation: &'static str, outcome: Result<T, SdkError<E, R>>) -> Result<bool, StoreError>
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    match outcome {
        Ok(_) => Ok(true),
        Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(false),
        Err(error) => Err(unavailable(operation)(error)),
    }
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
