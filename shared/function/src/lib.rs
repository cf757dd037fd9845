//! What the `main` of every function needs: settings, logging, the SDK configuration and work after the answer.

mod after;
mod boot;
mod logging;
mod pending;
mod settings;

pub use after::AfterAnswer;
pub use boot::Boot;
pub use logging::init as init_logging;
pub use settings::{Settings, SettingsError};
