//! The table behind its endpoint, and the AWS SDK in front of it.
#![allow(dead_code, clippy::unwrap_used)]

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region, retry::RetryConfig},
    types::AttributeValue,
};
use dais_local::{
    chaos::Chaos,
    clock::Clock,
    ledger::{Call, Ledger},
    table::{Permit, Place, Surroundings, Table, TableError, everything_permitted, routes},
};
use serde_json::{Value, json};

pub const TABLE: &str = "dais";

/// A table as template.yaml describes it: keys, one index that projects everything, expiry, a stream.
pub fn properties() -> Value {
    json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            { "AttributeName": "pk", "AttributeType": "S" },
            { "AttributeName": "sk", "AttributeType": "S" },
            { "AttributeName": "lease_pk", "AttributeType": "S" },
            { "AttributeName": "lease_due", "AttributeType": "N" },
        ],
        "KeySchema": [
            { "AttributeName": "pk", "KeyType": "HASH" },
            { "AttributeName": "sk", "KeyType": "RANGE" },
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "leases",
            "KeySchema": [
                { "AttributeName": "lease_pk", "KeyType": "HASH" },
                { "AttributeName": "lease_due", "KeyType": "RANGE" },
            ],
            "Projection": { "ProjectionType": "ALL" },
        }],
        "TimeToLiveSpecification": { "AttributeName": "ttl", "Enabled": true },
        "StreamSpecification": { "StreamViewType": "NEW_AND_OLD_IMAGES" },
        "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": true },
        "DeletionProtectionEnabled": true,
    })
}

/// A local cloud that is only a table.
pub struct Cloud {
    pub clock: Clock,
    pub chaos: Chaos,
    pub ledger: Ledger,
    pub table: Table,
    pub endpoint: String,
}

impl Cloud {
    pub async fn in_memory() -> Self {
        Self::with_permit(everything_permitted()).await
    }

    pub async fn with_permit(permit: Permit) -> Self {
        Self::open(&Place::Memory, &properties(), permit).await.unwrap()
    }

    pub async fn open(place: &Place, properties: &Value, permit: Permit) -> Result<Self, TableError> {
        let (clock, chaos) = (Clock::new(), Chaos::new());
        let ledger = Ledger::new(clock.clone());
        let surroundings = Surroundings { clock: clock.clone(), chaos: chaos.clone(), ledger: ledger.clone(), permit };
        let table = Table::open(place, std::slice::from_ref(properties), surroundings)?;
        let address = crate::support::serve(routes(table.clone())).await;
        Ok(Self { clock, chaos, ledger, table, endpoint: format!("http://{address}/_aws/dynamodb/MeetingsFunction") })
    }

    /// A client that shows every error as it came.
    pub fn client(&self) -> Client {
        self.client_with(RetryConfig::disabled())
    }

    pub fn client_with(&self, retries: RetryConfig) -> Client {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "test"))
            .endpoint_url(&self.endpoint)
            .retry_config(retries)
            .build();
        Client::from_conf(config)
    }

    /// The last call in the ledger.
    pub fn last_call(&self) -> Call {
        self.ledger.calls().pop().unwrap()
    }
}

pub fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// Puts an item of `pk`, `sk` and the attributes given.
pub async fn put(client: &Client, pk: &str, sk: &str, attributes: &[(&str, AttributeValue)]) {
    let mut request = client.put_item().table_name(TABLE).item("pk", s(pk)).item("sk", s(sk));
    for (name, value) in attributes {
        request = request.item(*name, value.clone());
    }
    request.send().await.unwrap();
}
