//! Which versions a month holds: day and registration of each, in the clear.
//!
//! What comes in: the versions of a month, or the bytes of an index. What goes out: the other. The store must know of a
//! version that no key opens any more that it is there, so that it never gives an older one in its place; so this lies
//! beside the sealed values and not among them. It holds nothing that the rows of single days do not say in their keys.
//!
//! Form, format 1: `0x01`; the days as 31 bits of four bytes, lowest first; the registrations of their newest versions (the
//! first as a number, then a frame of the differences); the number of older versions; their days (a byte each), and a frame
//! of how far each lies before the version after it.

use super::MonthFault;
use crate::series::BlockFault;
use crate::series::packing::{Bytes, write_frame, write_number};

/// First byte of an index of format 1.
const FORMAT: u8 = 0x01;
/// Older versions one month can hold at most.
const OLDER_MAX: usize = 100_000;

/// One version of one local day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct VersionOf {
    /// Day of the month, 1 to 31.
    pub day: u8,
    /// The registration it came with.
    pub seq: i64,
}

/// The versions of one series in one local month: the newest of each day, in the order of days, then the older ones, each
/// after the one that came after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthIndex {
    /// INVARIANT: each day once, rising; at least one.
    newest: Vec<VersionOf>,
    /// INVARIANT: days rise, and registrations of a day fall and are less than the newest one.
    older: Vec<VersionOf>,
}

impl MonthIndex {
    /// The index of these versions, whose order does not matter.
    ///
    /// # Errors
    /// [`MonthFault::NoVersion`], [`MonthFault::NoSuchDay`], [`MonthFault::Twice`], [`MonthFault::TooManyVersions`].
    pub fn of(versions: impl IntoIterator<Item = VersionOf>) -> Result<Self, MonthFault> {
        let mut all: Vec<VersionOf> = versions.into_iter().collect();
        all.sort_unstable_by_key(|version| (version.day, std::cmp::Reverse(version.seq)));
        if let Some(outside) = all.iter().find(|version| !(1..=31).contains(&version.day)) {
            return Err(MonthFault::NoSuchDay { day: outside.day });
        }
        if let Some((twice, _)) = all.iter().zip(all.iter().skip(1)).find(|(one, next)| one == next) {
            return Err(MonthFault::Twice { day: twice.day, seq: twice.seq });
        }
        let (mut newest, mut older): (Vec<VersionOf>, Vec<VersionOf>) = (Vec::new(), Vec::new());
        for version in all {
            let is_older = newest.last().is_some_and(|newest| newest.day == version.day);
            if is_older { older.push(version) } else { newest.push(version) }
        }
        if older.len() > OLDER_MAX {
            return Err(MonthFault::TooManyVersions { count: older.len() });
        }
        if newest.is_empty() { Err(MonthFault::NoVersion) } else { Ok(Self { newest, older }) }
    }

    /// The newest version of each day, in the order of days.
    #[must_use]
    pub fn newest(&self) -> &[VersionOf] {
        &self.newest
    }

    /// The older versions: days rise, registrations of a day fall.
    #[must_use]
    pub fn older(&self) -> &[VersionOf] {
        &self.older
    }

    /// Every version: the newest of each day first, then the older ones.
    pub fn versions(&self) -> impl Iterator<Item = VersionOf> {
        self.newest.iter().chain(&self.older).copied()
    }

    /// The newest version of a day that was registered with this registration or before it.
    #[must_use]
    pub fn newest_at(&self, day: u8, last_seq: i64) -> Option<VersionOf> {
        self.versions().filter(|version| version.day == day && version.seq <= last_seq).max()
    }

