//! The mails that were taken. In memory, and not more than a laptop can hold.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::request::Letter;
use crate::clock::rfc3339;

/// Mails kept. Older ones are forgotten.
const MOST_MAILS: usize = 1_000;

/// Bytes kept, of all mails together.
const MOST_BYTES: usize = 128 * 1024 * 1024;

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It was taken, and nothing was heard of it.
    Sent,
    /// There is no such mailbox.
    Bounced,
    /// The receiver says that it is spam.
    Complained,
}

/// A mail that was taken.
#[derive(Debug, Clone)]
pub struct Mail {
    /// SES's id of it.
    pub id: String,
    /// When it was taken, ms since the epoch.
    pub sent_at_ms: u64,
    /// Logical id of the function that sent it.
    pub function: String,
    /// What became of it.
    pub state: State,
    pub(super) letter: Letter,
}

impl Mail {
    pub(super) fn new(id: String, sent_at_ms: u64, function: &str, letter: Letter) -> Self {
        Self { id, sent_at_ms, function: function.to_owned(), state: State::Sent, letter }
    }

    /// The HTML part.
    pub fn html(&self) -> Option<&str> {
        self.letter.html.as_deref()
    }

    /// As `/_local/outbox.json` shows it.
    pub fn to_json(&self) -> Value {
        let Letter { from, to, cc, bcc, reply_to, subject, html, text, headers, attachments, .. } = &self.letter;
        let headers: Map<String, Value> = headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let attachments: Vec<Value> = attachments
            .iter()
            .map(|file| {
                json!({
                    "fileName": file.name,
                    "contentType": file.content_type,
                    "size": file.content.len(),
                    "content": BASE64_STANDARD.encode(&file.content),
                })
            })
            .collect();
        json!({
            "messageId": self.id,
            "from": from,
            "to": to,
            "cc": cc,
            "bcc": bcc,
            "replyTo": reply_to,
            "subject": subject,
            "html": html,
            "text": text,
            "headers": headers,
            "attachments": attachments,
            "sentAt": rfc3339(self.sent_at_ms),
            "sentBy": self.function,
            "state": self.state,
        })
    }

    fn bytes(&self) -> usize {
        let Letter { subject, html, text, attachments, .. } = &self.letter;
        let parts = subject.len() + html.as_ref().map_or(0, String::len) + text.as_ref().map_or(0, String::len);
        parts + attachments.iter().map(|file| file.content.len()).sum::<usize>()
    }
}

/// The mails, oldest first. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Outbox(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    mails: VecDeque<Arc<Mail>>,
    bytes: usize,
}

impl Outbox {
    /// Keeps a mail; forgets the oldest ones if there are too many.
    pub(super) fn put(&self, mail: Mail) {
        let mut kept = self.lock();
        kept.bytes += mail.bytes();
        kept.mails.push_back(Arc::new(mail));
        while kept.mails.len() > MOST_MAILS || (kept.bytes > MOST_BYTES && kept.mails.len() > 1) {
            let Some(oldest) = kept.mails.pop_front() else { break };
            kept.bytes = kept.bytes.saturating_sub(oldest.bytes());
        }
    }

    /// The mails, newest first.
    pub fn mails(&self) -> Vec<Arc<Mail>> {
        self.lock().mails.iter().rev().cloned().collect()
    }

    /// The mail of this id.
    pub fn get(&self, id: &str) -> Option<Arc<Mail>> {
        self.lock().mails.iter().find(|mail| mail.id == id).cloned()
    }

    /// Changes a mail; gives what it is then.
    pub(super) fn change(&self, id: &str, change: impl FnOnce(&mut Mail)) -> Option<Arc<Mail>> {
        let mut kept = self.lock();
        let mail = kept.mails.iter_mut().find(|mail| mail.id == id)?;
        change(Arc::make_mut(mail));
        Some(Arc::clone(mail))
    }

    /// Forgets all; how many they were.
    pub fn clear(&self) -> usize {
        let kept = std::mem::take(&mut *self.lock());
        kept.mails.len()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
