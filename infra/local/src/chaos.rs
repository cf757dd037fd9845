//! Faults on purpose: what the cloud does now and then, done often, so that the tests meet it.
//!
//! Decisions come from a seeded generator: the same settings and the same order of questions give the same faults.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, middleware, response::Response, routing::get};
use serde::Serialize;
use serde_json::Value;

use crate::answer;

/// What to break. The default breaks nothing. Probabilities are 0..=1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChaosSettings {
    /// No `$disconnect` event reaches a function any more, however a connection ends.
    pub lost_disconnects: bool,
    /// An event is delivered to its function twice (all sources but requests by HTTP are at-least-once).
    pub duplicate_invocations: f64,
    /// A function's run is cut off at an arbitrary point, as when its environment dies.
    pub kill_invocations: f64,
    /// A call to the table is refused for throughput.
    pub throttle_table: f64,
    /// A write to the table meets somebody else's transaction.
    pub conflict_table: f64,
    /// Each event reaches its function late, by a random time up to this. Events overtake each other.
    pub delay_invocations_ms: u64,
    /// Each call of the table takes this much longer, as over a network. Parallel calls then show as such in the ledger.
    pub delay_table_ms: u64,
    /// Where the generator starts. Setting the settings restarts it here.
    pub seed: u64,
}

impl Default for ChaosSettings {
    fn default() -> Self {
        Self {
            lost_disconnects: false,
            duplicate_invocations: 0.0,
            kill_invocations: 0.0,
            throttle_table: 0.0,
            conflict_table: 0.0,
            delay_invocations_ms: 0,
            delay_table_ms: 0,
            seed: 1,
        }
    }
}

impl ChaosSettings {
    /// Reads the body of `POST /_local/chaos`. What it leaves out is off; `{}` switches all off.
    ///
    /// # Errors
    /// A sentence that names the field and says what it may be.
    pub fn from_json(body: &[u8]) -> Result<Self, String> {
        let mut settings = Self::default();
        for (name, value) in answer::object(body)? {
            match name.as_str() {
                "lostDisconnects" => {
                    settings.lost_disconnects =
                        value.as_bool().ok_or_else(|| format!("{name} must be true or false, not {value}"))?;
                }
                "duplicateInvocations" => settings.duplicate_invocations = probability(&name, &value)?,
                "killInvocations" => settings.kill_invocations = probability(&name, &value)?,
                "throttleTable" => settings.throttle_table = probability(&name, &value)?,
                "conflictTable" => settings.conflict_table = probability(&name, &value)?,
                "delayInvocationsMs" => settings.delay_invocations_ms = milliseconds(&name, &value)?,
                "delayTableMs" => settings.delay_table_ms = milliseconds(&name, &value)?,
                "seed" => {
                    settings.seed =
                        value.as_u64().ok_or_else(|| format!("{name} must be a whole number from 0, not {value}"))?;
                }
                _ => {
                    return Err(format!(
                        "there is no chaos switch {name:?}: there are lostDisconnects, duplicateInvocations, \
                         killInvocations, throttleTable, conflictTable, delayInvocationsMs, delayTableMs and seed"
                    ));
                }
            }
        }
        Ok(settings)
    }
}

fn probability(name: &str, value: &Value) -> Result<f64, String> {
    value
        .as_f64()
        .filter(|probability| (0.0..=1.0).contains(probability))
        .ok_or_else(|| format!("{name} must be a probability from 0 to 1, not {value}"))
}

fn milliseconds(name: &str, value: &Value) -> Result<u64, String> {
    value
        .as_u64()
        .filter(|ms| *ms <= 60_000)
        .ok_or_else(|| format!("{name} must be a whole number from 0 to 60000, not {value}"))
}

/// The chaos switches. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Chaos {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    settings: ChaosSettings,
    generator: SplitMix64,
}

impl Chaos {
    /// All switches off.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is switched on now.
    pub fn current(&self) -> ChaosSettings {
        self.lock().settings
    }

    /// Replaces all switches and restarts the generator from `settings.seed`.
    pub fn set(&self, settings: ChaosSettings) {
        *self.lock() = Inner { settings, generator: SplitMix64(settings.seed) };
    }

