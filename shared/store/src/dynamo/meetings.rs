//! Meetings and their logs.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem},
};
use dais_domain::{Decision, LogEntry, Meeting, MeetingId, UserId, Version};

use super::{
    DynamoStore,
    lists::own_meeting,
    transact::{built, condition_failed, is_conflict, reasons},
    unavailable,
};
use crate::{
    CommitError, CreateError, CreationKey, ListQuery, LogPage, MeetingPage, Meetings, StoreError,
    items::{CreationKeyItem, Item, LogItem, MeetingItem, body, item, number, string, with_ttl},
    keys,
};

/// Places of the writes of a creation, as the reasons of a cancelled transaction come in their order.
const CREATED_MEETING: usize = 0;
const CREATED_KEY: usize = 3;

impl Meetings for DynamoStore {
    async fn create(&self, meeting: &Meeting, first: &LogEntry, key: Option<&CreationKey>) -> Result<(), CreateError> {
        let mut writes = vec![
            self.put_new(item("meeting", keys::meeting(&meeting.id), MeetingItem::from(meeting))?)?,
            self.put_new(item("log entry", keys::log_entry(&meeting.id, first.version), LogItem::from(first))?)?,
            self.put(own_meeting(&meeting.created_by, meeting)?)?,
        ];
        if let Some(key) = key {
            writes.push(self.put_creation_key(meeting, first, key)?);
        }
        match self.transact(writes).await {
            Ok(_) => Ok(()),
            Err(error) => Err(creation_refused(error)?),
        }
    }

    async fn meeting(&self, id: &MeetingId) -> Result<Option<Meeting>, StoreError> {
        self.get(keys::meeting(id)).await?.map(meeting_of).transpose()
    }

    async fn commit(&self, decision: &Decision) -> Result<(), CommitError> {
        let Writes { writes, after } = self.change_of(decision)?;
        match self.transact(writes).await {
            Ok(_) => {}
            Err(error) if is_conflict(&error) => return Err(CommitError::Conflict),
            Err(error) => return Err(unavailable("TransactWriteItems")(error).into()),
        }
        self.put_pointers(after, decision.meeting.version).await;
        Ok(())
    }

    async fn log(&self, id: &MeetingId, after: Version, limit: u32) -> Result<LogPage, StoreError> {
        let limit = limit as usize;
        let mut entries: Vec<LogEntry> = Vec::new();
        let mut start = None;
        // One entry more than wanted says whether more follow; DynamoDB alone does not say it exactly.
        loop {
            let output = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
                .expression_attribute_values(":pk", string(keys::meeting_partition(id)))
                .expression_attribute_values(":from", string(keys::log_sk(Version(after.0.saturating_add(1)))))
                .expression_attribute_values(":to", string(keys::log_sk(Version(u64::MAX))))
                .consistent_read(true)
                .limit(i32::try_from(limit + 1 - entries.len()).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(unavailable("Query"))?;
            for item in output.items.unwrap_or_default() {
                entries.push(body::<LogItem>("log entry", item)?.into());
            }
            start = output.last_evaluated_key;
            if start.is_none() || entries.len() > limit {
                break;
            }
        }
        let more = entries.len() > limit;
        entries.truncate(limit);
        Ok(LogPage { entries, more })
    }

    async fn meetings_of(&self, user: &UserId, query: &ListQuery) -> Result<MeetingPage, StoreError> {
        self.own_meetings(user, query).await
    }
}

/// What a change of a meeting writes.
pub(super) struct Writes {
    /// In one transaction.
    pub writes: Vec<TransactWriteItem>,
    /// After it.
    pub after: Vec<Item>,
}

impl DynamoStore {
    /// The meeting on condition that its version is the one before, its log entry, and pointers to it.
    pub(super) fn change_of(&self, decision: &Decision) -> Result<Writes, StoreError> {
        let (meeting, entry) = (&decision.meeting, &decision.entry);
        let head = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item("meeting", keys::meeting(&meeting.id), MeetingItem::from(meeting))?))
            .condition_expression("version = :before")
            .expression_attribute_values(":before", number(entry.version.0.saturating_sub(1)))
            .build()
            .map_err(built)?;
        let log = item("log entry", keys::log_entry(&meeting.id, entry.version), LogItem::from(entry))?;
        let pointers = self.pointers(decision)?;
        let mut writes = vec![TransactWriteItem::builder().put(head).build(), self.put_new(log)?];
        writes.extend(pointers.within);
        Ok(Writes { writes, after: pointers.after })
    }

    fn put_creation_key(
        &self,
        meeting: &Meeting,
        first: &LogEntry,
        key: &CreationKey,
    ) -> Result<TransactWriteItem, StoreError> {
        let body = CreationKeyItem {
            meeting_id: meeting.id.clone(),
            fingerprint: key.fingerprint.clone(),
            expires_at: key.expires_at,
        };
        let entry = item("creation key", keys::creation_key(&meeting.created_by, &key.key), body)?;
        // An expired item may stay for days before DynamoDB deletes it.
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(with_ttl(entry, key.expires_at)))
            .condition_expression("attribute_not_exists(pk) OR expires_at <= :now")
            .expression_attribute_values(":now", number(first.at.as_ms()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(built)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

pub(super) fn meeting_of(item: Item) -> Result<Meeting, StoreError> {
    body::<MeetingItem>("meeting", item).map(Meeting::from)
}

/// Which condition of a creation failed.
fn creation_refused(error: SdkError<TransactWriteItemsError>) -> Result<CreateError, StoreError> {
    let there = |at: usize| -> Option<HashMap<String, AttributeValue>> {
        condition_failed(&error, at).then(|| reasons(&error)[at].item().cloned()).flatten()
    };
    if let Some(old) = there(CREATED_KEY) {
        let CreationKeyItem { meeting_id, fingerprint, .. } = body("creation key", old)?;
        return Ok(CreateError::KeyUsed { meeting_id, fingerprint });
    }
    if let Some(old) = there(CREATED_MEETING) {
        return Ok(CreateError::Exists(Box::new(meeting_of(old)?)));
    }
    if is_conflict(&error) {
        return Ok(CreateError::Conflict);
    }
    Ok(unavailable("TransactWriteItems")(error).into())
}
