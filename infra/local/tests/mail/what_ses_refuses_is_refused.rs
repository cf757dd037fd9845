use aws_sdk_sesv2::{
    primitives::Blob,
    types::{Attachment, Body, Destination, EmailContent, Message, MessageHeader},
};

use crate::post_office::{SENDER, message, part, post_office, refused, sending};

#[tokio::test]
async fn a_sender_that_is_missing_or_not_ours() {
    let office = post_office().await;
    let client = office.client("PostFunction");
    let to = Destination::builder().to_addresses("bo@example.com").build();
    let content = EmailContent::builder().simple(message().build()).build();
    let (name, text) = refused(client.send_email().destination(to).content(content)).await;
    assert_eq!((name.as_str(), text.as_str()), ("BadRequestException", "Missing required header 'From'."));

    let (name, text) = refused(sending(&client, "eve@evil.example", "bo@example.com", message().build())).await;
    assert_eq!(name, "MessageRejected");
    assert_eq!(
        text,
        "Email address is not verified. The following identities failed the check in region US-EAST-1: eve@evil.example"
    );
}

#[tokio::test]
async fn addresses_that_are_none_or_not_ascii() {
    let office = post_office().await;
    let client = office.client("PostFunction");
    for to in [
        "bo",
        "bo@localhost",
        "bo smith@example.com",
        "bo@example.com\r\nBcc: eve@evil.example",
        "bö@example.com",
        "bo@bücher.example",
        "<bo@example.com>",
        "a@b@example.com",
        "@example.com",
    ] {
        let (name, text) = refused(sending(&client, SENDER, to, message().build())).await;
        assert_eq!(name, "BadRequestException", "{to:?}");
        assert!(text.starts_with("Invalid email address"), "{text}");
    }
    assert!(office.messages().await.is_empty());
}

#[tokio::test]
async fn nobody_and_too_many_receivers() {
    let office = post_office().await;
    let client = office.client("PostFunction");
    let to = |count: usize| {
        let addresses = (0..count).map(|number| format!("bo{number}@example.com")).collect();
        Destination::builder().set_to_addresses(Some(addresses)).build()
    };
    let request = |count| sending(&client, SENDER, "x@example.com", message().build()).destination(to(count));
    assert_eq!(refused(request(0)).await.0, "BadRequestException");
    assert_eq!(refused(request(51)).await.1, "Recipient count exceeds 50.");
    request(50).send().await.unwrap();
}

#[tokio::test]
async fn a_message_without_a_body_or_with_a_broken_subject() {
    let office = post_office().await;
    let client = office.client("PostFunction");
    let empty = Message::builder().subject(part("Hello")).body(Body::builder().build()).build();
    let broken = message().subject(part("Hello\r\nBcc: eve@evil.example")).build();
    for wrong in [empty, broken] {
        let (name, _) = refused(sending(&client, SENDER, "bo@example.com", wrong)).await;
        assert_eq!(name, "BadRequestException");
    }
}

#[tokio::test]
async fn headers_that_are_its_own_broken_or_too_many() {
    let office = post_office().await;
    let client = office.client("PostFunction");
    let header = |name: &str, value: &str| MessageHeader::builder().name(name).value(value).build().unwrap();
    let long = "x".repeat(871);
    for (name, value) in [
        ("Subject", "Hello"),
        ("bcc", "eve@evil.example"),
        ("X-A:B", "x"),
        ("X A", "x"),
        ("X-Ü", "x"),
        ("X-A", "x\r\nBcc: eve@evil.example"),
        ("X-A", "ü"),
        ("X-A", ""),
        ("X-A", long.as_str()),
    ] {
        let wrong = message().headers(header(name, value)).build();
        let (error, _) = refused(sending(&client, SENDER, "bo@example.com", wrong)).await;
        assert_eq!(error, "BadRequestException", "{name}: {value}");
    }
    let many = |count: usize| {
        let headers = (0..count).map(|number| header(&format!("X-{number}"), "x")).collect();
        sending(&client, SENDER, "bo@example.com", message().set_headers(Some(headers)).build())
    };
    assert_eq!(refused(many(16)).await.0, "BadRequestException");
    many(15).send().await.unwrap();
}

#[tokio::test]
async fn attachments_that_are_programs_or_too_large() {
    let office = post_office().await;
    let client = office.client("PostFunction");
    let file = |name: &str, content: Vec<u8>| {
        let file = Attachment::builder().file_name(name).content_type("text/plain").raw_content(Blob::new(content));
        sending(&client, SENDER, "bo@example.com", message().attachments(file.build().unwrap()).build())
    };
    assert_eq!(refused(file("run.EXE", vec![1])).await.0, "BadRequestException");
    assert_eq!(refused(file("../up.txt", vec![1])).await.0, "BadRequestException");
    let (name, text) = refused(file("a.txt", vec![0; 31 * 1024 * 1024])).await;
    assert_eq!(name, "MessageRejected");
    assert!(text.starts_with("Message length is more than 41943040 bytes long"), "{text}");
}

#[tokio::test]
async fn a_configuration_set_that_does_not_exist() {
    let office = post_office().await;
    let request = sending(&office.client("PostFunction"), SENDER, "bo@example.com", message().build());
    let (name, text) = refused(request.configuration_set_name("SetOfNobody")).await;
    assert_eq!(name, "NotFoundException");
    assert_eq!(text, "Configuration set <SetOfNobody> does not exist.");
}

#[tokio::test]
async fn content_that_the_local_cloud_does_not_know() {
    let office = post_office().await;
    for body in [
        r#"{"FromEmailAddress":"a@dais.example","Destination":{"ToAddresses":["b@c.example"]},"Content":{"Raw":{"Data":""}}}"#,
        r#"{"FromEmailAddress":"a@dais.example","Destination":{"ToAddresses":["b@c.example"]},"ListManagementOptions":{}}"#,
        "",
    ] {
        let answer = office.ask("POST /_aws/ses/PostFunction/v2/email/outbound-emails", body).await;
        assert_eq!((answer.status, answer.headers("x-amzn-errortype")), (400, vec!["BadRequestException"]), "{body}");
    }
}

#[tokio::test]
async fn more_than_the_accounts_rate() {
    let office = post_office().await;
    let client = office.client("PostFunction");
    let mut sent = 0;
    let name = loop {
        match sending(&client, SENDER, "bo@example.com", message().build()).send().await {
            Ok(_) => sent += 1,
            Err(error) => break aws_sdk_sesv2::error::ProvideErrorMetadata::code(&error).unwrap().to_owned(),
        }
        assert!(sent < 100_000);
    };
    assert_eq!(name, "TooManyRequestsException");
    assert!(sent >= 100, "{sent}");
}