    /// True with this probability. 0 is never, 1 is always.
    pub fn roll(&self, probability: f64) -> bool {
        probability > 0.0 && self.lock().generator.fraction() < probability
    }

    /// A number below `end`; 0 when `end` is 0. For choosing which of several things to break.
    pub fn pick(&self, end: usize) -> usize {
        let number = self.lock().generator.next();
        usize::try_from(number % (end.max(1) as u64)).unwrap_or(0)
    }

    /// How late the next event is to reach its function.
    pub fn invocation_delay(&self) -> Duration {
        let mut inner = self.lock();
        match inner.settings.delay_invocations_ms {
            0 => Duration::ZERO,
            most => Duration::from_millis(inner.generator.next() % (most + 1)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sebastiano Vigna's SplitMix64: enough for faults, and no dependency. Not for secrets.
#[derive(Debug, Default)]
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Uniform in 0..1, from the 53 bits that an f64 holds exactly.
    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// `GET` and `POST /_local/chaos`.
pub fn routes(chaos: Chaos) -> Router {
    Router::new()
        .route("/_local/chaos", get(show).post(change))
        .layer(middleware::from_fn(answer::readable_anywhere))
        .with_state(chaos)
}

async fn show(State(chaos): State<Chaos>) -> Response {
    answer::json(&chaos.current())
}

async fn change(State(chaos): State<Chaos>, body: Bytes) -> Response {
    match ChaosSettings::from_json(&body) {
        Ok(settings) => {
            chaos.set(settings);
            answer::json(&settings)
        }
        Err(sentence) => answer::bad_request(&sentence),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn nothing_breaks_unless_asked() {
        let chaos = Chaos::new();
        assert!((0..1000).all(|_| !chaos.roll(chaos.current().throttle_table)));
        assert_eq!(chaos.invocation_delay(), Duration::ZERO);
    }

    #[test]
    fn the_same_seed_gives_the_same_faults() {
        let faults = |seed| {
            let chaos = Chaos::new();
            chaos.set(ChaosSettings { seed, ..ChaosSettings::default() });
            (0..256).map(|_| chaos.roll(0.5)).collect::<Vec<_>>()
        };
        assert_eq!(faults(7), faults(7));
        assert_ne!(faults(7), faults(8));
    }

    #[test]
    fn a_probability_is_met_in_the_long_run() {
        let chaos = Chaos::new();
        let hits = (0..100_000).filter(|_| chaos.roll(0.1)).count();
        assert!((9_500..10_500).contains(&hits), "{hits}");
        assert!((0..1000).all(|_| chaos.roll(1.0)));
    }

    #[test]
    fn what_is_left_out_is_off() {
        let settings =
            ChaosSettings::from_json(br#"{"lostDisconnects":true,"killInvocations":0.25,"seed":9}"#).unwrap();
        let expected =
            ChaosSettings { lost_disconnects: true, kill_invocations: 0.25, seed: 9, ..ChaosSettings::default() };
        assert_eq!(settings, expected);
        assert_eq!(ChaosSettings::from_json(b"{}").unwrap(), ChaosSettings::default());
    }

    #[test]
    fn a_mistake_is_answered_with_the_name_of_the_field() {
        for (body, name) in [
            (r#"{"throttleTable":1.5}"#, "throttleTable"),
            (r#"{"conflictTable":-0.1}"#, "conflictTable"),
            (r#"{"killInvocations":"often"}"#, "killInvocations"),
            (r#"{"duplicateInvocations":null}"#, "duplicateInvocations"),
            (r#"{"lostDisconnects":1}"#, "lostDisconnects"),
            (r#"{"delayInvocationsMs":-1}"#, "delayInvocationsMs"),
            (r#"{"delayTableMs":60001}"#, "delayTableMs"),
            (r#"{"seed":1.5}"#, "seed"),
            (r#"{"throttletable":0.1}"#, "throttletable"),
        ] {
            let sentence = ChaosSettings::from_json(body.as_bytes()).unwrap_err();
            assert!(sentence.contains(name), "{sentence}");
        }
    }
}
