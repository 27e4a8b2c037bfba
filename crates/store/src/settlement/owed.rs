//! What suppliers owe for charges on the days of a month, computed from the blocks.
//!
//! What comes in: a connection that sees one state of the data, the keys, the sums of the days, and what master data and price lists
//! say. What goes out: the amounts of each day. Each block is opened once, in the order in which blocks are stored. Never: a value
//! kept, or a guess; a block that cannot be settled counts as missing, as in the sums.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::Zone;
use tidstro_metering::IntervalBlock;
use tidstro_metering::settlement::{
    ChargeAmount, ChargeBook, ChargeDay, DayValues, EnergySeries, EnergyUnit, PointPeriod, energy_results,
    with_parents_supplier,
};
use tidstro_model::{DayRange, Gsrn, Interval, PointNo};

use super::SettledDay;
use super::blocks::{LooksAtBlocks, look_at_blocks};
use super::changed::settled_values;
use super::part::{Part, day_bit};
use super::point::{SettledPeriod, numbered_periods};
use crate::StoreFault;
use crate::db::Connection;
use crate::reference::{KnownAt, SeriesMeta, charges_in, links_in, prices_in};
use crate::seal::Vault;

/// The amounts of each day of a part of a calculation over `days`, in the order of `settled`, which are the sums of the part's days.
pub(super) fn owed(
    (db, vault, zone): (&Connection, &mut Vault, &Zone),
    (part, days): (Part, DayRange),
    settled: &[SettledDay],
) -> Result<Vec<Vec<ChargeAmount>>, StoreFault> {
    // Prices of subscriptions are spread over the whole calculation, and a child without a parent in it stands alone.
    let period = span(zone, days)?;
    let charges = charges_in(db, zone, (days, KnownAt::NOW))?;
    let links = links_in(db, zone, (Some(part.area), days, KnownAt::NOW))?;
    let prices = prices_in(db, period, KnownAt::NOW)?;
    let book = ChargeBook::new(zone, period, &charges, (&links, &prices));
    let paying = paying_points((db, zone), &book, (part, days))?;
    let mut owing = Owing { part, book: &book, paying, days: owing_days(zone, &book, settled)? };
    look_at_blocks((db, vault), part, &mut owing)?;
    owing.count_others(settled)?;
    owing.days.into_iter().map(|day| Ok(day.counted.amounts()?)).collect()
}

fn span(zone: &Zone, days: DayRange) -> Result<Interval, StoreFault> {
    let span = Interval::new(zone.day_start(days.start()), zone.day_start(days.end()));
    span.map_err(|_| StoreFault::NoDays)
}

/// A point while it pays something under one supplier.
struct Paying {
    point: PointNo,
    /// Inside the calculation, a child with the supplier of its parent.
    period: PointPeriod,
    /// What is measured there.
    measured: SettledPeriod,
    /// Days whose values are counted: one bit for each day of the part.
    counted: u32,
}

/// A local day, and what is counted for it so far.
struct OwingDay<'b> {
    date: Date,
    start: Timestamp,
    counted: ChargeDay<'b>,
}

fn owing_days<'b>(
    zone: &Zone,
    book: &'b ChargeBook<'_>,
    settled: &[SettledDay],
) -> Result<Vec<OwingDay<'b>>, StoreFault> {
    let of = |settled: &SettledDay| {
        let date = settled.sums.day();
        Ok(OwingDay { date, start: zone.day_start(date), counted: book.day(date)? })
    };
    settled.iter().map(of).collect()
}

/// The points of an area that pay something on days of a part, in order of their numbers.
fn paying_points(
    (db, zone): (&Connection, &Zone),
    book: &ChargeBook<'_>,
    (part, days): (Part, DayRange),
) -> Result<Vec<Paying>, StoreFault> {
    let mut measured: BTreeMap<Gsrn, (PointNo, Vec<SettledPeriod>)> = BTreeMap::new();
    for (point, settled) in numbered_periods(db, zone, (part.area, days))? {
        let of_point = measured.entry(settled.period.point).or_insert((point, Vec::new()));
        of_point.1.push(settled);
    }
    let periods: Vec<_> = measured.values().flat_map(|(_, settled)| settled).map(|one| one.period).collect();
    let of_part = span(zone, part.dates()?)?;
    let pays = |period: &PointPeriod| {
        let is_charged = period.area == part.area && period.kind.is_charged();
        is_charged && book.is_linked(period.point) && period.valid.intersect(of_part).is_some()
    };
    let cut = with_parents_supplier(&periods, span(zone, days)?).into_iter().filter(pays);
    let mut paying: Vec<Paying> = cut.filter_map(|period| paying_in(&measured, period)).collect();
    paying.sort_by_key(|one| one.point);
    Ok(paying)
}

