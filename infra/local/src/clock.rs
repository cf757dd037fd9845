//! The clock of the local cloud: everything in it that asks for the time asks here, so that two hours pass in an instant.
//!
//! It starts at the machine's time, runs `speed` times as fast, and jumps forward on `POST /_local/clock`. It never goes
//! back: a meeting's log and a lease rely on that. A restart returns it to the machine's time.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::sync::watch;

use crate::answer;

/// The longest jump in one request: about a hundred years. It keeps every sum far from overflow.
const LONGEST_ADVANCE: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// The time of the local cloud. Clones share it.
#[derive(Clone)]
pub struct Clock {
    inner: Arc<Inner>,
}

struct Inner {
    /// Machine time at which the clock started, ms since the epoch.
    started_ms: u64,
    speed: u32,
    /// The latest time given out, so that a machine clock set back does not take the local cloud back.
    latest_ms: AtomicU64,
    /// How far the clock has been moved forward, in ms. Watched by the sleepers.
    offset_ms: watch::Sender<u64>,
}

impl Clock {
    /// A clock that runs with the machine's.
    pub fn new() -> Self {
        Self::with_speed(1)
    }

    /// A clock that runs `speed` times as fast as the machine's (0 counts as 1).
    pub fn with_speed(speed: u32) -> Self {
        let started_ms = machine_ms();
        let inner = Inner {
            started_ms,
            speed: speed.max(1),
            latest_ms: AtomicU64::new(started_ms),
            offset_ms: watch::Sender::new(0),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Now, in ms since the Unix epoch.
    pub fn now_ms(&self) -> u64 {
        let ran = machine_ms().saturating_sub(self.inner.started_ms).saturating_mul(u64::from(self.inner.speed));
        let now = self.inner.started_ms.saturating_add(ran).saturating_add(self.offset_ms());
        self.inner.latest_ms.fetch_max(now, Ordering::Relaxed).max(now)
    }

    /// How far the clock has been moved forward by [`Clock::advance`], in ms.
    pub fn offset_ms(&self) -> u64 {
        *self.inner.offset_ms.borrow()
    }

    /// Moves the clock forward and wakes whoever sleeps on it.
    pub fn advance(&self, by: Duration) {
        let by_ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.inner.offset_ms.send_modify(|offset| *offset = offset.saturating_add(by_ms));
    }

    /// Returns once the clock has reached `at_ms`, by itself or by [`Clock::advance`].
    pub async fn sleep_until(&self, at_ms: u64) {
        let mut moved = self.inner.offset_ms.subscribe();
        loop {
            moved.mark_unchanged();
            let left_ms = at_ms.saturating_sub(self.now_ms());
            if left_ms == 0 {
                return;
            }
            // Rounded up, so that a fast clock does not spin through its last millisecond; and at most a minute, because
            // the machine's clock may be set forward, or the machine may have slept.
            let wall_ms = left_ms.div_ceil(u64::from(self.inner.speed)).min(60_000);
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(wall_ms)) => {}
                _ = moved.changed() => {}
            }
        }
    }

    fn shown(&self) -> serde_json::Value {
        let now_ms = self.now_ms();
        json!({ "now": rfc3339(now_ms), "nowMs": now_ms, "offsetMs": self.offset_ms(), "speed": self.inner.speed })
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Clock({})", rfc3339(self.now_ms()))
    }
}

/// `2026-03-01T09:30:00.250Z` for ms since the epoch; the epoch itself for what lies beyond year 9999.
pub fn rfc3339(at_ms: u64) -> String {
    let nanos = i128::from(at_ms) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned())
}

/// Reads `2h`, `90s`, `5m`, `1h30m`, `250ms`, `1d`: whole numbers with a unit each, the larger unit first or not.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let mut total_ms: u64 = 0;
    let mut rest = text.trim();
    let unreadable = || format!("{text:?} is not a duration: write it like 2h, 90s, 5m, 1h30m or 250ms");
    if rest.is_empty() {
        return Err(unreadable());
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at(letters);
        let unit_ms: u64 = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(unreadable()),
        };
        let number: u64 = number.parse().map_err(|_| unreadable())?;
        total_ms = number.checked_mul(unit_ms).and_then(|part| total_ms.checked_add(part)).ok_or_else(unreadable)?;
        rest = after;
    }
    let duration = Duration::from_millis(total_ms);
    if duration > LONGEST_ADVANCE {
        return Err(format!("{text:?} is more than a hundred years"));
    }
    Ok(duration)
}

/// `GET` and `POST /_local/clock`.
pub fn routes(clock: Clock) -> Router {
    Router::new()
        .route("/_local/clock", get(show).post(advance))
        .layer(middleware::from_fn(answer::readable_anywhere))
        .with_state(clock)
}

async fn show(State(clock): State<Clock>) -> Response {
    answer::json(&clock.shown())
}

async fn advance(State(clock): State<Clock>, body: Bytes) -> Response {
    match read_advance(&body) {
        Ok(by) => {
            clock.advance(by);
            answer::json(&clock.shown())
        }
        Err(sentence) => answer::bad_request(&sentence).into_response(),
    }
}

fn read_advance(body: &[u8]) -> Result<Duration, String> {
    let fields = answer::object(body)?;
    if let Some(unknown) = fields.keys().find(|name| name.as_str() != "advance") {
        return Err(format!("the clock has no field {unknown:?}: send {{\"advance\": \"2h\"}}"));
    }
    let text = fields
        .get("advance")
        .and_then(serde_json::Value::as_str)
        .ok_or("advance must be a text such as \"2h\": the clock only goes forward, by that much")?;
    parse_duration(text)
}

fn machine_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_the_durations_of_the_manual() {
        for (text, ms) in [
            ("2h", 7_200_000),
            ("90s", 90_000),
            ("5m", 300_000),
            ("1h30m", 5_400_000),
            ("250ms", 250),
            ("1d", 86_400_000),
        ] {
            assert_eq!(parse_duration(text).unwrap(), Duration::from_millis(ms), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_duration_and_quotes_it() {
        for text in
            ["", "2", "h", "-2h", "2 h", "1.5h", "2w", "99999999999999999999h", "18446744073709551615d", "200000d"]
        {
            let sentence = parse_duration(text).unwrap_err();
            assert!(sentence.contains(text), "{sentence}");
        }
    }

    #[test]
    fn advancing_adds_up() {
        let clock = Clock::new();
        let before = clock.now_ms();
        clock.advance(Duration::from_secs(3600));
        clock.advance(Duration::from_secs(3600));
        assert_eq!(clock.offset_ms(), 7_200_000);
        assert!(clock.now_ms() >= before + 7_200_000);
    }

    #[test]
    fn writes_times_as_rfc_3339() {
        assert_eq!(rfc3339(1_772_357_400_250), "2026-03-01T09:30:00.25Z");
    }
}
