//! The JSON of requests and answers, and their schemas.

use std::borrow::Cow;

use dais_domain::{
    Invitation, InvitationId, Meeting, MeetingId, Outcome, Role, Timestamp, UserId, hosted_by::hosted_by,
};
use dais_rest::{
    text_schema,
    wire::{Date, MeetingBody},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use dais_rest::wire::ErrorBody;

/// Schemas of the small types.
pub mod schema {
    pub use dais_rest::wire::schema::*;

    use super::text_schema;

    text_schema!(Token, "The secret in the link of an invitation.", |schema| { schema.max_length(Some(1000)) });

    text_schema!(MailId, "Id of a mail, known to its receiver alone.", |schema| {
        schema.min_length(Some(1)).max_length(Some(dais_domain::MailId::MAX_CHARS)).pattern(Some("^[A-Za-z0-9_-]+$"))
    });
}

/// A role that can be offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum InvitedRole {
    /// Everything.
    #[default]
    Host,
    /// Moderates participants.
    Cohost,
}

impl From<InvitedRole> for Role {
    fn from(role: InvitedRole) -> Self {
        match role {
            InvitedRole::Host => Self::Host,
            InvitedRole::Cohost => Self::CoHost,
        }
    }
}

impl InvitedRole {
    /// `None` for a participant, who has no role.
    pub fn of(role: Role) -> Option<Self> {
        match role {
            Role::Host => Some(Self::Host),
            Role::CoHost => Some(Self::Cohost),
            Role::Participant => None,
        }
    }
}

/// Addresses to invite.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct InviteByEmail {
    /// Each gets its own result, in this order. How many there may be the deployment says; 50 unless it says otherwise.
    pub emails: Vec<String>,
    /// What they are to be; host when absent.
    #[serde(default)]
    pub role: Option<InvitedRole>,
}

/// People to invite.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct InviteByNetwork {
    /// User ids of people of the caller's network. Each gets its own result, in this order.
    pub invitee_ids: Vec<String>,
    /// What they are to be; host when absent.
    #[serde(default)]
    pub role: Option<InvitedRole>,
}

/// The link's secret.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct TokenBody {
    /// From the link.
    #[schema(value_type = schema::Token)]
    pub token: String,
}

/// What became of one invitee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InviteStatus {
    /// Invited; the mail is on its way.
    Sent,
    /// Has this role or a higher one.
    AlreadyHost,
    /// Was invited before and has not answered: the invitation is renewed, and a new mail replaces the one before.
    AlreadyInvited,
    /// Nobody is known by this address, and the deployment invites only people who are; or nobody of the caller's network has
    /// this id.
    NotRegistered,
    /// Nothing is sent to this address any more.
    Suppressed,
    /// Not an address, or not an id.
    Invalid,
    /// The caller has invited too many, or this address has been invited too often.
    Limit,
    /// It could not be done now. Try this one again.
    Failed,
}

impl InviteStatus {
    fn message(self) -> Option<&'static str> {
        match self {
            Self::Sent => None,
            Self::AlreadyHost => Some("Already a host"),
            Self::AlreadyInvited => Some("Invited before; a new mail replaces the earlier one"),
            Self::NotRegistered => Some("Not registered, or not in your network"),
            Self::Suppressed => Some("Nothing is sent to this address any more"),
            Self::Invalid => Some("Not a valid address or ID"),
            Self::Limit => Some("Too many invitations; try again later"),
            Self::Failed => Some("Failed to process invitation; try again"),
        }
    }
}

/// What became of one invitee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InviteResult {
    /// The address as it was sent.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The id as it was sent.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitee_id: Option<String>,
    /// What became of it.
    pub status: InviteStatus,
    /// The invitation, if there is one now.
    #[schema(value_type = Option<schema::InvitationId>, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation_id: Option<InvitationId>,
    /// Why, in a sentence, unless it was sent.
    #[schema(value_type = Option<String>, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Cow<'static, str>>,
}

