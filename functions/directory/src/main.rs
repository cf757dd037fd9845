//! Wires the directory function.

use dais_function::Boot;
use lambda_http::{Adapter, Error, Request, service_fn};

dais_function::fast_allocator!();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let boot = Boot::start().await;
    let app = &dais_directory::App::new(&boot.settings, &boot.aws, boot.after_answer())?;
    boot.serve(Adapter::from(service_fn(move |request: Request| dais_directory::handle(app, request)))).await
}
