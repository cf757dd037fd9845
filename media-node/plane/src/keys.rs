//! Handles of what a worker has. A handle of something closed names nothing, and never something new.

slotmap::new_key_type! {
    /// A room: who publishes in it is heard in it.
    pub struct RoomKey;
    /// A transport: one ICE, DTLS and SRTP association with a client.
    pub struct TransportKey;
    /// What a client publishes.
    pub struct ProducerKey;
    /// What a client gets of a producer.
    pub struct ConsumerKey;
}
