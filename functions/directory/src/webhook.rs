//! `POST /api/webhooks/users`.

use std::time::Duration;

use dais_domain::{Timestamp, WebhookId};
use dais_realtime::Sockets;
use dais_rest::{Answer, Ask, Problem, wire::ErrorBody};
use dais_store::Store;
use lambda_http::{Request, http::HeaderName};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Rest, WebhookProblem,
    event::{Event, News},
    farewell,
    signature::Signed,
};

/// How long a message is remembered as handled. Svix tries for 28 hours.
const REMEMBERED: Duration = Duration::from_secs(3 * 24 * 3600);

const ID: HeaderName = HeaderName::from_static("svix-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("svix-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("svix-signature");

/// That a webhook was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct Taken {
    /// Always true.
    success: bool,
}

/// Tell of a user
///
/// For the identity provider only: `user.created`, `user.updated` and `user.deleted` in Clerk's words, signed as Svix does. Other
/// events are taken and change nothing. Messages may come late, twice and in any order.
#[utoipa::path(
    post,
    path = "/api/webhooks/users",
    operation_id = "tellOfUser",
    tag = "directory",
    security(()),
    params(
        ("svix-id" = String, Header, description = "Id of the message; the same when it is sent again"),
        ("svix-timestamp" = String, Header, description = "When it was signed, in seconds; at most five minutes ago"),
        ("svix-signature" = String, Header, description = "`v1,` and HMAC-SHA256 of `id.timestamp.body` in base64"),
    ),
    request_body(content = Object, description = "The event"),
    responses(
        (status = 200, description = "It was taken", body = Taken),
        (status = 400, description = "It was signed and cannot be read", body = ErrorBody),
        (status = 401, description = "It is not the provider's, or too old", body = ErrorBody),
        (status = 413, description = "The body has more than 64 KB", body = ErrorBody),
        (status = 415, description = "The body is not `application/json`", body = ErrorBody),
        (status = 503, description = "Temporarily unavailable; send it again", body = ErrorBody),
    )
)]
pub async fn take<S: Store, C: Sockets>(
    rest: &Rest<S, C>,
    ask: &Ask<'_>,
    request: &Request,
) -> Result<Answer, Problem> {
    let body: &[u8] = request.body();
    if body.len() > dais_rest::MAX_BODY_BYTES {
        return Err(Problem::BodyTooLarge);
    }
    let signed = signed(ask)?;
    rest.secrets.verify(signed, body, ask.now)?;
    let id = WebhookId::new(signed.id).map_err(|error| Problem::invalid(ID.as_str(), error))?;
    let event: Event = ask.json()?;
    if rest.store.was_handled(&id).await? {
        return taken();
    }
    match event.news().map_err(|reason| Problem::invalid("data", reason))? {
        News::Is(user) => {
            let news = rest.store.learn(&user).await?;
            tracing::info!(userId = %user.id, news, "📇 User announced");
        }
        News::Gone { user, at } => farewell::farewell(rest, &user, at.unwrap_or(signed_at(signed)), ask.now).await?,
        News::Other => {}
    }
    // Last: what dies before this is sent again and done again, which changes nothing.
    rest.store.handled(&id, ask.now.plus(REMEMBERED)).await?;
    taken()
}

fn signed<'a>(ask: &Ask<'a>) -> Result<Signed<'a>, Problem> {
    let header = |name| ask.header(name).ok().flatten().ok_or(WebhookProblem::Unsigned);
    Ok(Signed { id: header(&ID)?, timestamp: header(&TIMESTAMP)?, signatures: header(&SIGNATURE)? })
}

fn signed_at(signed: Signed<'_>) -> Timestamp {
    Timestamp::from_ms(signed.timestamp.parse::<u64>().unwrap_or_default().saturating_mul(1000))
}

fn taken() -> Result<Answer, Problem> {
    Answer::ok(&Taken { success: true })
}
