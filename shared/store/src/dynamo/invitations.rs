//! Invitations.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::TransactWriteItem;
use dais_domain::{Acceptance, Invitation, InvitationId, Meeting, MeetingId, Outcome, TokenHash, Version};

use super::{DynamoStore, meetings::Writes, meetings::meeting_of, transact::is_conflict, unavailable};
use crate::{
    CommitError, FoundInvitation, InvitationPage, Invitations, Invitee, Mail, Party, StoreError,
    items::{InvitationItem, InvitationPointer, Item, body, item, key_item, number, string, with_ttl},
    keys,
};

/// How long a token is remembered after its invitation has expired, so that its owner can be told what became of it.
const TOKEN_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

impl Invitations for DynamoStore {
    async fn invite(&self, invitation: &Invitation, ended: &[Invitation], mail: &Mail) -> Result<(), CommitError> {
        let entry = item(
            "invitation",
            keys::invitation(&invitation.meeting_id, &invitation.id),
            InvitationItem::from(invitation),
        )?;
        let mut writes = vec![self.put_new(entry)?, self.put_new(self.mail_item(mail)?)?];
        // None of them is the latest of anybody, or those which are have ended and stay so.
        let known: Vec<&InvitationId> = ended.iter().map(|ended| &ended.id).collect();
        for invitee in Invitee::all_of(invitation) {
            writes.push(self.point_to(invitation, &invitee, &known)?);
        }
        for party in Party::all_of(invitation) {
            writes.push(self.put_party(&party, invitation)?);
        }
        for ended in ended {
            writes.push(self.unchanged(ended)?);
        }
        self.committed(writes).await
    }

    async fn renew(&self, invitation: &Invitation, mail: &Mail) -> Result<(), CommitError> {
        let mut writes = vec![self.put_invitation(invitation)?, self.put_new(self.mail_item(mail)?)?];
        for invitee in Invitee::all_of(invitation) {
            writes.push(self.point_to(invitation, &invitee, &[&invitation.id])?);
        }
        // The others have been parties from the first.
        writes.push(self.put_party(&Party::Inviter(invitation.inviter.clone()), invitation)?);
        self.committed(writes).await
    }

    async fn end(&self, invitation: &Invitation) -> Result<(), CommitError> {
        self.committed(vec![self.put_invitation(invitation)?]).await
    }

    async fn accept(&self, acceptance: &Acceptance, seen: Version, mail: Option<&Mail>) -> Result<(), CommitError> {
        let Some(invitation) = &acceptance.invitation else { return Ok(()) };
        let Writes { mut writes, .. } = match &acceptance.decision {
            Some(decision) if decision.entry.version == seen.next() => self.change_of(decision)?,
            Some(_) => return Err(CommitError::Conflict),
            None => {
                let same = self.check(keys::meeting(&invitation.meeting_id), "version = :0", [number(seen.0)])?;
                Writes { writes: vec![same], after: Vec::new() }
            }
        };
        writes.push(self.put_invitation(invitation)?);
        if let Outcome::Accepted { by, .. } = &invitation.outcome
            && invitation.user_id.as_ref() != Some(by)
        {
            writes.push(self.put_party(&Party::Invitee(by.clone()), invitation)?);
        }
        if let Some(mail) = mail {
            writes.push(self.put_new(self.mail_item(mail)?)?);
        }
        self.committed(writes).await
    }

    async fn invitation(&self, meeting: &MeetingId, id: &InvitationId) -> Result<Option<Invitation>, StoreError> {
        self.get(keys::invitation(meeting, id)).await?.map(invitation_of).transpose()
    }

    async fn invitation_by_token(&self, token: &TokenHash) -> Result<Option<FoundInvitation>, StoreError> {
        let pointer =
            self.get(keys::token(token)).await?.map(|item| body::<InvitationPointer>("token", item)).transpose()?;
        let (meeting_id, id) = match pointer {
            Some(InvitationPointer { meeting_id, invitation_id }) => (meeting_id, invitation_id),
            None => nowhere(token)?,
        };
        let keys = [keys::meeting(&meeting_id), keys::invitation(&meeting_id, &id)];
        let (mut invitation, mut meeting): (Option<Invitation>, Option<Meeting>) = (None, None);
        for item in self.get_many(keys.into_iter()).await? {
            match is_invitation(&item) {
                true => invitation = Some(invitation_of(item)?),
                false => meeting = Some(meeting_of(item)?),
            }
        }
        Ok(invitation.map(|invitation| FoundInvitation { invitation, meeting }))
    }

    async fn invitations(
        &self,
        meeting: &MeetingId,
        after: Option<&InvitationId>,
        limit: u32,
    ) -> Result<InvitationPage, StoreError> {
        let limit = limit as usize;
        let mut invitations = Vec::new();
        let mut start = after.map(|after| key_item(keys::invitation(meeting, after)));
        // One more than wanted says whether more follow.
        loop {
            let output = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":pk", string(keys::meeting_partition(meeting)))
                .expression_attribute_values(":prefix", string(keys::INVITATION_PREFIX))
                .consistent_read(true)
                .scan_index_forward(false)
                .limit(i32::try_from(limit + 1 - invitations.len()).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(unavailable("Query"))?;
            for item in output.items.unwrap_or_default() {
                invitations.push(invitation_of(item)?);
            }
            start = output.last_evaluated_key;
            if start.is_none() || invitations.len() > limit {
                break;
            }
        }
        let more = invitations.len() > limit;
        invitations.truncate(limit);
        Ok(InvitationPage { invitations, more })
    }

