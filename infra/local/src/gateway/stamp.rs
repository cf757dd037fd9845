//! Times as API Gateway writes them into events.

use time::OffsetDateTime;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `09/Apr/2015:12:34:56 +0000` for ms since the epoch.
pub(super) fn common_log(at_ms: u64) -> String {
    let seconds = i64::try_from(at_ms / 1000).unwrap_or_default();
    let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let month = MONTHS[usize::from(u8::from(at.month()) - 1)];
    format!("{:02}/{month}/{}:{:02}:{:02}:{:02} +0000", at.day(), at.year(), at.hour(), at.minute(), at.second())
}

#[cfg(test)]
mod tests {
    use super::common_log;

    #[test]
    fn the_form_is_that_of_access_logs() {
        assert_eq!(common_log(1_428_582_896_000), "09/Apr/2015:12:34:56 +0000");
    }
}
