//! The faults of DynamoDB that the emulator never makes, in the forms the AWS SDK knows.
//!
//! `throttleTable`: `ThrottlingException` (the table grows too slowly) or `ProvisionedThroughputExceededException` (one
//! partition is too hot); for a transaction also `TransactionCanceledException` with the reason `ThrottlingError`; a batch
//! of several entries succeeds and lists some of them as unprocessed.
//!
//! `conflictTable`: `TransactionConflictException` for a write of one item, `TransactionCanceledException` with the reason
//! `TransactionConflict` for a transaction. Reads and batches go on.
//!
//! The SDK repeats by itself what is throttled, but neither a cancelled transaction nor what is unprocessed. What is refused
//! has had no effect.

use dynoxide::{DynoxideError, errors::CancellationReason};
use serde_json::{Map, Value, json};

use super::{
    Failure,
    request::{Operation, TableRequest},
};
use crate::chaos::Chaos;

const CONFLICT: &str = "Transaction is ongoing for the item";
const THROTTLED: &str = "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling \
                         your table or index so please try again shortly. (made by the chaos switch throttleTable)";
const TOO_HOT: &str = "The level of configured provisioned throughput for the table was exceeded. Consider increasing your \
                       provisioning level with the UpdateTable API. (made by the chaos switch throttleTable)";

/// The refusal of the whole call, if the chaos switches want one.
pub(super) fn refusal(chaos: &Chaos, request: &TableRequest) -> Option<Failure> {
    let operation = request.operation;
    if !operation.touches_items() {
        return None;
    }
    let settings = chaos.current();
    if !may_be_held_back(request) && chaos.roll(settings.throttle_table) {
        let forms = if operation.is_transaction() { 3 } else { 2 };
        return Some(match chaos.pick(forms) {
            0 => Failure::ours("com.amazonaws.dynamodb.v20120810#ThrottlingException", THROTTLED),
            1 => Failure::dynoxide(DynoxideError::ProvisionedThroughputExceededException(TOO_HOT.to_owned())),
            _ => cancelled(chaos, request, "ThrottlingError", THROTTLED),
        });
    }
    if operation.is_transaction() && chaos.roll(settings.conflict_table) {
        return Some(cancelled(chaos, request, "TransactionConflict", CONFLICT));
    }
    if operation.writes_one_item() && chaos.roll(settings.conflict_table) {
        return Some(Failure::ours("com.amazonaws.dynamodb.v20120810#TransactionConflictException", CONFLICT));
    }
    None
}

/// A cancelled transaction of which one part, chosen by chance, is to blame.
fn cancelled(chaos: &Chaos, request: &TableRequest, code: &str, message: &str) -> Failure {
    let parts = request.fields.get("TransactItems").and_then(Value::as_array).map_or(0, Vec::len);
    let guilty = chaos.pick(parts);
    let reasons: Vec<CancellationReason> = (0..parts)
        .map(|part| {
            if part == guilty {
                CancellationReason { code: code.to_owned(), message: Some(message.to_owned()), item: None }
            } else {
                CancellationReason { code: "None".to_owned(), message: None, item: None }
            }
        })
        .collect();
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code.as_str()).collect();
    let sentence =
        format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", "));
    Failure::dynoxide(DynoxideError::TransactionCanceledException(sentence, reasons))
}

/// A request, perhaps reduced, and the field of its answer that says what was left out.
pub(super) struct HeldBack {
    pub(super) request: TableRequest,
    pub(super) unprocessed: Option<(&'static str, Value)>,
}

/// Throttles a batch of several entries as DynamoDB does: the answer is a success that lists what was not done.
pub(super) fn hold_back(chaos: &Chaos, mut request: TableRequest) -> HeldBack {
    if !may_be_held_back(&request) || !chaos.roll(chaos.current().throttle_table) {
        return HeldBack { request, unprocessed: None };
    }
    let reads = request.operation == Operation::BatchGetItem;
    let mut held_back = Map::new();
    let tables = request.fields.get_mut("RequestItems").and_then(Value::as_object_mut);
    for (name, table) in tables.into_iter().flatten() {
        let mut left_out = table.clone();
        if let (Some(done), Some(not_done)) = (entries_mut(table, reads), entries_mut(&mut left_out, reads))
            && done.len() > 1
        {
            // At least one entry of each table is done.
            let kept = 1 + chaos.pick(done.len() - 1);
            done.truncate(kept);
            not_done.drain(..kept);
            held_back.insert(name.clone(), left_out);
        }
    }
    let field = if reads { "UnprocessedKeys" } else { "UnprocessedItems" };
    HeldBack { request, unprocessed: Some((field, json!(held_back))) }
}

/// What a batch wants of one table.
fn entries_mut(table: &mut Value, reads: bool) -> Option<&mut Vec<Value>> {
    if reads { table.get_mut("Keys")?.as_array_mut() } else { table.as_array_mut() }
}

/// Whether the call is a batch that can be done in part: one with a table of which it wants more than one entry.
fn may_be_held_back(request: &TableRequest) -> bool {
    let entries = |table: &Value| match request.operation {
        Operation::BatchGetItem => table.get("Keys").and_then(Value::as_array).map_or(0, Vec::len),
        _ => table.as_array().map_or(0, Vec::len),
    };
    matches!(request.operation, Operation::BatchGetItem | Operation::BatchWriteItem)
        && request
            .fields
            .get("RequestItems")
            .and_then(Value::as_object)
            .is_some_and(|tables| tables.values().any(|table| entries(table) > 1))
}
