//! The most memory this process had at once.

use std::fmt::Display;

use super::BenchFault;

/// Lets the peak of this process begin anew (Linux: `/proc/self/clear_refs`, value 5).
pub(super) fn forget_peak() -> Result<(), BenchFault> {
    Ok(std::fs::write("/proc/self/clear_refs", "5")?)
}

/// Most memory this process had at once since then, in kilobytes.
pub(super) fn peak_kilobytes() -> Result<u64, BenchFault> {
    peak_of("self")
}

/// The same of another process, since its start.
pub(super) fn peak_of(process: impl Display) -> Result<u64, BenchFault> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(line.and_then(|line| line.split_whitespace().next()).and_then(|kb| kb.parse().ok()).unwrap_or(0))
}
