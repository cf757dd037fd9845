//! Meetings and their logs.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        AttributeValue, CancellationReason, Delete, KeysAndAttributes, Put, ReturnValuesOnConditionCheckFailure,
        TransactWriteItem,
    },
};
use dais_domain::{Change, Decision, LogEntry, Meeting, MeetingId, Role, UserId, Version};

use super::{DynamoStore, unavailable};
use crate::{
    CommitError, CreateError, CreationKey, ListQuery, LogPage, MeetingPage, Meetings, OwnMeeting, Period, StoreError,
    items::{
        CreationKeyItem, Item, LogItem, MeetingItem, OwnMeetingItem, body, item, key_item, number, string, with_ttl,
    },
    keys,
};

/// Own-meeting items that a commit writes at most; DynamoDB's bound is 100 actions per transaction.
const POINTERS_PER_COMMIT: usize = 90;

impl Meetings for DynamoStore {
    async fn create(&self, meeting: &Meeting, first: &LogEntry, key: Option<&CreationKey>) -> Result<(), CreateError> {
        let mut writes = vec![
            self.put_new(item("meeting", keys::meeting(&meeting.id), MeetingItem::from(meeting))?, "pk")?,
            self.put_new(item("log entry", keys::log_entry(&meeting.id, first.version), LogItem::from(first))?, "pk")?,
            self.put(own_meeting(&meeting.created_by, meeting)?)?,
        ];
        if let Some(key) = key {
            let body = CreationKeyItem { meeting_id: meeting.id.clone(), fingerprint: key.fingerprint.clone() };
            let entry = item("creation key", keys::creation_key(&meeting.created_by, &key.key), body)?;
            let put = Put::builder()
                .table_name(&self.table)
                .set_item(Some(with_ttl(entry, key.expires_at)))
                .condition_expression("attribute_not_exists(pk) OR #ttl < :now")
                .expression_attribute_names("#ttl", keys::TTL)
                .expression_attribute_values(":now", number(first.at.as_epoch_seconds()))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .build()
                .map_err(built)?;
            writes.push(TransactWriteItem::builder().put(put).build());
        }
        let sent = self.client.transact_write_items().set_transact_items(Some(writes)).send().await;
        match sent {
            Ok(_) => Ok(()),
            Err(error) => Err(creation_refused(error)?),
        }
    }

    async fn meeting(&self, id: &MeetingId) -> Result<Option<Meeting>, StoreError> {
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key_item(keys::meeting(id))))
            .consistent_read(true)
            .send()
            .await
            .map_err(unavailable("GetItem"))?;
        output.item.map(meeting_of).transpose()
    }

    async fn commit(&self, decision: &Decision) -> Result<(), CommitError> {
        let (meeting, entry) = (&decision.meeting, &decision.entry);
        let before = Version(entry.version.0 - 1);
        let head = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item("meeting", keys::meeting(&meeting.id), MeetingItem::from(meeting))?))
            .condition_expression("version = :before")
            .expression_attribute_values(":before", number(before.0))
            .build()
            .map_err(built)?;
        let log = item("log entry", keys::log_entry(&meeting.id, entry.version), LogItem::from(entry))?;
        let mut writes = vec![TransactWriteItem::builder().put(head).build(), self.put_new(log, "pk")?];
        let mut pointers = self.pointers(decision)?;
        let late = pointers.split_off(pointers.len().min(POINTERS_PER_COMMIT));
        writes.extend(pointers);
        match self.client.transact_write_items().set_transact_items(Some(writes)).send().await {
            Ok(_) => {}
            Err(error) if is_conflict(&error) => return Err(CommitError::Conflict),
            Err(error) => return Err(unavailable("TransactWriteItems")(error).into()),
        }
        // Only the order of very crowded meetings in people's lists hangs on these; the meeting itself is written.
        for batch in late.chunks(POINTERS_PER_COMMIT) {
            self.client
                .transact_write_items()
                .set_transact_items(Some(batch.to_vec()))
                .send()
                .await
                .map_err(unavailable("TransactWriteItems"))?;
        }
        Ok(())
    }

    async fn log(&self, id: &MeetingId, after: Version, limit: u32) -> Result<LogPage, StoreError> {
        let output = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", string(keys::meeting_partition(id)))
            .expression_attribute_values(":from", string(keys::log_sk(after.next())))
            .expression_attribute_values(":to", string(keys::log_sk(Version(u64::MAX))))
            .consistent_read(true)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(unavailable("Query"))?;
        let more = output.last_evaluated_key.is_some();
        let entries: Result<Vec<LogEntry>, _> = output
            .items
            .unwrap_or_default()
            .into_iter()
            .map(|item| body::<LogItem>("log entry", item).map(LogEntry::from))
            .collect();
        Ok(LogPage { entries: entries?, more })
    }

    async fn meetings_of(&self, user: &UserId, query: &ListQuery) -> Result<MeetingPage, StoreError> {
        let mut page = MeetingPage { meetings: Vec::new(), next: query.after.clone() };
        loop {
            let (ids, next) = self.own_meeting_ids(user, query, page.next.take()).await?;
            let mut found = self.meetings_by_id(ids.iter().map(|(id, _)| id)).await?;
            for (id, position) in ids {
                let Some(meeting) = found.remove(&id) else { continue };
                let role = meeting.role_of(user);
                if query.hosting && role != Role::Host {
                    continue;
                }
                page.meetings.push(OwnMeeting { meeting, role });
                if page.meetings.len() >= query.limit as usize {
                    page.next = Some(position);
                    return Ok(page);
                }
            }
            match next {
                Some(next) => page.next = Some(next),
                None => return Ok(page),
            }
        }
    }
}

