//! How much memory the process holds.

/// Returns a resident size of the process in KiB, such as `VmRSS` or `VmHWM`; 0 where the system does not say.
pub(crate) fn kib(which: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(which));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or(0)
}
