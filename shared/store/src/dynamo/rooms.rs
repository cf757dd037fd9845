//! Who is in a room.

use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder,
    types::{AttributeValue, TransactWriteItem, Update},
};
use dais_domain::{ConnectionId, MediaChange, MeetingId, Presence, RoomView, Timestamp};

use super::{
    DynamoStore,
    meetings::meeting_of,
    retry_conflicts,
    transact::{built, condition_failed},
    unavailable, written,
};
use crate::{
    Connection, Rooms, StoreError,
    items::{PresenceItem, body, item, key_item, number, string, with_ttl},
    keys,
};

/// Attributes of a presence that stay as they are when its connection enters again: it has been there since, and sends what it sends.
const KEPT_WHEN_ENTERING_AGAIN: [&str; 2] = ["media", "joined_at"];

impl Rooms for DynamoStore {
    async fn room(&self, id: &MeetingId, now: Timestamp) -> Result<Option<RoomView>, StoreError> {
        let mut meeting = None;
        let mut presences = Vec::new();
        let mut media = None;
        let mut start = None;
        loop {
            let output = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND sk < :end")
                .expression_attribute_values(":pk", string(keys::meeting_partition(id)))
                .expression_attribute_values(":end", string(keys::ROOM_END))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(unavailable("Query"))?;
            for item in output.items.unwrap_or_default() {
                match item.get(keys::SK).and_then(|sk| sk.as_s().ok()).map(String::as_str) {
                    Some(keys::HEAD) => meeting = Some(meeting_of(item)?),
                    Some(keys::CLAIM) => media = Some(body("claim", item)?),
                    _ => presences.push(Presence::from(body::<PresenceItem>("presence", item)?)),
                }
            }
            start = output.last_evaluated_key;
            // Without a meeting, which sorts first, there is no room, whatever else is in the partition.
            if start.is_none() || meeting.is_none() {
                break;
            }
        }
        Ok(meeting.map(|meeting| RoomView::new(meeting, presences, media, now)))
    }

    async fn enter(&self, connection: &Connection, room: &MeetingId, presence: &Presence) -> Result<(), StoreError> {
        // Together, or a connection that goes at this moment would leave its presence behind.
        let mut writes = vec![self.remember_room(connection, room)?, self.put_presence(room, presence)?];
        if let Some(other) = connection.room.as_ref().filter(|other| *other != room) {
            writes.push(self.delete(keys::presence(other, &connection.id))?);
        }
        match self.transact_past_conflicts(writes).await {
            Ok(_) => Ok(()),
            Err(error) if condition_failed(&error, 0) => Ok(()),
            Err(error) => Err(unavailable("TransactWriteItems")(error)),
        }
    }

    async fn leave(&self, room: &MeetingId, connection: &ConnectionId) -> Result<bool, StoreError> {
        let deleted = retry_conflicts(|| {
            self.client
                .delete_item()
                .table_name(&self.table)
                .set_key(Some(key_item(keys::presence(room, connection))))
                .condition_expression("attribute_exists(pk)")
                .send()
        });
        written("DeleteItem", deleted.await)
    }

    async fn set_media(
        &self,
        room: &MeetingId,
        connection: &ConnectionId,
        change: MediaChange,
    ) -> Result<bool, StoreError> {
        // Each by itself: another update of the other one may be under way.
        let as_of = number(change.as_of.0);
        let audio = change
            .is_audio_muted
            .map(|muted| [("isAudioMuted", AttributeValue::Bool(muted)), ("audioAsOf", as_of.clone())]);
        let video = change
            .is_video_paused
            .map(|paused| [("isVideoPaused", AttributeValue::Bool(paused)), ("videoAsOf", as_of)]);
        let set: Vec<(&str, AttributeValue)> = audio.into_iter().chain(video).flatten().collect();
        if set.is_empty() {
            return Ok(self.get(keys::presence(room, connection)).await?.is_some());
        }
        let assignments: Vec<String> = set.iter().map(|(name, _)| format!("media.{name} = :{name}")).collect();
        let updated = retry_conflicts(|| {
            let update = self
                .client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key_item(keys::presence(room, connection))))
                .update_expression(format!("SET {}", assignments.join(", ")))
                .condition_expression("attribute_exists(pk)");
            let with = |update: UpdateItemFluentBuilder, (name, value): &(&str, AttributeValue)| {
                update.expression_attribute_values(format!(":{name}"), value.clone())
            };
            set.iter().fold(update, with).send()
        });
        written("UpdateItem", updated.await)
    }
}

impl DynamoStore {
    /// Writes the room into a connection that is still there, and still in the room that it was in.
    fn remember_room(&self, connection: &Connection, room: &MeetingId) -> Result<TransactWriteItem, StoreError> {
        let was = connection.room.as_ref().map_or(AttributeValue::Null(true), |was| string(was.as_str()));
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key_item(keys::connection(&connection.id))))
            .update_expression("SET room = :room")
            // A guest has no user.
            .condition_expression("attribute_exists(user_id) AND disconnected_at = :never AND room IN (:was, :room)")
            .expression_attribute_values(":room", string(room.as_str()))
            .expression_attribute_values(":was", was)
            .expression_attribute_values(":never", AttributeValue::Null(true))
            .build()
            .map_err(built)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn put_presence(&self, room: &MeetingId, presence: &Presence) -> Result<TransactWriteItem, StoreError> {
        let key = keys::presence(room, &presence.connection_id);
        let mut attributes = with_ttl(item("presence", key, PresenceItem::from(presence))?, presence.expires_at);
        let key = [keys::PK, keys::SK].into_iter().filter_map(|name| attributes.remove_entry(name)).collect();
        let mut update = Update::builder().table_name(&self.table).set_key(Some(key));
        let mut assignments = Vec::new();
        for (name, value) in attributes {
            assignments.push(if KEPT_WHEN_ENTERING_AGAIN.contains(&name.as_str()) {
                format!("#{name} = if_not_exists(#{name}, :{name})")
            } else {
                format!("#{name} = :{name}")
            });
            update = update
                .expression_attribute_values(format!(":{name}"), value)
                .expression_attribute_names(format!("#{name}"), name);
        }
        let update = update.update_expression(format!("SET {}", assignments.join(", "))).build().map_err(built)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}
