//! What the REST functions share: how a request is read ([`Ask`]), how it is answered ([`Answer`]) and refused ([`Problem`]),
//! and their common part of the OpenAPI document ([`document`], [`wire`]).

mod answer;
mod ask;
pub mod document;
mod problem;
mod query;
pub mod retry;
pub mod routes;
pub mod wire;

pub use answer::Answer;
pub use ask::{Ask, MAX_BODY_BYTES};
pub use problem::{Particular, Problem};
pub use query::Query;
pub use routes::Route;
#[doc(hidden)]
pub use utoipa;
