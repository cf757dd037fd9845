use base64::{Engine, prelude::BASE64_STANDARD};
use dais_mail::MailError;
use serde_json::json;

use crate::support::{Service, letter};

#[tokio::test]
async fn the_whole_letter_is_in_one_request() {
    let service = Service::taking();
    let id = service.send(&letter("bo@example.com")).await.unwrap();
    assert_eq!(id.as_str(), "0100018f-a1b2-000000");
    let text = |data: &str| json!({ "Charset": "UTF-8", "Data": data });
    assert_eq!(
        service.request(),
        json!({
            "FromEmailAddress": "invitations@meet.example.com",
            "ConfigurationSetName": "dais-mail",
            "Destination": { "ToAddresses": ["bo@example.com"] },
            "Content": { "Simple": {
                "Subject": text("You've been invited to co-host «Überblick»"),
                "Body": { "Html": text("<p>Überblick</p>"), "Text": text("Überblick") },
                "Headers": [{ "Name": "List-Unsubscribe", "Value": "<https://meet.example.com/u>" }],
                "Attachments": [{
                    "FileName": "event.ics",
                    "ContentType": "text/calendar",
                    "ContentDisposition": "ATTACHMENT",
                    "ContentTransferEncoding": "BASE64",
                    "RawContent": BASE64_STANDARD.encode("BEGIN"),
                }],
            } },
        })
    );
    assert!(service.requests.lock().unwrap()[0].0.ends_with("/v2/email/outbound-emails"));
}

#[tokio::test]
async fn an_international_domain_goes_out_in_punycode() {
    let service = Service::taking();
    service.send(&letter("bo@bücher.example")).await.unwrap();
    assert_eq!(service.request()["Destination"]["ToAddresses"], json!(["bo@xn--bcher-kva.example"]));
}

#[tokio::test]
async fn an_international_mailbox_is_refused_before_it_is_sent() {
    let service = Service::taking();
    let refused = service.send(&letter("jürgen@example.com")).await;
    assert_eq!(refused, Err(MailError::Refused { reason: "InternationalLocalPart".to_owned() }));
    assert!(service.requests.lock().unwrap().is_empty());
}
