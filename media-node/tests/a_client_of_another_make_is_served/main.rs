//! Clients that are not ours: the peer connections of webrtc-rs, with SDP, ICE, DTLS, SRTP and interceptors of their own, over
//! UDP. They are told what signalling tells a browser, and know nothing else of the node.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod description;
mod flow;
mod peer;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use dais_domain::Policy;
use dais_media::{
    Direction, MediaKind,
    control::{Answer, Request},
};
use dais_media_node::{NodeSettings, settings::Loss};
use dais_store::MediaNodes;
use flow::Flow;
use peer::Peer;
use support::world::{Person, TestNode, World, free};
use tokio::sync::mpsc;

/// How long a step may take, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// Eve publishes a microphone and a camera, and Ada subscribes to both.
struct Call {
    world: World,
    node: TestNode,
    eve: Peer,
    microphone: Flow,
    camera: Flow,
    at_ada: mpsc::UnboundedReceiver<rtc::rtp::Packet>,
}

impl Call {
    async fn begin() -> Self {
        Self::begin_with(&World::settings()).await
    }

    async fn begin_with(settings: &NodeSettings) -> Self {
        let world = World::new().await;
        let (node, ada, eve) = (world.node_with(settings).await, Person::new("ada"), Person::new("eve"));
        world.store.claim_room(&world.room, node.id(), None, world.clock.now()).await.unwrap();
        world.join(&node, &ada).await;
        world.join(&node, &eve).await;
        let kinds = [MediaKind::Audio, MediaKind::Video];
        let mut publisher = Peer::new(&world, &node, &eve, Direction::Send).await;
        let published = publisher.publish(&world, &node, &eve, &kinds).await;
        let mut subscriber = Peer::new(&world, &node, &ada, Direction::Recv).await;
        let (mut flows, mut sections, mut consumers) = (Vec::new(), Vec::new(), Vec::new());
        for (kind, (sender, sent)) in kinds.into_iter().zip(published) {
            let transport = publisher.transport().id.clone();
            let request = Request::Produce {
                connection_id: eve.connection.clone(),
                transport_id: transport,
                kind,
                rtp_parameters: sent.clone(),
                is_screen_share: false,
                paused: false,
            };
            let answer = world.call(&node, request).await.unwrap();
            let Answer::Produced { id } = answer else { panic!("{answer:?}") };
            let consumer = world.consume(&node, &ada, &id).await.unwrap();
            flows.push(Flow::new(kind, sender, sent, consumer.rtp_parameters.clone()));
            sections.push((kind, consumer.rtp_parameters));
            consumers.push(consumer.id);
        }
        subscriber.subscribe(&world, &node, &ada, &sections).await;
        for consumer_id in consumers {
            let resume = Request::ResumeConsumer { connection_id: ada.connection.clone(), consumer_id };
            world.call(&node, resume).await.unwrap();
        }
        let (arrived, at_ada) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while !arrived.is_closed() {
                for packet in subscriber.turn(Duration::from_millis(20)).await {
                    let _ = arrived.send(packet);
                }
            }
        });
        let [microphone, camera] = flows.try_into().unwrap_or_else(|_| panic!("two flows"));
        Self { world, node, eve: publisher, microphone, camera, at_ada }
    }

    /// Eve sends a packet of each track, and does what else is due.
    async fn send(&mut self) {
        for flow in [&mut self.microphone, &mut self.camera] {
            let packet = flow.next();
            self.eve.send(flow.sender, packet);
        }
        self.eve.turn(Duration::from_millis(2)).await;
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
    let mut call = Call::begin_with(&NodeSettings { loss, ..World::settings() }).await;
    // The odds that none of them is lost are one to some millions.
    call.send_until(|call| call.camera.has_all_of(300)).await;
    assert!(!call.microphone.has_all_of(300), "nobody asks for audio again");
}