impl DynamoStore {
    fn put(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.table).set_item(Some(item)).build().map_err(built)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn put_new(&self, item: Item, key: &str) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(format!("attribute_not_exists({key})"))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(built)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The own-meeting items that a change touches: of the one whose role changed, or of all when the start moved.
    fn pointers(&self, decision: &Decision) -> Result<Vec<TransactWriteItem>, StoreError> {
        let meeting = &decision.meeting;
        match &decision.entry.change {
            Change::Role { user, to: Role::Participant, .. } if *user != meeting.created_by => {
                let delete = Delete::builder()
                    .table_name(&self.table)
                    .set_key(Some(key_item(keys::own_meeting(user, &meeting.id))))
                    .build()
                    .map_err(built)?;
                Ok(vec![TransactWriteItem::builder().delete(delete).build()])
            }
            Change::Role { user, .. } => Ok(vec![self.put(own_meeting(user, meeting)?)?]),
            Change::Edited(edit) if edit.starts_at.is_some() => {
                let mut users: Vec<&UserId> = meeting.roles.keys().collect();
                if !meeting.roles.contains_key(&meeting.created_by) {
                    users.push(&meeting.created_by);
                }
                users.into_iter().map(|user| self.put(own_meeting(user, meeting)?)).collect()
            }
            Change::Created { .. } | Change::Edited(_) | Change::Ended => Ok(Vec::new()),
        }
    }

    /// Ids of a page of own meetings, each with the position after it, and where the next page begins.
    async fn own_meeting_ids(
        &self,
        user: &UserId,
        query: &ListQuery,
        after: Option<String>,
    ) -> Result<(Vec<(MeetingId, String)>, Option<String>), StoreError> {
        let partition = keys::user_partition(user);
        let now = format!("{:020}", query.now.as_ms());
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
            .expression_attribute_values(":pk", string(&partition))
            .scan_index_forward(forward)
            .limit(i32::try_from(query.limit).unwrap_or(100));
        if query.period != Period::All {
            request = request.expression_attribute_values(":now", string(now));
        }
        if let Some(after) = after {
            request = request.set_exclusive_start_key(start_key(user, &after));
        }
        let output = request.send().await.map_err(unavailable("Query"))?;
        let mut ids = Vec::new();
        for item in output.items.unwrap_or_default() {
            let position = item.get("starts_sk").and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
            ids.push((body::<OwnMeetingItem>("own meeting", item)?.meeting_id, position));
        }
        let next = output.last_evaluated_key.and_then(|key| key.get("starts_sk")?.as_s().ok().cloned());
        Ok((ids, next))
    }

