//! The control API: `POST /v1/control` over TLS. `certificate` makes its certificate, `server` speaks it, `replies` sees to
//! it that a call which comes twice is done once.

mod certificate;
mod replies;
mod server;

pub use certificate::{CertificateError, ControlCertificate};
pub use replies::{Replies, Reply};
pub use server::{Handle, serve};
