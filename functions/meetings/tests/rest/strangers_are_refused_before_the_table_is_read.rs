//! No token, no work.

use std::sync::Arc;

use dais_meetings::ROUTES;
use serde_json::{Value, json};

use crate::support::{ADA, BO, Counting, NOW_MS, World, token};

#[tokio::test]
async fn every_operation_but_the_public_ones_wants_a_token() {
    let weather = Arc::new(Counting::default());
    let world = World::with_weather(weather.clone());
    for route in &ROUTES {
        let path = route.path.replace("{id}", "m").replace("{userId}", "user_bo");
        let reply =
            world.nobody().header("content-type", "application/json").send(route.method.as_str(), &path, None).await;
        if ["/api/openapi.json", "/api/asyncapi.json", "/api/health"].contains(&route.path) {
            assert_eq!(reply.status, 200);
        } else {
            reply.assert_error(401, "token-missing");
            assert_eq!(reply.headers["www-authenticate"], "Bearer");
        }
    }
    assert_eq!(weather.count(), 0);
}

#[tokio::test]
async fn health_has_no_secrets_and_looks_at_nothing() {
    let reply = World::new().nobody().get("/api/health").await;
    assert_eq!(reply.body, json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }));
}

#[tokio::test]
async fn a_token_that_identifies_nobody_is_refused() {
    let weather = Arc::new(Counting::default());
    let world = World::with_weather(weather.clone());
    let good = token(ADA, NOW_MS, Value::Null);
    let (_, signature) = good.rsplit_once('.').unwrap();
    let others = token(BO, NOW_MS, Value::Null);
    let forged = format!("{}.{signature}", others.rsplit_once('.').unwrap().0);
    let expired = token(ADA, NOW_MS - 600_000, Value::Null);
    let foreign = token(ADA, NOW_MS, json!({ "iss": "https://evil.example.com" }));
    for (header, code) in [
        ("Bearer garbage".to_owned(), "token-malformed"),
        ("Bearer ".to_owned(), "token-missing"),
        ("Basic YTpi".to_owned(), "token-malformed"),
        (good.clone(), "token-malformed"),
        (format!("Bearer {good},Bearer {good}"), "token-malformed"),
        (format!("Bearer {forged}"), "wrong-signature"),
        (format!("Bearer {expired}"), "token-expired"),
        (format!("Bearer {foreign}"), "wrong-issuer"),
    ] {
        let reply = world.nobody().header("authorization", &header).get("/api/meetings/m").await;
        reply.assert_error(401, code);
        assert!(reply.headers["www-authenticate"].starts_with("Bearer"));
        assert!(!reply.body.to_string().contains(&good), "nothing of a token is in an answer");
    }
    assert_eq!(weather.count(), 0);
    let lower_case = format!("bearer {good}");
    world
        .nobody()
        .header("authorization", &lower_case)
        .get("/api/meetings/m")
        .await
        .assert_error(404, "meeting-not-found");
}

#[tokio::test]
async fn a_token_anywhere_else_than_in_the_header_does_not_count() {
    let world = World::new();
    let good = token(ADA, NOW_MS, Value::Null);
    let query = format!("/api/meetings?access_token={good}&token={good}");
    world.nobody().get(&query).await.assert_error(401, "token-missing");
    let cookie = format!("__session={good}");
    world.nobody().header("cookie", &cookie).get("/api/meetings").await.assert_error(401, "token-missing");
}

#[tokio::test]
async fn what_is_refused_for_its_form_reads_nothing_either() {
    let weather = Arc::new(Counting::default());
    let world = World::with_weather(weather.clone());
    world.by(ADA).post("/api/meetings", json!({ "roomId": "a b" })).await.assert_error(400, "invalid-request");
    world.by(ADA).post("/api/meetings", json!({ "userId": "user_bo" })).await.assert_error(403, "foreign-user");
    world.by(ADA).get("/api/meetings?limit=0").await.assert_error(400, "invalid-request");
    world.by(ADA).patch("/api/meetings/m", json!({ "x": 1 })).await.assert_error(400, "invalid-request");
    assert_eq!(weather.count(), 0);
}
