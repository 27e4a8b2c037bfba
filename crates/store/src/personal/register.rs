//! The registers beside an interval series: what they showed, and what passed between two instants.
//!
//! What comes in: the readings of the registers of a point that count what the series has. What goes out: what passed between two
//! readings, over an overflow and over a meter exchange. Never: an end that was not read, or a sum over registers that
//! count side by side.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tidstro_calendar::{Zone, epoch_day, from_epoch_day};
use tidstro_metering::{Block, Dial, Mounted, Passed};
use tidstro_model::{Decimal, Findings, Interval, Mark, Mounting, Quality, Timeline};

use super::read::Window;
use super::versions::{KeyCuts, Newest, Seen};
use crate::StoreFault;
use crate::db::Connection;
use crate::reference::{KnownAt, mounted};
use crate::seal::Vault;

/// How long an exchange of meters may take between the last reading of the old one and the first of the new one. Practice: within an
/// hour nothing flows that no register counts; longer apart, nobody knows.
const EXCHANGE_SECONDS: i64 = 3_600;

/// What a register showed.
type Readings = BTreeMap<Timestamp, Decimal>;

/// The registers of a point, one after the other.
#[derive(Default)]
pub(super) struct Register {
    counters: Vec<Counter>,
    /// Instants of readings at bounds of intervals.
    bounds: BTreeSet<Timestamp>,
}

/// One register: what it showed, its smallest step, and how its meter was connected.
struct Counter {
    readings: Readings,
    pulse: Decimal,
    mounted: Timeline<Mounting>,
}

impl Counter {
    fn first(&self) -> Option<(Timestamp, Decimal)> {
        self.readings.first_key_value().map(|(at, value)| (*at, *value))
    }

    fn last(&self) -> Option<(Timestamp, Decimal)> {
        self.readings.last_key_value().map(|(at, value)| (*at, *value))
    }

    fn first_at(&self) -> Option<Timestamp> {
        self.first().map(|(at, _)| at)
    }

    fn last_at(&self) -> Option<Timestamp> {
        self.last().map(|(at, _)| at)
    }

    /// What passed between two of its readings, in the unit of the point. `None` where factor or multiplier changed in
    /// between and nobody read it then.
    fn between(&self, from: (Timestamp, Decimal), to: (Timestamp, Decimal), zone: &Zone) -> Option<Passed> {
        if from.0 > to.0 {
            return None;
        }
        let Mounted { mounting, is_certain } = Mounted::between(&self.mounted, (from.0, to.0), zone);
        let dial = Dial { pulse: self.pulse, digits: mounting.digits };
        Passed::between(from.1, to.1, dial).filter(|_| is_certain)?.at_the_point(&mounting)
    }
}

impl Register {
    /// The registers among `registers` that count what an interval series has, with their readings on its days and on
    /// `days_after` more. None if two of them count at the same time: their sum is not known to be the series'.
    pub(super) fn of(
        (db, vault, zone): (&Connection, &mut Vault, &Zone),
        (window, registers): (&Window, &[Window]),
        (cuts, days_after): (&KeyCuts, i32),
    ) -> Result<Self, StoreFault> {
        let mut counters = Vec::new();
        for register in registers.iter().filter(|register| counts(register, window)) {
            counters.extend(counter((db, &mut *vault, zone), register, (cuts, days_after))?);
        }
        counters.sort_by_key(Counter::first_at);
        let overlap = counters.array_windows().any(|[one, next]| one.last_at() >= next.first_at());
        if overlap {
            return Ok(Self::default());
        }
        let resolution = window.entry.meta.resolution;
        let instants = counters.iter().flat_map(|counter| counter.readings.keys().copied());
        let bounds = instants.filter(|at| zone.slot_of(*at, resolution).is_some()).collect();
        Ok(Self { counters, bounds })
    }

