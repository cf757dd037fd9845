//! Meetings in answers, in both shapes that callers know: flat, and inside `meeting`.

use dais_domain::{Meeting, UserId, Version};
use dais_rest::wire::{MeetingBody, MeetingSummary};
use serde::Serialize;
use utoipa::ToSchema;

/// One meeting: its fields side by side, and the same once more inside `meeting`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MeetingAnswer {
    /// Always true.
    pub success: bool,
    /// Flat.
    #[serde(flatten)]
    pub flat: MeetingBody,
    /// And inside.
    pub meeting: MeetingBody,
}

impl MeetingAnswer {
    /// As `caller` sees it.
    pub fn new(meeting: &Meeting, caller: &UserId) -> Self {
        let body = MeetingBody::new(meeting, caller);
        Self { success: true, flat: body.clone(), meeting: body }
    }

    /// The version it shows.
    pub fn version(&self) -> Version {
        self.flat.summary.version
    }
}

/// A page of the caller's own meetings.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Meetings)]
pub struct ListAnswer {
    /// Always true.
    pub success: bool,
    /// In the order of the period.
    pub meetings: Vec<MeetingSummary>,
    /// Send it as `cursor` for the next page; null when there is none.
    #[schema(required)]
    pub next_cursor: Option<String>,
}
