//! Two hours of local time pass at once for whoever sleeps on the local clock, and not a moment before they are asked for.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use dais_local::clock::Clock;

const TWO_HOURS: Duration = Duration::from_secs(7200);

#[tokio::test]
async fn a_sleeper_on_the_clock_wakes_when_it_is_moved_forward() {
    let clock = Clock::new();
    let at_ms = clock.now_ms() + 7_200_000;
    let sleeper = tokio::spawn({
        let clock = clock.clone();
        async move {
            clock.sleep_until(at_ms).await;
            clock.now_ms()
        }
    });

    tokio::task::yield_now().await;
    clock.advance(TWO_HOURS / 2);
    tokio::task::yield_now().await;
    assert!(!sleeper.is_finished(), "one hour is not two");

    clock.advance(TWO_HOURS / 2);
    assert!(sleeper.await.unwrap() >= at_ms);
}

#[tokio::test]
async fn a_time_that_has_passed_needs_no_sleep() {
    let clock = Clock::new();
    clock.sleep_until(clock.now_ms().saturating_sub(1)).await;
    clock.sleep_until(0).await;
}

#[tokio::test]
async fn a_fast_clock_reaches_an_hour_by_itself() {
    // A million times as fast: an hour in under four milliseconds.
    let clock = Clock::with_speed(1_000_000);
    let at_ms = clock.now_ms() + 3_600_000;
    clock.sleep_until(at_ms).await;
    assert!(clock.now_ms() >= at_ms);
}
