//! Runs a call on the emulator and reads the bill.
//!
//! The bill is DynamoDB's own: the emulator is asked for `ReturnConsumedCapacity: TOTAL` every time, and the figure is taken
//! out of the answer again when the caller did not ask. Two kinds of call are billed without saying so, and are reckoned
//! here: a failed condition costs the write units of the item that is there, and a cancelled transaction costs twice the
//! units of its parts (for an update only what is known of its size: a lower bound).

use axum::body::Bytes;
use dynoxide::{
    Database, DynoxideError,
    actions::transact_write_items::{TransactPut, TransactWriteItemsRequest},
    types::{ConsumedCapacity, TRANSACTIONAL_CAPACITY_FACTOR, item_size, write_capacity_units},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::{
    Failure, WireAnswer,
    request::{Operation, TableRequest},
};
use crate::ledger::CallResult;

const CAPACITY: &str = "ReturnConsumedCapacity";
const ON_FAILURE: &str = "ReturnValuesOnConditionCheckFailure";

/// A call that was done.
pub(super) struct Success {
    body: Vec<u8>,
    read_units: f64,
    write_units: f64,
}

impl Success {
    /// `unprocessed`: a field to add to the answer, for what a fault held back.
    pub(super) fn into_answer(
        self,
        table: Option<String>,
        unprocessed: Option<(&'static str, Value)>,
    ) -> (WireAnswer, CallResult) {
        let mut body = self.body;
        if let Some((field, value)) = unprocessed
            && let Ok(Value::Object(mut answer)) = serde_json::from_slice::<Value>(&body)
        {
            answer.insert(field.to_owned(), value);
            body = serde_json::to_vec(&answer).unwrap_or(body);
        }
        let result =
            CallResult { table, status: 200, error: None, read_units: self.read_units, write_units: self.write_units };
        (WireAnswer { status: 200, body: Bytes::from(body) }, result)
    }
}

/// Runs `request`. Blocks.
pub(super) fn run(database: &Database, request: TableRequest) -> Result<Success, Failure> {
    let operation = request.operation;
    let mut fields = request.fields;
    let capacity_wanted = matches!(fields.get(CAPACITY).and_then(Value::as_str), Some("TOTAL" | "INDEXES"));
    if operation.touches_items() && !capacity_wanted {
        fields.insert(CAPACITY.to_owned(), json!("TOTAL"));
    }

    macro_rules! billed {
        ($method:ident, $fields:expr) => {
            billed!(typed $method, read($fields)?)
        };
        (typed $method:ident, $request:expr) => {{
            let mut response = database.$method($request).map_err(Failure::dynoxide)?;
            let bill = response.consumed_capacity.bill(operation);
            if !capacity_wanted {
                response.consumed_capacity = None;
            }
            written(&response, bill)
        }};
    }

    match operation {
        Operation::GetItem => billed!(get_item, fields),
        Operation::Query => billed!(query, fields),
        Operation::Scan => billed!(scan, fields),
        Operation::BatchGetItem => billed!(batch_get_item, fields),
        Operation::BatchWriteItem => billed!(batch_write_item, fields),
        Operation::TransactGetItems => billed!(transact_get_items, fields),
        Operation::PutItem | Operation::UpdateItem | Operation::DeleteItem => {
            let wanted = want_old_item(&mut fields);
            let done = (|| match operation {
                Operation::PutItem => billed!(put_item, fields),
                Operation::UpdateItem => billed!(update_item, fields),
                _ => billed!(delete_item, fields),
            })();
            done.map_err(|failure| bill_failed_condition(failure, wanted))
        }
        Operation::TransactWriteItems => {
            let wanted = want_old_items(&mut fields);
            let request: TransactWriteItemsRequest = read(fields)?;
            let parts = transaction_parts(&request, &wanted);
            let done = (|| billed!(typed transact_write_items, request))();
            done.map_err(|failure| bill_cancelled(failure, &parts))
        }
        Operation::DescribeTable => {
            let response = database.describe_table(read(fields)?).map_err(Failure::dynoxide)?;
            written(&response, (0.0, 0.0))
        }
        Operation::DescribeTimeToLive => {
            let response = database.describe_time_to_live(read(fields)?).map_err(Failure::dynoxide)?;
            written(&response, (0.0, 0.0))
        }
    }
}

fn read<T: DeserializeOwned>(fields: Map<String, Value>) -> Result<T, Failure> {
    serde_json::from_value(Value::Object(fields)).map_err(|error| Failure::dynoxide(unreadable(&error.to_string())))
}

/// The library marks what its readers refuse with the kind of error DynamoDB answers.
fn unreadable(sentence: &str) -> DynoxideError {
    for marker in ["VALIDATION_REQUEST:", "VALIDATION_AS_READ:", "VALIDATION:"] {
        if let Some((_, rest)) = sentence.split_once(marker) {
            return DynoxideError::ValidationException(rest.to_owned());
        }
    }
    for marker in ["SERIALIZATION_AS_READ:", "SERIALIZATION:"] {
        if let Some((_, rest)) = sentence.split_once(marker) {
            return DynoxideError::SerializationException(rest.to_owned());
        }
    }
    if ["missing field", "unknown variant", "invalid type: null", "AttributeValue"]
        .iter()
        .any(|words| sentence.contains(words))
    {
        return DynoxideError::ValidationException(sentence.to_owned());
    }
    DynoxideError::SerializationException(sentence.to_owned())
}

fn written(response: &impl Serialize, (read_units, write_units): (f64, f64)) -> Result<Success, Failure> {
    let body = serde_json::to_vec(response).map_err(|error| Failure::internal(&error.to_string()))?;
    Ok(Success { body, read_units, write_units })
}

/// Read and write units of an answer.
trait Bill {
    fn bill(&self, operation: Operation) -> (f64, f64);
}

impl Bill for ConsumedCapacity {
    fn bill(&self, operation: Operation) -> (f64, f64) {
        // A transaction says which kind its units are: repeating one with the same token is billed as reads.
        match (self.read_capacity_units, self.write_capacity_units) {
            (None, None) if operation.writes() => (0.0, self.capacity_units),
            (None, None) => (self.capacity_units, 0.0),
            (read, write) => (read.unwrap_or(0.0), write.unwrap_or(0.0)),
        }
    }
}

impl Bill for Option<ConsumedCapacity> {
    fn bill(&self, operation: Operation) -> (f64, f64) {
        self.as_ref().map_or((0.0, 0.0), |capacity| capacity.bill(operation))
    }
}

impl Bill for Option<Vec<ConsumedCapacity>> {
    fn bill(&self, operation: Operation) -> (f64, f64) {
        self.iter()
            .flatten()
            .map(|capacity| capacity.bill(operation))
            .fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
    }
}

/// Asks for the item that a failed condition met, to know what it costs; whether the caller asked for it too.
fn want_old_item(fields: &mut Map<String, Value>) -> bool {
    let wanted = fields.get(ON_FAILURE).and_then(Value::as_str) == Some("ALL_OLD");
    if fields.contains_key("ConditionExpression") {
        fields.insert(ON_FAILURE.to_owned(), json!("ALL_OLD"));
    }
    wanted
}

fn bill_failed_condition(failure: Failure, wanted: bool) -> Failure {
    match failure.into_dynoxide() {
        Ok(DynoxideError::ConditionalCheckFailedException(message, item)) => {
            let units = write_capacity_units(item.as_ref().map_or(0, item_size));
            let item = item.filter(|_| wanted);
            Failure::dynoxide(DynoxideError::ConditionalCheckFailedException(message, item)).costing(units)
        }
        Ok(error) => Failure::dynoxide(error),
        Err(failure) => failure,
    }
}

/// What a part of a transaction is known to write, and whether the caller asked for the item that its condition met.
struct Part {
    new_bytes: usize,
    wanted: bool,
}

/// The same for each part of a transaction.
fn want_old_items(fields: &mut Map<String, Value>) -> Vec<bool> {
    let items = fields.get_mut("TransactItems").and_then(Value::as_array_mut);
    let wanted = items.into_iter().flatten().map(|item| {
        let part = item.as_object_mut().and_then(|item| item.values_mut().find_map(Value::as_object_mut));
        part.is_some_and(want_old_item)
    });
    wanted.collect()
}

fn transaction_parts(request: &TransactWriteItemsRequest, wanted: &[bool]) -> Vec<Part> {
    let new_bytes = |put: &TransactPut| item_size(&put.item);
    let items = request.transact_items.iter().map(|item| item.put.as_ref().map_or(0, new_bytes));
    items.zip(wanted).map(|(new_bytes, wanted)| Part { new_bytes, wanted: *wanted }).collect()
}

fn bill_cancelled(failure: Failure, parts: &[Part]) -> Failure {
    match failure.into_dynoxide() {
        Ok(DynoxideError::TransactionCanceledException(message, mut reasons)) => {
            let mut units = 0.0;
            for (reason, part) in reasons.iter_mut().zip(parts) {
                let old_bytes = reason.item.as_ref().map_or(0, item_size);
                units += write_capacity_units(old_bytes.max(part.new_bytes)) * TRANSACTIONAL_CAPACITY_FACTOR;
                if !part.wanted {
                    reason.item = None;
                }
            }
            Failure::dynoxide(DynoxideError::TransactionCanceledException(message, reasons)).costing(units)
        }
        Ok(error) => Failure::dynoxide(error),
        Err(failure) => failure,
    }
}
