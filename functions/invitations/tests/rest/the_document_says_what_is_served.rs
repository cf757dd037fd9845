//! This function's part of `/api/openapi.json` and its routes are one.

use std::collections::BTreeSet;

use dais_invitations::ROUTES;

use crate::support::{Document, resolve};

#[test]
fn every_route_is_in_the_document_and_the_other_way_round() {
    let document = Document::served().0;
    let paths = document["paths"].as_object().unwrap();
    let operations: BTreeSet<(String, String)> = paths
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone())))
        .collect();
    let served: BTreeSet<_> = ROUTES.iter().map(|route| (route.method.to_string(), route.path.to_owned())).collect();
    assert_eq!((operations, ROUTES.len()), (served.clone(), served.len()));
}

#[test]
fn every_route_is_in_the_template() {
    let template = include_str!("../../../../template.yaml");
    for route in &ROUTES {
        let event = format!("Method: {}, Path: \"{}\" }}", route.method, route.path);
        assert!(template.contains(&event), "{event}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = Document::served().0;
    for schema in document["components"]["schemas"].as_object().unwrap().values() {
        for property in schema["properties"].as_object().into_iter().flatten() {
            resolve(&document, property.1);
        }
    }
}