impl InviteResult {
    /// Somebody who was not invited.
    pub fn refused(status: InviteStatus) -> Self {
        let message = status.message().map(Cow::Borrowed);
        Self { email: None, invitee_id: None, status, invitation_id: None, message }
    }

    /// Somebody who was.
    pub fn invited(status: InviteStatus, invitation: &Invitation) -> Self {
        Self { invitation_id: Some(invitation.id.clone()), ..Self::refused(status) }
    }
}

/// What became of each.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvitesAnswer {
    /// Always true: what went wrong with one stands in his result.
    pub success: bool,
    /// In the order of the request.
    pub results: Vec<InviteResult>,
    /// How many have the status `sent`.
    pub created_invites: usize,
}

impl InvitesAnswer {
    /// Of these results.
    pub fn new(results: Vec<InviteResult>) -> Self {
        let sent: std::collections::HashSet<_> = results
            .iter()
            .filter(|result| result.status == InviteStatus::Sent)
            .filter_map(|result| result.invitation_id.as_ref())
            .collect();
        Self { success: true, created_invites: sent.len(), results }
    }
}

/// What an invitation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It can be accepted.
    Pending,
    /// It was accepted.
    Accepted,
    /// It was declined.
    Declined,
    /// A host took it back.
    Revoked,
    /// Nobody answered in time. A new mail revives it.
    Expired,
    /// Its mail could not be delivered.
    Bounced,
}

impl State {
    fn of(invitation: &Invitation, now: Timestamp) -> Self {
        use dais_domain::InvitationState as S;
        match invitation.state_at(now) {
            S::Pending => Self::Pending,
            S::Accepted => Self::Accepted,
            S::Declined => Self::Declined,
            S::Revoked => Self::Revoked,
            S::Expired => Self::Expired,
            S::Bounced => Self::Bounced,
        }
    }
}

/// An invitation, as hosts see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Invitation)]
pub struct InvitationBody {
    /// Its id.
    #[schema(value_type = schema::InvitationId)]
    pub id: InvitationId,
    /// The address that was invited; null for somebody of the inviter's network, whose address hosts do not learn.
    #[schema(required)]
    pub email: Option<String>,
    /// The user who was invited; null for an address, of which hosts do not learn whose it is.
    #[schema(value_type = Option<schema::UserId>, required)]
    pub invitee_id: Option<UserId>,
    /// What it offers.
    #[schema(required)]
    pub role: Option<InvitedRole>,
    /// What it is now.
    pub state: State,
    /// Who invited last.
    #[schema(value_type = schema::UserId)]
    pub inviter_id: UserId,
    /// His name, if it is known.
    #[schema(value_type = Option<schema::Name>, required)]
    pub inviter_name: Option<String>,
    /// When it was made.
    #[schema(value_type = schema::DateTime)]
    pub created_at: Date,
    /// When it was sent last.
    #[schema(value_type = schema::DateTime)]
    pub invited_at: Date,
    /// Until when it can be accepted.
    #[schema(value_type = schema::DateTime)]
    pub expires_at: Date,
    /// When it was answered, taken back or found undeliverable; null while it is pending or expired.
    #[schema(value_type = Option<schema::DateTime>, required)]
    pub ended_at: Option<Date>,
    /// Who accepted it; null unless somebody did.
    #[schema(value_type = Option<schema::UserId>, required)]
    pub accepted_by: Option<UserId>,
}

