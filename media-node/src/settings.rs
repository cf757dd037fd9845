//! What a deployer can set, with what holds when he does not.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use dais_function::{Settings, SettingsError};

/// More would be heard.
const MOST_GATHER: Duration = Duration::from_millis(5);

/// The settings of one node, read from the environment.
#[derive(Debug, Clone)]
pub struct NodeSettings {
    /// `TABLE_NAME`: the table of the control plane.
    pub table: String,
    /// `WS_MANAGEMENT_URL`: where messages to clients are posted.
    pub management_url: String,
    /// `ANNOUNCED_ADDRESS`: the address at which clients and functions reach this node. No default: a guess would be
    /// wrong exactly where it matters.
    pub announced: IpAddr,
    /// `LISTEN_ADDRESS`: where the node listens. Default: every interface.
    pub listen: IpAddr,
    /// `MEDIA_PORTS`: first UDP port; worker n listens on this + n. 0, the default, lets the system pick.
    pub media_port: u16,
    /// `CONTROL_PORT`: TCP port of the control API. 0, the default, lets the system pick.
    pub control_port: u16,
    /// `METRICS_ADDRESS`: where `/metrics`, `/livez` and `/readyz` are served. Default `127.0.0.1:0`.
    pub metrics: SocketAddr,
    /// `WORKERS`: threads that forward media. Default: one per processor.
    pub workers: usize,
    /// `GATHER_US`: how long after the beginning of a busy turn a worker looks at its socket again. Packets wait that long at
    /// most, half of it on average, for company in their system calls; 0 forwards each at once. Default 2 ms.
    pub gather: Duration,
    /// `NODE_RENEW_MS`: how often the node says that it is alive. Default 500 ms.
    pub renew_every: Duration,
    /// `NODE_LEASE_MS`: after how long of silence the others take over its rooms. Default 2 s.
    pub lease: Duration,
    /// `REREAD_MS`: how often the table is read for each live room, in case a call was lost. Default 3 s.
    pub reread_every: Duration,
    /// `DRAIN_SECONDS`: how long a node that is told to stop waits for its rooms to move. Default 20 s: container
    /// platforms give 30 s between SIGTERM and SIGKILL (ECS `stopTimeout`).
    pub drain: Duration,
    /// `LOSS_IN`, `LOSS_OUT`: share of media packets that are thrown away, 0..=1. For tests.
    pub loss: Loss,
}

/// A test switch: media packets that are thrown away.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Loss {
    /// Of those that arrive.
    pub incoming: f64,
    /// Of those that leave.
    pub outgoing: f64,
}

impl NodeSettings {
    /// Reads the environment.
    pub fn read(settings: &Settings) -> Result<Self, SettingsError> {
        let announced = settings.required("ANNOUNCED_ADDRESS")?.parse().map_err(|_| SettingsError::Invalid {
            name: "ANNOUNCED_ADDRESS",
            reason: "it is not an IP address".to_owned(),
        })?;
        let ms = |name, default: u64| settings.parse_or(name, default).map(Duration::from_millis);
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let share = |name| -> Result<f64, SettingsError> {
            let share: f64 = settings.parse_or(name, 0.0)?;
            let reason = || SettingsError::Invalid { name, reason: "it is not between 0 and 1".to_owned() };
            (0.0..=1.0).contains(&share).then_some(share).ok_or_else(reason)
        };
        Ok(Self {
            table: settings.required("TABLE_NAME")?.to_owned(),
            management_url: settings.required("WS_MANAGEMENT_URL")?.to_owned(),
            announced,
            listen: settings.parse_or("LISTEN_ADDRESS", IpAddr::V4(Ipv4Addr::UNSPECIFIED))?,
            media_port: settings.parse_or("MEDIA_PORTS", 0)?,
            control_port: settings.parse_or("CONTROL_PORT", 0)?,
            metrics: settings.parse_or("METRICS_ADDRESS", SocketAddr::from(([127, 0, 0, 1], 0)))?,
            workers: settings.parse_or("WORKERS", processors)?.clamp(1, 64),
            gather: Duration::from_micros(settings.parse_or("GATHER_US", 2_000)?).min(MOST_GATHER),
            renew_every: ms("NODE_RENEW_MS", 500)?,
            lease: ms("NODE_LEASE_MS", 2_000)?,
            reread_every: ms("REREAD_MS", 3_000)?,
            drain: settings.parse_or("DRAIN_SECONDS", 20).map(Duration::from_secs)?,
            loss: Loss { incoming: share("LOSS_IN")?, outgoing: share("LOSS_OUT")? },
        })
    }
}
