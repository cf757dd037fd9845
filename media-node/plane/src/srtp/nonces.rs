//! Remembers all nonces that this thread has used, in tests, and panics when one comes again.

use std::{cell::RefCell, collections::HashSet};

type Nonce = (u64, u64, u64);

thread_local! {
    static USED: RefCell<Option<HashSet<Nonce>>> = const { RefCell::new(None) };
}

/// From now on, nonces of this thread are remembered.
pub fn watch() {
    USED.set(Some(HashSet::new()));
}

/// How many have been used since [`watch`].
pub fn count() -> usize {
    USED.with_borrow(|used| used.as_ref().map_or(0, HashSet::len))
}

pub(super) fn record(owner: u64, ssrc: u32, index: u64) {
    note((owner, u64::from(ssrc), index));
}

pub(super) fn record_rtcp(owner: u64, index: u32) {
    note((owner, u64::MAX, u64::from(index)));
}

#[allow(clippy::panic, reason = "for tests only")]
fn note(nonce: Nonce) {
    USED.with_borrow_mut(|used| {
        if let Some(used) = used
            && !used.insert(nonce)
        {
            panic!("nonce used twice: {nonce:?}");
        }
    });
}
