//! A function for the tests of spawned functions: does as the path parameter of its event says.

use std::process;

use dais_function::{AfterAnswer, Boot};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use tokio::{io::AsyncReadExt, net::TcpStream};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let boot = Boot::start().await;
    let after = &boot.after_answer();
    boot.serve(service_fn(move |event| handle(event, after.clone()))).await
}

async fn handle(event: LambdaEvent<Value>, after: AfterAnswer) -> Result<Value, Error> {
    let event = event.payload;
    let address = event["queryStringParameters"]["until"].as_str().unwrap_or_default().to_owned();
    match event["pathParameters"]["id"].as_str() {
        Some("exit") => process::exit(3),
        Some("fail") => Err("asked to".into()),
        Some("hang") => std::future::pending().await,
        Some("wait") => {
            closed(address).await;
            answer()
        }
        Some("defer") => {
            after.defer(closed(address));
            answer()
        }
        _ => answer(),
    }
}

/// Waits until the other side of a connection closes it.
async fn closed(address: String) {
    if let Ok(mut stream) = TcpStream::connect(address).await {
        // Nothing is sent, so this ends with the connection.
        let _ = stream.read_u8().await;
    }
}

/// The process and its environment.
#[expect(clippy::unnecessary_wraps, reason = "it is the handler's answer")]
fn answer() -> Result<Value, Error> {
    let variables: Value = std::env::vars().collect::<std::collections::BTreeMap<_, _>>().into_iter().collect();
    Ok(json!({ "statusCode": 200, "body": json!({ "process": process::id(), "environment": variables }).to_string() }))
}
