//! Processor time of this process, all its threads together, those that have ended included; and of a server beside it.

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
    let (before, threads_before, begun) = (cpu(), cpu_of_threads(), Instant::now());
    let outcome = work();
    let (wall, threads, after) = (begun.elapsed(), cpu_of_threads(), cpu());
    let since = |before: Option<Duration>, after: Option<Duration>| {
        before.zip(after).map(|(before, after)| after.saturating_sub(before))
    };
    let (of_all, of_threads) = (since(before, after), since(threads_before, threads));
    // Where no thread has ended the two are the same but for the grain of the first.
    let is_whole = of_all.zip(of_threads).is_some_and(|(all, threads)| threads + GRAIN >= all);
    (outcome, Taken { wall, cpu: if is_whole { of_threads } else { of_all } })
}

/// What the processor time of a process may be off, at its begin and its end together.
const GRAIN: Duration = Duration::from_millis(20);

/// Processor time so far of the threads there are, to the nanosecond (proc(5), `schedstat`). Those that have ended are not in
/// it.
fn cpu_of_threads() -> Option<Duration> {
    let of_thread = |entry: std::io::Result<std::fs::DirEntry>| -> Option<u64> {
        let told = std::fs::read_to_string(entry.ok()?.path().join("schedstat")).ok()?;
        told.split_whitespace().next()?.parse().ok()
    };
    Some(Duration::from_nanos(std::fs::read_dir("/proc/self/task").ok()?.filter_map(of_thread).sum()))
}

/// How many of `count` fell on a second.
pub(super) fn per_second(count: u64, duration: Duration) -> u128 {
    u128::from(count) * 1_000_000_000 / duration.as_nanos().max(1)
}

/// Processor time so far, to a hundredth of a second.
fn cpu() -> Option<Duration> {
    Some(duration_of(Stat::read(&std::fs::read_to_string("/proc/self/stat").ok()?)?.own))
}

/// Processor time so far of a process and its children, those that have ended included. One that ends meanwhile is counted
/// once: by its parent.
pub(super) fn cpu_of_family(parent: u32) -> Option<Duration> {
    let stats = std::fs::read_dir("/proc").ok()?.filter_map(|entry| {
        let path = entry.ok()?.path();
        let number: u32 = path.file_name()?.to_str()?.parse().ok()?;
        Some((number, Stat::read(&std::fs::read_to_string(path.join("stat")).ok()?)?))
    });
    let ticks_of = |(number, stat): (u32, Stat)| match number {
        _ if number == parent => stat.own + stat.ended_children,
        _ if stat.parent == parent => stat.own,
        _ => 0,
    };
    Some(duration_of(stats.map(ticks_of).sum()))
}

fn duration_of(ticks: u64) -> Duration {
    let milliseconds = u128::from(ticks) * 1_000 / TICKS_PER_SECOND;
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX))
}

/// What a line of `/proc/PID/stat` says of processor time, user and system together, in ticks (proc(5)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stat {
    parent: u32,
    own: u64,
    /// Of children that have ended and were waited for.
    ended_children: u64,
}

impl Stat {
    /// Fields 4 and 14 to 17; the second field is the program's name in parentheses and may hold anything.
    fn read(line: &str) -> Option<Self> {
        let (_, rest) = line.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        Some(Self {
            parent: u32::try_from(field(4)?).ok()?,
            own: field(14)? + field(15)?,
            ended_children: field(16)? + field(17)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_does_not_shift_the_fields() {
        let line = "42 (a (b) 7 8) R 1 42 42 0 -1 4194304 90 0 0 0 130 25 7 4 20 0 5 0 9 1 2 3";
        assert_eq!(Stat::read(line), Some(Stat { parent: 1, own: 155, ended_children: 11 }));
        assert_eq!(Stat::read("42 (cut"), None);
    }
}
