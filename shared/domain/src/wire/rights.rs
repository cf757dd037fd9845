//! How somebody is told what he may publish, in the words that the front ends know.

use serde_json::json;

use super::{ServerEvent, names};
use crate::{DisplayName, Meeting, Participant, Source, UserId};

/// Whom a right was given to or taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One person.
    One,
    /// All participants, and what was decided for each of them is undone.
    All,
    /// One person, because he is a participant now or no longer is one: what was decided for him stays.
    ByRole,
    /// One person who may what other participants may not.
    Exempted,
}

impl ServerEvent {
    /// Tells those whom it concerns that they may publish a source, or may not.
    ///
    /// Front ends keep two flags for screen sharing, their own and that of the room, and some know the second one only.
    pub fn right(source: Source, allowed: bool, scope: Scope, by: Option<&DisplayName>) -> Vec<Self> {
        let by = by.map_or("Host", DisplayName::as_str);
        let event = |name, payload| Self { name, payload };
        match (source, allowed) {
            (Source::Microphone, false) => {
                vec![event(names::FORCE_MUTE, json!({ "audio": true, "by": by, "locked": true }))]
            }
            (Source::Microphone, true) => vec![event(names::ALLOW_UNMUTE, json!({ "by": by, "locked": false }))],
            (Source::Camera, false) => vec![event(names::FORCE_VIDEO_PAUSE, json!({ "video": true, "by": by }))],
            (Source::Camera, true) => vec![event(names::ALLOW_UNPAUSE, json!({ "by": by }))],
            (Source::Screen, _) => {
                let payload = json!({ "enabled": allowed, "by": by });
                let own = || event(names::SCREENSHARE_CONTROL, payload.clone());
                let room = || event(names::SCREENSHARE_GLOBAL_UPDATE, payload.clone());
                match (scope, allowed) {
                    (Scope::One, _) => vec![own()],
                    (Scope::ByRole, _) | (Scope::All, false) => vec![room()],
                    (Scope::All, true) | (Scope::Exempted, _) => vec![room(), own()],
                }
            }
        }
    }

    /// Tells one who has just come what he may not publish. What he may is not told: there would be nothing new in it.
    pub fn restrictions(meeting: &Meeting, user: &UserId) -> Vec<Self> {
        let restrictions = Source::ALL.into_iter().filter_map(|source| meeting.may_publish(user, source).err());
        let told = |restriction: crate::Restriction| {
            let scope = if restriction.room_wide { Scope::All } else { Scope::One };
            Self::right(restriction.source, false, scope, None)
        };
        restrictions.flat_map(told).collect()
    }

    /// Tells everybody of one person's right. Who loses it is silent, and who gets it back is as he was.
    pub fn right_of(user: &UserId, source: Source, allowed: bool) -> Self {
        let payload = match source {
            Source::Microphone if allowed => json!({ "userId": user, "audioLocked": false }),
            Source::Microphone => json!({ "userId": user, "audioLocked": true, "isAudioMuted": true }),
            Source::Camera if allowed => json!({ "userId": user, "videoLocked": false }),
            Source::Camera => json!({ "userId": user, "videoLocked": true, "isVideoPaused": true }),
            Source::Screen => json!({ "userId": user, "screenShareLocked": !allowed }),
        };
        Self { name: names::PARTICIPANT_STATE_CHANGED, payload }
    }

    /// Tells everybody what is shown of one person now.
    pub fn state_of(participant: &Participant) -> Self {
        let Participant {
            id, is_audio_muted, is_video_paused, audio_locked, video_locked, screen_share_locked, ..
        } = participant;
        let payload = json!({
            "userId": id, "isAudioMuted": is_audio_muted, "isVideoPaused": is_video_paused, "audioLocked": audio_locked,
            "videoLocked": video_locked, "screenShareLocked": screen_share_locked,
        });
        Self { name: names::PARTICIPANT_STATE_CHANGED, payload }
    }
}
