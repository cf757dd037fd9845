//! Wires the mail-feedback function.

use dais_function::Boot;
use lambda_runtime::{Error, service_fn};

dais_function::fast_allocator!();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let boot = Boot::start().await;
    let app = &dais_mail_feedback::App::new(&boot.settings, &boot.aws, boot.after_answer())?;
    boot.serve(service_fn(move |event| dais_mail_feedback::handle(app, event))).await
}
