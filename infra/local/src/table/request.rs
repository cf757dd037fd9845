//! A call to the table as the AWS SDK sends it, and whether the caller may make it.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value};

use super::Failure;

/// One thing a call does to one table, as IAM sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access<'a> {
    /// Logical id of the function.
    pub function: &'a str,
    /// The IAM action without its service: `GetItem`, `ConditionCheckItem`. A transaction needs those of its parts.
    pub action: &'a str,
    /// Name of the table.
    pub table: &'a str,
    /// Name of the index, for a query or scan of one.
    pub index: Option<&'a str>,
}

/// Says whether a function's policies in template.yaml grant an access.
pub type Permit = Arc<dyn Fn(&Access<'_>) -> bool + Send + Sync>;

/// Grants all, for tests of the table itself.
pub fn everything_permitted() -> Permit {
    Arc::new(|_| true)
}

/// The operations the local cloud serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    GetItem,
    PutItem,
    UpdateItem,
    DeleteItem,
    Query,
    Scan,
    BatchGetItem,
    BatchWriteItem,
    TransactGetItems,
    TransactWriteItems,
    DescribeTable,
    DescribeTimeToLive,
}

impl Operation {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "GetItem" => Self::GetItem,
            "PutItem" => Self::PutItem,
            "UpdateItem" => Self::UpdateItem,
            "DeleteItem" => Self::DeleteItem,
            "Query" => Self::Query,
            "Scan" => Self::Scan,
            "BatchGetItem" => Self::BatchGetItem,
            "BatchWriteItem" => Self::BatchWriteItem,
            "TransactGetItems" => Self::TransactGetItems,
            "TransactWriteItems" => Self::TransactWriteItems,
            "DescribeTable" => Self::DescribeTable,
            "DescribeTimeToLive" => Self::DescribeTimeToLive,
            _ => return None,
        })
    }

    /// Whether its capacity is of the write kind.
    pub(super) fn writes(self) -> bool {
        matches!(
            self,
            Self::PutItem | Self::UpdateItem | Self::DeleteItem | Self::BatchWriteItem | Self::TransactWriteItems
        )
    }

    /// A write of one item that stands alone.
    pub(super) fn writes_one_item(self) -> bool {
        matches!(self, Self::PutItem | Self::UpdateItem | Self::DeleteItem)
    }

    pub(super) fn is_transaction(self) -> bool {
        matches!(self, Self::TransactGetItems | Self::TransactWriteItems)
    }

    pub(super) fn touches_items(self) -> bool {
        !matches!(self, Self::DescribeTable | Self::DescribeTimeToLive)
    }
}

/// A call that can be read.
#[derive(Debug)]
pub(super) struct TableRequest {
    pub(super) operation: Operation,
    name: String,
    pub(super) fields: Map<String, Value>,
}

impl TableRequest {
    pub(super) fn read(name: &str, body: &[u8]) -> Result<Self, Failure> {
        let operation = Operation::from_name(name).ok_or_else(|| unknown_operation(name))?;
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self { operation, name: name.to_owned(), fields }),
            _ => Err(Failure::ours("com.amazon.coral.service#SerializationException", "the body is not a JSON object")),
        }
    }

    /// Every table with what is done to it: action, table, index. A field that is missing is left to the emulator to refuse.
    fn parts(&self) -> Vec<(&str, &str, Option<&str>)> {
        match self.operation {
            Operation::BatchGetItem | Operation::BatchWriteItem => {
                let tables = self.fields.get("RequestItems").and_then(Value::as_object);
                tables.into_iter().flatten().map(|(table, _)| (self.name.as_str(), short(table), None)).collect()
            }
            Operation::TransactGetItems | Operation::TransactWriteItems => {
                let items = self.fields.get("TransactItems").and_then(Value::as_array);
                let parts = items.into_iter().flatten().filter_map(Value::as_object).flatten();
                parts
                    .filter_map(|(kind, part)| {
                        let action = match kind.as_str() {
                            "Get" => "GetItem",
                            "Put" => "PutItem",
                            "Update" => "UpdateItem",
                            "Delete" => "DeleteItem",
                            "ConditionCheck" => "ConditionCheckItem",
                            _ => return None,
                        };
                        Some((action, short(part.get("TableName")?.as_str()?), None))
                    })
                    .collect()
            }
            _ => {
                let table = self.fields.get("TableName").and_then(Value::as_str);
                let index = self.fields.get("IndexName").and_then(Value::as_str);
                table.map(|table| (self.name.as_str(), short(table), index)).into_iter().collect()
            }
        }
    }

    /// The tables it touches, comma separated, for the ledger.
    pub(super) fn tables(&self) -> Option<String> {
        let mut tables: Vec<&str> = self.parts().into_iter().map(|(_, table, _)| table).collect();
        tables.sort_unstable();
        tables.dedup();
        (!tables.is_empty()).then(|| tables.join(","))
    }

    /// Why `function` may not make this call, if so.
    pub(super) fn check<T>(&self, function: &str, tables: &BTreeMap<String, T>, permit: &Permit) -> Option<Failure> {
        self.parts().into_iter().find_map(|(action, table, index)| {
            if !tables.contains_key(table) {
                let known: Vec<&str> = tables.keys().map(String::as_str).collect();
                return Some(Failure::ours(
                    "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
                    format!(
                        "Requested resource not found: template.yaml has no table {table:?}, only {}",
                        known.join(", ")
                    ),
                ));
            }
            if permit(&Access { function, action, table, index }) {
                return None;
            }
            let resource = index.map_or_else(|| format!("table/{table}"), |index| format!("table/{table}/index/{index}"));
            Some(Failure::ours(
                "com.amazonaws.dynamodb.v20120810#AccessDeniedException",
                format!(
                    "{function} is not authorized to perform: dynamodb:{action} on resource: {resource} because none of \
                     its policies in template.yaml allows it"
                ),
            ))
        })
    }
}

fn unknown_operation(name: &str) -> Failure {
    const MANAGES_TABLES: [&str; 4] = ["CreateTable", "DeleteTable", "UpdateTable", "UpdateTimeToLive"];
    if MANAGES_TABLES.contains(&name) {
        return Failure::ours(
            "com.amazonaws.dynamodb.v20120810#AccessDeniedException",
            format!("{name} is refused: the tables come from template.yaml"),
        );
    }
    Failure::ours(
        "com.amazon.coral.service#UnknownOperationException",
        format!("the local cloud does not serve the operation {name:?} of DynamoDB"),
    )
}

/// The name in a table's ARN, or the name itself.
fn short(table: &str) -> &str {
    match table.strip_prefix("arn:") {
        Some(arn) => arn.split_once(":table/").map_or(table, |(_, name)| name),
        None => table,
    }
}
