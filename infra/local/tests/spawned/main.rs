//! Functions as programs of their own: one behaviour a file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/client.rs"]
mod client;
#[path = "../support/cloud.rs"]
mod cloud;

mod a_program_gets_its_settings_and_is_used_again;
mod a_program_that_ends_fails_its_invocation_at_once;
mod an_environment_is_busy_until_its_work_after_the_answer_is_done;
mod there_are_as_many_processes_as_invocations_at_a_time;

use std::{fs, os::unix::fs::symlink, path::PathBuf};

use dais_local::start::Run;
use serde_json::Value;

use client::http;
use cloud::{Cloud, cloud_with};

/// A local cloud that runs the example `test_function` as every function.
async fn spawning() -> Cloud {
    let folder = programs();
    cloud_with(|options| options.run = Run::Spawned(folder)).await
}

fn programs() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let program = own.parent().unwrap().parent().unwrap().join("examples/test_function");
    assert!(program.exists(), "cargo build --example test_function");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("programs-{}", nanoid::nanoid!(8)));
    fs::create_dir_all(&folder).unwrap();
    for name in ["http", "socket", "tick"] {
        symlink(&program, folder.join(name)).unwrap();
    }
    folder
}

/// What the function says of itself.
async fn ask(cloud: &Cloud, path: &str) -> Value {
    let answer = http(cloud.host(), &format!("GET {path}"), &[], b"").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// The same, and waits until the process asks for its next event.
async fn ask_alone(cloud: &Cloud, path: &str) -> Value {
    let answer = ask(cloud, path).await;
    cloud.running.lambda().idle().await;
    answer
}

fn started(cloud: &Cloud) -> u64 {
    cloud.running.spawned.as_ref().unwrap().started().get("HttpFunction").copied().unwrap_or_default()
}
