//! What the directory does with news of a user, for both adapters: whom it believes, and whose an address is.

use std::collections::HashMap;

use dais_domain::{DisplayName, EmailAddress, ImageUrl, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::{AddressHash, KnownUser, NewsSource};

/// What the table holds of a user. An address is in the record of exactly the user whom it leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub schema: u8,
    pub user_id: UserId,
    pub source: NewsSource,
    pub updated_at: Timestamp,
    /// One more with each write: what was decided on an old record is not written.
    pub revision: u64,
    /// He has been deleted, and this is all that is left of him.
    pub forgotten: bool,
    pub name: Option<DisplayName>,
    pub image_url: Option<ImageUrl>,
    pub emails: Vec<EmailAddress>,
    /// In a tombstone: where something of him may be left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past_addresses: Vec<AddressHash>,
}

/// What one piece of news changes. All of it is written, or nothing.
#[derive(Debug)]
pub(crate) struct Plan {
    /// His record; `revision` is one more than the one it was decided on, 1 for a new one.
    pub record: Record,
    /// Addresses that lead to him from now on, and to whom they led.
    pub gained: Vec<(EmailAddress, Option<UserId>)>,
    /// Addresses that lead to nobody from now on.
    pub released: Vec<EmailAddress>,
    /// Records of those who have lost an address to him.
    pub losers: Vec<Record>,
}

impl Record {
    /// The user, unless he has been deleted.
    pub fn known(self) -> Option<KnownUser> {
        (!self.forgotten).then_some(KnownUser {
            id: self.user_id,
            name: self.name,
            image_url: self.image_url,
            emails: self.emails,
            source: self.source,
            updated_at: self.updated_at,
        })
    }

    fn of(news: &KnownUser, emails: Vec<EmailAddress>, before: Option<&Record>) -> Self {
        Self {
            schema: 1,
            user_id: news.id.clone(),
            source: news.source,
            updated_at: news.updated_at,
            revision: before.map_or(1, |record| record.revision + 1),
            forgotten: false,
            name: news.name.clone(),
            image_url: news.image_url.clone(),
            emails,
            past_addresses: Vec::new(),
        }
    }

    fn tombstone(user: &UserId, at: Timestamp, before: Option<&Record>) -> Self {
        let nobody = KnownUser {
            id: user.clone(),
            name: None,
            image_url: None,
            emails: Vec::new(),
            source: NewsSource::Provider,
            updated_at: at,
        };
        let past_addresses = before.map(|record| record.emails.iter().map(AddressHash::of).collect());
        let past_addresses = past_addresses.unwrap_or_default();
        Self { forgotten: true, past_addresses, ..Self::of(&nobody, Vec::new(), before) }
    }

    fn rank(&self) -> (NewsSource, Timestamp) {
        (self.source, self.updated_at)
    }
}

/// Whether `news` can be told to change nothing without a look at whose his addresses are.
pub(crate) fn is_no_news(news: &KnownUser, stored: Option<&Record>) -> bool {
    let Some(stored) = stored else { return false };
    let says_nothing_new = news.source == NewsSource::Token
        && (&news.name, &news.image_url, &news.emails) == (&stored.name, &stored.image_url, &stored.emails);
    is_outdated(news, stored) || says_nothing_new
}

fn is_outdated(news: &KnownUser, stored: &Record) -> bool {
    let rank = (news.source, news.updated_at);
    stored.rank() > rank || (stored.forgotten && stored.rank() == rank)
}

/// What `news` changes, given what is stored of him and whose his addresses are. `None`: nothing, he is known as well or better.
pub(crate) fn learned(
    news: &KnownUser,
    stored: Option<&Record>,
    holders: &HashMap<EmailAddress, Record>,
) -> Option<Plan> {
    let rank = (news.source, news.updated_at);
    if stored.is_some_and(|record| is_outdated(news, record)) {
        return None;
    }
    let mut emails: Vec<EmailAddress> = Vec::new();
    let mut gained = Vec::new();
    let mut losers: Vec<Record> = Vec::new();
    for email in news.emails.iter().take(KnownUser::MAX_EMAILS) {
        if emails.contains(email) {
            continue;
        }
        match holders.get(email) {
            Some(holder) if holder.user_id == news.id => {}
            Some(holder) if news.source == NewsSource::Provider && holder.rank() <= rank => {
                gained.push((email.clone(), Some(holder.user_id.clone())));
                let known = losers.iter().position(|loser| loser.user_id == holder.user_id);
                let at = known.unwrap_or_else(|| {
                    losers.push(Record { revision: holder.revision + 1, ..holder.clone() });
                    losers.len() - 1
                });
                losers[at].emails.retain(|held| held != email);
            }
            // Known to be somebody else's since, or by a better source.
            Some(_) => continue,
            None => gained.push((email.clone(), None)),
        }
        emails.push(email.clone());
    }
    let record = Record::of(news, emails, stored);
    if stored.is_some_and(|before| says_the_same(before, &record)) {
        return None;
    }
    let released = stored.map(|before| given_up(before, &record)).unwrap_or_default();
    Some(Plan { record, gained, released, losers })
}

/// What the deletion of a user changes. `None`: nothing, he has been deleted before, or was created again since.
pub(crate) fn forgotten(user: &UserId, at: Timestamp, stored: Option<&Record>) -> Option<Plan> {
    let kept = |record: &Record| record.forgotten || (record.source == NewsSource::Provider && record.updated_at > at);
    if stored.is_some_and(kept) {
        return None;
    }
    let record = Record::tombstone(user, at, stored);
    let released = stored.map(|before| before.emails.clone()).unwrap_or_default();
    Some(Plan { record, gained: Vec::new(), released, losers: Vec::new() })
}

/// What is changed when nothing is left under the addresses that were his. `None`: nothing, that is so already.
pub(crate) fn settled(stored: Option<&Record>) -> Option<Plan> {
    let stored = stored.filter(|record| !record.past_addresses.is_empty())?;
    let record = Record { revision: stored.revision + 1, past_addresses: Vec::new(), ..stored.clone() };
    Some(Plan { record, gained: Vec::new(), released: Vec::new(), losers: Vec::new() })
}

fn given_up(before: &Record, after: &Record) -> Vec<EmailAddress> {
    before.emails.iter().filter(|email| !after.emails.contains(email)).cloned().collect()
}

/// A token is newer than the one before and says the same, minute after minute; what the provider sent is kept with its time.
fn says_the_same(before: &Record, after: &Record) -> bool {
    let timeless = |record: &Record| Record { revision: 0, updated_at: Timestamp::from_ms(0), ..record.clone() };
    let is_token = after.source == NewsSource::Token;
    timeless(before) == timeless(after) && (is_token || before.updated_at == after.updated_at)
}
