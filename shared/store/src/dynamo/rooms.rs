//! Who is in a room.

use dais_domain::{ConnectionId, MediaState, MeetingId, Presence, RoomView, Timestamp};

use super::{DynamoStore, is_condition_failure, meetings::meeting_of, retry_conflicts, unavailable};
use crate::{
    Connection, Rooms, StoreError,
    items::{PresenceItem, body, item, key_item, string, with_ttl},
    keys,
};

impl Rooms for DynamoStore {
    async fn room(&self, id: &MeetingId, now: Timestamp) -> Result<Option<RoomView>, StoreError> {
        let mut meeting = None;
        let mut presences = Vec::new();
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
                if item.get(keys::SK).and_then(|sk| sk.as_s().ok()).is_some_and(|sk| sk == keys::HEAD) {
                    meeting = Some(meeting_of(item)?);
                } else {
                    presences.push(Presence::from(body::<PresenceItem>("presence", item)?));
                }
            }
            start = output.last_evaluated_key;
            // Without a meeting there is no room, whatever else is in the partition.
            if start.is_none() || meeting.is_none() {
                break;
            }
        }
        Ok(meeting.map(|meeting| RoomView::new(meeting, presences, now)))
    }

    async fn enter(&self, connection: &Connection, room: &MeetingId, presence: &Presence) -> Result<(), StoreError> {
        let entry = item("presence", keys::presence(room, &connection.id), PresenceItem::from(presence))?;
        let entry = with_ttl(entry, presence.expires_at);
        let put =
            retry_conflicts(|| self.client.put_item().table_name(&self.table).set_item(Some(entry.clone())).send());
        let remember = retry_conflicts(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key_item(keys::connection(&connection.id))))
                .update_expression("SET room = :room")
                .condition_expression("attribute_exists(pk) AND disconnected_at = :never")
                .expression_attribute_values(":room", string(room.as_str()))
                .expression_attribute_values(":never", aws_sdk_dynamodb::types::AttributeValue::Null(true))
                .send()
        });
        let (put, remember) = futures::join!(put, remember);
        put.map_err(unavailable("PutItem"))?;
        match remember {
            Ok(_) => Ok(()),
            // The connection went while it joined: nobody will say so again, so the presence goes with it.
            Err(error) if is_condition_failure(&error) => self.leave(room, &connection.id).await.map(drop),
            Err(error) => Err(unavailable("UpdateItem")(error)),
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
        })
        .await;
        match deleted {
            Ok(_) => Ok(true),
            Err(error) if is_condition_failure(&error) => Ok(false),
            Err(error) => Err(unavailable("DeleteItem")(error)),
        }
    }

    async fn set_media(
        &self,
        room: &MeetingId,
        connection: &ConnectionId,
        media: MediaState,
    ) -> Result<bool, StoreError> {
        let media = serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(media)
            .map_err(|error: serde_dynamo::Error| StoreError::Corrupt { item: "media", reason: error.to_string() })?;
        let updated = retry_conflicts(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key_item(keys::presence(room, connection))))
                .update_expression("SET media = :media")
                .condition_expression("attribute_exists(pk)")
                .expression_attribute_values(":media", media.clone())
                .send()
        })
        .await;
        match updated {
            Ok(_) => Ok(true),
            Err(error) if is_condition_failure(&error) => Ok(false),
            Err(error) => Err(unavailable("UpdateItem")(error)),
        }
    }
}
