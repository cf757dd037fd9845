//! The pages that e-mails lead to: an invitation to accept or decline, and a meeting.
//!
//! They are files without data. Their scripts ask the REST API as the reader who is signed in, so this function reads
//! neither tables nor tokens, and fetching a page changes nothing: mail scanners and link previews fetch them all the time.

mod files;

use aws_config::SdkConfig;
use dais_function::{AfterAnswer, Settings, SettingsError};
use lambda_http::{
    Body, Error, Request, RequestExt, Response,
    http::{HeaderValue, StatusCode, header},
};

use files::{File, Page};

/// No script, style or frame of anybody else; nothing is sent to anybody else. `connect-src` is the REST API of this origin.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// The function with everything it holds between invocations.
#[derive(Debug)]
pub struct App {
    /// Where readers sign in. Empty: the pages offer no way to.
    sign_in_url: String,
}

impl App {
    /// Reads SIGN_IN_URL.
    pub fn new(settings: &Settings, _aws: &SdkConfig, _after: AfterAnswer) -> Result<Self, SettingsError> {
        Ok(Self { sign_in_url: settings.optional("SIGN_IN_URL").unwrap_or_default().to_owned() })
    }
}

/// Answers one request of the HTTP API. The path may hold a token: it is not logged.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Error> {
    Ok(match files::at(request.raw_http_path()) {
        Some(Page::Html(page)) => html(page.with_sign_in(&app.sign_in_url)),
        Some(Page::File(File { media_type, text })) => {
            // It changes with each deployment; a revalidated minute keeps pages and scripts together.
            with(StatusCode::OK, media_type, "public, max-age=60, must-revalidate", text.to_owned())
        }
        None => {
            with(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "no-store", "There is no such page\n".to_owned())
        }
    })
}

fn html(page: String) -> Response<Body> {
    let mut response = with(StatusCode::OK, "text/html; charset=utf-8", "no-store", page);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    // The address may hold a token.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("permissions-policy", HeaderValue::from_static("camera=(), microphone=(), geolocation=()"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    response
}

fn with(status: StatusCode, media_type: &'static str, cache: &'static str, text: String) -> Response<Body> {
    let mut response = Response::new(Body::Text(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
