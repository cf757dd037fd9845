//! Logs: JSON lines in the cloud, readable ones in the local cloud. Filtered by `RUST_LOG`.

use tracing_subscriber::EnvFilter;

/// Sets the process's log format; a second call changes nothing. `LOG_FORMAT=pretty` is for people.
pub fn init(format: Option<&str>) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let done = match format {
        Some("pretty") => builder.with_target(false).compact().try_init(),
        _ => builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
    };
    if let Err(error) = done {
        tracing::debug!(%error, "logging was set up before");
    }
}
