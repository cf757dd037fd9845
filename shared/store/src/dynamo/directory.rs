//! The users that are known.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use dais_domain::{EmailAddress, InvitationId, MeetingId, Timestamp, UserId, Version, WebhookId};
use serde::{Deserialize, Serialize};

use super::{
    DynamoStore, Pauses, retry_conflicts,
    transact::{built, is_conflict},
    unavailable,
};
use crate::{
    Directory, KnownUser, Meetings, Party, StoreError, Trace,
    directory::{Plan, Record, forgotten, is_no_news, learned, settled},
    items::{Item, LogItem, body, item, key_item, number, string, with_ttl},
    keys::{self, Key},
};

/// How long a deleted user is remembered as deleted: as long as Svix keeps messages that may be sent again.
const TOMBSTONE: Duration = Duration::from_secs(90 * 24 * 3600);

/// Entries of a log that are read at once.
const LOG_PAGE: u32 = 100;

/// Whose a verified address is.
#[derive(Serialize, Deserialize)]
struct AddressItem {
    user_id: UserId,
}

/// A webhook that was handled. DynamoDB may delete it late; then it is remembered for longer.
#[derive(Serialize, Deserialize)]
struct WebhookItem {
    expires_at: Timestamp,
}

impl Directory for DynamoStore {
    async fn user(&self, id: &UserId) -> Result<Option<KnownUser>, StoreError> {
        Ok(self.record(id).await?.and_then(Record::known))
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<KnownUser>, StoreError> {
        let records = self.get_many(ids.iter().map(keys::user)).await?.into_iter().map(record_of);
        records.filter_map(|record| record.map(Record::known).transpose()).collect()
    }

    async fn user_by_email(&self, address: &EmailAddress) -> Result<Option<UserId>, StoreError> {
        let found = self.get(keys::address(address)).await?;
        found.map(|item| body::<AddressItem>("address", item).map(|address| address.user_id)).transpose()
    }

    async fn learn(&self, news: &KnownUser) -> Result<bool, StoreError> {
        let mut pauses = Pauses::new();
        loop {
            let stored = self.record(&news.id).await?;
            if is_no_news(news, stored.as_ref()) {
                return Ok(false);
            }
            let holders = self.holders(&news.emails).await?;
            let Some(plan) = learned(news, stored.as_ref(), &holders) else { return Ok(false) };
            if self.carry_out(&plan, &mut pauses).await? {
                return Ok(true);
            }
        }
    }

    async fn forget(&self, id: &UserId, at: Timestamp) -> Result<(), StoreError> {
        let mut pauses = Pauses::new();
        loop {
            let stored = self.record(id).await?;
            let Some(plan) = forgotten(id, at, stored.as_ref()) else { return Ok(()) };
            if self.carry_out(&plan, &mut pauses).await? {
                return Ok(());
            }
        }
    }

    async fn traces(&self, id: &UserId, limit: u32) -> Result<Vec<Trace>, StoreError> {
        let (inviter, invitee) = (Party::Inviter(id.clone()), Party::Invitee(id.clone()));
        let sks = self.beside_head(keys::user_partition(id), limit).await?;
        let traces = sks.iter().map(|sk| trace_of(sk, &inviter, &invitee)).collect::<Result<Vec<_>, _>>()?;
        if traces.is_empty() { self.traces_under_addresses(id, limit).await } else { Ok(traces) }
    }

    async fn erase(&self, id: &UserId, trace: &Trace) -> Result<(), StoreError> {
        match trace {
            Trace::OwnMeeting(meeting) => {
                self.redact(meeting, id).await?;
                self.delete_plain(keys::own_meeting(id, meeting)).await
            }
            Trace::Request(key) => self.delete_plain(keys::creation_key(id, key)).await,
            Trace::Attended(meeting) => {
                self.redact(meeting, id).await?;
                // His own item last: as long as it is there, the other one is found again.
                self.delete_plain(keys::attendee(meeting, id)).await?;
                self.delete_plain(keys::attendance(id, meeting)).await
            }
            Trace::Invitation { party, meeting_id, invitation_id } => {
                self.erase_invitation(party, meeting_id, invitation_id).await
            }
            Trace::PastAddresses => self.settle(id).await,
        }
    }

    async fn was_handled(&self, webhook: &WebhookId) -> Result<bool, StoreError> {
        Ok(self.get(keys::webhook(webhook)).await?.is_some())
    }

    async fn handled(&self, webhook: &WebhookId, expires_at: Timestamp) -> Result<(), StoreError> {
        let entry = item("webhook", keys::webhook(webhook), WebhookItem { expires_at })?;
        self.put_plain(with_ttl(entry, expires_at)).await
    }
}

impl DynamoStore {
    async fn record(&self, id: &UserId) -> Result<Option<Record>, StoreError> {
        self.get(keys::user(id)).await?.map(record_of).transpose()
    }

