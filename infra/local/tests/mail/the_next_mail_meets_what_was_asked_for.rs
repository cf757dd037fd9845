use serde_json::json;

use crate::post_office::post_office;

#[tokio::test]
async fn one_mail_and_no_more() {
    let office = post_office().await;
    for (next, error) in
        [("throttle", "cannot take it now: TooManyRequestsException"), ("reject", "refuses it: MessageRejected")]
    {
        let body = json!({ "next": next }).to_string();
        assert_eq!(office.json("POST /_local/mail", &body).await, json!({ "next": next, "count": 1 }));
        let refused = office.send("bo@example.com").await.unwrap_err().to_string();
        assert!(refused.ends_with(error), "{refused}");
        office.send("bo@example.com").await.unwrap();
        assert_eq!(office.json("GET /_local/mail", "").await, json!({ "next": null, "count": 0 }));
    }
    assert_eq!(office.messages().await.len(), 2);
}

#[tokio::test]
async fn as_many_as_were_asked_for_unless_it_is_switched_off() {
    let office = post_office().await;
    office.json("POST /_local/mail", r#"{"next":"throttle","count":3}"#).await;
    assert!(office.send("bo@example.com").await.is_err());
    assert!(office.send("bo@example.com").await.is_err());
    assert_eq!(office.json("GET /_local/mail", "").await, json!({ "next": "throttle", "count": 1 }));
    office.json("POST /_local/mail", r#"{"next":null}"#).await;
    office.send("bo@example.com").await.unwrap();
}

#[tokio::test]
async fn a_mistake_is_named_and_changes_nothing() {
    let office = post_office().await;
    office.json("POST /_local/mail", r#"{"next":"reject"}"#).await;
    for (body, word) in [
        (r#"{"next":"lose"}"#, "throttle"),
        (r#"{"count":-1}"#, "count"),
        (r#"{"after":"throttle"}"#, "after"),
        ("[]", "object"),
    ] {
        let answer = office.ask("POST /_local/mail", body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.body.contains(word), "{}", answer.body);
    }
    assert_eq!(office.json("GET /_local/mail", "").await["next"], "reject");
}
