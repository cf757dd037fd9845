//! The routes, this function's part of the OpenAPI document, and the template are one.

use std::collections::BTreeSet;

use dais_directory::{ROUTES, document};
use serde_json::Value;

#[test]
fn every_route_is_in_the_document_and_in_the_template() {
    let document: Value = serde_json::to_value(document()).unwrap();
    let template = include_str!("../../../../template.yaml");
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let served = ROUTES.iter().map(|route| (route.method.to_string(), route.path.to_owned())).collect();
    assert_eq!(described, served);
    for route in &ROUTES {
        let event = format!("Method: {}, Path: {} }}", route.method, route.path);
        assert!(template.contains(&event), "{event}");
    }
}
