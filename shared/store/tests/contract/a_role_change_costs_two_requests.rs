//! What the adapter asks of DynamoDB for the events that matter most.

use dais_domain::{Command, MediaState};
use dais_store::{Connections, Meetings, Rooms};

use crate::support::*;

/// A room of three, and its table.
async fn room_of_three() -> Table {
    let table = Table::new().await;
    let meeting = created(&table.store, "m1", "ada", at(60)).await;
    for who in ["ada", "bo", "cy"] {
        let connection = opened(&table.store, who, who).await;
        table.store.enter(&connection, &meeting.id, &presence(&connection)).await.unwrap();
    }
    table.tap.take_seen();
    table
}

#[tokio::test]
async fn a_role_change_is_one_query_and_one_transaction() {
    let table = room_of_three().await;
    let commands = [
        Command::MakeHost(user("bo")),
        Command::RemoveHost(user("bo")),
        Command::MakeCohost(user("bo")),
        Command::RemoveCohost(user("bo")),
    ];
    for command in commands {
        let view = table.store.room(&meeting_id("m1"), at(0)).await.unwrap().unwrap();
        let decision = view.decide(&connection_id("ada"), &command, at(1)).unwrap().unwrap();
        table.store.commit(&decision).await.unwrap();
        assert_eq!(table.tap.take_seen(), ["Query", "TransactWriteItems"], "{command:?}");
    }
}

#[tokio::test]
async fn joining_and_leaving_are_one_write_each_and_one_query() {
    let table = room_of_three().await;
    let connection = opened(&table.store, "di", "di").await;
    assert_eq!(table.tap.take_seen(), ["PutItem", "PutItem"]);
    table.store.enter(&connection, &meeting_id("m1"), &presence(&connection)).await.unwrap();
    table.store.room(&meeting_id("m1"), at(0)).await.unwrap();
    assert_eq!(table.tap.take_seen(), ["TransactWriteItems", "Query"]);
    table.store.set_media(&meeting_id("m1"), &connection.id, MediaState::default().into()).await.unwrap();
    assert_eq!(table.tap.take_seen(), ["UpdateItem"]);
    table.store.leave(&meeting_id("m1"), &connection.id).await.unwrap();
    assert_eq!(table.tap.take_seen(), ["DeleteItem"]);
    table.store.close(&connection.id, at(5), true).await.unwrap();
    assert_eq!(table.tap.take_seen(), ["UpdateItem"]);
}
