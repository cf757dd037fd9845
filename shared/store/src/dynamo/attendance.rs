//! Who was in which meeting: an item for the user and one for the meeting.

use std::{cmp::Reverse, collections::BTreeMap};

use dais_domain::{Acquaintance, Gathering, Meeting, MeetingId, Timestamp, UserId, network::network};
use futures::{StreamExt, TryStreamExt, stream};

use super::{DynamoStore, retry_conflicts, unavailable, written};
use crate::{
    ATTENDEES, Attendance, Attended, GATHERINGS, ListQuery, Period, StoreError,
    gathering::{gathering, was_there},
    items::{Item, body, item, number, string},
    keys,
};

/// Meetings whose people are read at the same time.
const READ_AT_ONCE: usize = 16;

impl Attendance for DynamoStore {
    async fn attended(&self, attended: &Attended) -> Result<(), StoreError> {
        let (user, meeting) = (&attended.user_id, &attended.meeting_id);
        let mut own = item("attendance", keys::attendance(user, meeting), attended)?;
        own.insert(keys::STARTS_PK.to_owned(), string(keys::attendance_partition(user)));
        own.insert(keys::STARTS_SK.to_owned(), string(keys::starts_sk(attended.at, meeting)));
        let of_meeting = item("attendance", keys::attendee(meeting, user), attended)?;
        // Two writes and no transaction: the next time he comes both are written again. His own one first: by it the other
        // one is found when he is deleted.
        self.put_unless_later(own, attended.at).await?;
        self.put_unless_later(of_meeting, attended.at).await
    }

    async fn gatherings(&self, user: &UserId) -> Result<Vec<Gathering>, StoreError> {
        let (attended, own) = futures::try_join!(self.attended_lately(user), self.own_lately(user))?;
        let meetings = self.meetings_by_id(attended.keys().chain(&own)).await?;
        let mut lately: Vec<(Timestamp, Meeting)> = meetings
            .into_values()
            .filter_map(|meeting| Some((was_there(&meeting, user, attended.get(&meeting.id).copied())?, meeting)))
            .collect();
        lately.sort_by(|a, b| (Reverse(a.0), &a.1.id).cmp(&(Reverse(b.0), &b.1.id)));
        lately.truncate(GATHERINGS);
        let gatherings = lately.into_iter().map(|(at, meeting)| async move {
            let attendees = self.attendees(&meeting.id).await?;
            Ok::<_, StoreError>(gathering(meeting, at, attendees))
        });
        stream::iter(gatherings).buffered(READ_AT_ONCE).try_collect().await
    }

    async fn network(&self, user: &UserId) -> Result<Vec<Acquaintance>, StoreError> {
        Ok(network(user, self.gatherings(user).await?))
    }
}

impl DynamoStore {
    async fn put_unless_later(&self, entry: Item, at: Timestamp) -> Result<(), StoreError> {
        let put = retry_conflicts(|| {
            self.client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(entry.clone()))
                .condition_expression("attribute_not_exists(pk) OR #at < :at")
                .expression_attribute_names("#at", "at")
                .expression_attribute_values(":at", number(at.as_ms()))
                .send()
        });
        written("PutItem", put.await).map(drop)
    }

    /// The latest meetings that he was in, and when.
    async fn attended_lately(&self, user: &UserId) -> Result<BTreeMap<MeetingId, Timestamp>, StoreError> {
        let output = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::STARTS_INDEX)
            .key_condition_expression("starts_pk = :pk")
            .expression_attribute_values(":pk", string(keys::attendance_partition(user)))
            .scan_index_forward(false)
            .limit(i32::try_from(GATHERINGS).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(unavailable("Query"))?;
        let attended = output.items.unwrap_or_default().into_iter().map(|item| body::<Attended>("attendance", item));
        attended.map(|attended| attended.map(|attended| (attended.meeting_id, attended.at))).collect()
    }

    /// His own meetings that start last.
    async fn own_lately(&self, user: &UserId) -> Result<Vec<MeetingId>, StoreError> {
        let limit = u32::try_from(GATHERINGS).unwrap_or(u32::MAX);
        let query = ListQuery { period: Period::All, hosting: false, now: Timestamp::MAX, limit, after: None };
        let (pointers, _) = self.pointers_of(user, &query, None).await?;
        Ok(pointers.into_iter().take(GATHERINGS).map(|(meeting, _)| meeting).collect())
    }

    async fn attendees(&self, meeting: &MeetingId) -> Result<Vec<Attended>, StoreError> {
        let output = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :attendee)")
            .expression_attribute_values(":pk", string(keys::meeting_partition(meeting)))
            .expression_attribute_values(":attendee", string(keys::ATTENDEE))
            .limit(i32::try_from(ATTENDEES).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(unavailable("Query"))?;
        output.items.unwrap_or_default().into_iter().map(|item| body("attendance", item)).collect()
    }
}
