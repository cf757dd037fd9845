use serde_json::{Value, json};

use crate::post_office::{SENDER, message, post_office, sending};

#[tokio::test]
async fn a_bounce_is_told_as_ses_tells_it() {
    let mut office = post_office().await;
    let id = office.send("bo@example.com").await.unwrap();
    let told = office.json(&format!("POST /_local/mail/{id}/bounce"), "").await;
    assert_eq!(told, json!({ "messageId": id, "state": "bounced", "delivered": [{ "function": "PostFunction" }] }));
    let (binary, event) = office.events.try_recv().unwrap();
    assert_eq!(binary, "post");
    assert_eq!(event["source"], "aws.ses");
    assert_eq!(event["detail-type"], "Email Bounced");
    assert_eq!(event["resources"], json!(["arn:aws:ses:us-east-1:000000000000:configuration-set/Set"]));
    let detail = &event["detail"];
    assert_eq!(detail["eventType"], "Bounce");
    assert_eq!(detail["bounce"]["bounceType"], "Permanent");
    assert_eq!(detail["bounce"]["bouncedRecipients"][0]["emailAddress"], "bo@example.com");
    assert_eq!(detail["mail"]["messageId"], json!(id));
    assert_eq!(detail["mail"]["destination"], json!(["bo@example.com"]));
    assert_eq!(detail["mail"]["tags"]["ses:configuration-set"], json!(["Set"]));
    assert!(office.events.try_recv().is_err(), "nobody else listens to bounces");
    assert_eq!(office.messages().await[0]["state"], "bounced");
}

#[tokio::test]
async fn a_bounce_that_may_pass_settles_nothing() {
    let mut office = post_office().await;
    let id = office.send("bo@example.com").await.unwrap();
    let told = office.json(&format!("POST /_local/mail/{id}/bounce"), r#"{"type":"Transient"}"#).await;
    assert_eq!(told["state"], "sent");
    assert_eq!(office.events.try_recv().unwrap().1["detail"]["bounce"]["bounceType"], "Transient");
}

#[tokio::test]
async fn a_complaint_is_told_as_ses_tells_it() {
    let mut office = post_office().await;
    let id = office.send("bo@example.com").await.unwrap();
    assert_eq!(office.json(&format!("POST /_local/mail/{id}/complaint"), "").await["state"], "complained");
    let (_, event) = office.events.try_recv().unwrap();
    assert_eq!(event["detail-type"], "Email Complaint Received");
    assert_eq!(event["detail"]["eventType"], "Complaint");
    assert_eq!(event["detail"]["complaint"]["complainedRecipients"], json!([{ "emailAddress": "bo@example.com" }]));
}

#[tokio::test]
async fn without_a_configuration_set_nobody_hears_of_it() {
    let mut office = post_office().await;
    let client = office.client("PostFunction");
    let sent = sending(&client, SENDER, "bo@example.com", message().build()).send().await.unwrap();
    let id = sent.message_id.unwrap();
    assert_eq!(office.json(&format!("POST /_local/mail/{id}/bounce"), "").await["delivered"], json!([]));
    assert!(office.events.try_recv().is_err());
}

#[tokio::test]
async fn of_an_unknown_mail_or_kind_there_is_none() {
    let office = post_office().await;
    for line in ["POST /_local/mail/none/bounce", "POST /_local/mail/none/complaint"] {
        assert_eq!(office.ask(line, "").await.status, 404);
    }
    let id = office.send("bo@example.com").await.unwrap();
    for body in [r#"{"type":"Soft"}"#, r#"{"kind":"Permanent"}"#, "x"] {
        let answer = office.ask(&format!("POST /_local/mail/{id}/bounce"), body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(serde_json::from_str::<Value>(&answer.body).unwrap()["error"].is_string());
    }
    assert_eq!(office.messages().await[0]["state"], "sent");
}
