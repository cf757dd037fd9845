//! What was written is there after the file has been closed and opened again; a file that does not fit the template is named.
#![allow(clippy::unwrap_used)]

mod support;
#[path = "support/table.rs"]
mod table;

use dais_local::{
    chaos::Chaos,
    clock::Clock,
    ledger::Ledger,
    table::{Place, Surroundings, Table, TableError, WireCall, everything_permitted},
};
use serde_json::{Value, json};

/// A folder of the test's own, gone when it ends.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("dais-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn place(&self) -> Place {
        Place::Directory(self.0.join("data"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn open(place: &Place, properties: &Value) -> Result<Table, TableError> {
    let clock = Clock::new();
    let ledger = Ledger::new(clock.clone());
    let surroundings = Surroundings { clock, chaos: Chaos::new(), ledger, permit: everything_permitted() };
    Table::open(place, std::slice::from_ref(properties), surroundings)
}

async fn call(table: &Table, operation: &str, body: Value) -> Value {
    let target = format!("DynamoDB_20120810.{operation}");
    let body = body.to_string();
    let call = WireCall { function: "F", invocation: None, target: &target, body: body.as_bytes() };
    let answer = table.answer(call).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    serde_json::from_slice(&answer.body).unwrap()
}

#[tokio::test]
async fn the_table_survives_a_restart() {
    let folder = Folder::new("restart");
    let item = json!({ "pk": { "S": "a" }, "sk": { "S": "b" }, "lease_pk": { "S": "l" }, "lease_due": { "N": "5" } });
    let table = open(&folder.place(), &table::properties()).unwrap();
    call(&table, "PutItem", json!({ "TableName": table::TABLE, "Item": item })).await;
    drop(table);

    let table = open(&folder.place(), &table::properties()).unwrap();
    let key = json!({ "pk": { "S": "a" }, "sk": { "S": "b" } });
    assert_eq!(call(&table, "GetItem", json!({ "TableName": table::TABLE, "Key": key })).await["Item"], item);
    let leases = json!({
        "TableName": table::TABLE, "IndexName": "leases", "KeyConditionExpression": "lease_pk = :l",
        "ExpressionAttributeValues": { ":l": { "S": "l" } },
    });
    assert_eq!(call(&table, "Query", leases).await["Count"], 1);
}

#[tokio::test]
async fn a_folder_in_use_is_not_opened_twice() {
    let folder = Folder::new("in-use");
    let first = open(&folder.place(), &table::properties()).unwrap();
    assert!(matches!(open(&folder.place(), &table::properties()), Err(TableError::InUse(_))));
    drop(first);
    open(&folder.place(), &table::properties()).unwrap();
}

#[tokio::test]
async fn a_file_that_does_not_fit_the_template_is_not_used() {
    let folder = Folder::new("drift");
    drop(open(&folder.place(), &table::properties()).unwrap());
    let mut changed = table::properties();
    changed["GlobalSecondaryIndexes"][0]["Projection"]["ProjectionType"] = json!("KEYS_ONLY");
    let refused = open(&folder.place(), &changed).unwrap_err();
    assert!(matches!(refused, TableError::Drifted { what: "indexes", .. }), "{refused}");
    assert!(refused.to_string().contains("make reset"));
}

#[test]
fn a_property_that_is_not_known_stops_the_start_with_its_name() {
    let mut properties = table::properties();
    properties["ImportSourceSpecification"] = json!({});
    let refused = open(&Place::Memory, &properties).unwrap_err().to_string();
    assert!(refused.contains("ImportSourceSpecification") && refused.contains(table::TABLE), "{refused}");
}
