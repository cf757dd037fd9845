//! Meetings in answers.

use dais_domain::{Description, Meeting, MeetingId, Role, UserId, Version, hosted_by::hosted_by};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Date, Person, PolicyBody, schema};

/// What every list and every answer has of a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MeetingSummary {
    /// Also the id of its room.
    #[schema(value_type = schema::MeetingId)]
    pub id: MeetingId,
    /// The same as `id`.
    #[schema(value_type = schema::MeetingId)]
    pub room_id: MeetingId,
    /// Its creator, who was its first host. Never changes, and says nothing of who is host now.
    #[schema(value_type = schema::UserId)]
    pub created_by: UserId,
    /// The same as `createdBy`.
    #[schema(value_type = schema::UserId)]
    pub creator_id: UserId,
    /// When it was created.
    #[schema(value_type = schema::DateTime)]
    pub created_at: Date,
    /// When it starts.
    #[schema(value_type = schema::DateTime)]
    pub starts_at: Date,
    /// When it was ended for all, if it was.
    #[schema(value_type = Option<schema::DateTime>, required)]
    pub ended_at: Option<Date>,
    /// What it is about.
    #[schema(value_type = schema::Text)]
    pub description: Description,
    /// One more with each change; also the ETag of the meeting.
    #[schema(value_type = u64, minimum = 1)]
    pub version: Version,
    /// Its hosts in words, such as "Ada, Bo and Cy" or "Ada and 3 others"; null when none has a name.
    #[schema(required)]
    pub hosted_by: Option<String>,
    /// The caller is a host of it.
    pub is_host: bool,
    /// The caller is a co-host of it.
    pub is_co_host: bool,
}

impl MeetingSummary {
    /// As `caller` sees it.
    pub fn new(meeting: &Meeting, caller: &UserId) -> Self {
        let names = meeting.hosts().into_iter().map(|(_, grant)| grant.name.as_ref().map(|name| name.as_str()));
        let role: Role = meeting.role_of(caller);
        Self {
            id: meeting.id.clone(),
            room_id: meeting.id.clone(),
            created_by: meeting.created_by.clone(),
            creator_id: meeting.created_by.clone(),
            created_at: meeting.created_at.into(),
            starts_at: meeting.starts_at.into(),
            ended_at: meeting.ended_at.map(Date),
            description: meeting.description.clone(),
            version: meeting.version,
            hosted_by: hosted_by(names),
            is_host: role.is_host(),
            is_co_host: role.is_cohost(),
        }
    }
}

/// Everything about a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Meeting)]
pub struct MeetingBody {
    /// What lists have of it too.
    #[serde(flatten)]
    pub summary: MeetingSummary,
    /// Room-wide switches.
    pub policy: PolicyBody,
    /// In the order in which they became hosts. Never empty.
    #[schema(min_items = 1)]
    pub hosts: Vec<Person>,
    /// In the order in which they became co-hosts.
    pub co_hosts: Vec<Person>,
}

impl MeetingBody {
    /// As `caller` sees it.
    pub fn new(meeting: &Meeting, caller: &UserId) -> Self {
        Self {
            summary: MeetingSummary::new(meeting, caller),
            policy: meeting.policy.into(),
            hosts: Person::list(meeting.hosts()),
            co_hosts: Person::list(meeting.cohosts()),
        }
    }
}
