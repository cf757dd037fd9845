//! A table with invitations whose mails wait, and a mail service that does as it is told.

use std::{
    collections::VecDeque,
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};

use dais_courier::{Courier, Delivery, InvitationToken, Links};
use dais_domain::{
    Actor, Command, Description, EmailAddress, Invitation, InvitationId, MailId, Meeting, MeetingId, MessageId, Role,
    Terms, Timestamp, TokenHash, UserId,
};
use dais_mail::{Letter, MailError, Mailer};
use dais_store::{Invitations, Mail, MailKind, Mails, Meetings, MemoryStore};

/// How the mail service fares with one letter.
#[derive(Debug, Clone)]
pub enum Luck {
    Trouble(MailError),
    /// The courier dies before the letter is taken.
    DeathBefore,
    /// And after it was.
    DeathAfter,
}

/// Clones share what they remember. Letters are taken unless something else comes first.
#[derive(Debug, Clone, Default)]
pub struct Post {
    luck: Arc<Mutex<VecDeque<Luck>>>,
    letters: Arc<Mutex<Vec<Letter>>>,
    asked: Arc<Mutex<usize>>,
}

impl Post {
    pub fn next(&self, luck: Luck) {
        self.luck.lock().unwrap().push_back(luck);
    }

    /// How many letters it was given, taken or not.
    pub fn asked(&self) -> usize {
        *self.asked.lock().unwrap()
    }

    pub fn letters(&self) -> usize {
        self.letters.lock().unwrap().len()
    }

    /// What the tokens in the letters are stored as, oldest first.
    pub fn hashes(&self) -> Vec<TokenHash> {
        let letters = self.letters.lock().unwrap();
        let token = |letter: &Letter| {
            let (_, rest) = letter.text.split_once("/accept-host?token=").unwrap();
            InvitationToken::parse(&rest[..InvitationToken::CHARS]).unwrap().hash().unwrap()
        };
        letters.iter().map(token).collect()
    }

    fn take(&self, letter: &Letter) -> MessageId {
        let mut letters = self.letters.lock().unwrap();
        letters.push(letter.clone());
        MessageId::new(format!("message-{}", letters.len())).unwrap()
    }
}

impl Mailer for Post {
    async fn send(&self, letter: &Letter) -> Result<MessageId, MailError> {
        *self.asked.lock().unwrap() += 1;
        let luck = self.luck.lock().unwrap().pop_front();
        match luck {
            None => Ok(self.take(letter)),
            Some(Luck::Trouble(error)) => Err(error),
            Some(Luck::DeathBefore) => pending().await,
            Some(Luck::DeathAfter) => {
                self.take(letter);
                pending().await
            }
        }
    }
}

pub struct House {
    pub store: MemoryStore,
    pub post: Post,
    pub courier: Courier<MemoryStore, Post>,
}

impl House {
    /// Ada has a meeting that starts now.
    pub async fn new() -> Self {
        Self::over(MemoryStore::default()).await
    }

    pub async fn over(store: MemoryStore) -> Self {
        let post = Post::default();
        let sender = EmailAddress::new("invitations@meet.example.com").unwrap();
        let links = Links::new("https://meet.example.com").unwrap();
        let courier = Courier::new(store.clone(), post.clone(), sender, links);
        let title = Description::new("Stand-up").unwrap();
        let (meeting, first) = Meeting::create(room(), ada().user_id, None, title, at(0), at(0));
        store.create(&meeting, &first, None).await.unwrap();
        Self { store, post, courier }
    }

    /// An invitation whose mail, named like it, waits.
    pub async fn invite(&self, name: &str) -> MailId {
        let email = EmailAddress::new(format!("{name}@example.com")).unwrap();
        let id = InvitationId::new(name).unwrap();
        let invitation = Invitation::new(id, room(), email, None, false, terms(name, 0), at(0));
        let mail = mail_of(&invitation, 0);
        self.store.invite(&invitation, &[], &mail).await.unwrap();
        mail.id
    }

    pub async fn deliver(&self, mail: &MailId, seconds: u64) -> Delivery {
        self.courier.deliver_one(mail, at(seconds)).await.unwrap()
    }

    pub async fn invitation(&self, name: &str) -> Invitation {
        let id = InvitationId::new(name).unwrap();
        self.store.invitation(&room(), &id).await.unwrap().unwrap()
    }

    /// In how many seconds after the beginning a mail is tried next.
    pub async fn due(&self, mail: &MailId) -> Option<u64> {
        let due = self.store.mail(mail).await.unwrap().unwrap().due;
        due.map(|due| (due.as_ms() - at(0).as_ms()) / 1000)
    }

    /// The meeting changes.
    pub async fn command(&self, by: &Actor, command: Command) {
        let meeting = self.store.meeting(&room()).await.unwrap().unwrap();
        let decision = meeting.decide(by, &command, None, at(1)).unwrap().unwrap();
        self.store.commit(&decision).await.unwrap();
    }
}

pub fn terms(mail: &str, seconds: u64) -> Terms {
    let expires_at = at(seconds).plus(Duration::from_secs(7 * 24 * 3600));
    Terms { inviter: ada(), inviter_email: None, role: Role::Host, expires_at, mail: MailId::new(mail).unwrap() }
}

pub fn mail_of(invitation: &Invitation, seconds: u64) -> Mail {
    Mail {
        id: invitation.mail.clone(),
        kind: MailKind::Invitation,
        meeting_id: room(),
        invitation_id: invitation.id.clone(),
        created_at: at(seconds),
        attempt: 0,
        due: Some(at(seconds)),
    }
}

pub fn at(seconds: u64) -> Timestamp {
    Timestamp::from_ms(2_000_000_000_000 + seconds * 1000)
}

pub fn room() -> MeetingId {
    MeetingId::new("m1").unwrap()
}

pub fn ada() -> Actor {
    actor("ada")
}

pub fn actor(name: &str) -> Actor {
    Actor { user_id: UserId::new(format!("user_{name}")).unwrap(), name: None }
}

pub fn later() -> Luck {
    Luck::Trouble(MailError::Later { reason: "TooManyRequestsException".to_owned() })
}