    /// The records of those to whom these addresses lead.
    async fn holders(&self, addresses: &[EmailAddress]) -> Result<HashMap<EmailAddress, Record>, StoreError> {
        let found = self.get_many(addresses.iter().map(keys::address)).await?;
        let users = found.into_iter().map(|item| Ok(body::<AddressItem>("address", item)?.user_id));
        let users: Vec<UserId> = users.collect::<Result<_, StoreError>>()?;
        let records = self.get_many(users.iter().map(keys::user)).await?.into_iter().map(record_of);
        let mut holders = HashMap::new();
        for record in records {
            let record = record?;
            holders.extend(record.emails.iter().map(|email| (email.clone(), record.clone())));
        }
        Ok(holders)
    }

    /// Writes a plan on condition that nothing that it was made from has changed. False when something has: make another one.
    async fn carry_out(&self, plan: &Plan, pauses: &mut Pauses) -> Result<bool, StoreError> {
        let mut writes = vec![self.put_record(&plan.record)?];
        for loser in &plan.losers {
            writes.push(self.put_record(loser)?);
        }
        for (address, from) in &plan.gained {
            writes.push(self.hand_over(address, &plan.record.user_id, from.as_ref())?);
        }
        for address in &plan.released {
            writes.push(self.release(address, &plan.record.user_id)?);
        }
        match self.transact(writes).await {
            Ok(_) => Ok(true),
            Err(error) if is_conflict(&error) && pauses.next().await => Ok(false),
            Err(error) => Err(unavailable("TransactWriteItems")(error)),
        }
    }

    /// Sort keys of what is in a partition beside its head, in their order, at most `limit`.
    async fn beside_head(&self, partition: String, limit: u32) -> Result<Vec<String>, StoreError> {
        let output = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk > :head")
            .expression_attribute_values(":pk", string(partition))
            .expression_attribute_values(":head", string(keys::HEAD))
            .projection_expression("sk")
            .consistent_read(true)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(unavailable("Query"))?;
        let sk = |mut item: Item| match item.remove(keys::SK) {
            Some(AttributeValue::S(sk)) => sk,
            _ => String::new(),
        };
        Ok(output.items.unwrap_or_default().into_iter().map(sk).collect())
    }

    /// What is kept under the addresses of a user who has been forgotten: of the first under which there is something.
    async fn traces_under_addresses(&self, id: &UserId, limit: u32) -> Result<Vec<Trace>, StoreError> {
        let Some(record) = self.record(id).await?.filter(|record| !record.past_addresses.is_empty()) else {
            return Ok(Vec::new());
        };
        for hash in record.past_addresses {
            let sks = self.beside_head(keys::address_partition(&hash), limit).await?;
            if !sks.is_empty() {
                let party = Party::Address(hash);
                return sks.iter().map(|sk| trace_of(sk, &party, &party)).collect();
            }
        }
        Ok(vec![Trace::PastAddresses])
    }

    /// Forgets which addresses were his.
    async fn settle(&self, id: &UserId) -> Result<(), StoreError> {
        let mut pauses = Pauses::new();
        loop {
            let Some(plan) = settled(self.record(id).await?.as_ref()) else { return Ok(()) };
            if self.carry_out(&plan, &mut pauses).await? {
                return Ok(());
            }
        }
    }

