//! What suppliers owe for charges on the days of a month, computed from the blocks.
//!
//! What comes in: a connection that sees one state of the data, the keys, the sums of the days, and what master data and price lists
//! say. What goes out: the amounts of each day. Each block is opened once, in the order in which blocks are stored. Never: a value
//! kept, or a guess; a block that cannot be settled counts as missing, as in the sums.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::Zone;
use tidstro_metering::IntervalBlock;
use tidstro_metering::settlement::{
    ChargeAmount, ChargeBook, ChargeCount, ChargeDay, DayValues, EnergySeries, EnergyUnit, energy_results,
    with_parents_supplier,
};
use tidstro_model::{DayRange, Gsrn, Interval, PointNo, PointPeriod, Resolution};

use super::SettledDay;
use super::blocks::{Eye, LooksAtBlocks};
use super::changed::settled_values;
use super::part::{Part, day_bit};
use super::point::SettledPeriod;
use crate::StoreFault;
use crate::db::Connection;
use crate::reference::{
    KnownAt, KnownPeriod, SeriesMeta, Which, charges_in, links_in, named_point, over_area, point_periods,
    prices_in, settled_series_of,
};
use crate::seal::Vault;

/// The amounts of each day of a part of a calculation over `days`, in the order of `settled`, which are the sums of the part's days.
/// Points are gone over some thousand at a time, with the charges that they pay.
pub(super) fn owed(
    (db, vault, zone): (&Connection, &mut Vault, &Zone),
    (part, days): (Part, DayRange),
    settled: &[SettledDay],
) -> Result<Vec<Vec<ChargeAmount>>, StoreFault> {
    // Prices of subscriptions are spread over the whole calculation, and a child without a parent in it stands alone.
    let period = span(zone, days)?;
    let charges = charges_in(db, zone, (days, KnownAt::NOW))?;
    let prices = prices_in(db, period, KnownAt::NOW)?;
    let of = |day: &SettledDay| CountedDay {
        date: day.sums.day(),
        counted: ChargeCount::default(),
        losses: grid_losses(day),
        resolution: day.sums.resolution(),
    };
    let mut counted: Vec<CountedDay> = settled.iter().map(of).collect();
    let mut eye = Eye::default();
    over_area(db, (part.area, days, KnownAt::NOW), &mut |ends, periods| {
        let links = links_in(db, zone, (Some(ends), days, KnownAt::NOW))?;
        if links.is_empty() {
            return Ok(());
        }
        let book = ChargeBook::new(zone, period, &charges, (&links, &prices));
        let paying = paying_points((db, zone), &book, (part, days), &periods)?;
        let mut owing = Owing::new(zone, &book, (part, paying), &mut counted)?;
        let series = settled_series_of(db, ends, part.days)?;
        eye.look_at((db, &mut *vault), (part, series), &mut owing)?;
        owing.count_others(&counted)?;
        owing.leave(&mut counted);
        Ok(())
    })?;
    let book = ChargeBook::new(zone, period, &charges, (&[], &prices));
    counted.into_iter().map(|day| Ok(book.day_after(day.date, day.counted)?.amounts()?)).collect()
}

/// A local day, and what was counted for it so far.
struct CountedDay {
    date: Date,
    counted: ChargeCount,
    /// The computed energy of the points that stand for grid loss, in the resolution of the sums.
    losses: BTreeMap<Gsrn, IntervalBlock>,
    resolution: Resolution,
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

/// A local day under way.
struct OwingDay<'b> {
    date: Date,
    start: Timestamp,
    counted: ChargeDay<'b>,
}

