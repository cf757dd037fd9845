//! Invite, resend, revoke, accept, decline, changes of hosts, the end of the meeting, time that passes and couriers in any
//! interleaving, with requests that come twice or late, invocations that die, a table that fails before or after the
//! effect, and a mail service with troubles: the rules of invitations hold, and what was answered is so.
//!
//! What runs is the code of the function and of the courier, as in the test of the rules of roles: without threads, clock
//! or chance. Only tokens are random, and the script does not see them. What is checked is in `interleavings/rules.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "for all tests that choose what runs next")]
#[path = "../../signaling/tests/support/executor.rs"]
mod executor;
mod interleavings;
#[allow(dead_code, reason = "for all tests of REST functions")]
#[path = "../../meetings/tests/rest/support/people.rs"]
mod people;
#[allow(dead_code, reason = "for all tests that choose what runs next")]
#[path = "../../signaling/tests/support/sky.rs"]
mod sky;
#[allow(dead_code, reason = "for all tests of REST functions")]
#[path = "../../meetings/tests/rest/support/sockets.rs"]
mod sockets;

use interleavings::{script::script, world::World};
use proptest::{prelude::*, test_runner::Config};

fn config() -> Config {
    Config { cases: 2_500, failure_persistence: None, max_shrink_iters: 5_000, ..Config::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_interleaving_keeps_the_rules_of_invitations(script in script()) {
        World::new(&script).play(&script).map_err(TestCaseError::fail)?;
    }
}
