use crate::post_office::{SENDER, message, post_office, refused, sending};

#[tokio::test]
async fn without_a_grant_it_sends_nothing() {
    let office = post_office().await;
    let request = sending(&office.client("IdleFunction"), SENDER, "bo@example.com", message().build());
    let (name, text) = refused(request).await;
    assert_eq!(name, "AccessDeniedException");
    assert!(text.contains("IdleFunction") && text.contains("ses:SendEmail"), "{text}");
    assert!(office.messages().await.is_empty());
}

#[tokio::test]
async fn the_grant_counts_for_the_configuration_set_too() {
    let office = post_office().await;
    let request = sending(&office.client("PostFunction"), SENDER, "bo@example.com", message().build());
    let (name, text) = refused(request.configuration_set_name("OthersSet")).await;
    assert_eq!(name, "AccessDeniedException");
    assert!(text.ends_with("configuration-set/OthersSet"), "{text}");
}
