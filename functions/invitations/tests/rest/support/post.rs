//! A post office that remembers what it was given.

use std::{
    collections::VecDeque,
    mem,
    sync::{Arc, Mutex},
};

use dais_domain::MessageId;
use dais_mail::{Letter, MailError, Mailer};

/// Clones share what they remember.
#[derive(Debug, Clone, Default)]
pub struct PostOffice {
    letters: Arc<Mutex<Vec<Letter>>>,
    troubles: Arc<Mutex<VecDeque<MailError>>>,
    count: Arc<Mutex<usize>>,
}

impl PostOffice {
    /// The next letter is not taken.
    pub fn trouble(&self, error: MailError) {
        self.troubles.lock().unwrap().push_back(error);
    }

    /// Takes out all letters, oldest first.
    pub fn take(&self) -> Vec<Letter> {
        mem::take(&mut *self.letters.lock().unwrap())
    }

    /// Takes out all letters and returns the tokens in those to this address, oldest first.
    pub fn tokens_to(&self, address: &str) -> Vec<String> {
        self.take().iter().filter(|letter| letter.to.as_str() == address).filter_map(token).collect()
    }
}

/// The token in the link of an invitation.
fn token(letter: &Letter) -> Option<String> {
    let (_, rest) = letter.text.split_once("/accept-host?token=")?;
    Some(rest.chars().take_while(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-')).collect())
}

impl Mailer for PostOffice {
    async fn send(&self, letter: &Letter) -> Result<MessageId, MailError> {
        if let Some(trouble) = self.troubles.lock().unwrap().pop_front() {
            return Err(trouble);
        }
        self.letters.lock().unwrap().push(letter.clone());
        let mut count = self.count.lock().unwrap();
        *count += 1;
        Ok(MessageId::new(format!("message-{count}")).unwrap())
    }
}
