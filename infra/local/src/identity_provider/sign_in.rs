//! `/_local/sign-in` and `/_local/sign-out`: the page on which an identity provider's customers choose who they are, and the
//! cookie in which it keeps their session (Clerk: `__session`, readable by scripts of the origin).

use askama::Template;
use axum::{
    Router,
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{IdentityProvider, TokenParameters, User};
use crate::gateway::pairs;

/// Those who can be chosen at once, before anybody has signed in.
const FIRST: [&str; 3] = ["ada", "bo", "cy"];

/// People offered at most.
const OFFERED: usize = 12;

/// Life of the session, in seconds. A real provider's script renews a token each minute; here nobody does.
const SESSION_S: i64 = 24 * 3600;

/// What the page needs beside the style in it: nothing, and nowhere to send anything but here.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(super) fn routes(provider: IdentityProvider) -> Router {
    Router::new()
        .route("/_local/sign-in", get(page).post(sign_in))
        .route("/_local/sign-out", get(sign_out))
        .with_state(provider)
}

#[derive(Template)]
#[template(path = "sign-in.html")]
struct Page {
    people: Vec<Person>,
    redirect: String,
    problem: Option<String>,
    /// The field that is wrong.
    wrong: &'static str,
    name: String,
    email: String,
    verified: bool,
    signed_in: bool,
}

struct Person {
    user: String,
    letter: String,
    name: String,
    email: String,
}

/// A form that cannot be taken.
struct Wrong {
    field: &'static str,
    sentence: String,
}

type Pairs = Vec<(String, String)>;

async fn page(State(provider): State<IdentityProvider>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(&query.unwrap_or_default());
    match redirect(&pairs, &headers) {
        Ok(redirect) => shown(StatusCode::OK, empty_page(&provider, redirect, &headers)),
        Err(sentence) => shown(StatusCode::BAD_REQUEST, refused(&provider, &headers, sentence)),
    }
}

async fn sign_in(State(provider): State<IdentityProvider>, headers: HeaderMap, body: Bytes) -> Response {
    let pairs = pairs(&String::from_utf8_lossy(&body));
    let redirect = match redirect(&pairs, &headers) {
        Ok(redirect) => redirect,
        Err(sentence) => return shown(StatusCode::BAD_REQUEST, refused(&provider, &headers, sentence)),
    };
    let token = who(&provider, &pairs).and_then(|parameters| {
        provider.token(&parameters).map_err(|sentence| Wrong { field: "", sentence: capital(&sentence) })
    });
    match token {
        Ok(token) => gone(&redirect, &format!("{}; Max-Age={SESSION_S}", token.token)),
        Err(Wrong { field, sentence }) => {
            let page = Page {
                problem: Some(sentence),
                wrong: field,
                name: value(&pairs, "name").to_owned(),
                email: value(&pairs, "email").to_owned(),
                verified: value(&pairs, "verified") == "true",
                ..empty_page(&provider, redirect, &headers)
            };
            shown(StatusCode::BAD_REQUEST, page)
        }
    }
}

async fn sign_out(State(provider): State<IdentityProvider>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(&query.unwrap_or_default());
    match redirect(&pairs, &headers) {
        Ok(redirect) => gone(&redirect, "; Max-Age=0"),
        Err(sentence) => shown(StatusCode::BAD_REQUEST, refused(&provider, &headers, sentence)),
    }
}

/// Who signs in: one of those offered, or somebody with a name and an address. An address that is known is his who has it.
fn who(provider: &IdentityProvider, pairs: &Pairs) -> Result<TokenParameters, Wrong> {
    let wrong = |field| move |sentence: String| Wrong { field, sentence: capital(&sentence) };
    let chosen = value(pairs, "user");
    if !chosen.is_empty() {
        let parameters = TokenParameters::for_user(chosen).map_err(wrong(""))?;
        return Ok(TokenParameters { ttl_s: SESSION_S, ..parameters });
    }
    let (name, email) = (value(pairs, "name").trim(), value(pairs, "email").trim());
    if name.is_empty() {
        return Err(Wrong { field: "name", sentence: "Enter a name.".to_owned() });
    }
    let Ok(address) = dais_domain::EmailAddress::new(email) else {
        return Err(Wrong { field: "email", sentence: "Enter a mail address such as zoe@example.com.".to_owned() });
    };
    let has_it = |user: &User| user.email.as_deref().is_some_and(|email| email.to_lowercase() == address.as_str());
    let known = provider.users().into_iter().find(|user| !user.deleted && has_it(user)).map(|user| user.user);
    let parameters = TokenParameters::for_user(&known.unwrap_or_else(|| short_name(address.as_str())));
    Ok(TokenParameters {
        name: Some(name.to_owned()),
        email: Some(address.as_str().to_owned()),
        verified: Some(value(pairs, "verified") == "true"),
        ttl_s: SESSION_S,
        ..parameters.map_err(wrong("email"))?
    })
}

