//! `POST /api/meetings`. Whatever is lost, doubled or sent again on the way, a request creates one meeting.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use dais_domain::{
    Change, Description, DisplayName, LogEntry, Meeting, MeetingId, Refusal, Timestamp, UserId, Version,
};
use dais_identity::Identity;
use dais_realtime::Sockets;
use dais_rest::{
    Answer, Ask, Problem,
    document::{BodyProblems, CallerProblems},
    retry,
};
use dais_store::{CreateError, CreationKey, Store, StoreError};
use lambda_http::http::{StatusCode, header::LOCATION};

use crate::{
    Rest, answer, headers,
    problem::MeetingProblem,
    rest::log_action,
    wire::{CreateMeeting, Date, ErrorBody, MeetingAnswer, Title, schema},
};

/// How long an `Idempotency-Key` is remembered.
const KEY_LIFE: Duration = Duration::from_secs(24 * 3600);
/// How long a request is remembered by API Gateway's id of it: as long as one invocation can be repeated.
const REQUEST_LIFE: Duration = Duration::from_secs(600);
/// What ids of personal rooms begin with: they are the user ids of the identity provider.
const PERSONAL: &str = "user_";

/// Create a meeting
///
/// The caller becomes its first host. The same ID or the same `Idempotency-Key` with the same content, by the same
/// user, is answered as the first time and creates nothing: the answer shows the meeting as it was created.
#[utoipa::path(
    post,
    path = "/api/meetings",
    operation_id = "createMeeting",
    tag = "meetings",
    params(Key),
    request_body = CreateMeeting,
    responses(
        (status = 201, description = "Created, now or by an equal request before", body = MeetingAnswer,
            headers(("etag" = String, description = "Its version"), ("location" = String, description = "Its address"))),
        (status = 403, description = "Acting for somebody else", body = ErrorBody),
        (status = 409, description = "The ID is taken", body = ErrorBody),
        (status = 422, description = "The Idempotency-Key was used for another request", body = ErrorBody),
        CallerProblems,
        BodyProblems,
    )
)]
pub async fn create<S: Store, C: Sockets>(rest: &Rest<S, C>, ask: &Ask<'_>, who: &Identity) -> Result<Answer, Problem> {
    let wanted = Wanted::read(ask.json()?, who)?;
    let key = wanted.key(ask)?;
    let meeting = rest.create(&wanted, key.as_ref(), who, ask.now).await?;
    let location = format!("/api/meetings/{}", meeting.id);
    let body = MeetingAnswer::new(&meeting, &who.user_id);
    Ok(answer::meeting(StatusCode::CREATED, &body)?.with(LOCATION, location))
}

/// Headers of a creation.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only its parameters are used")]
struct Key {
    /// Makes it safe to send the request again when no ID is given. Remembered for 24 hours.
    #[param(rename = "Idempotency-Key", value_type = schema::IdempotencyKey, required = false)]
    idempotency_key: Option<String>,
}

/// A creation that has passed all checks which need no table.
#[derive(Debug)]
struct Wanted {
    id: Option<MeetingId>,
    description: Description,
    starts_at: Option<Timestamp>,
    creator_name: Option<DisplayName>,
}

impl Wanted {
    fn read(wanted: CreateMeeting, who: &Identity) -> Result<Self, Problem> {
        let CreateMeeting { room_id, id, user_id, user_name, starts_at, description } = wanted;
        if user_id.is_some_and(|user| user != who.user_id) {
            return Err(Problem::ForeignUser);
        }
        if let (Some(room_id), Some(id)) = (&room_id, &id)
            && room_id != id
        {
            return Err(Problem::invalid("roomId", "and id must be equal when both are given"));
        }
        let name = if room_id.is_some() { "roomId" } else { "id" };
        let id = room_id.or(id);
        if let Some(id) = &id {
            if id.as_str().bytes().all(|byte| byte == b'.') {
                return Err(Problem::invalid(name, "must not consist of dots alone"));
            }
            if id.as_str().starts_with(PERSONAL) && id.as_str() != who.user_id.as_str() {
                return Err(MeetingProblem::ForeignRoom.into());
            }
        }
        Ok(Self {
            id,
            description: Title::into_description(description),
            starts_at: starts_at.map(|Date(at)| at),
            creator_name: who.name.clone().or_else(|| user_name.as_deref().and_then(DisplayName::lenient)),
        })
    }