    /// What passed between two instants at which a register was read, in the unit of the point.
    pub(super) fn passed(&self, (start, end): (Timestamp, Timestamp), zone: &Zone) -> Option<Passed> {
        let read_at = |at: Timestamp| {
            let found = self.counters.iter().position(|counter| counter.readings.contains_key(&at))?;
            Some((found, (at, *self.counters.get(found)?.readings.get(&at)?)))
        };
        let ((first, from), (last, to)) = (read_at(start)?, read_at(end)?);
        let mut passed: Option<Passed> = None;
        for index in first..=last {
            let counter = self.counters.get(index)?;
            let begins = if index == first { from } else { self.after_exchange(index)? };
            let ends = if index == last { to } else { counter.last()? };
            let part = counter.between(begins, ends, zone)?;
            passed = Some(passed.map_or(Some(part), |before| before.and(part))?);
        }
        passed
    }

    /// The first reading of a register that took the place of the one before within the time of an exchange.
    fn after_exchange(&self, index: usize) -> Option<(Timestamp, Decimal)> {
        let before = self.counters.get(index.checked_sub(1)?)?.last()?;
        let first = self.counters.get(index)?.first()?;
        (first.0.as_second() - before.0.as_second() <= EXCHANGE_SECONDS).then_some(first)
    }

    /// The time between two bounds, cut where a register was read, with what passed in each part.
    pub(super) fn stretches(
        &self,
        (start, end): (Timestamp, Timestamp),
        zone: &Zone,
    ) -> Vec<(Interval, Option<Passed>)> {
        let mut stretches = Vec::new();
        let mut from = start;
        let read = self.bounds.range(start..=end).copied();
        for at in read.chain([end]) {
            if let Some(between) = Interval::new(from, at).ok().filter(|_| at > from) {
                stretches.push((between, self.passed((from, at), zone)));
                from = at;
            }
        }
        stretches
    }
}

/// The sound readings of one register; `None` without any.
fn counter(
    (db, vault, zone): (&Connection, &mut Vault, &Zone),
    register: &Window,
    (cuts, days_after): (&KeyCuts, i32),
) -> Result<Option<Counter>, StoreFault> {
    let days = (epoch_day(register.days.start()), epoch_day(register.days.end()) + days_after);
    let seen = Seen { last_seq: i64::MAX, keys: register.keys, cuts };
    let (mut readings, mut exponent) = (Readings::new(), None::<i8>);
    for version in Newest::find(db, register.entry.meta.series, days, seen)?.open_all(vault)? {
        let Block::Register(block) = version.block else { continue };
        exponent = Some(exponent.map_or(block.exponent(), |least| least.min(block.exponent())));
        let day = from_epoch_day(version.day).ok_or(StoreFault::Row { what: "series_block.period" })?;
        let midnight = zone.day_start(day).as_second();
        for (offset, value, _) in block.readings().filter(|(.., mark)| is_sound(*mark)) {
            let at = Timestamp::from_second(midnight + i64::from(offset));
            let at = at.map_err(|_| StoreFault::Row { what: "local day out of range" })?;
            readings.insert(at, block.decimal(value));
        }
    }
    let Some(exponent) = exponent.filter(|_| !readings.is_empty()) else { return Ok(None) };
    let mounted = mounted(db, &register.entry.meta, KnownAt::NOW)?;
    Ok(Some(Counter { readings, pulse: Decimal::new(1, exponent), mounted }))
}

/// Whether a register counts what an interval series has.
fn counts(register: &Window, window: &Window) -> bool {
    let (of, meta) = (&register.entry.meta, &window.entry.meta);
    let is_same = (of.point, of.commodity, of.quantity, of.unit)
        == (meta.point, meta.commodity, meta.quantity, meta.unit);
    let is_main =
        (register.entry.tariff, register.entry.subunit) == (window.entry.tariff, window.entry.subunit);
    is_same && is_main && of.is_cumulative() && register.days == window.days
}

