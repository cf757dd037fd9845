//! Mails that wait and those that were sent, and addresses that nothing is sent to.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder,
    types::{TransactWriteItem, Update},
};
use dais_domain::{EmailAddress, Invitation, MailId, MessageId, Outcome, Timestamp};
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};
use serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value;

use super::{
    DynamoStore, retry_conflicts,
    transact::{built, is_conflict},
    unavailable, written,
};
use crate::{
    Mail, Mails, SentMessage, StoreError, SuppressionReason, Suppressions,
    items::{Item, MailItem, body, corrupt, item, key_item, number, string, with_ttl},
    keys,
};

/// How long a mail is kept, sent or not: longer than any invitation waits.
const MAIL_KEPT: Duration = Duration::from_secs(60 * 24 * 3600);
/// How long the service may take to report about a message.
const MESSAGE_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// What marks a mail that waits.
const WAITING: &str = "attribute_exists(lease_pk) AND attempt = :attempt";

/// A suppressed address, by its hash only.
#[derive(Serialize, Deserialize)]
struct SuppressionItem {
    reason: SuppressionReason,
    since: Timestamp,
}

impl Mails for DynamoStore {
    async fn due_mails(&self, now: Timestamp, limit: u32) -> Result<Vec<MailId>, StoreError> {
        let shards = (0..keys::LEASE_SHARDS).map(|shard| self.due_mails_in(shard, now, limit));
        let mut due: Vec<(u64, MailId)> = try_join_all(shards).await?.into_iter().flatten().collect();
        due.sort_by_key(|(at, _)| *at);
        Ok(due.into_iter().take(limit as usize).map(|(_, id)| id).collect())
    }

    async fn mail(&self, id: &MailId) -> Result<Option<Mail>, StoreError> {
        let found = self.get(keys::mail(id)).await?;
        found.map(|item| body::<MailItem>("mail", item).map(Mail::from)).transpose()
    }

    async fn claim(
        &self,
        mail: &Mail,
        until: Timestamp,
        invitation: Option<&Invitation>,
    ) -> Result<Option<Mail>, StoreError> {
        let claimed = Mail { attempt: mail.attempt + 1, due: Some(until), ..mail.clone() };
        let take = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key_item(keys::mail(&mail.id))))
            .update_expression("SET attempt = :next, lease_due = :until")
            .condition_expression(WAITING)
            .expression_attribute_values(":attempt", number(mail.attempt.into()))
            .expression_attribute_values(":next", number(claimed.attempt.into()))
            .expression_attribute_values(":until", number(until.as_ms()))
            .build()
            .map_err(built)?;
        let mut writes = vec![TransactWriteItem::builder().update(take).build()];
        if let Some(invitation) = invitation {
            writes.push(self.put_invitation(invitation)?);
            if let Some(token) = &invitation.token {
                writes.push(self.put_token(token, invitation)?);
            }
        }
        match self.transact(writes).await {
            Ok(_) => Ok(Some(claimed)),
            Err(error) if is_conflict(&error) => Ok(None),
            Err(error) => Err(unavailable("TransactWriteItems")(error)),
        }
    }

    async fn mail_sent(&self, mail: &Mail, message: &SentMessage) -> Result<(), StoreError> {
        let entry = item("message", keys::message(&message.message_id), message)?;
        // Feedback may come at once, so the message first.
        self.put_plain(with_ttl(entry, message.sent_at.plus(MESSAGE_KEPT))).await?;
        self.reschedule(mail, None).await.map(drop)
    }

    async fn reschedule(&self, mail: &Mail, due: Option<Timestamp>) -> Result<bool, StoreError> {
        let updated = retry_conflicts(|| {
            let update = self.update_waiting(mail);
            match due {
                Some(due) => update
                    .update_expression("SET lease_due = :due")
                    .expression_attribute_values(":due", number(due.as_ms())),
                None => update.update_expression("REMOVE lease_pk, lease_due"),
            }
            .send()
        });
        written("UpdateItem", updated.await)
    }

    async fn message(&self, id: &MessageId) -> Result<Option<SentMessage>, StoreError> {
        self.get(keys::message(id)).await?.map(|item| body("message", item)).transpose()
    }

    async fn bounced(&self, message: &SentMessage, at: Timestamp) -> Result<bool, StoreError> {
        let outcome = |outcome: Outcome| to_attribute_value(outcome).map_err(|error| corrupt("invitation", error));
        let (pending, bounced) = (outcome(Outcome::Pending)?, outcome(Outcome::Bounced { at })?);
        let updated = retry_conflicts(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key_item(keys::invitation(&message.meeting_id, &message.invitation_id))))
                .update_expression("SET outcome = :bounced ADD revision :one")
                .condition_expression("outcome = :pending")
                .expression_attribute_values(":bounced", bounced.clone())
                .expression_attribute_values(":pending", pending.clone())
                .expression_attribute_values(":one", number(1))
                .send()
        });
        written("UpdateItem", updated.await)
    }
}

