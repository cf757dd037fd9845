//! Waiting without a clock.

use std::sync::Arc;

use dais_media_nodes::Patience;
use futures::future::BoxFuture;

use super::executor::Yield;

/// Waits by letting others run.
pub struct Yielding;

impl Patience for Yielding {
    fn pause(&self, _tries: u32) -> BoxFuture<'static, ()> {
        Box::pin(Yield::default())
    }
}

pub fn yielding() -> Arc<dyn Patience> {
    Arc::new(Yielding)
}