    /// Appends the bytes of the index to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.push(FORMAT);
        let days = self.newest.iter().fold(0_u32, |days, version| days | 1 << (version.day - 1));
        out.extend_from_slice(&days.to_le_bytes());
        let first = self.newest.first().map_or(0, |version| version.seq);
        write_number(first.cast_unsigned(), out);
        let next = self.newest.iter().skip(1);
        let steps = self.newest.iter().zip(next).map(|(one, next)| next.seq.wrapping_sub(one.seq));
        write_frame(steps, out);
        write_number(self.older.len() as u64, out);
        out.extend(self.older.iter().map(|version| version.day));
        write_frame(self.steps_back().into_iter(), out);
    }

    /// How far each older version lies before the one after it, less 1.
    fn steps_back(&self) -> Vec<i64> {
        let (mut after, mut newest) = (VersionOf { day: 0, seq: 0 }, self.newest.iter());
        let step = |older: &VersionOf| {
            if after.day != older.day {
                after = newest.find(|newest| newest.day == older.day).copied().unwrap_or(after);
            }
            let step = after.seq.wrapping_sub(older.seq).wrapping_sub(1);
            after = *older;
            step
        };
        self.older.iter().map(step).collect()
    }

    /// Reads the bytes of exactly one index.
    ///
    /// # Errors
    /// [`MonthFault`] for any bytes [`MonthIndex::encode`] does not write.
    pub fn decode(bytes: &[u8]) -> Result<Self, MonthFault> {
        let bytes = &mut Bytes::new(bytes);
        match bytes.byte()? {
            FORMAT => {}
            got => return Err(BlockFault::UnknownKind { got }.into()),
        }
        let newest = newest_versions(bytes)?;
        let older = older_versions(bytes, &newest)?;
        bytes.end()?;
        Ok(Self { newest, older })
    }
}

fn newest_versions(bytes: &mut Bytes<'_>) -> Result<Vec<VersionOf>, MonthFault> {
    let mut days = 0_u32;
    for shift in [0, 8, 16, 24] {
        days |= u32::from(bytes.byte()?) << shift;
    }
    let days: Vec<u8> = (1..=32_u8).filter(|day| days >> (day - 1) & 1 == 1).collect();
    if days.last() == Some(&32) {
        return Err(MonthFault::NoSuchDay { day: 32 });
    }
    let mut seq = bytes.number()?.cast_signed();
    let mut steps = Vec::new();
    let count = days.len().checked_sub(1).ok_or(MonthFault::NoVersion)?;
    let frame = bytes.frame(count, &mut steps)?;
    if !frame.is_least_of(steps.iter().copied()) {
        return Err(BlockFault::OtherForm { at: 0 }.into());
    }
    let mut newest = Vec::with_capacity(days.len());
    for (day, step) in days.into_iter().zip(std::iter::once(0).chain(steps)) {
        seq = seq.wrapping_add(step);
        newest.push(VersionOf { day, seq });
    }
    Ok(newest)
}

fn older_versions(bytes: &mut Bytes<'_>, newest: &[VersionOf]) -> Result<Vec<VersionOf>, MonthFault> {
    let count = bytes.number()?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if count > OLDER_MAX {
        return Err(MonthFault::TooManyVersions { count });
    }
    let mut days = Vec::new();
    for _ in 0..count {
        days.push(bytes.byte()?);
    }
    let mut steps = Vec::new();
    let frame = bytes.frame(count, &mut steps)?;
    if !frame.is_least_of(steps.iter().copied()) {
        return Err(BlockFault::OtherForm { at: 0 }.into());
    }
    let mut older: Vec<VersionOf> = Vec::with_capacity(count);
    for (day, step) in days.into_iter().zip(steps) {
        let last = older.last().copied();
        let after = match last {
            Some(last) if last.day == day => Some(last),
            Some(last) if last.day > day => None,
            _ => newest.iter().find(|newest| newest.day == day).copied(),
        };
        let after = after.filter(|_| step >= 0).ok_or(BlockFault::OtherForm { at: 0 })?;
        let seq = after.seq.checked_sub(step).and_then(|seq| seq.checked_sub(1));
        older.push(VersionOf { day, seq: seq.ok_or(BlockFault::OtherForm { at: 0 })? });
    }
    Ok(older)
}
