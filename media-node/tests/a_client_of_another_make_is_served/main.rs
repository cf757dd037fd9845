//! Clients that are not ours: the peer connections of webrtc-rs, with SDP, ICE, DTLS, SRTP and interceptors of their own, over
//! UDP. They are told what signalling tells a browser, and know nothing else of the node.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod flow;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use dais_domain::Policy;
use dais_media::{MediaKind, control::Request};
use dais_media_client::{Shared, rtp::Packet};
use dais_media_node::{NodeSettings, settings::Loss};
use dais_store::MediaNodes;
use flow::Flow;
use support::{
    media::{PATIENCE, Receiving, Sending},
    world::{Person, TestNode, World, free},
};
use tokio::sync::mpsc;

/// Eve publishes a microphone and a camera, and Ada subscribes to both.
struct Call {
    world: World,
    node: TestNode,
    eve: Sending,
    microphone: Flow,
    camera: Flow,
    at_ada: mpsc::UnboundedReceiver<Packet>,
    _ada: Receiving,
}

impl Call {
    async fn begin() -> Self {
        Self::begin_with(&World::settings(), &Shared::new().unwrap()).await
    }

    async fn begin_with(settings: &NodeSettings, ada_shows: &Shared) -> Self {
        let world = World::new().await;
        let (node, ada, eve) = (world.node_with(settings).await, Person::new("ada"), Person::new("eve"));
        world.store.claim_room(&world.room, node.id(), None, world.clock.now()).await.unwrap();
        world.join(&node, &ada).await;
        world.join(&node, &eve).await;
        let kinds = [MediaKind::Audio, MediaKind::Video];
        let sending = Sending::connect(&world, &node, &eve, &kinds).await;
        let producers = [0, 1].map(|track| sending.produce(&world, &node, &eve, track));
        let producers = futures::future::join_all(producers).await;
        let (arrived, at_ada) = mpsc::unbounded_channel();
        let take = move |packet| drop(arrived.send(packet));
        let receiving = Receiving::connect_as(ada_shows, &world, &node, &ada, &producers, take).await;
        let flow = |track: usize| {
            let consumed = receiving.consumers[track].rtp_parameters.clone();
            Flow::new(kinds[track], sending.sent(track).clone(), consumed)
        };
        let (microphone, camera) = (flow(0), flow(1));
        Self { world, node, eve: sending, microphone, camera, at_ada, _ada: receiving }
    }

    /// Eve sends a packet of each track.
    async fn send(&mut self) {
        for (track, flow) in [&mut self.microphone, &mut self.camera].into_iter().enumerate() {
            self.eve.send(track, flow.next()).await;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
        while let Ok(packet) = self.at_ada.try_recv() {
            assert!(self.microphone.takes(&packet) || self.camera.takes(&packet), "{packet}");
        }
    }

    /// Eve sends until something holds.
    async fn send_until(&mut self, holds: impl Fn(&Self) -> bool) {
        let sending = async {
            while !holds(self) {
                self.send().await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, sending).await.is_ok();
        assert!(in_time, "{} of the microphone, {} of the camera", self.microphone.arrivals(), self.camera.arrivals());
    }
}

#[tokio::test]
async fn what_one_publishes_the_other_gets() {
    let mut call = Call::begin().await;
    call.send_until(|call| call.microphone.arrivals() >= 100 && call.camera.arrivals() >= 100).await;
    call.microphone.check();
    call.camera.check();
}

#[tokio::test]
async fn also_who_waits_for_the_node_to_begin_the_handshake() {
    let mut call = Call::begin_with(&World::settings(), &Shared::waiting().unwrap()).await;
    call.send_until(|call| call.microphone.arrivals() >= 20 && call.camera.arrivals() >= 20).await;
    call.microphone.check();
    call.camera.check();
}

#[tokio::test]
async fn whom_a_host_mutes_is_heard_no_more_though_he_goes_on_sending() {
    let mut call = Call::begin().await;
    call.send_until(|call| call.microphone.arrivals() >= 20 && call.camera.arrivals() >= 20).await;
    let version = call.world.policy(Policy { may_unmute: false, ..free() }).await;
    call.world.call(&call.node, Request::RoomChanged { version }).await.unwrap();
    let muted = call.microphone.count;
    // What she sends at the same time tells when the rest would have come.
    let (seen, camera) = (call.camera.arrivals(), call.camera.count);
    call.send_until(|call| call.camera.arrivals() >= seen + 100).await;
    assert!(call.camera.check().end > camera);
    let heard = call.microphone.check();
    assert!(heard.end <= muted, "{heard:?} was heard, and {muted} was sent after she had been muted");
}

#[tokio::test]
async fn what_is_lost_on_the_way_is_asked_for_and_comes_again() {
    let loss = Loss { outgoing: 0.05, ..Loss::default() };
    let mut call = Call::begin_with(&NodeSettings { loss, ..World::settings() }, &Shared::new().unwrap()).await;
    // The odds that none of them is lost are one to some millions.
    call.send_until(|call| call.camera.has_all_of(300)).await;
    assert!(!call.microphone.has_all_of(300), "nobody asks for audio again");
}