    async fn meetings_by_id<'a>(
        &self,
        ids: impl Iterator<Item = &'a MeetingId>,
    ) -> Result<HashMap<MeetingId, Meeting>, StoreError> {
        let mut wanted: Vec<Item> = ids.map(|id| key_item(keys::meeting(id))).collect();
        let mut found = HashMap::new();
        while !wanted.is_empty() {
            let keys =
                KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build().map_err(built)?;
            let output = self
                .client
                .batch_get_item()
                .request_items(&self.table, keys)
                .send()
                .await
                .map_err(unavailable("BatchGetItem"))?;
            for item in output.responses.and_then(|mut tables| tables.remove(&self.table)).unwrap_or_default() {
                let meeting = meeting_of(item)?;
                found.insert(meeting.id.clone(), meeting);
            }
            wanted = output
                .unprocessed_keys
                .and_then(|mut tables| tables.remove(&self.table))
                .map(|left| left.keys)
                .unwrap_or_default();
        }
        Ok(found)
    }
}

pub(super) fn meeting_of(item: Item) -> Result<Meeting, StoreError> {
    body::<MeetingItem>("meeting", item).map(Meeting::from)
}

fn own_meeting(user: &UserId, meeting: &Meeting) -> Result<Item, StoreError> {
    let mut entry =
        item("own meeting", keys::own_meeting(user, &meeting.id), OwnMeetingItem { meeting_id: meeting.id.clone() })?;
    entry.insert("starts_pk".to_owned(), string(keys::user_partition(user)));
    entry.insert("starts_sk".to_owned(), string(keys::starts_sk(meeting.starts_at, &meeting.id)));
    Ok(entry)
}

/// The full key of an index position: DynamoDB wants the table's key beside the index's.
fn start_key(user: &UserId, position: &str) -> Option<HashMap<String, AttributeValue>> {
    let id = MeetingId::new(position.split_once('#')?.1).ok()?;
    let mut key = key_item(keys::own_meeting(user, &id));
    key.insert("starts_pk".to_owned(), string(keys::user_partition(user)));
    key.insert("starts_sk".to_owned(), string(position));
    Some(key)
}

fn built(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt { item: "request", reason: error.to_string() }
}

fn reasons<R>(error: &SdkError<TransactWriteItemsError, R>) -> &[CancellationReason] {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => cancelled.cancellation_reasons(),
        _ => &[],
    }
}

fn is_conflict<R>(error: &SdkError<TransactWriteItemsError, R>) -> bool {
    let conflicts =
        |reason: &CancellationReason| matches!(reason.code(), Some("ConditionalCheckFailed" | "TransactionConflict"));
    reasons(error).iter().any(conflicts)
        || matches!(error.as_service_error(), Some(TransactWriteItemsError::TransactionInProgressException(_)))
}

/// Which condition of a creation failed: the reasons come in the order of the writes (meeting, log, pointer, key).
fn creation_refused<R: std::fmt::Debug>(
    error: SdkError<TransactWriteItemsError, R>,
) -> Result<CreateError, StoreError> {
    let failed = |at: usize| {
        reasons(&error)
            .get(at)
            .filter(|reason| reason.code() == Some("ConditionalCheckFailed"))
            .and_then(|reason| reason.item().cloned())
    };
    if let Some(old) = failed(3) {
        let CreationKeyItem { meeting_id, fingerprint } = body("creation key", old)?;
        return Ok(CreateError::KeyUsed { meeting_id, fingerprint });
    }
    if let Some(old) = failed(0) {
        return Ok(CreateError::Exists(Box::new(meeting_of(old)?)));
    }
    if is_conflict(&error) {
        return Ok(CreateError::Conflict);
    }
    Ok(unavailable("TransactWriteItems")(error).into())
}
