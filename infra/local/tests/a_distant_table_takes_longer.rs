//! The switch `delayTableMs` makes each call of the table take longer, in the ledger too; without it nothing is added.
#![allow(clippy::unwrap_used)]

mod support;
#[path = "support/table.rs"]
mod table;

use dais_local::chaos::ChaosSettings;
use table::{Cloud, put};

#[tokio::test]
async fn a_distant_table_takes_longer() {
    const DELAY_MS: u64 = 25;
    let cloud = Cloud::in_memory().await;
    let client = cloud.client();
    cloud.chaos.set(ChaosSettings { delay_table_ms: DELAY_MS, ..ChaosSettings::default() });
    put(&client, "a", "b", &[]).await;
    assert!(cloud.last_call().duration_ms >= DELAY_MS as f64, "{:?}", cloud.last_call());
}
