//! The size of the pages that hold the node's memory.

use nix::{errno::Errno, sys::prctl};

/// Makes Linux hold this process in pages of 4 KB only (prctl(2), PR_SET_THP_DISABLE).
///
/// Otherwise it gathers them into huge ones of 2 MB, also where most of such a page has been given back: a node from which all
/// people had gone held four times what it used, and how much depended on when the kernel had looked last.
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
