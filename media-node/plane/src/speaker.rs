//! Who speaks: the one whose smoothed level is the highest, with some advantage for the one who speaks already.

use std::time::{Duration, Instant};

/// Least time between two changes.
const INTERVAL: Duration = Duration::from_millis(300);
/// Weight of the newest 20 ms: a time constant of about 160 ms.
const WEIGHT: f32 = 0.125;
/// Another one must be this much louder, in decibel.
const ADVANTAGE: f32 = 6.0;
/// Below this level nobody speaks, in decibel above silence (127 below overload).
const FLOOR: f32 = 50.0;
/// A level that was heard so long ago counts as silence: DTX sends nothing.
const STALE: Duration = Duration::from_millis(500);

struct Voice<K> {
    key: K,
    level: f32,
    heard: Instant,
}

/// The voices of a room.
pub(crate) struct Speakers<K> {
    voices: Vec<Voice<K>>,
    dominant: Option<K>,
    changed: Option<Instant>,
}

impl<K> Default for Speakers<K> {
    fn default() -> Self {
        Self { voices: Vec::new(), dominant: None, changed: None }
    }
}

impl<K: Copy + PartialEq> Speakers<K> {
    /// A packet had this level: 0 is overload, 127 silence. Returns who speaks now, if that is another one than before.
    pub(crate) fn heard(&mut self, now: Instant, key: K, level: u8) -> Option<K> {
        let level = 127.0 - f32::from(level & 0x7f);
        let voice = match self.voices.iter_mut().find(|voice| voice.key == key) {
            Some(voice) => voice,
            None => {
                self.voices.push(Voice { key, level: 0.0, heard: now });
                self.voices.last_mut()?
            }
        };
        voice.level += (level - voice.level) * WEIGHT;
        voice.heard = now;
        if self.changed.is_some_and(|changed| now.saturating_duration_since(changed) < INTERVAL) {
            return None;
        }
        let level_of = |voice: &Voice<K>| {
            if now.saturating_duration_since(voice.heard) > STALE { 0.0 } else { voice.level }
        };
        let loudest = self.voices.iter().max_by(|one, other| level_of(one).total_cmp(&level_of(other)))?;
        let reigning = self.voices.iter().find(|voice| Some(voice.key) == self.dominant).map_or(0.0, level_of);
        if Some(loudest.key) == self.dominant || level_of(loudest) < FLOOR.max(reigning + ADVANTAGE) {
            return None;
        }
        let key = loudest.key;
        self.dominant = Some(key);
        self.changed = Some(now);
        Some(key)
    }

    /// A voice is gone, or has been silenced. True if it was the one who spoke.
    pub(crate) fn gone(&mut self, key: K) -> bool {
        self.voices.retain(|voice| voice.key != key);
        let was_dominant = self.dominant == Some(key);
        if was_dominant {
            self.dominant = None;
        }
        was_dominant
    }
}
