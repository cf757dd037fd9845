use dais_media::{Direction, IceParameters};
use rtc_stun::{
    attributes::{ATTR_ICE_CONTROLLED, ATTR_ICE_CONTROLLING, ATTR_USE_CANDIDATE, ATTR_USERNAME, AttrType},
    error_code::{ErrorCode, ErrorCodeAttribute},
    fingerprint::FINGERPRINT,
    integrity::MessageIntegrity,
    message::{BINDING_REQUEST, Getter, Message, Setter, TransactionId},
    xoraddr::XorMappedAddress,
};

use crate::support::{World, address};

/// What the check has; everything that it should, unless changed.
struct Check<'a> {
    name: Option<&'a str>,
    password: Option<&'a str>,
    role: AttrType,
    more: Vec<(AttrType, &'a [u8])>,
    has_fingerprint: bool,
}

impl Check<'_> {
    fn build(&self) -> Vec<u8> {
        let provider = rtc_crypto::default_provider().expect("provider");
        let mut message = Message::new();
        message.set_type(BINDING_REQUEST);
        message.transaction_id = TransactionId([7; 12]);
        message.write_header();
        if let Some(name) = self.name {
            message.add(ATTR_USERNAME, name.as_bytes());
        }
        message.add(self.role, &[1; 8]);
        message.add(ATTR_USE_CANDIDATE, &[]);
        for (kind, value) in &self.more {
            message.add(*kind, value);
        }
        if let Some(password) = self.password {
            let integrity = MessageIntegrity::new_raw_integrity_with_provider(password.as_bytes(), provider.crypto());
            integrity.add_to(&mut message).expect("integrity");
        }
        if self.has_fingerprint {
            FINGERPRINT.add_to(&mut message).expect("fingerprint");
        }
        message.raw
    }
}

/// The answer, read, with the error code if it is an error.
fn answer(world: &mut World, check: &[u8]) -> Option<Result<Message, u16>> {
    let now = world.now;
    world.worker.receive(now, address(9), &mut check.to_vec());
    let answers: Vec<Vec<u8>> = world
        .worker
        .egress()
        .iter()
        .map(|(to, bytes)| {
            assert_eq!(to, address(9));
            bytes.to_vec()
        })
        .collect();
    world.worker.egress().clear();
    assert!(answers.len() <= 1);
    let answer = answers.into_iter().next()?;
    let mut message = Message::new();
    message.unmarshal_binary(&answer).expect("message");
    FINGERPRINT.check(&message).expect("fingerprint");
    assert_eq!(message.transaction_id, TransactionId([7; 12]));
    let mut error = ErrorCodeAttribute::default();
    match error.get_from(&message) {
        Ok(()) => {
            assert!(answer.len() <= check.len(), "an error is no longer than what it answers");
            let ErrorCode(code) = error.code;
            Some(Err(code))
        }
        Err(_) => Some(Ok(message)),
    }
}

fn world() -> (World, IceParameters, String) {
    let mut world = World::new();
    let room = world.room;
    let transport = world.worker.create_transport(world.now, room, Direction::Send).expect("transport");
    let name = format!("{}:client", transport.ice_parameters.username_fragment);
    (world, transport.ice_parameters, name)
}

fn check<'a>(parameters: &'a IceParameters, name: &'a str) -> Check<'a> {
    Check {
        name: Some(name),
        password: Some(&parameters.password),
        role: ATTR_ICE_CONTROLLING,
        more: vec![],
        has_fingerprint: true,
    }
}

#[test]
fn a_good_one_with_the_client_s_address() {
    let (mut world, parameters, name) = world();
    let mut answer = answer(&mut world, &check(&parameters, &name).build()).expect("answer").expect("success");
    let mut mapped = XorMappedAddress::default();
    mapped.get_from(&answer).expect("address");
    assert_eq!((mapped.ip, mapped.port), (address(9).ip(), address(9).port()));
    let provider = rtc_crypto::default_provider().expect("provider");
    MessageIntegrity::check(&mut answer, parameters.password.as_bytes(), provider.crypto()).expect("integrity");
}

#[test]
fn a_bad_one_with_an_error() {
    let (mut world, parameters, name) = world();
    let good = || check(&parameters, &name);
    let mut code = |check: Check<'_>| answer(&mut world, &check.build()).map(|answer| answer.err());
    let wrong = "x".repeat(32);
    assert_eq!(code(Check { password: Some(&wrong), ..good() }), Some(Some(401)));
    assert_eq!(code(Check { name: Some("nobody:client"), ..good() }), Some(Some(401)));
    assert_eq!(code(Check { name: None, ..good() }), Some(Some(400)));
    assert_eq!(code(Check { name: Some("nocolon"), ..good() }), Some(Some(400)));
    assert_eq!(code(Check { password: None, ..good() }), Some(Some(400)));
    assert_eq!(code(Check { role: ATTR_ICE_CONTROLLED, ..good() }), Some(Some(487)));
    assert_eq!(code(Check { more: vec![(AttrType(0x7ff0), &[1, 2, 3, 4])], ..good() }), Some(Some(420)));
    assert_eq!(code(Check { has_fingerprint: false, ..good() }), None, "not ICE");
    assert_eq!(code(good()), Some(None));
    let mut damaged = good().build();
    damaged[22] ^= 1;
    assert!(answer(&mut world, &damaged).is_none());
}
