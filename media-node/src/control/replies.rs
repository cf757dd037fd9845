//! Calls that come twice: the second one waits for the first and gets its reply.

use std::{
    collections::{HashMap, VecDeque},
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use dais_domain::RequestId;
use dais_media::control::{Answer, Problem};
use tokio::sync::OnceCell;

/// How many replies are kept. Callers try again within seconds.
const KEPT: usize = 4_096;

/// What became of a call.
pub type Reply = Result<Answer, Problem>;

/// The latest replies by request id.
#[derive(Debug, Default)]
pub struct Replies {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    replies: HashMap<RequestId, Arc<OnceCell<Reply>>>,
    order: VecDeque<RequestId>,
}

impl Replies {
    /// The reply to `id`, made by `call` if there is none yet. What may be different the next time is not kept.
    pub async fn once<F: Future<Output = Reply>>(&self, id: &RequestId, call: impl FnOnce() -> F) -> Reply {
        let cell = self.cell(id);
        let reply = cell.get_or_init(call).await.clone();
        if matches!(reply, Err(Problem::Unavailable | Problem::NotHere | Problem::Draining)) {
            self.lock().replies.remove(id);
        }
        reply
    }

    fn cell(&self, id: &RequestId) -> Arc<OnceCell<Reply>> {
        let mut kept = self.lock();
        if let Some(cell) = kept.replies.get(id) {
            return Arc::clone(cell);
        }
        if kept.order.len() >= KEPT
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.replies.remove(&oldest);
        }
        let cell = Arc::new(OnceCell::new());
        kept.order.push_back(id.clone());
        kept.replies.insert(id.clone(), Arc::clone(&cell));
        cell
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn id(text: &str) -> RequestId {
        RequestId::new(text).unwrap()
    }

    #[tokio::test]
    async fn a_call_that_comes_twice_is_done_once() {
        let (replies, done) = (Replies::default(), std::cell::Cell::new(0));
        let id = id("a");
        for _ in 0..2 {
            let reply = replies.once(&id, || async {
                done.set(done.get() + 1);
                Ok(Answer::Done)
            });
            assert_eq!(reply.await, Ok(Answer::Done));
        }
        assert_eq!(done.get(), 1);
    }

    #[tokio::test]
    async fn what_may_be_different_next_time_is_tried_again() {
        let replies = Replies::default();
        assert_eq!(replies.once(&id("a"), || async { Err(Problem::Unavailable) }).await, Err(Problem::Unavailable));
        assert_eq!(replies.once(&id("a"), || async { Ok(Answer::Done) }).await, Ok(Answer::Done));
    }

    #[tokio::test]
    async fn old_replies_make_room() {
        let replies = Replies::default();
        for n in 0..KEPT + 10 {
            replies.once(&id(&format!("r{n}")), || async { Ok(Answer::Done) }).await.unwrap();
        }
        assert!(replies.lock().replies.len() <= KEPT);
    }
}
