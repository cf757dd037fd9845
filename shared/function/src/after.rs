//! Work after the answer has gone out.
//!
//! API Gateway delivers a function's answer before it lets anybody post to the connection that asked (`$connect`), and a
//! client waits for its acknowledgement, not for the fan-out to others. So a handler answers first and defers the rest.

use std::{fmt, future::Future, sync::Arc};

use futures::future::BoxFuture;

type Spawner = Arc<dyn Fn(BoxFuture<'static, ()>) + Send + Sync>;

/// Where a handler puts work that is done after its answer.
#[derive(Clone)]
pub struct AfterAnswer {
    spawner: Spawner,
}

impl AfterAnswer {
    /// Runs deferred work through `spawner`, which must keep the process awake until it is done.
    pub fn with_spawner(spawner: Spawner) -> Self {
        Self { spawner }
    }

    /// Starts `work` now, beside the answer, without the answer waiting for it.
    pub fn defer(&self, work: impl Future<Output = ()> + Send + 'static) {
        (self.spawner)(Box::pin(work));
    }
}

impl fmt::Debug for AfterAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AfterAnswer")
    }
}
