//! `GET` and `POST /api/unsubscribe/{mailId}`: one click in a mail program (RFC 8058), or two in a browser.

use dais_domain::MailId;
use dais_mail::Mailer;
use dais_realtime::Sockets;
use dais_rest::{Ask, Problem};
use dais_store::{Store, SuppressionReason};
use lambda_http::{
    Body, Response,
    http::{HeaderValue, header},
};

use crate::{
    Rest,
    wire::{ErrorBody, schema},
};

/// Ask whether to send no more mails
///
/// A page with a button; it changes nothing, since mail scanners open links.
#[utoipa::path(
    get,
    path = "/api/unsubscribe/{mailId}",
    operation_id = "readUnsubscribePage",
    tag = "invitations",
    security(()),
    params(("mailId" = schema::MailId, Path, description = "The mail that the link is in")),
    responses(
        (status = 200, description = "A page", body = String, content_type = "text/html; charset=utf-8"),
        (status = 400, description = "Not an id of a mail", body = ErrorBody),
    )
)]
pub fn page(ask: &Ask<'_>) -> Result<Response<Body>, Problem> {
    mail_id(ask)?;
    Ok(html("<h1>No more mails?</h1><form method=\"post\"><button>Send me no more mails</button></form>"))
}

/// Send no more mails
///
/// To the receiver of this mail. Needs no session, as mail programs do it for their users. Unknown mails are answered
/// as known ones.
#[utoipa::path(
    post,
    path = "/api/unsubscribe/{mailId}",
    operation_id = "unsubscribe",
    tag = "invitations",
    security(()),
    params(("mailId" = schema::MailId, Path, description = "The mail that the link is in")),
    responses(
        (status = 200, description = "A page", body = String, content_type = "text/html; charset=utf-8"),
        (status = 400, description = "Not an id of a mail", body = ErrorBody),
        (status = 503, description = "Temporarily unavailable; send it again", body = ErrorBody),
    )
)]
pub async fn unsubscribe<S: Store, C: Sockets, M: Mailer + 'static>(
    rest: &Rest<S, C, M>,
    ask: &Ask<'_>,
) -> Result<Response<Body>, Problem> {
    if let Some(mail) = rest.store.mail(&mail_id(ask)?).await? {
        let invitation = rest.store.invitation(&mail.meeting_id, &mail.invitation_id).await?;
        if let Some(to) = invitation.as_ref().and_then(|invitation| mail.kind.receiver(invitation)) {
            rest.store.suppress(to, SuppressionReason::Unsubscribed, ask.now).await?;
            tracing::info!(roomId = %mail.meeting_id, "🔕 A receiver wants no more mails");
        }
    }
    Ok(html("<h1>Done</h1><p>We send you no more mails.</p>"))
}

fn mail_id(ask: &Ask<'_>) -> Result<MailId, Problem> {
    ask.segment("mailId", MailId::new)
}

/// A page without anything from elsewhere.
fn html(content: &str) -> Response<Body> {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>Mails</title><main>{content}</main></html>"
    );
    let mut response = Response::new(Body::Text(page));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let policy = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}