/// `zoe` of `zoe@example.com`, whose address that is by default, and `zoe-uni.example` of `zoe@uni.example`.
fn short_name(address: &str) -> String {
    let address = address.strip_suffix("@example.com").unwrap_or(address);
    let letter = |letter: char| if letter.is_ascii_alphanumeric() || "._-".contains(letter) { letter } else { '-' };
    address.chars().map(letter).take(64).collect()
}

fn empty_page(provider: &IdentityProvider, redirect: String, headers: &HeaderMap) -> Page {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let signed_in = cookies.flat_map(|cookies| cookies.split("; ")).any(|cookie| cookie.starts_with("__session="));
    let (name, email) = (String::new(), String::new());
    Page { people: people(provider), redirect, problem: None, wrong: "", name, email, verified: true, signed_in }
}

fn refused(provider: &IdentityProvider, headers: &HeaderMap, sentence: String) -> Page {
    Page { problem: Some(sentence), ..empty_page(provider, "/".to_owned(), headers) }
}

/// The first ones and those who have signed in, without those who have been deleted.
fn people(provider: &IdentityProvider) -> Vec<Person> {
    let users = provider.users();
    let known = |name: &str| users.iter().find(|user| user.user == name);
    let first = FIRST.into_iter().filter(|name| known(name).is_none_or(|user| !user.deleted));
    let first = first.map(|name| known(name).map_or_else(|| Person::new(name), Person::from));
    let others = users.iter().filter(|user| !user.deleted && !FIRST.contains(&user.user.as_str())).map(Person::from);
    first.chain(others).take(OFFERED).collect()
}

impl Person {
    fn new(user: &str) -> Self {
        let name = capital(user);
        let letter = name.chars().take(1).collect();
        Self { user: user.to_owned(), letter, name, email: format!("{user}@example.com") }
    }
}

impl From<&User> for Person {
    fn from(user: &User) -> Self {
        let name = user.name.clone().unwrap_or_else(|| user.user.clone());
        let letter = name.chars().take(1).flat_map(char::to_uppercase).collect();
        let email = match (&user.email, user.verified) {
            (Some(email), true) => email.clone(),
            (Some(email), false) => format!("{email} (not verified)"),
            (None, _) => "no mail address".to_owned(),
        };
        Self { user: user.user.clone(), letter, name, email }
    }
}

/// Where to go back to: a path of this origin, however it was given. Anything else is refused, as a link on a page of this
/// origin must not lead elsewhere.
fn redirect(pairs: &Pairs, headers: &HeaderMap) -> Result<String, String> {
    let given = value(pairs, "redirect_url");
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let path = given.strip_prefix("http://").and_then(|rest| rest.strip_prefix(host)).unwrap_or(given);
    let is_path = path.starts_with('/') && !path.starts_with("//");
    let is_sound = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    match path {
        "" => Ok("/".to_owned()),
        _ if is_path && is_sound => Ok(path.to_owned()),
        _ => Err("The address to return to is not on this origin, so it was left out.".to_owned()),
    }
}

fn value<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    pairs.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value.as_str())
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

fn shown(status: StatusCode, page: Page) -> Response {
    let Ok(text) = page.render() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, text).into_response()
}

/// On to the page that asked, with the session in its cookie.
fn gone(redirect: &str, session: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let cookie = format!("__session={session}; Path=/; SameSite=Lax");
    for (name, value) in
        [(header::LOCATION, redirect), (header::SET_COOKIE, &cookie), (header::CACHE_CONTROL, "no-store")]
    {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
