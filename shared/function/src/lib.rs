//! What the `main` of every function needs: settings, logging, the SDK configuration and work after the answer.

mod after;
mod boot;
mod logging;
mod pending;
mod settings;

/// A request allocates some thousand small things and frees them: glibc's allocator takes a fifth of its processor time, this
/// one half of that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub use after::AfterAnswer;
pub use boot::Boot;
pub use logging::init as init_logging;
pub use settings::{Settings, SettingsError};
