//! The DynamoDB adapter when the service refuses: what is tried again, and what callers are told.

use dais_domain::{Command, Decision, MediaState, Version, WebhookId};
use dais_store::{
    Attendance, Attended, CommitError, Connections, CreateError, Directory, DynamoStore, ListQuery, Meetings, Period,
    Polling, PollingSession, Rooms, StoreError, Trace,
};

use crate::support::*;

const PLAIN_CONFLICT: &str = "TransactionConflictException";
const THROTTLED: &str = "ThrottlingException";
const OVER_CAPACITY: &str = "ProvisionedThroughputExceededException";
const ALWAYS: usize = usize::MAX;

async fn table_with_decision() -> (Table, Decision) {
    let table = Table::new().await;
    let meeting = created(&table.store, "m1", "ada", at(60)).await;
    let decision = decided(&meeting, "ada", Command::MakeHost(user("bo")));
    table.tap.take_seen();
    (table, decision)
}

fn is_unavailable<T>(result: Result<T, StoreError>, code: &str) -> bool {
    matches!(result, Err(StoreError::Unavailable { reason, .. }) if reason.contains(code))
}

#[tokio::test]
async fn a_commit_that_meets_another_transaction_is_a_conflict_at_once() {
    let (table, decision) = table_with_decision().await;
    for codes in [["TransactionConflict", "None", "None"], ["None", "ConditionalCheckFailed", "ThrottlingError"]] {
        table.tap.answer("TransactWriteItems", 1, transaction_cancelled(&codes));
        assert!(matches!(table.store.commit(&decision).await, Err(CommitError::Conflict)), "{codes:?}");
        assert_eq!(table.tap.take_seen(), ["TransactWriteItems"]);
    }
    table.store.commit(&decision).await.unwrap();
}

#[tokio::test]
async fn a_creation_that_meets_another_transaction_is_a_conflict() {
    let table = Table::new().await;
    let (meeting, first) = new_meeting("m1", "ada", at(60));
    table.tap.answer("TransactWriteItems", 1, transaction_cancelled(&["TransactionConflict", "None", "None"]));
    assert!(matches!(table.store.create(&meeting, &first, None).await, Err(CreateError::Conflict)));
    table.store.create(&meeting, &first, None).await.unwrap();
}

#[tokio::test]
async fn a_transaction_of_which_one_write_is_throttled_is_tried_again() {
    for code in ["ThrottlingError", "ProvisionedThroughputExceeded"] {
        let (table, decision) = table_with_decision().await;
        table.tap.answer("TransactWriteItems", 2, transaction_cancelled(&["None", code, "None"]));
        table.store.commit(&decision).await.unwrap();
        assert_eq!(table.tap.take_seen().len(), 3);
        assert_eq!(table.store.meeting(&decision.meeting.id).await.unwrap(), Some(decision.meeting));
    }
}

#[tokio::test]
async fn a_transaction_throttled_for_long_is_unavailable() {
    let (table, decision) = table_with_decision().await;
    table.tap.answer("TransactWriteItems", ALWAYS, transaction_cancelled(&["None", "ThrottlingError", "None"]));
    let refused = table.store.commit(&decision).await.map_err(|error| match error {
        CommitError::Store(error) => error,
        CommitError::Conflict => panic!("nobody else has changed the meeting"),
    });
    assert!(is_unavailable(refused, "ThrottlingError"));
}

#[tokio::test]
async fn what_is_throttled_once_is_done() {
    let (table, decision) = table_with_decision().await;
    for code in [THROTTLED, OVER_CAPACITY] {
        table.tap.answer("Query", 1, error(code, "slow down"));
        assert!(table.store.room(&meeting_id("m1"), at(0)).await.unwrap().is_some());
        assert_eq!(table.tap.take_seen(), ["Query", "Query"]);
    }
    table.tap.answer("TransactWriteItems", 1, error(THROTTLED, "slow down"));
    table.store.commit(&decision).await.unwrap();
}

