//! EventBridge schedules: functions that run by the local clock, so that advancing it runs them.

use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Value, json};
use tokio::time::MissedTickBehavior;

use crate::{
    clock::{Clock, rfc3339},
    ids,
    invoke::{Lambda, Order},
    template::{ACCOUNT, Schedule},
};

/// Runs a schedule for ever. A jump of the clock over several runs makes one of them, as an outage would.
///
/// With `every`, by the machine's time instead.
pub async fn keep(schedule: Schedule, every: Option<Duration>, lambda: Lambda, clock: Clock, region: &'static str) {
    match every {
        Some(every) => {
            let mut ticks = tokio::time::interval(every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            // The first tick comes at once, a schedule's first run does not.
            ticks.tick().await;
            loop {
                ticks.tick().await;
                run(&schedule, &lambda, &clock, region);
            }
        }
        None => {
            let rate_ms = u64::try_from(schedule.rate.as_millis()).unwrap_or(u64::MAX).max(1);
            let mut due_ms = clock.now_ms().saturating_add(rate_ms);
            loop {
                clock.sleep_until(due_ms).await;
                run(&schedule, &lambda, &clock, region);
                let late_ms = clock.now_ms().saturating_sub(due_ms);
                due_ms = due_ms.saturating_add((late_ms / rate_ms + 1).saturating_mul(rate_ms));
            }
        }
    }
}

/// Starts a run without waiting for it; a function that takes one invocation at a time may refuse it.
fn run(schedule: &Schedule, lambda: &Lambda, clock: &Clock, region: &str) {
    let event = schedule.input.clone().unwrap_or_else(|| event(schedule, clock.now_ms(), region));
    let order = Order {
        function: schedule.function.clone(),
        label: "schedule".to_owned(),
        event: Bytes::from(event.to_string()),
        at_least_once: true,
    };
    let lambda = lambda.clone();
    tokio::spawn(async move {
        // A run that fails is made up by the next.
        let _ = lambda.invoke(order).await;
    });
}

/// The cloud's event has whole seconds. This one has milliseconds, for schedules and pings faster than the cloud's.
fn event(schedule: &Schedule, now_ms: u64, region: &str) -> Value {
    json!({
        "version": "0",
        "id": ids::uuid(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": rfc3339(now_ms),
        "region": region,
        "resources": [format!("arn:aws:events:{region}:{ACCOUNT}:rule/{}", schedule.name)],
        "detail": {},
    })
}
