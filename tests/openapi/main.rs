//! `/api/openapi.json` is one document of all REST functions, and the file that is served is what their code says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{collections::BTreeSet, fs};

use serde_json::{Value, to_value};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../functions/meetings/src/openapi.json");
const TEMPLATE: &str = include_str!("../../template.yaml");
/// Where all that is unknown goes.
const UNKNOWN: &str = "/api/{proxy+}";

fn parts() -> [Value; 3] {
    [dais_meetings::document(), dais_invitations::document(), dais_directory::document()]
        .map(|part| to_value(part).unwrap())
}

fn whole() -> Value {
    let mut whole = dais_meetings::document();
    whole.merge(dais_invitations::document());
    whole.merge(dais_directory::document());
    to_value(whole).unwrap()
}

fn operations(document: &Value) -> Vec<(String, String)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let of = |(path, item): (&String, &Value)| {
        let methods: Vec<_> = item.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect();
        methods.into_iter().map(|method| (method, path.clone())).collect::<Vec<_>>()
    };
    paths.flat_map(of).collect()
}

#[test]
fn the_file_is_what_the_code_says() {
    let text = serde_json::to_string_pretty(&whole()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        fs::write(FILE, &text).unwrap();
    }
    assert!(fs::read_to_string(FILE).unwrap() == text, "the API has changed: run make openapi, and look at the diff");
}

#[test]
fn nothing_of_a_part_is_lost_or_replaced_by_another_of_its_name() {
    let whole = whole();
    for part in parts() {
        for (path, item) in part["paths"].as_object().unwrap() {
            assert_eq!(&whole["paths"][path], item);
        }
        for kind in ["schemas", "securitySchemes"] {
            for (name, schema) in part["components"][kind].as_object().unwrap() {
                assert_eq!(&whole["components"][kind][name], schema, "two functions mean different things by {name}");
            }
        }
        assert_eq!(whole["security"], part["security"]);
    }
}

#[test]
fn every_operation_has_its_own_id_and_a_description_of_every_answer() {
    let whole = whole();
    let mut ids = BTreeSet::new();
    for (method, path) in operations(&whole) {
        let operation = &whole["paths"][&path][method.to_lowercase()];
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{operation}");
        assert!(operation["summary"].is_string(), "{method} {path}");
        let answers = operation["responses"].as_object().unwrap().values();
        for part in answers.chain(operation["parameters"].as_array().into_iter().flatten()) {
            assert!(part["description"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}: {part}");
        }
    }
}

#[test]
fn every_address_of_the_api_in_the_template_is_described() {
    let routes = TEMPLATE.lines().filter_map(|line| {
        let (_, route) = line.split_once("ApiId: !Ref HttpApi, Method: ")?;
        let (method, path) = route.split_once(", Path: ")?;
        let path = path.split(" }").next()?.trim_matches('"');
        Some((method.to_owned(), path.to_owned()))
    });
    let routes: BTreeSet<_> = routes.filter(|(_, path)| path.starts_with("/api/") && path != UNKNOWN).collect();
    assert_eq!(routes, operations(&whole()).into_iter().collect());
}

#[test]
fn every_reference_leads_somewhere() {
    assert_eq!(dais_tests::dangling_reference(&whole()), None);
}
