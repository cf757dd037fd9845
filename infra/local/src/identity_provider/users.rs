//! The users the provider has seen, so that a webhook says `user.created` once and `user.updated` when something changed.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{IdentityError, UserChange, keys::readable};

/// A user as the provider knows him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Short name, by which tokens are asked for.
    pub user: String,
    /// `user_…`; follows from the short name.
    pub id: String,
    /// Full name.
    pub name: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Whether the address is verified.
    pub verified: bool,
    /// Address of a picture.
    pub picture: Option<String>,
    /// Whether he has been deleted.
    pub deleted: bool,
    /// When he was first seen, or created again: ms since the epoch.
    pub created_at_ms: u64,
    /// When he last changed: ms since the epoch.
    pub updated_at_ms: u64,
}

/// What a webhook tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UserEvent {
    Created,
    Updated,
    Deleted,
}

/// All users, by short name.
#[derive(Debug)]
pub(super) struct Users {
    known: BTreeMap<String, User>,
    file: Option<PathBuf>,
}

impl Users {
    pub(super) fn in_memory() -> Self {
        Self { known: BTreeMap::new(), file: None }
    }

    /// The users of this data directory.
    pub(super) fn in_file(directory: &Path) -> Result<Self, IdentityError> {
        let path = directory.join("users.json");
        let known = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| IdentityError::Damaged { path: path.clone(), reason: error.to_string() })?,
            Err(error) if error.kind() == ErrorKind::NotFound => BTreeMap::new(),
            Err(source) => return Err(IdentityError::File { path, source }),
        };
        Ok(Self { known, file: Some(path) })
    }

    pub(super) fn all(&self) -> Vec<User> {
        self.known.values().cloned().collect()
    }

    /// What a change leaves out stays as it is, or becomes the default for somebody new.
    pub(super) fn apply(
        &mut self,
        change: &UserChange,
        may_revive: bool,
        now_ms: u64,
    ) -> Result<(User, Option<UserEvent>), String> {
        let old = self.known.get(&change.user);
        let gone = old.is_some_and(|user| user.deleted);
        if gone && !may_revive {
            return Err(format!(
                "the user {0} has been deleted: POST /_local/users {{\"user\": \"{0}\"}} creates him again",
                change.user
            ));
        }
        let mut user = match old {
            Some(user) if !gone => user.clone(),
            _ => default_user(&change.user, now_ms),
        };
        let given = |value: &Option<String>| value.clone().map(|text| Some(text).filter(|text| !text.is_empty()));
        user.name = given(&change.name).unwrap_or(user.name);
        user.email = given(&change.email).unwrap_or(user.email);
        user.picture = given(&change.picture).unwrap_or(user.picture);
        user.verified = change.verified.unwrap_or(user.verified);
        user.deleted = change.deleted;
        let event = match old {
            Some(old) if *old == user => None,
            Some(old) if !old.deleted && user.deleted => Some(UserEvent::Deleted),
            Some(old) if !old.deleted => Some(UserEvent::Updated),
            // Nobody was told of him, or he was already gone: nothing to tell.
            _ if user.deleted => None,
            _ => Some(UserEvent::Created),
        };
        if event.is_some() {
            user.updated_at_ms = now_ms;
            let before = self.known.insert(change.user.clone(), user.clone());
            if let Err(error) = self.save() {
                match before {
                    Some(before) => self.known.insert(change.user.clone(), before),
                    None => self.known.remove(&change.user),
                };
                return Err(error);
            }
        }
        Ok((user, event))
    }

    fn save(&self) -> Result<(), String> {
        let Some(path) = &self.file else { return Ok(()) };
        let unfinished = path.with_extension("new");
        let written = serde_json::to_vec_pretty(&self.known)
            .map_err(std::io::Error::other)
            .and_then(|bytes| fs::write(&unfinished, bytes))
            .and_then(|()| fs::rename(&unfinished, path));
        written.map_err(|error| format!("the users cannot be kept in {}: {error}", path.display()))
    }
}

fn default_user(user: &str, now_ms: u64) -> User {
    let mut letters = user.chars();
    let name = letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str());
    User {
        user: user.to_owned(),
        id: format!("user_{}", readable(format!("user {user}").as_bytes())),
        name,
        email: Some(format!("{user}@example.com")),
        verified: true,
        picture: None,
        deleted: false,
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
    }
}
