//! Whatever reaches a worker: from strangers and clients, raw or sealed with the right keys.
#![no_main]

#[path = "../world.rs"]
mod world;

use libfuzzer_sys::fuzz_target;
use world::World;

fuzz_target!(|input: &[u8]| {
    World::with(|world| {
        let mut rest = input;
        while let Some(([kind, length], after)) = rest.split_first_chunk::<2>() {
            let length = (usize::from(*length) * 4).min(after.len());
            let (bytes, after) = after.split_at(length);
            rest = after;
            let peer = usize::from(kind & 1);
            match kind >> 1 & 3 {
                0 => world.receive(peer, bytes),
                1 => drop(world.peers[peer].client.send_rtp(bytes)),
                2 => drop(world.peers[peer].client.send_raw_rtcp(bytes)),
                _ => world.receive(99, bytes),
            }
            world.exchange();
        }
    });
});
