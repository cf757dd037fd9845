//! Calls that come twice: the second one waits for the first and gets its reply. A reply is kept as long as a ticket holds.

use std::{
    collections::{HashMap, VecDeque},
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use dais_domain::{RequestId, Timestamp};
use dais_media::{
    control::{Answer, Problem},
    ticket,
};
use tokio::sync::OnceCell;

/// How many replies are kept at most.
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
    /// When each came, oldest first. May name some that are not kept any more.
    order: VecDeque<(Timestamp, RequestId)>,
}

impl Kept {
    /// Forgets what came before `horizon`, and the oldest while there are too many.
    fn make_room(&mut self, horizon: Timestamp) {
        while let Some((came, _)) = self.order.front()
            && (*came < horizon || self.order.len() >= KEPT)
        {
            if let Some((_, oldest)) = self.order.pop_front() {
                self.replies.remove(&oldest);
            }
        }
    }
}

impl Replies {
    /// The reply to `id`, made by `call` if there is none yet. What may be different the next time is not kept.
    pub async fn once<F: Future<Output = Reply>>(
        &self,
        id: &RequestId,
        now: Timestamp,
        call: impl FnOnce() -> F,
    ) -> Reply {
        let cell = self.cell(id, now);
        let reply = cell.get_or_init(call).await.clone();
        if matches!(reply, Err(Problem::Unavailable | Problem::NotHere | Problem::Draining)) {
            self.lock().replies.remove(id);
        }
        reply
    }

    /// Forgets the replies that nobody can ask for any more.
    pub fn forget_old(&self, now: Timestamp) {
        let mut kept = self.lock();
        kept.make_room(horizon(now));
        kept.order.shrink_to(KEPT / 16);
        kept.replies.shrink_to(KEPT / 16);
    }

    fn cell(&self, id: &RequestId, now: Timestamp) -> Arc<OnceCell<Reply>> {
        let mut kept = self.lock();
        if let Some(cell) = kept.replies.get(id) {
            return Arc::clone(cell);
        }
        kept.make_room(horizon(now));
        let cell = Arc::new(OnceCell::new());
        kept.order.push_back((now, id.clone()));
        kept.replies.insert(id.clone(), Arc::clone(&cell));
        cell
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What came before it has tickets that hold no more.
fn horizon(now: Timestamp) -> Timestamp {
    Timestamp::from_ms(now.as_ms().saturating_sub(u64::try_from(ticket::LIFE.as_millis()).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_ms(1_000_000)
    }

    fn id(text: &str) -> RequestId {
        RequestId::new(text).unwrap()
    }

    #[tokio::test]
    async fn a_call_that_comes_twice_is_done_once() {
        let (replies, done) = (Replies::default(), std::cell::Cell::new(0));
        let id = id("a");
        for _ in 0..2 {
            let reply = replies.once(&id, now(), || async {
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
        assert_eq!(
            replies.once(&id("a"), now(), || async { Err(Problem::Unavailable) }).await,
            Err(Problem::Unavailable)
        );
        assert_eq!(replies.once(&id("a"), now(), || async { Ok(Answer::Done) }).await, Ok(Answer::Done));
    }

    #[tokio::test]
    async fn old_replies_make_room() {
        let replies = Replies::default();
        for n in 0..KEPT + 10 {
            replies.once(&id(&format!("r{n}")), now(), || async { Ok(Answer::Done) }).await.unwrap();
        }
        assert!(replies.lock().replies.len() <= KEPT);
    }
    #[tokio::test]
    async fn a_reply_is_kept_as_long_as_a_ticket_holds() {
        let replies = Replies::default();
        replies.once(&id("a"), now(), || async { Ok(Answer::Done) }).await.unwrap();
        replies.forget_old(now().plus(ticket::LIFE));
        assert_eq!(replies.lock().replies.len(), 1);
        replies.forget_old(now().plus(ticket::LIFE + std::time::Duration::from_millis(1)));
        assert_eq!(replies.lock().replies.len(), 0);
        assert_eq!(replies.lock().order.len(), 0);
    }
}
