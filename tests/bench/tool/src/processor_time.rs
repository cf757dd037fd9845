//! Processor time of processes, to the nanosecond, from Linux's scheduler.

use std::{fs, time::Duration};

use crate::Error;

/// Of this process.
pub fn of_this_process() -> Result<Duration, Error> {
    of(std::process::id())
}

/// Of all threads that a process has now. Those that have ended are not in it: none of what is measured here has such.
///
/// Exact for threads that sleep; one that runs at this moment may be up to a scheduler tick behind.
pub fn of(process: u32) -> Result<Duration, Error> {
    let mut total = Duration::ZERO;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        // A thread may end in between.
        let Ok(figures) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
        let on_processor_ns = figures.split_whitespace().next().and_then(|first| first.parse().ok());
        total += Duration::from_nanos(on_processor_ns.ok_or("the kernel tells no processor time of threads")?);
    }
    Ok(total)
}

/// A line of `/proc/{process}/status` in kB, such as `VmHWM`, the most memory it ever had.
pub fn memory_kb(process: u32, line: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':')?.split_whitespace().next()?.parse().ok())
}
