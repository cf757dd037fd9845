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

/// The allocator of the functions, for [`fast_allocator`].
pub use mimalloc::MiMalloc;

/// Gives a program the allocator of the functions. A request allocates some thousand small things and frees them: glibc's allocator
/// takes a fifth of its processor time, this one half of that. What it has had at most it keeps, which an environment of Lambda may.
#[macro_export]
macro_rules! fast_allocator {
    () => {
        #[global_allocator]
        static ALLOCATOR: $crate::MiMalloc = $crate::MiMalloc;
    };
}
