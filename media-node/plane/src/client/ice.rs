//! The controlling side: checks, and whether they are answered.

use std::{net::SocketAddr, sync::Arc};

use dais_media::IceParameters;
use rtc_crypto::RTCCryptoProvider;
use rtc_stun::{
    attributes::{ATTR_ICE_CONTROLLING, ATTR_PRIORITY, ATTR_USE_CANDIDATE, ATTR_USERNAME},
    fingerprint::FINGERPRINT,
    integrity::MessageIntegrity,
    message::{BINDING_REQUEST, BINDING_SUCCESS, Getter, Message, Setter, TransactionId},
    xoraddr::XorMappedAddress,
};

pub(super) struct Checks {
    remote: IceParameters,
    name: String,
    provider: Arc<dyn RTCCryptoProvider>,
    seed: u64,
    count: u32,
    is_answered: bool,
    mapped: Option<SocketAddr>,
}

impl Checks {
    pub(super) fn new(remote: IceParameters, seed: u64, provider: Arc<dyn RTCCryptoProvider>) -> Self {
        let name = format!("c{:07x}", seed & 0x0fff_ffff);
        Self { remote, name, provider, seed, count: 0, is_answered: false, mapped: None }
    }

    pub(super) fn restart(&mut self, remote: IceParameters) {
        self.remote = remote;
        self.is_answered = false;
    }

    pub(super) fn is_answered(&self) -> bool {
        self.is_answered
    }

    pub(super) fn mapped(&self) -> Option<SocketAddr> {
        self.mapped
    }

    /// The next check. Nominates, as mediasoup-client's browsers do with a lite node.
    pub(super) fn check(&mut self) -> Option<Vec<u8>> {
        self.count += 1;
        let mut message = Message::new();
        message.set_type(BINDING_REQUEST);
        let mut id = [0; 12];
        id.iter_mut().zip(self.seed.to_be_bytes()).for_each(|(to, from)| *to = from);
        id.iter_mut().skip(8).zip(self.count.to_be_bytes()).for_each(|(to, from)| *to = from);
        message.transaction_id = TransactionId(id);
        message.write_header();
        message.add(ATTR_USERNAME, format!("{}:{}", self.remote.username_fragment, self.name).as_bytes());
        message.add(ATTR_ICE_CONTROLLING, &self.seed.to_be_bytes());
        message.add(ATTR_USE_CANDIDATE, &[]);
        message.add(ATTR_PRIORITY, &0x6e7f_00ff_u32.to_be_bytes());
        let integrity =
            MessageIntegrity::new_raw_integrity_with_provider(self.remote.password.as_bytes(), self.provider.crypto());
        integrity.add_to(&mut message).ok()?;
        FINGERPRINT.add_to(&mut message).ok()?;
        Some(message.raw)
    }

    /// Reads an answer. True if it is a success that can be believed.
    pub(super) fn receive(&mut self, datagram: &[u8]) -> bool {
        let mut message = Message::new();
        if message.unmarshal_binary(datagram).is_err() || message.typ != BINDING_SUCCESS {
            return false;
        }
        let password = self.remote.password.as_bytes();
        let is_genuine = MessageIntegrity::check(&mut message, password, self.provider.crypto()).is_ok()
            && FINGERPRINT.check(&message).is_ok();
        if is_genuine {
            self.is_answered = true;
            let mut mapped = XorMappedAddress::default();
            if mapped.get_from(&message).is_ok() {
                self.mapped = Some(SocketAddr::new(mapped.ip, mapped.port));
            }
        }
        is_genuine
    }
}
