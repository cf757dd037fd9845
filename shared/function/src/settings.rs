//! The settings of a function: the environment variables that template.yaml gives it.

use std::{collections::BTreeMap, str::FromStr};

/// Why a function cannot start with the settings it was given. The deployer mends template.yaml.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A variable that has no default is absent or empty: set it.
    #[error("the environment variable {name} is missing: set it in template.yaml")]
    Missing {
        /// Name of the variable.
        name: &'static str,
    },
    /// A variable has a value that cannot be read: correct it.
    #[error("the environment variable {name} cannot be read: {reason}")]
    Invalid {
        /// Name of the variable.
        name: &'static str,
        /// What is wrong with its value. Never the value itself.
        reason: String,
    },
}

/// Name → value. In the cloud the process environment, in the local cloud what template.yaml resolves to.
#[derive(Debug, Clone, Default)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// The process environment.
    pub fn from_env() -> Self {
        Self(std::env::vars().collect())
    }

    /// Settings that somebody else has resolved.
    pub fn from_map(values: BTreeMap<String, String>) -> Self {
        Self(values)
    }

    /// The value of `name`; an empty value counts as absent, as CloudFormation parameters cannot be left out.
    pub fn optional(&self, name: &'static str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value of `name`, or an error that names it.
    pub fn required(&self, name: &'static str) -> Result<&str, SettingsError> {
        self.optional(name).ok_or(SettingsError::Missing { name })
    }

    /// The value of `name` read as `T`, or `default` when it is absent.
    pub fn parse_or<T>(&self, name: &'static str, default: T) -> Result<T, SettingsError>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        match self.optional(name) {
            None => Ok(default),
            Some(value) => {
                value.parse().map_err(|error: T::Err| SettingsError::Invalid { name, reason: error.to_string() })
            }
        }
    }

    /// A comma separated list; absent is empty. Spaces around the entries do not count.
    pub fn list(&self, name: &'static str) -> Vec<String> {
        self.optional(name)
            .map(|value| value.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect())
            .unwrap_or_default()
    }
}
