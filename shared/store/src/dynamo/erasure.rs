//! Invitations of people who are gone.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::TransactWriteItem;
use dais_domain::{Invitation, InvitationId, MeetingId, Timestamp};

use super::{DynamoStore, Pauses, transact::is_conflict, unavailable};
use crate::{
    Invitations, Invitee, Party, StoreError,
    items::{InvitationPointer, body, number, string},
    keys,
};

impl DynamoStore {
    /// Erases an invitation, as the trace of one of its parties. See [`crate::Directory::erase`].
    pub(super) async fn erase_invitation(
        &self,
        party: &Party,
        meeting: &MeetingId,
        id: &InvitationId,
    ) -> Result<(), StoreError> {
        let mut pauses = Pauses::new();
        loop {
            let writes = match (party, self.invitation(meeting, id).await?) {
                (Party::Inviter(user), Some(it)) if it.without_inviter(user, Timestamp::MAX).is_some() => {
                    return Ok(());
                }
                (Party::Inviter(_), Some(it)) => {
                    vec![self.unchanged(&it)?, self.delete(keys::party(party, meeting, id))?]
                }
                (_, Some(it)) => self.erasure(&it, party).await?,
                (_, None) => {
                    let gone = self.check(keys::invitation(meeting, id), "attribute_not_exists(pk)", [])?;
                    vec![gone, self.delete(keys::party(party, meeting, id))?]
                }
            };
            match self.transact(writes).await {
                Ok(_) => return Ok(()),
                Err(error) if is_conflict(&error) && pauses.next().await => {}
                Err(error) => return Err(unavailable("TransactWriteItems")(error)),
            }
        }
    }

    /// The deletion of an invitation as it was read, and of all that leads to it. Whoever has decided on it meanwhile finds that
    /// it has changed.
    async fn erasure(&self, invitation: &Invitation, found: &Party) -> Result<Vec<TransactWriteItem>, StoreError> {
        let Invitation { meeting_id, id, .. } = invitation;
        let revision = [number(invitation.revision)];
        let mut writes = vec![self.delete_if(keys::invitation(meeting_id, id), "revision = :0", revision)?];
        for invitee in self.led_from(invitation).await? {
            let key = keys::latest_invitation(meeting_id, &invitee);
            writes.push(self.delete_if(key, "invitation_id = :0", [string(id.as_str())])?);
        }
        if let Some(token) = &invitation.token {
            writes.push(self.delete(keys::token(token))?);
        }
        let parties: BTreeSet<Party> = Party::all_of(invitation).into_iter().chain([found.clone()]).collect();
        for party in parties {
            writes.push(self.delete(keys::party(&party, meeting_id, id))?);
        }
        Ok(writes)
    }

    /// Those of its invitees whose latest invitation it is. Of an invitation that has ended another may be.
    async fn led_from(&self, invitation: &Invitation) -> Result<Vec<Invitee>, StoreError> {
        let mut from = Vec::new();
        for invitee in Invitee::all_of(invitation) {
            let latest = self.get(keys::latest_invitation(&invitation.meeting_id, &invitee)).await?;
            let latest = latest.map(|item| body::<InvitationPointer>("latest invitation", item)).transpose()?;
            if latest.is_some_and(|latest| latest.invitation_id == invitation.id) {
                from.push(invitee);
            }
        }
        Ok(from)
    }
}
