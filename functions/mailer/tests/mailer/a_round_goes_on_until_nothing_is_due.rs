//! One run of the scheduled function.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use dais_mailer::{Mailbag, Round};
use dais_store::{
    MemoryStore,
    memory::{Fate, Pause, Weather},
};

use crate::support::{House, Post, at, later};

fn far() -> SystemTime {
    SystemTime::now() + Duration::from_secs(300)
}

fn mailbag(house: &House) -> Mailbag<MemoryStore, Post> {
    Mailbag::new(house.store.clone(), house.courier.clone())
}

async fn invite_many(house: &House, count: usize) {
    for number in 0..count {
        house.invite(&format!("u{number}")).await;
    }
}

#[tokio::test]
async fn all_that_is_due_is_sent_batch_after_batch() {
    let house = House::new().await;
    invite_many(&house, 210).await;
    let round = mailbag(&house).empty(at(0), far()).await.unwrap();
    assert_eq!((round, house.post.letters()), (Round { sent: 210, dropped: 0, later: 0 }, 210));
    assert_eq!(mailbag(&house).empty(at(0), far()).await.unwrap(), Round::default());
}

#[tokio::test]
async fn near_the_deadline_no_other_batch_is_begun() {
    let house = House::new().await;
    invite_many(&house, 110).await;
    let near = SystemTime::now() + Duration::from_secs(15);
    assert_eq!(mailbag(&house).empty(at(0), near).await.unwrap().sent, 100);
    assert_eq!(mailbag(&house).empty(at(60), near).await.unwrap().sent, 10, "the next run does the rest");
}

#[tokio::test]
async fn a_mail_service_that_asks_for_a_pause_gets_it() {
    let house = House::new().await;
    invite_many(&house, 110).await;
    house.post.next(later());
    let round = mailbag(&house).empty(at(0), far()).await.unwrap();
    assert_eq!((round.sent, round.later), (0, 100));
    assert_eq!(house.post.asked(), 1, "those that are not under way yet wait");
    assert_eq!(mailbag(&house).empty(at(60), far()).await.unwrap().sent, 110);
}

/// No claim is ever written.
struct NoClaims;

impl Weather for NoClaims {
    fn before(&self, operation: &'static str) -> Pause<'_, Fate> {
        let fate = if operation == "claim" { Fate::FailBefore } else { Fate::Proceed };
        Box::pin(std::future::ready(fate))
    }

    fn after(&self, _: &'static str) -> Pause<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn a_round_in_which_nothing_can_be_done_ends() {
    let house = House::over(MemoryStore::with_weather(Arc::new(NoClaims))).await;
    invite_many(&house, 3).await;
    let round = mailbag(&house).empty(at(0), far()).await.unwrap();
    assert_eq!((round, house.post.asked()), (Round { sent: 0, dropped: 0, later: 3 }, 0));
}
