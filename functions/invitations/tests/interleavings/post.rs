//! A mail service with troubles. Others run before and after it has taken a letter.

use std::sync::{Arc, Mutex};

use dais_courier::InvitationToken;
use dais_domain::{MessageId, TokenHash};
use dais_mail::{Letter, MailError, Mailer};

use crate::{executor::Yield, sky::Choices};

#[derive(Debug, Default)]
struct State {
    calm: bool,
    choices: Choices,
    letters: Vec<Letter>,
}

/// Clones share what they remember.
#[derive(Debug, Clone, Default)]
pub struct Post(Arc<Mutex<State>>);

impl Post {
    /// No troubles and no waiting from now on, or again.
    pub fn calm(&self, calm: bool) {
        self.0.lock().unwrap().calm = calm;
    }

    pub fn trouble(&self, choices: &[u8]) {
        self.0.lock().unwrap().choices = Choices::new(choices);
    }

    pub fn letters(&self) -> Vec<Letter> {
        self.0.lock().unwrap().letters.clone()
    }

    /// The tokens of all invitations that were sent, oldest first.
    pub fn tokens(&self) -> Vec<InvitationToken> {
        self.0.lock().unwrap().letters.iter().filter_map(token).collect()
    }
}

/// The token in the link of an invitation; other letters have none.
pub fn token(letter: &Letter) -> Option<InvitationToken> {
    let (_, rest) = letter.text.split_once("/accept-host?token=")?;
    InvitationToken::parse(rest.get(..InvitationToken::CHARS)?).ok()
}

pub fn hash(letter: &Letter) -> Option<TokenHash> {
    token(letter)?.hash().ok()
}

impl Mailer for Post {
    async fn send(&self, letter: &Letter) -> Result<MessageId, MailError> {
        let calm = self.0.lock().unwrap().calm;
        if calm {
            return Ok(self.take(letter));
        }
        Yield::default().await;
        let choice = self.0.lock().unwrap().choices.take();
        let reason = "as the script says".to_owned();
        let sent = match choice {
            0..160 => Ok(self.take(letter)),
            160..200 => Err(MailError::Later { reason }),
            200..220 => Err(MailError::NotSetUp { reason }),
            _ => Err(MailError::Refused { reason }),
        };
        Yield::default().await;
        sent
    }
}

impl Post {
    fn take(&self, letter: &Letter) -> MessageId {
        let mut state = self.0.lock().unwrap();
        state.letters.push(letter.clone());
        MessageId::new(format!("message-{}", state.letters.len())).unwrap()
    }
}
