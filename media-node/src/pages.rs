//! The size of the pages that hold the node's memory.

use nix::{errno::Errno, sys::prctl};

/// Makes Linux hold this process, and what it starts, in pages of 4 KB only (prctl(2), `PR_SET_THP_DISABLE`).
///
/// Otherwise it may use huge ones of 2 MB, also where most of such a page has been given back: without them, a node that all
/// people had left held a third to a half less, with an allocator that asks for them. `docs/decisions/a-node-gives-memory-back.md` has the figures.
///
/// # Errors
/// A kernel without huge pages, or a sandbox that forbids prctl. The node works all the same.
pub fn stay_small() -> Result<(), Errno> {
    prctl::set_thp_disable(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn huge_pages_are_refused() {
        assert_eq!(stay_small(), Ok(()));
        assert_eq!(prctl::get_thp_disable(), Ok(true));
    }
}
