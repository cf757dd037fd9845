//! `/api/openapi.json` and the routes are one.

use std::collections::BTreeSet;

use dais_domain::{Description, MeetingId};
use dais_meetings::ROUTES;
use serde_json::Value;

use crate::support::{ADA, Document, World, resolve};

fn operations(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect()
}

#[tokio::test]
async fn it_is_served_without_a_token() {
    let reply = World::new().nobody().get("/api/openapi.json").await;
    assert_eq!(reply.status, 200);
    // That the other functions' parts are in it too is for tests/openapi.
    let (own, whole) = (Document::served().0, &reply.body);
    for path in own["paths"].as_object().unwrap().keys() {
        assert_eq!(whole["paths"][path], own["paths"][path], "run make openapi");
    }
    assert_eq!(whole["info"], own["info"], "run make openapi");
    assert!(reply.body["openapi"].as_str().unwrap().starts_with("3.1"));
}

#[test]
fn every_route_is_in_the_document_and_the_other_way_round() {
    let served: BTreeSet<_> = ROUTES.iter().map(|route| (route.method.to_string(), route.path.to_owned())).collect();
    assert_eq!(served.len(), ROUTES.len());
    assert_eq!(operations(&Document::served().0), served);
}

#[test]
fn every_route_is_in_the_template() {
    let template = include_str!("../../../../template.yaml");
    for route in &ROUTES {
        let quoted = if route.path.contains('{') { format!("\"{}\"", route.path) } else { route.path.to_owned() };
        let event = format!("Method: {}, Path: {quoted} }}", route.method);
        assert!(template.contains(&event), "{event}");
    }
}

#[tokio::test]
async fn every_operation_of_the_document_is_served() {
    let world = World::new();
    for (method, path) in operations(&Document::served().0) {
        let path = path.replace("{id}", "some-meeting").replace("{userId}", "user_bo");
        let reply =
            world.by(ADA).header("content-type", "application/json").send(&method, &path, Some("{}".into())).await;
        assert!(!matches!(reply.body["code"].as_str(), Some("not-found" | "method-not-allowed")), "{method} {path}");
    }
}

#[tokio::test]
async fn what_needs_no_token_in_the_document_needs_none_and_all_else_does() {
    let world = World::new();
    let document = Document::served().0;
    assert!(document["components"]["securitySchemes"]["sessionToken"].is_object());
    for (method, path) in operations(&document) {
        let operation = &document["paths"][&path][method.to_lowercase()];
        let open = operation["security"] == serde_json::json!([{}]);
        let path = path.replace("{id}", "some-meeting").replace("{userId}", "user_bo");
        let reply = world.nobody().send(&method, &path, None).await;
        assert_eq!(reply.status != 401, open, "{method} {path}");
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_parameter_and_answer_is_described() {
    fn walk(document: &Value, value: &Value) {
        match value {
            Value::Object(members) => {
                resolve(document, value);
                members.values().for_each(|member| walk(document, member));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(document, item)),
            _ => {}
        }
    }
    let document = Document::served().0;
    walk(&document, &document);
    let ids: BTreeSet<_> = operations(&document)
        .into_iter()
        .map(|(method, path)| {
            let operation = &document["paths"][&path][method.to_lowercase()];
            let described = operation["responses"].as_object().unwrap().values();
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            for part in described.chain(parameters) {
                assert!(part["description"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}: {part}");
            }
            assert!(operation["summary"].is_string(), "{method} {path}");
            operation["operationId"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(ids.len(), ROUTES.len());
}

#[test]
fn no_parameter_can_be_null() {
    let document = Document::served().0;
    for (method, path) in operations(&document) {
        let operation = &document["paths"][&path][method.to_lowercase()];
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(!parameter["schema"].to_string().contains("null"), "{method} {path}: {parameter}");
        }
    }
}

#[test]
fn its_bounds_are_those_of_the_domain() {
    let schemas = &Document::served().0["components"]["schemas"];
    assert_eq!(schemas["MeetingId"]["maxLength"], MeetingId::MAX_CHARS);
    assert_eq!(schemas["Text"]["maxLength"], Description::MAX_CHARS);
    assert_eq!(schemas["CreateMeeting"]["additionalProperties"], false);
    assert_eq!(schemas["EditMeeting"]["additionalProperties"], false);
}
