//! Promote, demote, step down, join, leave and disconnect in any interleaving, with events that come twice, invocations that
//! die, and a table that fails before or after the effect: the rules of roles hold, and every answer was true.
//!
//! What runs is the code of the functions, over [`dais_store::MemoryStore`]. It waits before and after every operation on the
//! table, and what goes on then is chosen by the script: there are no threads, no clock and no other randomness, so a
//! failure comes again and shrinks. What is checked is in `interleavings/`: `rules` over the whole log, `history` for the
//! answers, `world` for what holds at every step (hosts, versions) and when all is quiet (presences, leases).
//!
//! That it can fail was tried by breaking the code in one place at a time. Each of these was found, within 3,000 cases:
//! a commit without its version condition, without its log entry, or that leaves the roles as they were; no rule of the last host;
//! a co-host who may do what a host may; a conflict taken for success, a second decision on the first reading, `busy`
//! at the first conflict, an error after the effect answered by the state that it made; a promotion refused although its target is in
//! the room; a join that answers although its sender is not in the room; a leave that takes other tabs along or that forgets a
//! room which was entered again; a departure that does not first keep its connection from entering, or ends the lease
//! first; a heartbeat that closes the socket only when the lease has ended.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod interleavings;
mod support;

use interleavings::{script::script, world::World};
use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence},
};

fn config() -> Config {
    let seeds = FileFailurePersistence::Direct("tests/any_interleaving_keeps_the_rules_of_roles.regressions");
    Config { cases: 10_000, failure_persistence: Some(Box::new(seeds)), max_shrink_iters: 20_000, ..Config::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_interleaving_keeps_the_rules_of_roles(script in script()) {
        World::new(&script).play(&script).map_err(TestCaseError::fail)?;
    }
}
