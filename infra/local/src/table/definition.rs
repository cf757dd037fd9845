//! A table of template.yaml, made in the emulator or compared with the one that is there.

use std::path::Path;

use dynoxide::{Database, DynoxideError};
use serde_json::{Map, Value, json};

use super::TableError;

/// What CreateTable takes as CloudFormation writes it.
const CREATE_TABLE: [&str; 9] = [
    "TableName",
    "KeySchema",
    "AttributeDefinitions",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
    "BillingMode",
    "ProvisionedThroughput",
    "DeletionProtectionEnabled",
    "TableClass",
];

/// What has no effect on what a function sees: not made locally.
const NOT_LOCAL: [&str; 8] = [
    "PointInTimeRecoverySpecification",
    "SSESpecification",
    "StreamSpecification",
    "Tags",
    "OnDemandThroughput",
    "WarmThroughput",
    "ContributorInsightsSpecification",
    "ResourcePolicy",
];

/// One table.
pub(super) struct Definition {
    pub(super) name: String,
    pub(super) ttl_attribute: Option<String>,
    create: Value,
}

impl Definition {
    /// Reads the `Properties` of an `AWS::DynamoDB::Table`.
    pub(super) fn from_template(position: usize, properties: &Value) -> Result<Self, TableError> {
        let table = properties
            .get("TableName")
            .and_then(Value::as_str)
            .map_or_else(|| format!("number {}", position + 1), str::to_owned);
        let wrong = |reason: String| TableError::Definition { table: table.clone(), reason };
        let properties = properties.as_object().ok_or_else(|| wrong("its Properties are not a mapping".to_owned()))?;
        let mut create = Map::new();
        for (name, value) in properties {
            if CREATE_TABLE.contains(&name.as_str()) {
                create.insert(name.clone(), value.clone());
            } else if name != "TimeToLiveSpecification" && !NOT_LOCAL.contains(&name.as_str()) {
                return Err(wrong(format!("the local cloud does not know the property {name}")));
            }
        }
        let name = create
            .get("TableName")
            .and_then(Value::as_str)
            .ok_or_else(|| wrong("it has no TableName".to_owned()))?
            .to_owned();
        let ttl_attribute = match properties.get("TimeToLiveSpecification") {
            Some(ttl) if ttl.get("Enabled").is_some_and(|enabled| enabled == true || enabled == "true") => Some(
                ttl.get("AttributeName")
                    .and_then(Value::as_str)
                    .ok_or_else(|| wrong("TimeToLiveSpecification has no AttributeName".to_owned()))?
                    .to_owned(),
            ),
            _ => None,
        };
        Ok(Self { name, ttl_attribute, create: Value::Object(create) })
    }

    /// Makes the table, or checks that the one that is there is the same.
    pub(super) fn make_or_compare(&self, database: &Database, place: &Path) -> Result<(), TableError> {
        let wrong = |reason: String| TableError::Definition { table: self.name.clone(), reason };
        let request = serde_json::from_value(self.create.clone()).map_err(|error| wrong(error.to_string()))?;
        match database.create_table(request) {
            Ok(_) => self.set_ttl(database),
            Err(DynoxideError::ResourceInUseException(_)) => self.compare(database, place),
            Err(error) => Err(wrong(error.to_string())),
        }
    }

    fn set_ttl(&self, database: &Database) -> Result<(), TableError> {
        let Some(attribute) = &self.ttl_attribute else { return Ok(()) };
        let request = json!({
            "TableName": self.name,
            "TimeToLiveSpecification": { "Enabled": true, "AttributeName": attribute },
        });
        let request = serde_json::from_value(request)
            .map_err(|error| TableError::Definition { table: self.name.clone(), reason: error.to_string() })?;
        database.update_time_to_live(request)?;
        Ok(())
    }

    fn compare(&self, database: &Database, place: &Path) -> Result<(), TableError> {
        let request = serde_json::from_value(json!({ "TableName": self.name }))
            .map_err(|error| TableError::Definition { table: self.name.clone(), reason: error.to_string() })?;
        let described = serde_json::to_value(database.describe_table(request)?).unwrap_or_default();
        let there = &described["Table"];
        let drifted = |what| TableError::Drifted { table: self.name.clone(), place: place.to_owned(), what };
        for (field, what) in [("KeySchema", "keys"), ("AttributeDefinitions", "key attributes")] {
            if sorted(&self.create[field]) != sorted(&there[field]) {
                return Err(drifted(what));
            }
        }
        for field in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
            if indexes(&self.create[field]) != indexes(&there[field]) {
                return Err(drifted("indexes"));
            }
        }
        Ok(())
    }
}

/// The entries of a list in an order of their own, as the order has no meaning.
fn sorted(list: &Value) -> Vec<String> {
    let mut entries: Vec<String> = list.as_array().into_iter().flatten().map(Value::to_string).collect();
    entries.sort();
    entries
}

/// Name, keys and projection of each index: what an index is made of, without what DescribeTable adds.
fn indexes(list: &Value) -> Vec<String> {
    let mut entries: Vec<String> = list
        .as_array()
        .into_iter()
        .flatten()
        .map(|index| {
            let projection = &index["Projection"];
            json!([
                index["IndexName"],
                sorted(&index["KeySchema"]),
                projection["ProjectionType"],
                sorted(&projection["NonKeyAttributes"]),
            ])
            .to_string()
        })
        .collect();
    entries.sort();
    entries
}
