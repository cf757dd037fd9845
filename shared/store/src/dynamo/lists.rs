//! A user's own meetings: pointers in his partition, kept with the roles, read through the index of starts.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::TransactWriteItem;
use dais_domain::{Change, Decision, Meeting, MeetingId, Role, UserId, Version};
use futures::{StreamExt, stream};

use super::{DynamoStore, meetings::meeting_of, retry_conflicts, unavailable, written};
use crate::{
    ListQuery, MeetingPage, OwnMeeting, Period, StoreError,
    items::{Item, OwnMeetingItem, body, item, key_item, number, string},
    keys,
};

/// Pointers that a commit writes in its transaction at most; DynamoDB's bound is 100 writes, two are the meeting and its log entry.
const POINTERS_PER_COMMIT: usize = 90;
/// Pointers written at the same time after a commit.
const POINTERS_AT_ONCE: usize = 16;

/// The pointers that a change touches.
#[derive(Default)]
pub(super) struct Pointers {
    /// Those in the transaction of the change.
    pub within: Vec<TransactWriteItem>,
    /// Those that have no place in it. Only the order of people's lists hangs on them.
    pub after: Vec<Item>,
}

impl DynamoStore {
    /// Of the one whose role changed, or of all when the start moved.
    pub(super) fn pointers(&self, decision: &Decision) -> Result<Pointers, StoreError> {
        let meeting = &decision.meeting;
        match &decision.entry.change {
            // Who has no role any more, and did not create the meeting. One who is removed without a role had no pointer.
            Change::Removed { from: Role::Participant, .. } => Ok(Pointers::default()),
            Change::Role { user, to: Role::Participant, .. } | Change::Removed { user, .. }
                if *user != meeting.created_by =>
            {
                let gone = self.delete(keys::own_meeting(user, &meeting.id))?;
                Ok(Pointers { within: vec![gone], after: Vec::new() })
            }
            Change::Role { user, .. } | Change::Removed { user, .. } => {
                Ok(Pointers { within: vec![self.put(own_meeting(user, meeting)?)?], after: Vec::new() })
            }
            Change::Edited { edit, .. } if edit.starts_at.is_some() => {
                let users: BTreeSet<&UserId> = meeting.roles.keys().chain([&meeting.created_by]).collect();
                let mut moved = users.into_iter().map(|user| own_meeting(user, meeting));
                let within =
                    moved.by_ref().take(POINTERS_PER_COMMIT).map(|item| self.put(item?)).collect::<Result<_, _>>()?;
                Ok(Pointers { within, after: moved.collect::<Result<_, _>>()? })
            }
            Change::Created { .. }
            | Change::Edited { .. }
            | Change::Ended
            | Change::Forgotten { .. }
            | Change::Restricted { .. }
            | Change::RoomWide { .. }
            | Change::Readmitted { .. } => Ok(Pointers::default()),
        }
    }

    /// Writes pointers after their commit, unless a later commit has written or deleted them. The meeting is changed
    /// whatever becomes of them, so a failure is only logged.
    pub(super) async fn put_pointers(&self, pointers: Vec<Item>, version: Version) {
        let puts = pointers.into_iter().map(|pointer| async move {
            let put = retry_conflicts(|| {
                self.client
                    .put_item()
                    .table_name(&self.table)
                    .set_item(Some(pointer.clone()))
                    .condition_expression("version < :version")
                    .expression_attribute_values(":version", number(version.0))
                    .send()
            })
            .await;
            if let Err(error) = written("PutItem", put) {
                tracing::warn!(%error, "a meeting keeps its old place in somebody's list");
            }
        });
        stream::iter(puts).buffer_unordered(POINTERS_AT_ONCE).collect::<()>().await;
    }

    pub(super) async fn own_meetings(&self, user: &UserId, query: &ListQuery) -> Result<MeetingPage, StoreError> {
        let limit = query.page_size();
        let mut own: Vec<(String, OwnMeeting)> = Vec::new();
        let mut start = query.continues_after().map(|position| start_key(user, position));
        // One more than wanted says whether there is a next page: what the index holds may all be left out.
        loop {
            let (pointers, next) = self.pointers_of(user, query, start).await?;
            let mut found = self.meetings_by_id(pointers.iter().map(|(id, _)| id)).await?;
            for (id, position) in pointers {
                let Some(meeting) = found.remove(&id) else { continue };
                let role = meeting.role_of(user);
                // The index may lag behind the meeting, which alone says whose it is.
                let is_own = role != Role::Participant || meeting.created_by == *user;
                if is_own && (role == Role::Host || !query.hosting) {
                    own.push((position, OwnMeeting { meeting, role }));
                }
            }
            start = next;
            if start.is_none() || own.len() > limit {
                break;
            }
        }
        let next = (own.len() > limit).then(|| own[limit - 1].0.clone());
        own.truncate(limit);
        Ok(MeetingPage { meetings: own.into_iter().map(|(_, own)| own).collect(), next })
    }

    /// A page of pointers, each with its position, and where the next page begins.
    pub(super) async fn pointers_of(
        &self,
        user: &UserId,
        query: &ListQuery,
        start: Option<Item>,
    ) -> Result<(Vec<(MeetingId, String)>, Option<Item>), StoreError> {
        let (condition, forward) = match query.period {
            Period::All => ("starts_pk = :pk", false),
            Period::Upcoming => ("starts_pk = :pk AND starts_sk >= :now", true),
            Period::Past => ("starts_pk = :pk AND starts_sk < :now", false),
        };
        let mut request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::STARTS_INDEX)
            .key_condition_expression(condition)
            .expression_attribute_values(":pk", string(keys::user_partition(user)))
            .scan_index_forward(forward)
            .limit(i32::try_from(query.page_size() + 1).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start);
        if query.period != Period::All {
            request = request.expression_attribute_values(":now", string(keys::starts_from(query.now)));
        }
        let output = request.send().await.map_err(unavailable("Query"))?;
        let mut pointers = Vec::new();
        for item in output.items.unwrap_or_default() {
            let position = item.get(keys::STARTS_SK).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
            pointers.push((body::<OwnMeetingItem>("own meeting", item)?.meeting_id, position));
        }
        Ok((pointers, output.last_evaluated_key))
    }

    pub(super) async fn meetings_by_id<'a>(
        &self,
        ids: impl Iterator<Item = &'a MeetingId>,
    ) -> Result<HashMap<MeetingId, Meeting>, StoreError> {
        let items = self.get_many(ids.map(keys::meeting)).await?;
        items.into_iter().map(|item| meeting_of(item).map(|meeting| (meeting.id.clone(), meeting))).collect()
    }
}

/// The pointer from a user to a meeting of his.
pub(super) fn own_meeting(user: &UserId, meeting: &Meeting) -> Result<Item, StoreError> {
    let body = OwnMeetingItem { meeting_id: meeting.id.clone(), version: meeting.version };
    let mut entry = item("own meeting", keys::own_meeting(user, &meeting.id), body)?;
    entry.insert(keys::STARTS_PK.to_owned(), string(keys::user_partition(user)));
    entry.insert(keys::STARTS_SK.to_owned(), string(keys::starts_sk(meeting.starts_at, &meeting.id)));
    Ok(entry)
}

/// The full key of an index position: DynamoDB wants the table's key beside the index's.
fn start_key(user: &UserId, position: keys::StartsPosition) -> Item {
    let mut key = key_item(keys::own_meeting(user, &position.meeting));
    key.insert(keys::STARTS_PK.to_owned(), string(keys::user_partition(user)));
    key.insert(keys::STARTS_SK.to_owned(), string(position.sk));
    key
}
