//! The ICE side of a transport: lite (RFC 8445, 2.5), so it answers checks and makes none.
//!
//! Own code, on rtc-stun: the lite agent of rtc-ice answers a nominating first check with a check of its own
//! (`tests/plane/the_ice_component_does_not_answer_the_first_check.rs`), and has one agent with its own timers for each peer.

mod answer;
mod request;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

pub(crate) use answer::{error, success};
pub(crate) use request::{Refusal, Request};

use crate::random::{Random, text};

/// Paths that a client may have validated at the same time: its interfaces, and what is left of the last one.
const MAX_PATHS: usize = 8;
/// A path that was checked last so long ago is not the client's any more.
const PATH_LIFETIME: Duration = Duration::from_secs(30);

/// What a client authenticates its checks with.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub username_fragment: String,
    pub password: String,
}

impl Credentials {
    pub(crate) fn new(random: &mut dyn Random) -> Self {
        Self { username_fragment: text::<16>(random), password: text::<32>(random) }
    }
}

/// The ICE side of a transport.
pub(crate) struct Ice {
    current: Credentials,
    /// Valid until a path is nominated with the current ones.
    previous: Option<Credentials>,
    paths: Vec<(SocketAddr, Instant)>,
    selected: Option<SocketAddr>,
}

/// What a valid check has changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Checked {
    /// An address that was not the client's before.
    pub added: bool,
    /// An address that is not the client's any more.
    pub removed: Option<SocketAddr>,
    /// Credentials that are not valid any more.
    pub expired: Option<String>,
}

impl Ice {
    pub(crate) fn new(credentials: Credentials) -> Self {
        Self { current: credentials, previous: None, paths: Vec::new(), selected: None }
    }

    pub(crate) fn current(&self) -> &Credentials {
        &self.current
    }

    /// Where to send to.
    pub(crate) fn selected(&self) -> Option<SocketAddr> {
        self.selected
    }

    /// All addresses that are the client's.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.paths.iter().map(|(address, _)| *address)
    }

    /// All names that checks may use.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.current).chain(&self.previous).map(|credentials| credentials.username_fragment.as_str())
    }

    /// The password that belongs to a name.
    pub(crate) fn password(&self, username_fragment: &str) -> Option<&str> {
        std::iter::once(&self.current)
            .chain(&self.previous)
            .find(|credentials| credentials.username_fragment == username_fragment)
            .map(|credentials| credentials.password.as_str())
    }

    /// New credentials. Returns a name that is not valid any more: of a restart before this one.
    pub(crate) fn restart(&mut self, credentials: Credentials) -> Option<String> {
        let before = std::mem::replace(&mut self.current, credentials);
        self.previous.replace(before).map(|credentials| credentials.username_fragment)
    }

    /// An authenticated check came.
    pub(crate) fn checked(&mut self, now: Instant, from: SocketAddr, name: &str, nominated: bool) -> Checked {
        let mut changed = Checked::default();
        if let Some(path) = self.paths.iter_mut().find(|(address, _)| *address == from) {
            path.1 = now;
        } else {
            if self.paths.len() >= MAX_PATHS {
                changed.removed = self.drop_path(|_| true);
            }
            self.paths.push((from, now));
            changed.added = true;
        }
        if nominated || self.selected.is_none() {
            self.selected = Some(from);
        }
        if nominated && name == self.current.username_fragment {
            changed.expired = self.previous.take().map(|credentials| credentials.username_fragment);
        }
        changed
    }

    /// Drops a path that was not checked for long. Returns its address.
    pub(crate) fn expire(&mut self, now: Instant) -> Option<SocketAddr> {
        self.drop_path(|checked| now.saturating_duration_since(checked) > PATH_LIFETIME)
    }

    fn drop_path(&mut self, is_old: impl Fn(Instant) -> bool) -> Option<SocketAddr> {
        let selected = self.selected;
        let (at, _) = self
            .paths
            .iter()
            .enumerate()
            .filter(|(_, (address, checked))| Some(*address) != selected && is_old(*checked))
            .min_by_key(|(_, (_, checked))| *checked)?;
        Some(self.paths.swap_remove(at).0)
    }
}