    async fn latest_invitations(
        &self,
        meeting: &MeetingId,
        of: &[Invitee],
    ) -> Result<HashMap<Invitee, Invitation>, StoreError> {
        let by_key: HashMap<String, &Invitee> =
            of.iter().map(|invitee| (keys::latest_invitation(meeting, invitee).sk, invitee)).collect();
        let wanted = by_key.values().map(|invitee| keys::latest_invitation(meeting, invitee));
        let mut pointers: HashMap<InvitationId, Vec<&Invitee>> = HashMap::new();
        for item in self.get_many(wanted).await? {
            let invitee = item.get(keys::SK).and_then(|sk| by_key.get(sk.as_s().ok()?));
            let pointer: InvitationPointer = body("latest invitation", item.clone())?;
            pointers.entry(pointer.invitation_id).or_default().extend(invitee);
        }
        let wanted: Vec<_> = pointers.keys().map(|id| keys::invitation(meeting, id)).collect();
        let mut latest = HashMap::new();
        for item in self.get_many(wanted.into_iter()).await? {
            let invitation = invitation_of(item)?;
            for invitee in pointers.remove(&invitation.id).unwrap_or_default() {
                latest.insert(invitee.clone(), invitation.clone());
            }
        }
        Ok(latest)
    }
}

impl DynamoStore {
    /// An invitation on condition that the stored one has the revision before.
    pub(super) fn put_invitation(&self, invitation: &Invitation) -> Result<TransactWriteItem, StoreError> {
        let key = keys::invitation(&invitation.meeting_id, &invitation.id);
        let entry = item("invitation", key, InvitationItem::from(invitation))?;
        self.put_if(entry, "revision = :0", [number(invitation.revision.saturating_sub(1))])
    }

    /// Holds only if an invitation is still as it was read.
    pub(super) fn unchanged(&self, invitation: &Invitation) -> Result<TransactWriteItem, StoreError> {
        let key = keys::invitation(&invitation.meeting_id, &invitation.id);
        self.check(key, "revision = :0", [number(invitation.revision)])
    }

    /// The token of an invitation. It only leads to it: which token counts, the invitation says.
    pub(super) fn put_token(
        &self,
        token: &TokenHash,
        invitation: &Invitation,
    ) -> Result<TransactWriteItem, StoreError> {
        let entry = item("token", keys::token(token), pointer(invitation))?;
        self.put_new(with_ttl(entry, invitation.expires_at.plus(TOKEN_KEPT)))
    }

    /// Leads from somebody whom it names to an invitation.
    fn put_party(&self, party: &Party, invitation: &Invitation) -> Result<TransactWriteItem, StoreError> {
        self.put(key_item(keys::party(party, &invitation.meeting_id, &invitation.id)))
    }

    /// Makes it the latest of an invitee who has none but `known`.
    fn point_to(
        &self,
        invitation: &Invitation,
        invitee: &Invitee,
        known: &[&InvitationId],
    ) -> Result<TransactWriteItem, StoreError> {
        let key = keys::latest_invitation(&invitation.meeting_id, invitee);
        let entry = item("latest invitation", key, pointer(invitation))?;
        if known.is_empty() {
            return self.put_new(entry);
        }
        let places: Vec<String> = (0..known.len()).map(|at| format!(":{at}")).collect();
        let condition = format!("attribute_not_exists(pk) OR invitation_id IN ({})", places.join(", "));
        self.put_if(entry, &condition, known.iter().map(|id| string(id.as_str())))
    }

    async fn committed(&self, writes: Vec<TransactWriteItem>) -> Result<(), CommitError> {
        match self.transact(writes).await {
            Ok(_) => Ok(()),
            Err(error) if is_conflict(&error) => Err(CommitError::Conflict),
            Err(error) => Err(unavailable("TransactWriteItems")(error).into()),
        }
    }
}

fn pointer(invitation: &Invitation) -> InvitationPointer {
    InvitationPointer { meeting_id: invitation.meeting_id.clone(), invitation_id: invitation.id.clone() }
}

pub(super) fn invitation_of(item: Item) -> Result<Invitation, StoreError> {
    body::<InvitationItem>("invitation", item).map(Invitation::from)
}

fn is_invitation(item: &Item) -> bool {
    let sk = item.get(keys::SK).and_then(|sk| sk.as_s().ok());
    sk.is_some_and(|sk| sk.starts_with(keys::INVITATION_PREFIX))
}

/// Keys at which nothing is, for a token that leads nowhere.
fn nowhere(token: &TokenHash) -> Result<(MeetingId, InvitationId), StoreError> {
    let broken = |error| StoreError::Corrupt { item: "token", reason: format!("{error}") };
    let meeting = MeetingId::new(format!("{token}:none")).map_err(broken)?;
    Ok((meeting, InvitationId::new(token.as_str()).map_err(broken)?))
}