impl InvitationBody {
    /// As it is now.
    pub fn new(invitation: &Invitation, now: Timestamp) -> Self {
        let by_network = invitation.by_network;
        Self {
            id: invitation.id.clone(),
            email: (!by_network).then(|| invitation.email.as_str().to_owned()),
            invitee_id: invitation.user_id.clone().filter(|_| by_network),
            role: InvitedRole::of(invitation.role),
            state: State::of(invitation, now),
            inviter_id: invitation.inviter.clone(),
            inviter_name: invitation.inviter_name.as_ref().map(ToString::to_string),
            created_at: invitation.created_at.into(),
            invited_at: invitation.invited_at.into(),
            expires_at: invitation.expires_at.into(),
            ended_at: invitation.outcome.at().map(Date),
            accepted_by: match &invitation.outcome {
                Outcome::Accepted { by, .. } => Some(by.clone()),
                _ => None,
            },
        }
    }
}

/// One invitation, to a host.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvitationAnswer {
    /// Always true.
    pub success: bool,
    /// As it is now.
    pub invitation: InvitationBody,
}

/// A page of invitations.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Invitations)]
pub struct InvitationsAnswer {
    /// Always true.
    pub success: bool,
    /// The latest made first.
    pub invitations: Vec<InvitationBody>,
    /// Send it as `cursor` for the next page; null when there is none.
    #[schema(value_type = Option<schema::InvitationId>, required)]
    pub next_cursor: Option<InvitationId>,
}

/// What an invitee is shown of the meeting.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InvitedMeeting)]
pub struct EventBody {
    /// The meeting.
    #[schema(value_type = schema::MeetingId)]
    pub id: MeetingId,
    /// What it is about.
    pub title: String,
    /// When it starts.
    #[schema(value_type = schema::DateTime)]
    pub starts_at: Date,
    /// Its hosts in words; null when none has a name.
    #[schema(required)]
    pub hosted_by: Option<String>,
}

impl EventBody {
    /// Of a meeting.
    pub fn new(meeting: &Meeting) -> Self {
        let names = meeting.hosts().into_iter().map(|(_, grant)| grant.name.as_ref().map(|name| name.as_str()));
        Self {
            id: meeting.id.clone(),
            title: meeting.description.to_string(),
            starts_at: meeting.starts_at.into(),
            hosted_by: hosted_by(names),
        }
    }
}

/// What one holds, before answering.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreviewAnswer {
    /// Always true.
    pub success: bool,
    /// `pending`, or `accepted` by the caller himself.
    pub state: State,
    /// What it offers.
    #[schema(required)]
    pub role: Option<InvitedRole>,
    /// What the caller is now; null when he has no role.
    #[schema(required)]
    pub current_role: Option<InvitedRole>,
    /// The caller has this role or a higher one.
    pub already_host: bool,
    /// Who invites, if his name is known.
    #[schema(value_type = Option<schema::Name>, required)]
    pub inviter_name: Option<String>,
    /// Until when it can be accepted.
    #[schema(value_type = schema::DateTime)]
    pub expires_at: Date,
    /// To what.
    pub meeting: EventBody,
}

impl PreviewAnswer {
    /// As `caller` sees it.
    pub fn new(invitation: &Invitation, meeting: &Meeting, caller: &UserId, now: Timestamp) -> Self {
        let role = meeting.role_of(caller);
        Self {
            success: true,
            state: State::of(invitation, now),
            role: InvitedRole::of(invitation.role),
            current_role: InvitedRole::of(role),
            already_host: role >= invitation.role,
            inviter_name: invitation.inviter_name.as_ref().map(ToString::to_string),
            expires_at: invitation.expires_at.into(),
            meeting: EventBody::new(meeting),
        }
    }
}

/// The meeting of which the caller is host or co-host now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AcceptedAnswer {
    /// Always true.
    pub success: bool,
    /// "Invitation accepted!" or "Already a host".
    pub message: &'static str,
    /// The caller had the role before.
    pub already_host: bool,
    /// What he is now.
    #[schema(required)]
    pub role: Option<InvitedRole>,
    /// The meeting, with its hosts.
    pub meeting: MeetingBody,
}

/// That something is done.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DoneAnswer {
    /// Always true.
    pub success: bool,
    /// What.
    pub message: &'static str,
}
