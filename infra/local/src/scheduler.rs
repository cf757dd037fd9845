//! EventBridge schedules: functions that run by the local clock, so that advancing it runs them.

use std::{collections::BTreeMap, time::Duration};

use axum::body::Bytes;
use serde_json::{Value, json};
use tokio::{sync::watch, time::MissedTickBehavior};

use crate::{
    clock::{Clock, rfc3339},
    ids,
    invoke::{Lambda, Order},
    template::{ACCOUNT, Schedule},
};

/// The schedules of the template. Clones share them.
#[derive(Clone)]
pub struct Scheduler {
    lambda: Lambda,
    clock: Clock,
    region: &'static str,
    state: watch::Sender<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When each schedule runs next, local ms since the epoch, by name.
    due_ms: BTreeMap<String, u64>,
    /// Runs under way.
    running: usize,
}

impl Scheduler {
    /// A scheduler without schedules.
    pub fn new(lambda: Lambda, clock: Clock, region: &'static str) -> Self {
        Self { lambda, clock, region, state: watch::Sender::default() }
    }

    /// Runs a schedule for ever. A jump of the clock over several runs makes one of them, as an outage would.
    ///
    /// With `every`, by the machine's time instead.
    pub async fn keep(self, schedule: Schedule, every: Option<Duration>) {
        match every {
            Some(every) => {
                let mut ticks = tokio::time::interval(every);
                ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
                // The first tick comes at once, a schedule's first run does not.
                ticks.tick().await;
                loop {
                    ticks.tick().await;
                    self.run(&schedule);
                }
            }
            None => {
                let rate_ms = u64::try_from(schedule.rate.as_millis()).unwrap_or(u64::MAX).max(1);
                let mut due_ms = self.clock.now_ms().saturating_add(rate_ms);
                loop {
                    self.state.send_modify(|state| _ = state.due_ms.insert(schedule.name.clone(), due_ms));
                    self.clock.sleep_until(due_ms).await;
                    self.run(&schedule);
                    let late_ms = self.clock.now_ms().saturating_sub(due_ms);
                    due_ms = due_ms.saturating_add((late_ms / rate_ms + 1).saturating_mul(rate_ms));
                }
            }
        }
    }

    /// Returns when what was due by now has run: who advances the clock can go on with what that has brought about.
    pub async fn settled(&self) {
        let now_ms = self.clock.now_ms();
        let settled = |state: &State| state.running == 0 && state.due_ms.values().all(|due_ms| *due_ms > now_ms);
        // The sender lives in self.
        let _ = self.state.subscribe().wait_for(settled).await;
    }

    /// Starts a run without waiting for it; a function that takes one invocation at a time may refuse it.
    fn run(&self, schedule: &Schedule) {
        let usual = || event(schedule, self.clock.now_ms(), self.region);
        let order = Order {
            function: schedule.function.clone(),
            label: "schedule".to_owned(),
            event: Bytes::from(schedule.input.clone().unwrap_or_else(usual).to_string()),
            at_least_once: true,
        };
        self.state.send_modify(|state| state.running += 1);
        let scheduler = self.clone();
        tokio::spawn(async move {
            // A run that fails is made up by the next.
            let _ = scheduler.lambda.invoke(order).await;
            scheduler.state.send_modify(|state| state.running -= 1);
        });
    }
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