impl Suppressions for DynamoStore {
    async fn suppress(
        &self,
        address: &EmailAddress,
        reason: SuppressionReason,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let entry = item("suppression", keys::suppression(address), SuppressionItem { reason, since: at })?;
        let put = retry_conflicts(|| {
            self.client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(entry.clone()))
                .condition_expression("attribute_not_exists(pk)")
                .send()
        });
        written("PutItem", put.await).map(drop)
    }

    async fn suppressed(
        &self,
        addresses: &[EmailAddress],
    ) -> Result<HashMap<EmailAddress, SuppressionReason>, StoreError> {
        let by_key: HashMap<String, &EmailAddress> =
            addresses.iter().map(|address| (keys::suppression(address).pk, address)).collect();
        let wanted = by_key.values().map(|address| keys::suppression(address));
        let mut suppressed = HashMap::new();
        for item in self.get_many(wanted).await? {
            let address = item.get(keys::PK).and_then(|pk| by_key.get(pk.as_s().ok()?)).copied().cloned();
            let SuppressionItem { reason, .. } = body("suppression", item)?;
            suppressed.extend(address.map(|address| (address, reason)));
        }
        Ok(suppressed)
    }
}

impl DynamoStore {
    /// A mail as an item, in the index of what is due.
    pub(super) fn mail_item(&self, mail: &Mail) -> Result<Item, StoreError> {
        let mut entry = item("mail", keys::mail(&mail.id), MailItem::from(mail))?;
        if mail.due.is_some() {
            entry.insert("lease_pk".to_owned(), string(keys::mail_partition(&mail.id)));
        }
        Ok(with_ttl(entry, mail.created_at.plus(MAIL_KEPT)))
    }

    /// An update of a mail that waits and has not been claimed since.
    fn update_waiting(&self, mail: &Mail) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_item(keys::mail(&mail.id))))
            .condition_expression(WAITING)
            .expression_attribute_values(":attempt", number(mail.attempt.into()))
    }

    async fn due_mails_in(&self, shard: u8, now: Timestamp, limit: u32) -> Result<Vec<(u64, MailId)>, StoreError> {
        let output = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::LEASES_INDEX)
            .key_condition_expression("lease_pk = :shard AND lease_due <= :now")
            .expression_attribute_values(":shard", string(keys::mail_shard(shard)))
            .expression_attribute_values(":now", number(now.as_ms()))
            .limit(i32::try_from(limit.max(1)).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(unavailable("Query"))?;
        output.items.unwrap_or_default().into_iter().map(due_mail).collect()
    }
}

/// A mail in the index, with when it is due.
fn due_mail(item: Item) -> Result<(u64, MailId), StoreError> {
    let id = item
        .get(keys::PK)
        .and_then(|pk| MailId::new(pk.as_s().ok()?.strip_prefix("X#")?).ok())
        .ok_or_else(|| StoreError::Corrupt { item: "mail", reason: "its key names no mail".to_owned() })?;
    let due = item.get("lease_due").and_then(|due| due.as_n().ok()?.parse().ok()).unwrap_or_default();
    Ok((due, id))
}