/// The points of some periods that pay something on days of a part, in order of their numbers.
fn paying_points(
    (db, zone): (&Connection, &Zone),
    book: &ChargeBook<'_>,
    (part, days): (Part, DayRange),
    known: &[KnownPeriod],
) -> Result<Vec<Paying>, StoreFault> {
    let mut measured = Measured::new();
    for one in known {
        let Some(settled) = SettledPeriod::of(one, zone) else { continue };
        measured.entry(one.gsrn).or_insert((one.point, Vec::new())).1.push(settled);
    }
    let mut periods: Vec<PointPeriod> =
        measured.values().flat_map(|(_, settled)| settled).map(|one| one.period).collect();
    let of_others = parents_elsewhere(db, zone, (part, days), &measured)?;
    periods.extend(of_others);
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

/// The periods of parents of these points that are not among them, in the same area.
fn parents_elsewhere(
    db: &Connection,
    zone: &Zone,
    (part, days): (Part, DayRange),
    measured: &Measured,
) -> Result<Vec<PointPeriod>, StoreFault> {
    let settled = measured.values().flat_map(|(_, settled)| settled);
    let parents: BTreeSet<Gsrn> = settled.filter_map(|one| one.period.parent).collect();
    let mut numbers = Vec::new();
    for parent in parents.iter().filter(|parent| !measured.contains_key(parent)) {
        numbers.extend(named_point(db, &parent.to_string())?);
    }
    let known = point_periods(db, &Which::Points(numbers), days, KnownAt::NOW)?;
    let settled = known.iter().filter_map(|one| SettledPeriod::of(one, zone));
    Ok(settled.map(|one| one.period).filter(|period| period.area == part.area).collect())
}

/// What is measured at points, with their numbers.
type Measured = BTreeMap<Gsrn, (PointNo, Vec<SettledPeriod>)>;

/// With what is measured at the point when the period begins.
fn paying_in(measured: &Measured, period: PointPeriod) -> Option<Paying> {
    let (point, settled) = measured.get(&period.point)?;
    let at = settled.iter().find(|one| one.period.valid.contains(period.valid.start()))?;
    Some(Paying { point: *point, period, measured: *at, counted: 0 })
}

/// The days of a part while some of its points are counted.
struct Owing<'b> {
    part: Part,
    book: &'b ChargeBook<'b>,
    /// In order of point.
    paying: Vec<Paying>,
    days: Vec<OwingDay<'b>>,
}

impl<'b> Owing<'b> {
    /// Goes on with what was counted so far, which is taken out until [`Owing::leave`].
    fn new(
        zone: &Zone,
        book: &'b ChargeBook<'b>,
        (part, paying): (Part, Vec<Paying>),
        counted: &mut [CountedDay],
    ) -> Result<Self, StoreFault> {
        let day = |day: &mut CountedDay| {
            let counted = book.day_after(day.date, std::mem::take(&mut day.counted))?;
            Ok::<_, StoreFault>(OwingDay { date: day.date, start: zone.day_start(day.date), counted })
        };
        let days = counted.iter_mut().map(day).collect::<Result<_, _>>()?;
        Ok(Self { part, book, paying, days })
    }

    /// Counts what needs no block, and as missing whose block did not come.
    fn count_others(&mut self, counted: &[CountedDay]) -> Result<(), StoreFault> {
        for ((day, CountedDay { losses, resolution, .. }), place) in
            self.days.iter_mut().zip(counted).zip(0..)
        {
            let is_open = |one: &&Paying| one.period.valid.contains(day.start) && !one.is_counted(place);
            for one in self.paying.iter().filter(is_open) {
                let needs_loss =
                    one.measured.is_grid_loss && self.book.needs_values(one.period.point, day.date);
                let loss = needs_loss.then(|| losses.get(&one.period.point)).flatten();
                let values =
                    |block| DayValues { resolution: *resolution, unit: EnergyUnit::KilowattHour, block };
                day.counted.add(&one.period, loss.map(values))?;
            }
        }
        Ok(())
    }

    /// Gives back what is counted.
    fn leave(self, counted: &mut [CountedDay]) {
        for (into, day) in counted.iter_mut().zip(self.days) {
            into.counted = day.counted.into_count();
        }
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
