//! Points in time, as milliseconds since the Unix epoch. Given by the caller, never read from a clock here.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Milliseconds since 1970-01-01T00:00:00Z. On the wire of REST it is RFC 3339, in the table a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(u64);

/// A date that is not RFC 3339, or lies outside the years 1970 to 9999.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be an RFC 3339 date and time such as 2026-11-21T18:00:00Z")]
pub struct DateError;

impl Timestamp {
    /// Last millisecond of the year 9999, the end of RFC 3339.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// From milliseconds since the epoch; later than [`Timestamp::MAX`] becomes that.
    pub fn from_ms(ms: u64) -> Self {
        Self(ms.min(Self::MAX.0))
    }

    /// Milliseconds since the epoch.
    pub fn as_ms(self) -> u64 {
        self.0
    }

    /// Whole seconds since the epoch, as DynamoDB's TTL wants them.
    pub fn as_epoch_seconds(self) -> u64 {
        self.0 / 1000
    }

    /// This point in time plus `duration`.
    pub fn plus(self, duration: Duration) -> Self {
        Self::from_ms(self.0.saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }

    /// Reads RFC 3339, e.g. what JavaScript's `toISOString` makes.
    pub fn parse_rfc3339(value: &str) -> Result<Self, DateError> {
        let parsed = OffsetDateTime::parse(value, &Rfc3339).map_err(|_| DateError)?;
        let ms = parsed.unix_timestamp_nanos() / 1_000_000;
        let ms = u64::try_from(ms).map_err(|_| DateError)?;
        if ms > Self::MAX.0 { Err(DateError) } else { Ok(Self(ms)) }
    }

    /// RFC 3339 in UTC with milliseconds, exactly as JavaScript's `toISOString` writes it.
    pub fn to_rfc3339(self) -> String {
        let seconds = i64::try_from(self.0 / 1000).unwrap_or(0);
        let date = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            date.year(),
            u8::from(date.month()),
            date.day(),
            date.hour(),
            date.minute(),
            date.second(),
            self.0 % 1000
        )
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_rfc3339())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn dates_round_trip_as_javascript_writes_them() {
        let date = "2026-11-21T18:05:09.007Z";
        assert_eq!(Timestamp::parse_rfc3339(date).unwrap().to_rfc3339(), date);
        assert_eq!(Timestamp::parse_rfc3339("2026-11-21T20:05:09.007+02:00").unwrap().to_rfc3339(), date);
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for bad in ["", "tomorrow", "2026-13-01T00:00:00Z", "1969-12-31T23:59:59Z", "2026-11-21"] {
            assert_eq!(Timestamp::parse_rfc3339(bad), Err(DateError), "{bad}");
        }
    }
}
