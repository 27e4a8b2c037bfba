//! Processor time of this process: all its threads together, those that have ended included.

use std::time::{Duration, Instant};

/// Ticks of a second in `/proc`: fixed at 100 for programs on Linux (proc(5), `sysconf(_SC_CLK_TCK)`).
const TICKS_PER_SECOND: u128 = 100;

/// What a piece of work took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    /// By the clock on the wall.
    pub(super) wall: Duration,
    /// On processors; `None` where the system does not tell.
    pub(super) cpu: Option<Duration>,
}

impl Taken {
    /// How many of `count` fell on a second by the clock.
    pub(super) fn per_wall_second(self, count: u64) -> u128 {
        per_second(count, self.wall)
    }

    /// How many of `count` fell on a second of one core.
    pub(super) fn per_cpu_second(self, count: u64) -> Option<u128> {
        self.cpu.map(|cpu| per_second(count, cpu))
    }
}

/// Does the work and says what it took.
pub(super) fn taken<T>(work: impl FnOnce() -> T) -> (T, Taken) {
    let (before, begun) = (cpu(), Instant::now());
    let outcome = work();
    let wall = begun.elapsed();
    let cpu = before.zip(cpu()).map(|(before, after)| after.saturating_sub(before));
    (outcome, Taken { wall, cpu })
}

fn per_second(count: u64, duration: Duration) -> u128 {
    u128::from(count) * 1_000_000_000 / duration.as_nanos().max(1)
}

/// Processor time so far, to a hundredth of a second.
fn cpu() -> Option<Duration> {
    ticks(&std::fs::read_to_string("/proc/self/stat").ok()?).map(|ticks| {
        let milliseconds = u128::from(ticks) * 1_000 / TICKS_PER_SECOND;
        Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX))
    })
}

/// User and system time of a line of `/proc/PID/stat`: fields 14 and 15, where the second is the program's
/// name in parentheses and may hold anything.
fn ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let mut field = || fields.next()?.parse::<u64>().ok();
    Some(field()? + field()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_does_not_shift_the_fields() {
        let line = "42 (a (b) 7 8) R 1 42 42 0 -1 4194304 90 0 0 0 130 25 0 0 20 0 5 0 9 1 2 3";
        assert_eq!(ticks(line), Some(155));
        assert_eq!(ticks("42 (cut"), None);
    }
}
