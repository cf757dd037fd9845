use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use crate::post_office::{SENDER, letter, post_office};

#[tokio::test]
async fn whole_and_with_its_id() {
    let office = post_office().await;
    let id = office.send("bo@bücher.example").await.unwrap();
    let mut messages = office.messages().await;
    assert_eq!(messages.len(), 1);
    let mut message = messages.remove(0);
    assert!(message["sentAt"].take().as_str().unwrap().ends_with('Z'));
    let sent = letter("bo@bücher.example");
    assert_eq!(
        message,
        json!({
            "messageId": id,
            "from": SENDER,
            "to": ["bo@xn--bcher-kva.example"],
            "cc": [],
            "bcc": [],
            "replyTo": [],
            "subject": sent.subject,
            "html": sent.html,
            "text": sent.text,
            "headers": { "List-Unsubscribe": "<https://x.example/u>" },
            "attachments": [{
                "fileName": "event.ics",
                "contentType": "text/calendar; charset=utf-8; method=PUBLISH",
                "size": 15,
                "content": BASE64_STANDARD.encode("BEGIN:VCALENDAR"),
            }],
            "sentAt": null,
            "sentBy": "PostFunction",
            "state": "sent",
        })
    );
}

#[tokio::test]
async fn newest_first_until_all_are_deleted() {
    let office = post_office().await;
    for to in ["a@example.com", "b@example.com", "c@example.com"] {
        office.send(to).await.unwrap();
    }
    let to: Vec<_> = office.messages().await.iter().map(|message| message["to"][0].clone()).collect();
    assert_eq!(to, ["c@example.com", "b@example.com", "a@example.com"]);
    assert_eq!(office.json("DELETE /_local/outbox", "").await, json!({ "deleted": 3 }));
    assert!(office.messages().await.is_empty());
}

#[tokio::test]
async fn the_call_is_in_the_ledger_of_its_invocation() {
    let office = post_office().await;
    office.send("bo@example.com").await.unwrap();
    let ledger = &office.running.ledger;
    let [invocation] = ledger.invocations().try_into().unwrap();
    let [call] = ledger.calls().try_into().unwrap();
    assert_eq!((call.service, call.operation.as_str(), call.status), ("ses", "SendEmail", 200));
    assert_eq!((call.invocation, call.function.as_str()), (Some(invocation.id), "PostFunction"));
}

#[tokio::test]
async fn any_page_may_read_it() {
    let office = post_office().await;
    let answer = office.ask("GET /_local/outbox.json", "").await;
    assert_eq!(answer.headers("access-control-allow-origin"), ["*"]);
}
