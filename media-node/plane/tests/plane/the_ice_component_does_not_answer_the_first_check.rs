//! Why the node has its own responder: the lite agent of rtc-ice answers a nominating first check with a check of its own, which a lite
//! side never makes (RFC 8445, 2.5), and it wants to know the client's name and password, which mediasoup-client does not send.

use std::{sync::Arc, time::Instant};

use bytes::BytesMut;
use dais_media::IceParameters;
use dais_media_plane::client::{Behaviour, Client};
use rtc_ice::{
    agent::{Agent, agent_config::AgentConfig},
    candidate::{CandidateConfig, CandidateType, candidate_host::CandidateHostConfig},
    network_type::NetworkType,
};
use rtc_shared::{TaggedBytesMut, TransportContext, TransportProtocol};
use sansio::Protocol;

use crate::support::{NODE, address, profiled};

/// Types of the STUN messages that an agent sends when a client's first check comes.
fn answers(knows_client: bool) -> Vec<[u8; 2]> {
    let now = Instant::now();
    let (name, password) = ("nodename".to_owned(), "a-password-of-32-characters-here".to_owned());
    let config = AgentConfig {
        lite: true,
        candidate_types: vec![CandidateType::Host],
        network_types: vec![NetworkType::Udp4],
        local_ufrag: name.clone(),
        local_pwd: password.clone(),
        ..AgentConfig::default()
    };
    let provider = rtc_crypto::default_provider().expect("provider");
    let mut agent = Agent::new(now, Arc::new(config), provider).expect("agent");
    let base_config = CandidateConfig {
        network: "udp".to_owned(),
        address: NODE.ip().to_string(),
        port: NODE.port(),
        component: 1,
        ..CandidateConfig::default()
    };
    let candidate = CandidateHostConfig { base_config, ..CandidateHostConfig::default() };
    agent.add_local_candidate(candidate.new_candidate_host().expect("candidate")).expect("added");
    if knows_client {
        agent
            .start_connectivity_checks(now, false, "c000004d".to_owned(), "the-client-s-password-of-32-char".to_owned())
            .expect("start");
    }
    let credentials = IceParameters { username_fragment: name, password, ice_lite: true };
    let mut client = Client::with_credentials(now, profiled(Behaviour::default()), credentials, 77);
    client.advance(now);
    let check = client.poll_transmit().expect("check");
    let transport = TransportContext {
        local_addr: NODE,
        peer_addr: address(0),
        transport_protocol: TransportProtocol::UDP,
        ecn: None,
    };
    let _ = agent.handle_read(TaggedBytesMut { now, transport, message: BytesMut::from(&check[..]) });
    std::iter::from_fn(|| agent.poll_write()).map(|sent| [sent.message[0], sent.message[1]]).collect()
}

const REQUEST: [u8; 2] = [0, 1];
const SUCCESS: [u8; 2] = [1, 1];

#[test]
fn but_with_a_check_of_its_own() {
    let answers = answers(true);
    assert!(!answers.contains(&SUCCESS), "{answers:?}");
    assert!(answers.iter().all(|kind| *kind == REQUEST), "{answers:?}");
}

#[test]
fn and_not_at_all_without_the_client_s_credentials() {
    assert!(!answers(false).contains(&SUCCESS));
}
