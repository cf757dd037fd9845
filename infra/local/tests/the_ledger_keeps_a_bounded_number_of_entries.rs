//! The ledger of a local cloud that runs for weeks stays bounded, says what it dropped, and can be read on from any point.
#![allow(clippy::unwrap_used)]

mod support;

use dais_local::{
    clock::Clock,
    ledger::{self, CallResult, Ledger, Outcome},
};

fn filled(entries: usize, capacity: usize) -> Ledger {
    let ledger = Ledger::with_capacity(Clock::new(), capacity);
    for number in 1..=entries {
        let function = if number % 2 == 0 { "Even" } else { "Odd" };
        let invocation = ledger.start_invocation(&format!("i{number}"), function, "MESSAGE $default", number == 1);
        for _ in 0..2 {
            let call = ledger.start_call(Some(invocation.id()), function, "dynamodb", "GetItem");
            call.finish(CallResult { status: 200, read_units: 0.5, ..CallResult::default() });
        }
        invocation.finish(if number == entries { Outcome::Killed } else { Outcome::Ok });
    }
    ledger
}

#[tokio::test]
async fn the_ledger_keeps_a_bounded_number_of_entries() {
    let ledger = filled(25, 10);
    assert_eq!(ledger.invocations().len(), 10);
    assert_eq!(ledger.calls().len(), 10);
    assert_eq!(ledger.invocations().first().unwrap().id, "i16", "the oldest go first");

    let address = support::serve(ledger::routes(ledger)).await;
    let shown = support::get(address, "/_local/invocations").await.json();
    assert_eq!(shown["dropped"], 15);
    assert_eq!(shown["next"], 25);
    assert_eq!(shown["totals"]["killed"], 1);
    assert_eq!(shown["totals"]["ok"], 9);
}

#[tokio::test]
async fn since_function_and_limit_select_and_totals_cover_all_of_the_selection() {
    let address = support::serve(ledger::routes(filled(10, 100))).await;
    let shown = support::get(address, "/_local/calls?since=4&function=Even&limit=3").await.json();
    let functions: Vec<&str> =
        shown["calls"].as_array().unwrap().iter().map(|call| call["function"].as_str().unwrap()).collect();
    assert_eq!(functions, ["Even", "Even", "Even"]);
    assert_eq!(shown["totals"]["count"], 8, "calls 7 8 11 12 15 16 19 20");
    assert_eq!(shown["totals"]["readUnits"], 4.0);
    assert_eq!(shown["totals"]["operations"]["dynamodb:GetItem"], 8);
    let next = shown["next"].as_u64().unwrap();
    assert_eq!(next, 11);
    let rest = support::get(address, &format!("/_local/calls?since={next}&function=Even")).await.json();
    assert_eq!(rest["calls"].as_array().unwrap().len(), 5);
    assert_eq!(rest["next"], 20);
    assert_eq!(support::get(address, "/_local/calls?limit=many").await.status, 400);
}

#[tokio::test]
async fn calls_are_numbered_within_their_invocation() {
    let ledger = filled(2, 100);
    let numbered: Vec<(Option<String>, u32)> =
        ledger.calls().into_iter().map(|call| (call.invocation, call.sequence)).collect();
    let expected = [("i1", 1), ("i1", 2), ("i2", 1), ("i2", 2)].map(|(id, sequence)| (Some(id.to_owned()), sequence));
    assert_eq!(numbered, expected);
    assert!(ledger.calls().iter().all(|call| call.started_at_us <= call.ended_at_us));
}

#[tokio::test]
async fn messages_are_counted_in_units_of_32_kb() {
    let ledger = Ledger::new(Clock::new());
    ledger.message_in(0);
    ledger.message_in(32 * 1024);
    ledger.message_in(32 * 1024 + 1);
    ledger.message_out(128 * 1024);
    let messages = ledger.messages();
    assert_eq!((messages.in_count, messages.in_units), (3, 4));
    assert_eq!((messages.out_count, messages.out_units), (1, 4));
}

#[tokio::test]
async fn delete_resets_and_the_numbers_go_on() {
    let ledger = filled(3, 100);
    let address = support::serve(ledger::routes(ledger.clone())).await;
    assert_eq!(support::request(address, "DELETE", "/_local/calls", "").await.status, 200);
    assert!(ledger.invocations().is_empty() && ledger.calls().is_empty());
    assert_eq!(support::get(address, "/_local/invocations").await.json()["next"], 3);
}
