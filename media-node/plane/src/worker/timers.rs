//! What is due when.

use std::{
    cmp::Reverse,
    time::{Duration, Instant},
};

use super::{Transport, Worker, transport::Handshake};
use crate::{DownReason, keys::TransportKey};

/// A time at which a transport wants to be looked at. The earliest is the greatest, as `BinaryHeap` wants it.
pub(super) type Timer = Reverse<(Instant, TransportKey)>;

impl Worker {
    /// When [`Worker::advance`] is wanted next.
    pub fn deadline(&self) -> Option<Instant> {
        self.timers.peek().map(|Reverse((at, _))| *at)
    }

    /// Does what is due at `now`. Call it when [`Worker::deadline`] has come; earlier does no harm.
    pub fn advance(&mut self, now: Instant) {
        while let Some(Reverse((at, key))) = self.timers.peek().copied()
            && at <= now
        {
            self.timers.pop();
            // Only the earliest of a transport's times counts; the others were overtaken.
            if let Some(transport) = self.transports.get_mut(key)
                && transport.scheduled == Some(at)
            {
                transport.scheduled = None;
                self.at_work = Some(key);
                self.attend(now, key);
                // Whatever a component says, time goes on: nothing is looked at twice at the same moment.
                self.schedule_after(key, now + Duration::from_millis(1));
            }
        }
    }

    /// Sees to it that a transport is looked at when it has to.
    pub(super) fn schedule(&mut self, key: TransportKey) {
        self.schedule_after(key, self.epoch);
    }

    fn schedule_after(&mut self, key: TransportKey, earliest: Instant) {
        let Some(transport) = self.transports.get_mut(key) else { return };
        let dead = match transport.is_up {
            true => transport.last_seen + self.config.ice_timeout,
            false => transport.created + self.config.connect_timeout,
        };
        let at = next(transport, dead).max(earliest);
        if transport.scheduled.is_none_or(|scheduled| at < scheduled) {
            transport.scheduled = Some(at);
            self.timers.push(Reverse((at, key)));
        }
    }

    fn attend(&mut self, now: Instant, key: TransportKey) {
        let Some(transport) = self.transports.get_mut(key) else { return };
        if transport.is_up && now >= transport.last_seen + self.config.ice_timeout {
            return self.take_down(now, key, DownReason::IceTimeout);
        }
        if !transport.is_up && now >= transport.created + self.config.connect_timeout {
            return self.take_down(now, key, DownReason::ConnectTimeout);
        }
        if let Handshake::Begun(dtls) = &mut transport.handshake {
            let is_alive = dtls.advance(now);
            self.flush_dtls(key);
            if !is_alive {
                return self.take_down(now, key, DownReason::DtlsFailed);
            }
        }
        let Some(transport) = self.transports.get_mut(key) else { return };
        if let Some(address) = transport.ice.expire(now) {
            self.forget_address(address, key);
        }
        self.report(now, key);
    }
}

fn next(transport: &Transport, dead: Instant) -> Instant {
    let dtls = match &transport.handshake {
        Handshake::Begun(dtls) => dtls.deadline(),
        Handshake::Idle { .. } => None,
    };
    let reports = transport.is_up.then_some(transport.reports_at);
    [dtls, reports, transport.feedback_at, transport.requests_at].into_iter().flatten().fold(dead, Instant::min)
}
