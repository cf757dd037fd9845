//! RTCP of connected clients, with the right keys.
#![no_main]

#[path = "../world.rs"]
mod world;

use libfuzzer_sys::fuzz_target;
use world::World;

fuzz_target!(|compound: &[u8]| {
    World::with(|world| {
        for peer in 0..2 {
            let _ = world.peers[peer].client.send_raw_rtcp(compound);
            world.exchange();
        }
    });
});
