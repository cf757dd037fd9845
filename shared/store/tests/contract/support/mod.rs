//! What the tests share: tables, a tap on their wire, and people.

mod samples;
mod table;
mod tap;

pub use samples::*;
pub use table::{Table, config};
pub use tap::{Tap, error, transaction_cancelled};

/// Makes a test per adapter of each function; it gets a fresh store.
macro_rules! on_both_tables {
    ($($behaviour:ident),* $(,)?) => {$(
        mod $behaviour {
            #[tokio::test]
            async fn in_memory() {
                super::$behaviour(dais_store::MemoryStore::default()).await;
            }

            #[tokio::test]
            async fn in_dynamodb() {
                super::$behaviour(crate::support::Table::new().await.store).await;
            }
        }
    )*};
}