    /// Under what the creation is remembered: the caller's key, or API Gateway's id of this very request. An id of the
    /// caller's own is enough by itself.
    fn key(&self, ask: &Ask<'_>) -> Result<Option<CreationKey>, Problem> {
        let (key, life) = match (headers::idempotency_key(ask)?, ask.request_id()) {
            (Some(key), _) => (format!("caller:{key}"), KEY_LIFE),
            (None, Some(request)) if self.id.is_none() => (format!("request:{request}"), REQUEST_LIFE),
            _ => return Ok(None),
        };
        Ok(Some(CreationKey { key, fingerprint: self.fingerprint(), expires_at: ask.now.plus(life) }))
    }

    fn fingerprint(&self) -> String {
        let content = (self.id.as_ref(), self.description.as_str(), self.starts_at.map(Timestamp::as_ms));
        let text = serde_json::to_vec(&content).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(digest(&SHA256, &text))
    }

    /// Whether the meeting that `first` created is the one that is wanted. A start that was not given was "now".
    fn is(&self, first: &LogEntry) -> bool {
        let Change::Created { description, starts_at } = &first.change else { return false };
        *description == self.description && *starts_at == self.starts_at.unwrap_or(first.at)
    }
}

impl<S: Store, C: Sockets> Rest<S, C> {
    /// The meeting as it was created, now or before.
    async fn create(
        &self,
        wanted: &Wanted,
        key: Option<&CreationKey>,
        who: &Identity,
        now: Timestamp,
    ) -> Result<Meeting, Problem> {
        let id = match &wanted.id {
            Some(id) => id.clone(),
            None => generated_id()?,
        };
        let starts_at = wanted.starts_at.unwrap_or(now);
        let (creator, name) = (who.user_id.clone(), wanted.creator_name.clone());
        let (meeting, first) = Meeting::create(id, creator, name, wanted.description.clone(), starts_at, now);

        // The same id again each time: if an earlier try has happened although an error came back, it shows.
        let mut failures = 0;
        for tries in 0..retry::MAX_TRIES {
            match self.store.create(&meeting, &first, key).await {
                Ok(()) => {
                    log_action("created", who, &meeting.id);
                    return Ok(meeting);
                }
                Err(CreateError::KeyUsed { meeting_id, fingerprint }) => {
                    if key.is_none_or(|key| key.fingerprint != fingerprint) {
                        return Err(MeetingProblem::KeyReused.into());
                    }
                    return self.as_created(&meeting_id).await.map(|(meeting, _)| meeting);
                }
                Err(CreateError::Exists(there)) => return self.repeated(&there, wanted, &who.user_id).await,
                Err(CreateError::Conflict) => {}
                Err(CreateError::Store(StoreError::Unavailable { operation, reason })) => {
                    tracing::warn!(roomId = %meeting.id, operation, reason, "a meeting may or may not have been created");
                    failures += 1;
                    if failures == retry::MAX_FAILURES {
                        return Err(Refusal::Unavailable.into());
                    }
                }
                Err(CreateError::Store(error)) => return Err(error.into()),
            }
            retry::pause(tries).await;
        }
        Err(Refusal::Busy.into())
    }

    /// The meeting that is there, if it is what its creator wants again.
    async fn repeated(&self, there: &Meeting, wanted: &Wanted, caller: &UserId) -> Result<Meeting, Problem> {
        if there.created_by != *caller {
            return Err(MeetingProblem::MeetingExists { by_caller: false }.into());
        }
        let (meeting, first) = self.as_created(&there.id).await?;
        if wanted.is(&first) { Ok(meeting) } else { Err(MeetingProblem::MeetingExists { by_caller: true }.into()) }
    }

    /// A meeting as its log says that it was created.
    async fn as_created(&self, id: &MeetingId) -> Result<(Meeting, LogEntry), Problem> {
        let page = self.store.log(id, Version(0), 1).await?;
        let first = page.entries.into_iter().next();
        let found = first.and_then(|first| Some((Meeting::replay(id.clone(), [&first])?, first)));
        found.ok_or_else(|| {
            tracing::error!(roomId = %id, "❌ a meeting has no log");
            Problem::Internal
        })
    }
}

/// 21 characters of 64, which nobody guesses. It never begins like a personal room.
fn generated_id() -> Result<MeetingId, Problem> {
    let id = loop {
        let id = nanoid::nanoid!();
        if !id.starts_with(PERSONAL) {
            break id;
        }
    };
    MeetingId::new(id).map_err(|error| {
        tracing::error!(%error, "❌ a generated id is no id");
        Problem::Internal
    })
}