#[tokio::test]
async fn what_is_throttled_for_long_is_unavailable() {
    let (table, decision) = table_with_decision().await;
    let (store, tap) = (&table.store, &table.tap);
    let operations = ["GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "TransactWriteItems"];
    for operation in operations {
        tap.answer(operation, ALWAYS, error(OVER_CAPACITY, "slow down"));
    }
    let webhook = WebhookId::new("msg_1").unwrap();
    let attendance = Attended { meeting_id: meeting_id("m1"), user_id: user("ada"), name: None, at: at(1) };
    let (ada, room) = (connection("c1", "ada"), meeting_id("m1"));
    let (first, second) = new_meeting("m2", "ada", at(60));
    let session = PollingSession {
        sid: ada.socket_id.clone(),
        user_id: ada.user_id.clone(),
        name: None,
        image_url: None,
        email: None,
        recover: None,
        offset: None,
        expires_at: at(60),
    };
    let query = ListQuery { period: Period::All, hosting: false, now: at(0), limit: 10, after: None };
    let refused = [
        store.meeting(&room).await.map(drop),
        store.log(&room, Version(0), 10).await.map(drop),
        store.meetings_of(&ada.user_id, &query).await.map(drop),
        store.room(&room, at(0)).await.map(drop),
        store.enter(&ada, &room, &presence(&ada)).await,
        store.leave(&room, &ada.id).await.map(drop),
        store.set_media(&room, &ada.id, MediaState::default().into()).await.map(drop),
        store.open(&ada, at(300)).await,
        store.open_guest(&ada.id, at(300)).await,
        store.connection(&ada.id).await.map(drop),
        store.session(&ada.recovery_id).await.map(drop),
        store.forget_room(&ada.id, &room).await,
        store.closing(&ada.id, at(5), false).await.map(drop),
        store.close(&ada.id, at(5), false).await.map(drop),
        store.due(at(0), 10).await.map(drop),
        store.pinged(&ada.id, at(0), at(1)).await.map(drop),
        store.ponged(&ada.id, at(1)).await,
        store.keep(&session).await,
        store.upgrade(&ada.id, &session.sid, at(60)).await,
        store.upgraded(&ada.id).await.map(drop),
        store.user(&ada.user_id).await.map(drop),
        store.users(std::slice::from_ref(&ada.user_id)).await.map(drop),
        store.user_by_email(&address("ada@example.com")).await.map(drop),
        store.learn(&news("ada", &[], 1)).await.map(drop),
        store.forget(&ada.user_id, at(1)).await,
        store.traces(&ada.user_id, 10).await.map(drop),
        store.erase(&ada.user_id, &Trace::OwnMeeting(room.clone())).await,
        store.erase(&ada.user_id, &Trace::Attended(room.clone())).await,
        store.erase(&ada.user_id, &Trace::Request("key".to_owned())).await,
        store.was_handled(&webhook).await.map(drop),
        store.handled(&webhook, at(60)).await,
        store.attended(&attendance).await,
        store.gatherings(&ada.user_id).await.map(drop),
        store.network(&ada.user_id).await.map(drop),
    ];
    for (n, refused) in refused.into_iter().enumerate() {
        assert!(is_unavailable(refused, OVER_CAPACITY), "call {n}");
    }
    let refused = store.commit(&decision).await;
    assert!(matches!(refused, Err(CommitError::Store(StoreError::Unavailable { .. }))), "{refused:?}");
    let refused = store.create(&first, &second, None).await;
    assert!(matches!(refused, Err(CreateError::Store(StoreError::Unavailable { .. }))), "{refused:?}");
}

#[tokio::test]
async fn plain_writes_that_meet_a_transaction_are_tried_again() {
    let table = Table::new().await;
    let (store, tap) = (&table.store, &table.tap);
    let meeting = created(store, "m1", "ada", at(60)).await;
    let ada = connection("c1", "ada");
    for operation in ["PutItem", "UpdateItem", "DeleteItem"] {
        tap.answer(operation, 2, error(PLAIN_CONFLICT, "Transaction is ongoing for the item"));
    }
    store.open(&ada, at(300)).await.unwrap();
    store.enter(&ada, &meeting.id, &presence(&ada)).await.unwrap();
    assert!(store.set_media(&meeting.id, &ada.id, MediaState::default().into()).await.unwrap());
    assert!(store.leave(&meeting.id, &ada.id).await.unwrap());
    tap.answer("UpdateItem", 2, error(PLAIN_CONFLICT, "Transaction is ongoing for the item"));
    store.forget_room(&ada.id, &meeting.id).await.unwrap();
    tap.answer("UpdateItem", 2, error(PLAIN_CONFLICT, "Transaction is ongoing for the item"));
    assert!(store.pinged(&ada.id, at(300), at(400)).await.unwrap());
    tap.answer("UpdateItem", 2, error(PLAIN_CONFLICT, "Transaction is ongoing for the item"));
    store.ponged(&ada.id, at(500)).await.unwrap();
    tap.answer("UpdateItem", 2, error(PLAIN_CONFLICT, "Transaction is ongoing for the item"));
    tap.answer("DeleteItem", 2, error(PLAIN_CONFLICT, "Transaction is ongoing for the item"));
    assert!(store.close(&ada.id, at(5), false).await.unwrap());
    assert_eq!(store.session(&ada.recovery_id).await.unwrap(), None);
}

#[tokio::test]
async fn plain_writes_that_meet_transactions_for_long_are_unavailable() {
    let table = Table::new().await;
    table.tap.answer("PutItem", ALWAYS, error(PLAIN_CONFLICT, "Transaction is ongoing for the item"));
    assert!(is_unavailable(table.store.open(&connection("c1", "ada"), at(300)).await, PLAIN_CONFLICT));
}

#[tokio::test]
async fn entering_tries_again_past_a_heartbeat_on_the_same_connection() {
    let table = Table::new().await;
    let meeting = created(&table.store, "m1", "ada", at(60)).await;
    let ada = opened(&table.store, "c1", "ada").await;
    table.tap.answer("TransactWriteItems", 2, transaction_cancelled(&["TransactionConflict", "ThrottlingError"]));
    table.store.enter(&ada, &meeting.id, &presence(&ada)).await.unwrap();
    assert_eq!(present(&table.store, &meeting.id).await, [presence(&ada)]);
}

/// That the session is deleted too is only tidiness: the connection has lost its recovery id, and with it the session.
#[tokio::test]
async fn closing_is_done_even_if_the_session_cannot_be_deleted() {
    let table = Table::new().await;
    let ada = opened(&table.store, "c1", "ada").await;
    table.tap.answer("DeleteItem", ALWAYS, error(THROTTLED, "slow down"));
    assert!(table.store.close(&ada.id, at(5), false).await.unwrap());
    assert_ne!(table.store.connection(&ada.id).await.unwrap().unwrap().recovery_id, ada.recovery_id);
}

#[tokio::test]
async fn meetings_left_unprocessed_are_asked_for_again() {
    let table = Table::new().await;
    created(&table.store, "m1", "ada", at(60)).await;
    let query = ListQuery { period: Period::All, hosting: false, now: at(0), limit: 10, after: None };
    let unprocessed = format!(
        r#"{{"Responses":{{}},"UnprocessedKeys":{{"{}":{{"ConsistentRead":true,"Keys":[{{"pk":{{"S":"M#m1"}},"sk":{{"S":"A"}}}}]}}}}}}"#,
        table.name
    );
    table.tap.answer_well("BatchGetItem", 2, unprocessed.clone());
    assert_eq!(table.store.meetings_of(&user("ada"), &query).await.unwrap().meetings.len(), 1);
    table.tap.answer_well("BatchGetItem", ALWAYS, unprocessed);
    assert!(is_unavailable(table.store.meetings_of(&user("ada"), &query).await, "unprocessed"));
}

#[tokio::test]
async fn a_table_that_cannot_be_reached_is_unavailable() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let store = DynamoStore::new(&config(&format!("http://{closed}")), "nowhere");
    let refused = store.meeting(&meeting_id("m1")).await;
    assert!(is_unavailable(refused, "could not be reached"));
}

#[tokio::test]
async fn news_that_meets_other_news_is_decided_again() {
    let table = Table::new().await;
    table.tap.answer(
        "TransactWriteItems",
        2,
        transaction_cancelled(&["ConditionalCheckFailed", "TransactionConflict"]),
    );
    assert!(table.store.learn(&news("ada", &["ada@example.com"], 1)).await.unwrap());
    table.tap.answer("TransactWriteItems", 2, transaction_cancelled(&["TransactionConflict", "None"]));
    table.store.forget(&user("ada"), at(2)).await.unwrap();
    assert_eq!(table.store.user(&user("ada")).await.unwrap(), None);
    table.tap.answer("TransactWriteItems", ALWAYS, transaction_cancelled(&["ConditionalCheckFailed"]));
    assert!(is_unavailable(table.store.learn(&news("bo", &[], 1)).await, "TransactionCanceled"));
    assert!(is_unavailable(table.store.forget(&user("bo"), at(1)).await, "TransactionCanceled"));
}
