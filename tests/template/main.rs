//! template.yaml against the code: what a function is given is what its code reads, and what it may do is what it calls.
//!
//! Both are read as text. `code` follows calls from each function through the shared crates; `cloud` reads the template.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod calls;
mod cloud;
mod code;
mod files;
mod functions;
mod tokens;

use std::collections::BTreeSet;

use cloud::{Cloud, FUNCTIONS};
use code::Code;

/// Variables that a library reads and not `Settings`: tracing-subscriber and rustls-native-certs.
const READ_BY_LIBRARIES: [&str; 2] = ["RUST_LOG", "SSL_CERT_FILE"];

/// Entries of `left` that are not in `right`, one per line.
fn missing(left: &BTreeSet<String>, right: &BTreeSet<String>) -> String {
    left.difference(right).map(|entry| format!("\n    {entry}")).collect()
}

#[test]
fn functions_are_given_exactly_the_settings_that_their_code_reads() {
    let cloud = Cloud::read();
    let mut complaints = String::new();
    for function in FUNCTIONS {
        let given = cloud.environment(function);
        let read: BTreeSet<String> =
            Code::of(function).settings().into_iter().chain(READ_BY_LIBRARIES.map(str::to_owned)).collect();
        for (what, entries) in [
            ("reads, but is not given", missing(&read, &given)),
            ("is given, but does not read", missing(&given, &read)),
        ] {
            if !entries.is_empty() {
                complaints += &format!("\n{function} {what}:{entries}");
            }
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

#[test]
fn functions_may_do_exactly_what_their_code_calls() {
    let cloud = Cloud::read();
    let mut complaints = String::new();
    for function in FUNCTIONS {
        let granted = cloud.grants(function);
        let called = Code::of(function).actions();
        for (what, entries) in
            [("calls, but may not", missing(&called, &granted)), ("may, but never calls", missing(&granted, &called))]
        {
            if !entries.is_empty() {
                complaints += &format!("\n{function} {what}:{entries}");
            }
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

#[test]
fn every_function_of_the_template_is_a_crate_and_every_crate_a_function() {
    let crates: BTreeSet<String> = files::folders("functions").collect();
    assert_eq!(Cloud::read().binaries(), crates);
    assert_eq!(FUNCTIONS.map(str::to_owned).into_iter().collect::<BTreeSet<_>>(), crates);
}

#[test]
fn each_aws_client_is_used_by_one_shared_crate_only() {
    for (client, user) in [
        ("aws-sdk-dynamodb", "shared/store"),
        ("aws-sdk-apigatewaymanagement", "shared/realtime"),
        ("aws-sdk-sesv2", "shared/mail"),
    ] {
        let users: Vec<String> = ["shared", "functions"]
            .into_iter()
            .flat_map(|parent| files::folders(parent).map(move |name| format!("{parent}/{name}")))
            .filter(|folder| files::text(&format!("{folder}/Cargo.toml")).contains(client))
            .collect();
        assert_eq!(users, [user], "{client} decides what a role must grant, so its calls stay in one place");
    }
}
