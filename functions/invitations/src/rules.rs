//! What the deployer decides.

use std::{str::FromStr, time::Duration};

use dais_domain::{EmailAddress, UserId};
use dais_function::{Settings, SettingsError};
use dais_store::{Invitee, Limit};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What is done with addresses of which nobody is known to be the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unregistered {
    /// They are invited. Whoever proves that the address is his may accept.
    Invite,
    /// They are not invited, and the inviter is told which.
    Filter,
}

/// Neither of the two words.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("must be invite or filter")]
pub struct UnregisteredError;

impl FromStr for Unregistered {
    type Err = UnregisteredError;
    fn from_str(text: &str) -> Result<Self, UnregisteredError> {
        match text {
            "invite" => Ok(Self::Invite),
            "filter" => Ok(Self::Filter),
            _ => Err(UnregisteredError),
        }
    }
}

/// The parameters of inviting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Addresses that nobody is known by.
    pub unregistered: Unregistered,
    /// How long an invitation can be accepted.
    pub life: Duration,
    /// People in one call.
    pub per_call: usize,
    /// Mails that one host may cause in an hour.
    pub per_host_hour: u32,
    /// Mails that one address gets in a day, from all hosts together.
    pub per_address_day: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self { unregistered: Unregistered::Invite, life: 7 * DAY, per_call: 50, per_host_hour: 200, per_address_day: 5 }
    }
}

impl Rules {
    /// Reads UNREGISTERED_INVITEES, INVITATION_DAYS, MAX_ADDRESSES_PER_CALL, INVITES_PER_HOST_PER_HOUR and
    /// INVITES_PER_ADDRESS_PER_DAY.
    pub fn read(settings: &Settings) -> Result<Self, SettingsError> {
        let default = Self::default();
        Ok(Self {
            unregistered: settings.parse_or("UNREGISTERED_INVITEES", default.unregistered)?,
            life: DAY * settings.parse_or("INVITATION_DAYS", 7)?,
            per_call: settings.parse_or("MAX_ADDRESSES_PER_CALL", default.per_call)?,
            per_host_hour: settings.parse_or("INVITES_PER_HOST_PER_HOUR", default.per_host_hour)?,
            per_address_day: settings.parse_or("INVITES_PER_ADDRESS_PER_DAY", default.per_address_day)?,
        })
    }

    pub(crate) fn of_host(&self, host: &UserId) -> Limit {
        Limit { name: "host-mails", of: Invitee::User(host.clone()), max: self.per_host_hour, period: HOUR }
    }

    pub(crate) fn of_address(&self, address: &EmailAddress) -> Limit {
        Limit { name: "address-mails", of: Invitee::Email(address.clone()), max: self.per_address_day, period: DAY }
    }
}
