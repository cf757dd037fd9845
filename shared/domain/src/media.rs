//! Sources of media, as far as rules know them.

use serde::{Deserialize, Serialize};

use crate::{NodeId, Timestamp};

/// What somebody publishes. Rights, locks and policy are per source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// His voice.
    Microphone,
    /// His picture.
    Camera,
    /// His screen, and the sound that goes with it.
    Screen,
}

impl Source {
    /// All sources, for tests that try every one.
    pub const ALL: [Self; 3] = [Self::Microphone, Self::Camera, Self::Screen];

    /// What a client calls by a kind (`audio` or not) and its own mark for a screen share.
    pub fn of(is_audio: bool, is_screen_share: bool) -> Self {
        match (is_audio, is_screen_share) {
            (_, true) => Self::Screen,
            (true, false) => Self::Microphone,
            (false, false) => Self::Camera,
        }
    }
}

/// Which media node has a room. Each claim of a room has a higher epoch than the one before it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MediaClaim {
    /// The node.
    pub node: NodeId,
    /// 1, 2, 3 … It begins again when nobody had claimed the room in between.
    pub epoch: u64,
    /// When it was claimed.
    pub claimed_at: Timestamp,
}

/// Why somebody may not publish ([`crate::Meeting::may_publish`]). A host can change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restriction {
    /// What he may not publish.
    pub source: Source,
    /// It holds for every participant, not for him alone.
    pub room_wide: bool,
}