/// With what is measured at the point when the period begins.
fn paying_in(
    measured: &BTreeMap<Gsrn, (PointNo, Vec<SettledPeriod>)>,
    period: PointPeriod,
) -> Option<Paying> {
    let (point, settled) = measured.get(&period.point)?;
    let at = settled.iter().find(|one| one.period.valid.contains(period.valid.start()))?;
    Some(Paying { point: *point, period, measured: *at, counted: 0 })
}

/// The days of a part under way.
struct Owing<'b> {
    part: Part,
    book: &'b ChargeBook<'b>,
    /// In order of point.
    paying: Vec<Paying>,
    days: Vec<OwingDay<'b>>,
}

impl Owing<'_> {
    /// Counts what needs no block, and as missing whose block did not come.
    fn count_others(&mut self, settled: &[SettledDay]) -> Result<(), StoreFault> {
        for ((day, settled), place) in self.days.iter_mut().zip(settled).zip(0..) {
            let losses = grid_losses(settled);
            let resolution = settled.sums.resolution();
            let is_open = |one: &&Paying| one.period.valid.contains(day.start) && !one.is_counted(place);
            for one in self.paying.iter().filter(is_open) {
                let needs_loss =
                    one.measured.is_grid_loss && self.book.needs_values(one.period.point, day.date);
                let loss = needs_loss.then(|| losses.get(&one.period.point)).flatten();
                let values = |block| DayValues { resolution, unit: EnergyUnit::KilowattHour, block };
                day.counted.add(&one.period, loss.map(values))?;
            }
        }
        Ok(())
    }

    /// The paying periods of a point, by their places.
    fn of(&self, point: PointNo) -> std::ops::Range<usize> {
        let first = self.paying.partition_point(|one| one.point < point);
        first..self.paying.partition_point(|one| one.point <= point)
    }
}

impl Paying {
    fn is_counted(&self, place: usize) -> bool {
        self.counted & day_bit(place) != 0
    }

    /// Whether blocks of a series are values of the point.
    fn is_measured_by(&self, series: &SeriesMeta) -> bool {
        !self.measured.is_grid_loss && self.period.resolution == series.resolution
    }
}

impl LooksAtBlocks for Owing<'_> {
    fn needs(&self, series: &SeriesMeta) -> bool {
        let of_point = self.paying.get(self.of(series.point)).unwrap_or_default();
        let pays_energy =
            |one: &Paying| self.days.iter().any(|day| self.book.needs_values(one.period.point, day.date));
        of_point.iter().any(|one| one.is_measured_by(series) && pays_energy(one))
    }

    fn take(&mut self, series: &SeriesMeta, day: i32, block: &IntervalBlock) -> Result<(), StoreFault> {
        let (of_point, book) = (self.of(series.point), self.book);
        let Some(place) = self.part.place_of(day) else { return Ok(()) };
        let Some(day) = self.days.get_mut(place) else { return Ok(()) };
        for one in self.paying.get_mut(of_point).unwrap_or_default() {
            let is_asked = one.period.valid.contains(day.start)
                && one.is_measured_by(series)
                && !one.is_counted(place)
                && book.needs_values(one.period.point, day.date);
            if is_asked && let Ok(values) = settled_values(series, (&one.measured, block)) {
                day.counted.add(&one.period, Some(values.as_values(series.resolution)))?;
                one.counted |= day_bit(place);
            }
        }
        Ok(())
    }
}

/// The computed energy of the points that stand for grid loss.
fn grid_losses(settled: &SettledDay) -> BTreeMap<Gsrn, IntervalBlock> {
    let results = energy_results(&settled.sums, &[settled.area], &settled.grid_loss).into_iter();
    let losses = results.filter(|result| {
        matches!(result.series, EnergySeries::PositiveGridLoss | EnergySeries::NegativeGridLoss)
    });
    losses.filter_map(|result| Some((result.point?, result.as_block()))).collect()
}
