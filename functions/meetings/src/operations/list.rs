//! `GET /api/meetings`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use dais_domain::{MeetingId, Timestamp};
use dais_identity::Identity;
use dais_realtime::Sockets;
use dais_rest::{Answer, Ask, Problem, document::CallerProblems};
use dais_store::{ListQuery, Period, Store};

use crate::{
    Rest,
    wire::{ErrorBody, ListAnswer, MeetingSummary, schema},
};

const DEFAULT_LIMIT: u64 = 25;
const MAX_LIMIT: u64 = 100;
/// Pages of the index that are read for one page of the answer. What is left out is rare, so the first is nearly always enough.
const MAX_READS: u32 = 8;

/// List one's own meetings
///
/// Those that the caller has created or has a role in. `upcoming`: they start later and have not been ended, earliest
/// first. `past`: their start has passed, latest first. Without `period` all, latest start first. A page may be short
/// although another follows: go on while `nextCursor` is not null.
#[utoipa::path(
    get,
    path = "/api/meetings",
    operation_id = "listMeetings",
    tag = "meetings",
    params(
        ("period" = Option<schema::Period>, Query, description = "Which; absent means all"),
        ("hosting" = Option<bool>, Query, description = "Only those in which the caller is a host now"),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 100, description = "Most meetings on a page; 25 when absent"),
        ("cursor" = Option<schema::Cursor>, Query, description = "`nextCursor` of the page before, with the same `period`"),
        ("userId" = Option<schema::UserId>, Query, description = "The caller; somebody else's is refused"),
    ),
    responses(
        (status = 200, description = "A page", body = ListAnswer),
        (status = 403, description = "Somebody else's `userId`", body = ErrorBody),
        CallerProblems,
    )
)]
pub async fn list<S: Store, C: Sockets>(rest: &Rest<S, C>, ask: &Ask<'_>, who: &Identity) -> Result<Answer, Problem> {
    let parameters = ask.query(&["period", "hosting", "limit", "cursor", "userId"])?;
    if parameters.text("userId").is_some_and(|user| user != who.user_id.as_str()) {
        return Err(Problem::ForeignUser);
    }
    let period = match parameters.text("period") {
        None => Period::All,
        Some("upcoming") => Period::Upcoming,
        Some("past") => Period::Past,
        Some(_) => return Err(Problem::invalid("period", "must be upcoming or past")),
    };
    let limit = u32::try_from(parameters.number("limit", 1..=MAX_LIMIT, DEFAULT_LIMIT)?).unwrap_or(u32::MAX);
    let cursor = parameters.text("cursor").map(|text| Cursor::read(text, period)).transpose()?;
    // A later page has the "now" of the first, so that no meeting is between them or on both.
    let now = cursor.as_ref().map_or(ask.now, |cursor| cursor.now);
    let hosting = parameters.flag("hosting")?;

    let mut after = cursor.map(|cursor| cursor.position);
    let mut meetings = Vec::new();
    for _ in 0..MAX_READS {
        let left = limit - u32::try_from(meetings.len()).unwrap_or(limit);
        let query = ListQuery { period, hosting, now, limit: left, after: after.take() };
        let page = rest.store.meetings_of(&who.user_id, &query).await?;
        after = page.next;
        let shown = page.meetings.into_iter().map(|own| own.meeting);
        meetings.extend(shown.filter(|meeting| period != Period::Upcoming || meeting.ended_at.is_none()));
        if after.is_none() || meetings.len() >= limit as usize {
            break;
        }
    }
    Answer::ok(&ListAnswer {
        success: true,
        meetings: meetings.iter().map(|meeting| MeetingSummary::new(meeting, &who.user_id)).collect(),
        next_cursor: after.map(|position| Cursor { period, now, position }.write()),
    })
}

/// Where a list goes on. Callers see it in base64 and need not understand it; what they make up themselves can only show
/// them another part of their own list.
#[derive(Debug, PartialEq, Eq)]
struct Cursor {
    period: Period,
    now: Timestamp,
    position: String,
}

impl Cursor {
    fn write(&self) -> String {
        let text = format!("{} {} {}", period_letter(self.period), self.now.as_ms(), self.position);
        URL_SAFE_NO_PAD.encode(text)
    }

    fn read(text: &str, period: Period) -> Result<Self, Problem> {
        let read = || {
            let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
            let mut parts = text.splitn(3, ' ');
            let letter = parts.next()?;
            let now = Timestamp::from_ms(parts.next()?.parse().ok()?);
            let position = parts.next()?;
            let (starts_at, id) = position.split_once('#')?;
            let starts_at_ms: u64 = starts_at.parse().ok().filter(|_| starts_at.len() == 20)?;
            MeetingId::new(id).ok()?;
            // A position outside of what the list covers would be an error of the table.
            let inside = match period {
                Period::All => true,
                Period::Upcoming => starts_at_ms >= now.as_ms(),
                Period::Past => starts_at_ms < now.as_ms(),
            };
            (inside && letter == period_letter(period)).then(|| Self { period, now, position: position.to_owned() })
        };
        read().ok_or_else(|| Problem::invalid("cursor", "must be the nextCursor of a page with the same period"))
    }
}

fn period_letter(period: Period) -> &'static str {
    match period {
        Period::All => "a",
        Period::Upcoming => "u",
        Period::Past => "p",
    }
}
