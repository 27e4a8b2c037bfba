//! The most memory this process had at once.

use super::BenchFault;

/// Lets the peak of this process begin anew (Linux: `/proc/self/clear_refs`, value 5).
pub(super) fn forget_peak() -> Result<(), BenchFault> {
    Ok(std::fs::write("/proc/self/clear_refs", "5")?)
}

/// Most memory this process had at once since then, in kilobytes.
pub(super) fn peak_kilobytes() -> Result<u64, BenchFault> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(line.and_then(|line| line.split_whitespace().next()).and_then(|kb| kb.parse().ok()).unwrap_or(0))
}
