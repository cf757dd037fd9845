//! A fresh table in an embedded DynamoDB.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_sdk_dynamodb::{
    Client,
    config::{Credentials, SharedCredentialsProvider},
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
        ScalarAttributeType, TimeToLiveSpecification,
    },
};
use dais_store::DynamoStore;

use super::Tap;

/// One table, with its adapter and what a test needs to look behind it.
pub struct Table {
    /// The adapter.
    pub store: DynamoStore,
    /// A client of its own, not through the tap.
    pub client: Client,
    /// The adapter's wire.
    pub tap: Tap,
    /// The name of the table.
    pub name: String,
}

impl Table {
    pub async fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("contract-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let endpoint = match std::env::var("DAIS_DYNAMODB_ENDPOINT") {
            Ok(endpoint) => endpoint,
            Err(_) => embedded().await,
        };
        let config = config(&endpoint);
        let client = Client::new(&config);
        create(&client, &name).await;
        let tap = Tap::default();
        let store = DynamoStore::new(&config.to_builder().http_client(tap.clone()).build(), &name);
        Self { store, client, tap, name }
    }
}

/// What a client of this endpoint is made with. Retries do not make a test wait.
pub fn config(endpoint: &str) -> SdkConfig {
    let retries = RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(1));
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "test")))
        .endpoint_url(endpoint)
        .retry_config(retries)
        .build()
}

/// Starts an empty database and returns its endpoint; it ends with the test's runtime.
async fn embedded() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let database = dynoxide::Database::memory().unwrap();
    tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database, std::future::pending()));
    endpoint
}

/// The table as the template has it.
async fn create(client: &Client, name: &str) {
    let string = ScalarAttributeType::S;
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk", string.clone()))
        .attribute_definitions(attribute("sk", string.clone()))
        .attribute_definitions(attribute("starts_pk", string.clone()))
        .attribute_definitions(attribute("starts_sk", string.clone()))
        .attribute_definitions(attribute("lease_pk", string))
        .attribute_definitions(attribute("lease_due", ScalarAttributeType::N))
        .set_key_schema(Some(keys("pk", "sk")))
        .global_secondary_indexes(index("starts", "starts_pk", "starts_sk"))
        .global_secondary_indexes(index("leases", "lease_pk", "lease_due"))
        .send()
        .await
        .unwrap();
    let ttl = TimeToLiveSpecification::builder().attribute_name("ttl").enabled(true).build().unwrap();
    client.update_time_to_live().table_name(name).time_to_live_specification(ttl).send().await.unwrap();
}

fn attribute(name: &str, kind: ScalarAttributeType) -> AttributeDefinition {
    AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build().unwrap()
}

fn keys(partition: &str, sort: &str) -> Vec<KeySchemaElement> {
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    vec![key(partition, KeyType::Hash), key(sort, KeyType::Range)]
}

fn index(name: &str, partition: &str, sort: &str) -> GlobalSecondaryIndex {
    GlobalSecondaryIndex::builder()
        .index_name(name)
        .set_key_schema(Some(keys(partition, sort)))
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()
        .unwrap()
}
