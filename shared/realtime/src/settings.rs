//! What the engine announces and enforces.

use std::time::Duration;

use dais_function::{Settings, SettingsError};

/// Settings of the Engine.IO layer.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// A ping comes at least this often. Below API Gateway's 10 minutes idle limit.
    pub ping_interval: Duration,
    /// The peer is given up when it has not answered for this long after a ping.
    pub ping_timeout: Duration,
    /// Announced as `maxPayload`; API Gateway's bound of 128 KB holds whatever it says.
    pub max_payload_bytes: u64,
    /// Sockets that have not authenticated are pinged too. Costs a write per stranger: for protocol conformance runs.
    pub track_guests: bool,
    /// Origins of pages that may connect. Browsers always send theirs; other clients send none and are not asked.
    pub allowed_origins: Vec<String>,
}

impl EngineSettings {
    /// Reads PING_INTERVAL_MS, PING_TIMEOUT_MS, MAX_PAYLOAD_BYTES, TRACK_GUESTS and ALLOWED_ORIGINS.
    pub fn read(settings: &Settings) -> Result<Self, SettingsError> {
        Ok(Self {
            ping_interval: Duration::from_millis(settings.parse_or("PING_INTERVAL_MS", 300_000)?),
            ping_timeout: Duration::from_millis(settings.parse_or("PING_TIMEOUT_MS", 60_000)?),
            max_payload_bytes: settings.parse_or("MAX_PAYLOAD_BYTES", 131_072)?,
            track_guests: settings.parse_or("TRACK_GUESTS", false)?,
            allowed_origins: settings.list("ALLOWED_ORIGINS"),
        })
    }

    /// When the heartbeat looks at a connection that has just given a sign of life: early enough that the ping arrives
    /// within the announced interval although the heartbeat runs once a minute.
    pub fn lease(&self) -> Duration {
        self.ping_interval * 3 / 5
    }

    /// Whether a page of this origin may connect: `*`, the exact origin, `scheme://host:*`, or `scheme://*`.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.allowed_origins.iter().any(|allowed| match allowed.strip_suffix('*') {
            Some("") => true,
            Some(prefix) => origin.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty() && is_plain(rest, prefix)),
            None => allowed == origin,
        })
    }
}

/// A port behind `host:`, or a host behind `scheme://`.
fn is_plain(rest: &str, prefix: &str) -> bool {
    if prefix.ends_with("://") {
        !rest.contains(['/', '@', ' '])
    } else {
        prefix.ends_with(':') && rest.bytes().all(|byte| byte.is_ascii_digit())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use super::*;

    fn allowing(list: &str) -> EngineSettings {
        let map = BTreeMap::from([("ALLOWED_ORIGINS".to_owned(), list.to_owned())]);
        EngineSettings::read(&Settings::from_map(map)).unwrap()
    }

    #[test]
    fn origins_are_denied_unless_listed() {
        assert!(!allowing("").allows_origin("https://evil.example"));
        let settings = allowing("https://meet.example.com, http://localhost:*");
        assert!(settings.allows_origin("https://meet.example.com"));
        assert!(settings.allows_origin("http://localhost:5173"));
        assert!(!settings.allows_origin("http://localhost:5173.evil.example"));
        assert!(!settings.allows_origin("https://meet.example.com.evil.example"));
        assert!(!settings.allows_origin("http://localhost:"));
    }
}
