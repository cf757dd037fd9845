//! Which layers a subscriber gets.

use crate::codec::vp8::Descriptor;

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Of another layer, or nothing to begin with.
    Ignore,
    /// The first packet of what the subscriber gets from now on.
    Begin,
    Forward,
    /// Of the subscriber's layer, but not for him: a frame of a higher temporal layer, or only padding.
    LeaveOut,
}

/// The layers of one subscriber. With one stream, layer 0 is all there is.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    /// What he gets.
    current: Option<u8>,
    /// What he is to get from the next key frame on.
    target: Option<u8>,
    /// The highest temporal layer that he is to get, and that he gets.
    temporal: u8,
    current_temporal: u8,
}

impl Selection {
    pub(crate) fn new(target: Option<u8>) -> Self {
        Self { current: None, target, temporal: u8::MAX, current_temporal: u8::MAX }
    }

    pub(crate) fn current(&self) -> Option<u8> {
        self.current
    }

    pub(crate) fn target(&self) -> Option<u8> {
        self.target
    }

    /// Wants another layer. True if a key frame of it is needed.
    pub(crate) fn aim(&mut self, target: Option<u8>) -> bool {
        self.target = target;
        if target.is_none() {
            self.current = None;
        }
        target.is_some() && target != self.current
    }

    pub(crate) fn limit_temporal(&mut self, temporal: Option<u8>) {
        self.temporal = temporal.unwrap_or(u8::MAX);
    }

    /// Whatever comes next must be something to begin with: after a pause. True if a key frame is needed.
    pub(crate) fn restart(&mut self) -> bool {
        self.current = None;
        self.target.is_some()
    }

    /// A key frame of this layer is waited for.
    pub(crate) fn awaits(&self, layer: u8) -> bool {
        self.target == Some(layer) && self.current != self.target
    }

    /// Decides on a packet of a layer.
    pub(crate) fn decide(&mut self, layer: u8, begins: bool, descriptor: Option<&Descriptor>) -> Verdict {
        if begins && self.awaits(layer) {
            self.current = Some(layer);
            self.current_temporal = self.temporal;
            return Verdict::Begin;
        }
        if self.current != Some(layer) {
            return Verdict::Ignore;
        }
        let Some((temporal, can_begin)) = descriptor.and_then(Descriptor::temporal) else { return Verdict::Forward };
        // Changes are made between frames, and up only where the higher layer does not refer to what has been left out.
        let begins_frame = descriptor.is_some_and(Descriptor::begins_frame);
        let can_rise = begins || can_begin && temporal > self.current_temporal;
        if begins_frame && (self.temporal < self.current_temporal || can_rise) {
            self.current_temporal = self.temporal;
        }
        if temporal > self.current_temporal { Verdict::LeaveOut } else { Verdict::Forward }
    }
}
