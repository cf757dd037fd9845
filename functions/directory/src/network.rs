//! `GET /api/network`.

use std::{cmp::Reverse, collections::HashMap};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use dais_domain::{
    Acquaintance, Description, DisplayName, ImageUrl, MeetingId, SharedMeeting, Timestamp, UserId, network::contains,
};
use dais_identity::Identity;
use dais_realtime::Sockets;
use dais_rest::{
    Answer, Ask, Problem,
    document::CallerProblems,
    wire::{Date, ErrorBody, schema},
};
use dais_store::{KnownUser, Store};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Rest;

const DEFAULT_LIMIT: u64 = 25;
const MAX_LIMIT: u64 = 100;
/// Characters of a search.
const MAX_QUERY_CHARS: usize = 200;
/// Meetings that are shown of one person. With titles of 500 characters this keeps a page under 2.5 MB of Lambda's 6 MB.
const MEETINGS_SHOWN: usize = 10;

/// A page of a network.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Network)]
pub struct NetworkAnswer {
    /// Always true.
    success: bool,
    /// Most recently met first.
    people: Vec<Met>,
    /// Send it as `cursor` for what follows; null when nothing does.
    #[schema(value_type = Option<schema::Cursor>, required)]
    next_cursor: Option<String>,
}

/// Somebody whom the caller has met.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Met {
    /// Who.
    #[schema(value_type = schema::UserId)]
    user_id: UserId,
    /// His name, if it is known.
    #[schema(value_type = Option<schema::Name>, required)]
    name: Option<DisplayName>,
    /// His picture, if it is known.
    #[schema(value_type = Option<String>, required)]
    image_url: Option<ImageUrl>,
    /// When they met last.
    #[schema(value_type = schema::DateTime)]
    met_at: Date,
    /// How many of the caller's latest meetings they share.
    #[schema(minimum = 1)]
    meeting_count: usize,
    /// At most ten of them, latest first; those whose title is searched for before others.
    #[schema(min_items = 1)]
    meetings: Vec<Shared>,
}

/// A meeting that they share.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Shared {
    /// Which.
    #[schema(value_type = schema::MeetingId)]
    id: MeetingId,
    /// What it was about.
    #[schema(value_type = schema::Text)]
    title: Description,
    /// When the caller was in it last, or became host or co-host of it.
    #[schema(value_type = schema::DateTime)]
    at: Date,
}

/// List the people one has met
///
/// Those who were in one of the caller's latest 50 meetings, or are host or co-host of one of them. Nobody sees anybody else's.
#[utoipa::path(
    get,
    path = "/api/network",
    operation_id = "listNetwork",
    tag = "directory",
    params(
        ("q" = Option<SearchText>, Query, description = "Only those whose name, or the title of a shared meeting, contains this; upper and lower case alike"),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 100, description = "Most people on a page; 25 when absent"),
        ("cursor" = Option<schema::Cursor>, Query, description = "`nextCursor` of the page before"),
        ("userId" = Option<schema::UserId>, Query, description = "The caller; somebody else's is refused"),
    ),
    responses(
        (status = 200, description = "A page", body = NetworkAnswer),
        (status = 403, description = "Somebody else's `userId`", body = ErrorBody),
        CallerProblems,
    )
)]
pub async fn network<S: Store, C: Sockets>(
    rest: &Rest<S, C>,
    ask: &Ask<'_>,
    who: &Identity,
) -> Result<Answer, Problem> {
    let parameters = ask.query(&["q", "limit", "cursor", "userId"])?;
    if parameters.text("userId").is_some_and(|user| user != who.user_id.as_str()) {
        return Err(Problem::ForeignUser);
    }
    let query = parameters.text("q").map(str::trim).unwrap_or_default();
    if query.chars().count() > MAX_QUERY_CHARS {
        return Err(Problem::invalid("q", format!("must have at most {MAX_QUERY_CHARS} characters")));
    }
    let limit = usize::try_from(parameters.number("limit", 1..=MAX_LIMIT, DEFAULT_LIMIT)?).unwrap_or(usize::MAX);
    let cursor = parameters.text("cursor").map(Cursor::read).transpose()?;

    let network = rest.store.network(&who.user_id).await?.into_iter();
    let mut page: Vec<Acquaintance> = network
        .filter(|person| cursor.as_ref().is_none_or(|cursor| Cursor::of(person) > *cursor))
        .filter(|person| person.matches(query))
        .take(limit + 1)
        .collect();
    let more = page.len() > limit;
    page.truncate(limit);
    let next_cursor = page.last().filter(|_| more).map(|last| Cursor::of(last).write());
    let ids: Vec<UserId> = page.iter().map(|person| person.id.clone()).collect();
    let known = rest.store.users(&ids).await?.into_iter().map(|user| (user.id.clone(), user));
    let known: HashMap<UserId, KnownUser> = known.collect();
    let people = page.into_iter().map(|person| Met::new(person, &known, query)).collect();
    Answer::ok(&NetworkAnswer { success: true, people, next_cursor })
}

impl Met {
    /// The name is the one under which they met, which is also the one that was searched; the directory has the picture.
    fn new(person: Acquaintance, known: &HashMap<UserId, KnownUser>, query: &str) -> Self {
        let met_at = person.met_at().into();
        let known = known.get(&person.id);
        Self {
            name: person.name.or_else(|| known.and_then(|user| user.name.clone())),
            image_url: known.and_then(|user| user.image_url.clone()),
            user_id: person.id,
            met_at,
            meeting_count: person.meetings.len(),
            meetings: shown(person.meetings, query),
        }
    }
}

fn shown(mut meetings: Vec<SharedMeeting>, query: &str) -> Vec<Shared> {
    meetings.sort_by_key(|meeting| !contains(meeting.title.as_str(), query));
    meetings.truncate(MEETINGS_SHOWN);
    meetings.sort_by_key(|meeting| Reverse(meeting.at));
    let shared = |meeting: SharedMeeting| Shared { id: meeting.id, title: meeting.title, at: meeting.at.into() };
    meetings.into_iter().map(shared).collect()
}

/// Where a network goes on: after this one. Callers see it in base64; what they make up can only show them another part of
/// their own network.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cursor(Reverse<Timestamp>, UserId);

impl Cursor {
    fn of(person: &Acquaintance) -> Self {
        Self(Reverse(person.met_at()), person.id.clone())
    }

    fn write(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{} {}", self.0.0.as_ms(), self.1))
    }

    fn read(text: &str) -> Result<Self, Problem> {
        let read = || {
            let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
            let (met_at, user) = text.split_once(' ')?;
            Some(Self(Reverse(Timestamp::from_ms(met_at.parse().ok()?)), UserId::new(user).ok()?))
        };
        read().ok_or_else(|| Problem::invalid("cursor", "must be the nextCursor of a page"))
    }
}

dais_rest::text_schema!(SearchText, "What a name or title is to contain.", |schema| {
    schema.max_length(Some(MAX_QUERY_CHARS))
});
