//! The files of the project.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The adapter for tests calls nothing.
const NOT_IN_THE_CLOUD: &str = "shared/store/src/memory";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of the project.
pub fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Names of the folders in a folder of the project, in order.
pub fn folders(path: &str) -> impl Iterator<Item = String> {
    let entries =
        fs::read_dir(root().join(path)).expect("a folder of the project").map(|entry| entry.expect("an entry"));
    let folders = entries.filter(|entry| entry.path().join("Cargo.toml").exists());
    folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect::<BTreeSet<_>>().into_iter()
}

/// The folders of the shared crates that a crate depends on, and its own.
pub fn dependencies(home: &str) -> BTreeSet<String> {
    let manifest = text(&format!("{home}/Cargo.toml"));
    let (_, dependencies) = manifest.split_once("[dependencies]").unwrap_or_default();
    let (dependencies, _) = dependencies.split_once("\n[").unwrap_or((dependencies, ""));
    let shared = dependencies.lines().filter_map(|line| line.strip_prefix("dais-")?.split(['.', ' ']).next());
    shared.map(|name| format!("shared/{name}")).chain([home.to_owned()]).collect()
}

/// Rust files below a folder, without those for tests.
pub fn sources(path: &str) -> Vec<PathBuf> {
    if path == NOT_IN_THE_CLOUD {
        return Vec::new();
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join(path)).expect("a folder of sources") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() && name != "tests" {
            found.extend(sources(&format!("{path}/{name}")));
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push(entry.path());
        }
    }
    found
}