    /// Takes the name of a user out of the log of a meeting.
    async fn redact(&self, meeting: &MeetingId, user: &UserId) -> Result<(), StoreError> {
        let mut after = Version(0);
        loop {
            let page = self.log(meeting, after, LOG_PAGE).await?;
            after = page.entries.last().map_or(after, |entry| entry.version);
            for entry in page.entries {
                let clean = entry.clone().without_name_of(user);
                if clean != entry {
                    let key = keys::log_entry(meeting, entry.version);
                    self.put_plain(item("log entry", key, LogItem::from(&clean))?).await?;
                }
            }
            if !page.more {
                return Ok(());
            }
        }
    }

    fn put_record(&self, record: &Record) -> Result<TransactWriteItem, StoreError> {
        let mut entry = item("user", keys::user(&record.user_id), record)?;
        if record.forgotten {
            entry = with_ttl(entry, record.updated_at.plus(TOMBSTONE));
        }
        let put = Put::builder().table_name(&self.table).set_item(Some(entry));
        let put = if record.revision == 1 {
            put.condition_expression("attribute_not_exists(pk)")
        } else {
            put.condition_expression("revision = :before")
                .expression_attribute_values(":before", number(record.revision - 1))
        };
        Ok(TransactWriteItem::builder().put(put.build().map_err(built)?).build())
    }

    fn hand_over(
        &self,
        address: &EmailAddress,
        to: &UserId,
        from: Option<&UserId>,
    ) -> Result<TransactWriteItem, StoreError> {
        let entry = item("address", keys::address(address), AddressItem { user_id: to.clone() })?;
        let put = Put::builder().table_name(&self.table).set_item(Some(entry));
        let put = match from {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(from) => {
                put.condition_expression("user_id = :from").expression_attribute_values(":from", string(from.as_str()))
            }
        };
        Ok(TransactWriteItem::builder().put(put.build().map_err(built)?).build())
    }

    fn release(&self, address: &EmailAddress, from: &UserId) -> Result<TransactWriteItem, StoreError> {
        self.delete_if(keys::address(address), "user_id = :0", [string(from.as_str())])
    }

    /// Deletes an item if it is there.
    async fn delete_plain(&self, key: Key) -> Result<(), StoreError> {
        let key = key_item(key);
        retry_conflicts(|| self.client.delete_item().table_name(&self.table).set_key(Some(key.clone())).send())
            .await
            .map(drop)
            .map_err(unavailable("DeleteItem"))
    }
}

fn record_of(item: Item) -> Result<Record, StoreError> {
    body("user", item)
}

/// What a sort key in the partition of a user or an address stands for: there, he is `inviter` or `invitee`.
fn trace_of(sk: &str, inviter: &Party, invitee: &Party) -> Result<Trace, StoreError> {
    let unknown =
        || StoreError::Corrupt { item: "trace of a user", reason: "its sort key is of no known kind".to_owned() };
    let (kind, rest) = sk.split_once('#').ok_or_else(unknown)?;
    match (kind, MeetingId::new(rest)) {
        ("K", _) => Ok(Trace::Request(rest.to_owned())),
        ("M", Ok(meeting)) => Ok(Trace::OwnMeeting(meeting)),
        ("V", Ok(meeting)) => Ok(Trace::Attended(meeting)),
        ("B", _) => invitation_trace(rest, inviter).ok_or_else(unknown),
        ("I", _) => invitation_trace(rest, invitee).ok_or_else(unknown),
        _ => Err(unknown()),
    }
}

fn invitation_trace(place: &str, party: &Party) -> Option<Trace> {
    let (meeting_id, invitation_id) = place.split_once('#')?;
    let (meeting_id, invitation_id) = (MeetingId::new(meeting_id).ok()?, InvitationId::new(invitation_id).ok()?);
    Some(Trace::Invitation { party: party.clone(), meeting_id, invitation_id })
}
