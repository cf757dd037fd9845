//! Wires the pages function.

use dais_function::Boot;
use lambda_http::{Adapter, service_fn};
use lambda_runtime::Error;

dais_function::fast_allocator!();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let boot = Boot::start().await;
    let app = &dais_pages::App::new(&boot.settings, &boot.aws, boot.after_answer())?;
    boot.serve(Adapter::from(service_fn(move |request| dais_pages::handle(app, request)))).await
}