/// A reading that was measured and failed no rule.
fn is_sound(mark: Mark) -> bool {
    mark.quality() == Quality::Measured && mark.findings() == Findings::of(&[])
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use tidstro_model::{Dated, DayRange};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// A register of whole watt hours with these readings.
    fn counter(digits: Option<u8>, readings: &[(&str, i64)]) -> Counter {
        let read = readings.iter().map(|(instant, value)| (at(instant), Decimal::new(*value, 0)));
        let days = DayRange::from(date(2026, 1, 1));
        let what = Mounting { digits, ..Mounting::default() };
        let mounted = Timeline::of([Dated { days, what }]).unwrap();
        Counter { readings: read.collect(), pulse: Decimal::new(1, 0), mounted }
    }

    fn register(counters: Vec<Counter>) -> Register {
        let all = counters.iter().flat_map(|counter| counter.readings.keys().copied());
        // In these tests a bound is a whole hour.
        let bounds = all.filter(|at| at.as_second() % 3_600 == 0).collect();
        Register { counters, bounds }
    }

    fn passed(register: &Register, start: &str, end: &str) -> Option<(Decimal, u32)> {
        register
            .passed((at(start), at(end)), &Zone::copenhagen())
            .map(|passed| (passed.total(), passed.differences()))
    }

    /// The old meter goes from 99 000 to 99 400 until 10:37, the new one begins at 12 and shows 612 in the evening.
    #[test]
    fn an_exchange_is_the_end_of_the_old_and_the_start_of_the_new() {
        let old = counter(Some(5), &[("2026-03-10T00:00:00Z", 99_000), ("2026-03-10T10:37:00Z", 99_400)]);
        let new = counter(Some(5), &[("2026-03-10T10:52:00Z", 12), ("2026-03-10T23:00:00Z", 612)]);
        let register = register(vec![old, new]);
        let whole = Some((Decimal::new(1_000, 0), 2));
        assert_eq!(passed(&register, "2026-03-10T00:00:00Z", "2026-03-10T23:00:00Z"), whole);
        let stretches =
            register.stretches((at("2026-03-10T00:00:00Z"), at("2026-03-11T00:00:00Z")), &Zone::copenhagen());
        let told: Vec<_> = stretches.iter().map(|(_, passed)| passed.map(Passed::total)).collect();
        assert_eq!(told, [Some(Decimal::new(1_000, 0)), None], "the hour after was not read");
    }

    #[test]
    fn what_no_register_counted_is_not_guessed() {
        let old = counter(Some(5), &[("2026-03-10T00:00:00Z", 100), ("2026-03-11T00:00:00Z", 200)]);
        let new = counter(Some(5), &[("2026-03-12T00:00:00Z", 0), ("2026-03-13T00:00:00Z", 50)]);
        let register = register(vec![old, new]);
        assert_eq!(passed(&register, "2026-03-10T00:00:00Z", "2026-03-13T00:00:00Z"), None);
        assert_eq!(
            passed(&register, "2026-03-12T00:00:00Z", "2026-03-13T00:00:00Z"),
            Some((Decimal::new(50, 0), 1))
        );
        assert_eq!(passed(&register, "2026-03-10T00:00:00Z", "2026-03-10T05:00:00Z"), None, "not read then");
    }

    #[test]
    fn the_old_register_may_overflow_before_it_goes() {
        let old = counter(Some(5), &[("2026-03-10T00:00:00Z", 99_900), ("2026-03-10T10:00:00Z", 40)]);
        let new = counter(None, &[("2026-03-10T10:00:01Z", 0), ("2026-03-10T23:00:00Z", 7)]);
        let register = register(vec![old, new]);
        let whole = Some((Decimal::new(147, 0), 2));
        assert_eq!(passed(&register, "2026-03-10T00:00:00Z", "2026-03-10T23:00:00Z"), whole);
    }
}
