//! What the `main` of every function needs: settings, logging, the SDK configuration and work after the answer.

mod after;
mod settings;

pub use after::AfterAnswer;
pub use settings::{Settings, SettingsError};
