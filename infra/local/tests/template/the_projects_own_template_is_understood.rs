use std::path::Path;

use dais_local::{
    functions::Catalogue,
    start::{Options, Run, start},
};

fn path() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml")
}

#[tokio::test]
async fn it_starts_with_the_functions_of_this_project() {
    let running = start(Options::in_memory(path())).await.unwrap();
    running.stop().await;
}

#[tokio::test]
async fn a_function_without_code_stops_the_start_with_its_name() {
    let mut options = Options::in_memory(path());
    options.run = Run::InProcess(Catalogue::default());
    let sentence = start(options).await.err().unwrap().to_string();
    assert!(sentence.contains("DirectoryFunction") && sentence.contains("binary directory"), "{sentence}");
}

#[tokio::test]
async fn a_program_that_is_missing_stops_the_start_with_its_path() {
    let mut options = Options::in_memory(path());
    options.run = Run::Spawned("nowhere".into());
    let sentence = start(options).await.err().unwrap().to_string();
    assert!(sentence.contains("nowhere/directory"), "{sentence}");
}
