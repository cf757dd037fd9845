//! Wires the signaling function.

use dais_function::Boot;
use lambda_runtime::{Error, service_fn};

dais_function::fast_allocator!();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let boot = Boot::start().await;
    let app = &dais_signaling::App::new(&boot.settings, &boot.aws, boot.after_answer())?;
    boot.serve(service_fn(move |event| dais_signaling::handle(app, event))).await
}
