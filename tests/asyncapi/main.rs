//! `/api/asyncapi.json` says of the socket what the code does that reads events; what is sent and heard over the wire is held to it by
//! every scenario (`tests/support/described.mjs`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{collections::BTreeSet, fs};

use dais_asyncapi::{Event, client_events, document, server_events};
use dais_domain::{
    ConnectionId, Refusal,
    wire::{ClientEvent, names},
};
use dais_media::wire::{MediaEvent, names as media_names};
use serde_json::{Value, json};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../functions/meetings/src/asyncapi.json");

/// Reads an event as the signaling function does.
fn read(name: &str, payload: &Value) -> Result<(), Refusal> {
    let connection = ConnectionId::new("c=").unwrap();
    match MediaEvent::read(name, Some(payload), &connection) {
        Some(read) => read.map(drop),
        None => ClientEvent::read(name, Some(payload)).map(drop),
    }
}

/// The schemas of objects that an event's payload may be: one, or several of which it is one, without those that are texts.
fn objects(document: &Value, event: &Event) -> Vec<Value> {
    let resolved = |value: &Value| match value["$ref"].as_str() {
        Some(place) => document.pointer(&place[1..]).unwrap().clone(),
        None => value.clone(),
    };
    let payload = resolved(&document["components"]["messages"][event.name]["payload"]);
    let alternatives =
        payload["oneOf"].as_array().map_or(vec![payload.clone()], |all| all.iter().map(resolved).collect());
    alternatives.into_iter().filter(|schema| schema["type"] == "object").collect()
}

#[test]
fn the_file_is_what_the_code_says() {
    let text = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        fs::write(FILE, &text).unwrap();
    }
    assert!(
        fs::read_to_string(FILE).unwrap() == text,
        "the socket has changed: run make openapi, and look at the diff"
    );
}

#[test]
fn every_event_is_described_and_no_other() {
    let described = |events: Vec<Event>| events.into_iter().map(|event| event.name).collect::<BTreeSet<_>>();
    let read: BTreeSet<_> = ClientEvent::NAMES.into_iter().chain(MediaEvent::NAMES).collect();
    assert_eq!(described(client_events()), read);
    let sent: BTreeSet<_> = names::ALL.into_iter().chain(media_names::ALL).collect();
    assert_eq!(described(server_events()), sent);
}

#[test]
fn the_examples_are_read() {
    for event in client_events() {
        assert_eq!(read(event.name, &event.example), Ok(()), "{}", event.name);
    }
}

#[test]
fn what_is_required_is_refused_by_its_name_when_it_is_missing() {
    let document = document();
    let mut tried = 0;
    for event in client_events() {
        // The first alternative is that of the example.
        for schema in objects(&document, &event).into_iter().take(1) {
            for required in schema["required"].as_array().into_iter().flatten() {
                let field = required.as_str().unwrap();
                let mut payload = event.example.clone();
                payload
                    .as_object_mut()
                    .unwrap()
                    .remove(field)
                    .unwrap_or_else(|| panic!("{} shows no {field}", event.name));
                assert!(read(event.name, &payload).is_err(), "{} without {field}", event.name);
                tried += 1;
            }
        }
    }
    assert!(tried > 60, "{tried}");
}

#[test]
fn what_is_not_required_may_be_missing_and_null() {
    let document = document();
    for event in client_events() {
        for schema in objects(&document, &event).into_iter().take(1) {
            let required: Vec<&str> =
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            for field in
                schema["properties"].as_object().unwrap().keys().filter(|name| !required.contains(&name.as_str()))
            {
                let mut payload = event.example.clone();
                payload.as_object_mut().unwrap().remove(field);
                assert_eq!(read(event.name, &payload), Ok(()), "{} without {field}", event.name);
                payload[field] = Value::Null;
                assert_eq!(read(event.name, &payload), Ok(()), "{} with {field}: null", event.name);
            }
        }
    }
}

#[test]
fn values_of_an_enumeration_are_read_and_others_are_not() {
    let document = document();
    let mut tried = 0;
    for event in client_events() {
        for schema in objects(&document, &event) {
            for (field, of) in schema["properties"].as_object().unwrap() {
                let Some(place) = of["$ref"].as_str() else { continue };
                let Some(values) = document.pointer(&place[1..]).unwrap()["enum"].as_array() else { continue };
                for value in values.iter().chain([&json!("something else")]) {
                    let mut payload = event.example.clone();
                    payload[field] = value.clone();
                    let is_known = value != "something else";
                    assert_eq!(read(event.name, &payload).is_ok(), is_known, "{} with {field}: {value}", event.name);
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 20, "{tried}");
}

#[test]
fn a_room_may_be_named_alone_where_the_document_says_so() {
    let document = document();
    let alone: Vec<_> = client_events()
        .into_iter()
        .filter(|event| {
            let place = document["components"]["messages"][event.name]["payload"]["$ref"].as_str().unwrap();
            let alternatives = &document.pointer(&place[1..]).unwrap()["oneOf"];
            alternatives
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one["$ref"] == "#/components/schemas/MeetingId"))
        })
        .collect();
    assert_eq!(alone.len(), 2);
    for event in alone {
        assert_eq!(read(event.name, &json!("weekly")), Ok(()), "{}", event.name);
    }
}

#[test]
fn every_reference_leads_somewhere() {
    assert_eq!(dais_tests::dangling_reference(&document()), None);
}
