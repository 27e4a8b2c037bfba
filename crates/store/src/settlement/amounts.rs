//! What suppliers owe for charges, as a calculation leaves it.
//!
//! What comes in: a run, the sums of its days, and what master data and price lists say at that moment. What is kept: for each
//! charge and local day the amounts of every supplier, sealed with the key of the month. What goes out, under a permit:
//! the amounts of a run. Values are opened one point and day at a time. Never: an amount changed after its run.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::{Zone, epoch_day, from_epoch_day};
use tidstro_govern::Operation;
use tidstro_metering::settlement::{
    ChargeAmount, ChargeBook, ChargeDay, ChargeKey, DayValues, EnergySeries, EnergyUnit, GridArea,
    PointPeriod, decode_amounts, encode_amounts, energy_results, with_parents_supplier,
};
use tidstro_metering::{Block, IntervalBlock};
use tidstro_model::{DayRange, Gsrn, Interval, PointNo};

use super::SettledDay;
use super::changed::settled_values;
use super::point::{SettledPeriod, numbered_periods};
use super::resettle::stored_series;
use super::run::run_area_days;
use super::sums::class_of;
use crate::db::{Connection, params};
use crate::gate::{Disclosed, Permit};
use crate::personal::{Writing, current_block};
use crate::reference::{KnownAt, charges_in, ensure_charge, key_from, links_in, prices_in};
use crate::seal::{SealingKey, Vault};
use crate::sqlite::Reading;
use crate::{Store, StoreFault};

impl Store {
    /// What suppliers owe in the permit's area as a calculation left it, on the days the permit reaches, by day, charge
    /// and supplier; nothing of a calculation without amounts.
    ///
    /// # Errors
    /// As [`Store::settled_in_run`].
    pub async fn amounts_in_run(
        &self,
        permit: &Permit,
        version: u64,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<ChargeAmount>>, StoreFault> {
        let terms = permit.must_allow(Operation::Read, self.columns.settled()?, now)?;
        let zone = self.zone.clone();
        let reading = move |reading: &mut Reading| {
            let (number, area, days) = run_area_days(&reading.db, &terms, version)?;
            let kept = |days| kept_amounts(&reading.db, &reading.vault, &zone, (number, area, days));
            days.map_or(Ok(Vec::new()), kept)
        };
        Ok(Disclosed::new(self.threads.read(reading).await?, permit))
    }
}

/// Computes and keeps the amounts of a run. Call in its transaction.
pub(super) fn keep_amounts(
    writing: &mut Writing,
    run: i64,
    (area, days): (GridArea, DayRange),
    settled: &[SettledDay],
) -> Result<(), StoreFault> {
    let zone = writing.zone.clone();
    let points = Points::read(&writing.db, &zone, (area, days))?;
    let period = span(&zone, days)?;
    let charges = charges_in(&writing.db, &zone, (days, KnownAt::NOW))?;
    let links = links_in(&writing.db, &zone, (Some(area), days, KnownAt::NOW))?;
    let prices = prices_in(&writing.db, period, KnownAt::NOW)?;
    let book = ChargeBook::new(&zone, period, &charges, (&links, &prices));
    for day in settled {
        let amounts = amounts_of(writing, &points, &book, day)?;
        freeze(writing, (run, day.sums.day()), &amounts)?;
    }
    Ok(())
}

fn span(zone: &Zone, days: DayRange) -> Result<Interval, StoreFault> {
    let span = Interval::new(zone.day_start(days.start()), zone.day_start(days.end()));
    span.map_err(|_| StoreFault::NoDays)
}

/// The points of an area that may pay something.
struct Points {
    /// Periods inside the calculation, children with the supplier of their parent.
    paying: Vec<PointPeriod>,
    /// What is measured at each point.
    measured: BTreeMap<Gsrn, (PointNo, Vec<SettledPeriod>)>,
}

impl Points {
    fn read(db: &Connection, zone: &Zone, (area, days): (GridArea, DayRange)) -> Result<Self, StoreFault> {
        let mut measured: BTreeMap<Gsrn, (PointNo, Vec<SettledPeriod>)> = BTreeMap::new();
        for (point, settled) in numbered_periods(db, zone, (area, days))? {
            let of_point = measured.entry(settled.period.point).or_insert((point, Vec::new()));
            of_point.1.push(settled);
        }
        let periods = measured.values().flat_map(|(_, settled)| settled).map(|one| one.period);
        let mut paying = with_parents_supplier(&periods.collect::<Vec<_>>(), span(zone, days)?);
        paying.retain(|period| period.area == area && period.kind.is_charged());
        Ok(Self { paying, measured })
    }

    /// The number of a point, and what is measured there when a period begins.
    fn measured(&self, period: &PointPeriod) -> Option<(PointNo, &SettledPeriod)> {
        let (point, settled) = self.measured.get(&period.point)?;
        let at = settled.iter().find(|one| one.period.valid.contains(period.valid.start()))?;
        Some((*point, at))
    }
}

fn amounts_of(
    writing: &mut Writing,
    points: &Points,
    book: &ChargeBook<'_>,
    settled: &SettledDay,
) -> Result<Vec<ChargeAmount>, StoreFault> {
    let day = settled.sums.day();
    let losses = grid_losses(settled);
    let start = writing.zone.day_start(day);
    let mut counted = book.day(day)?;
    let pays = |period: &&PointPeriod| book.is_linked(period.point) && period.valid.contains(start);
    for period in points.paying.iter().filter(pays) {
        let Some((point, measured)) = points.measured(period) else { continue };
        if !book.needs_values(period.point, day) {
            counted.add(period, None)?;
        } else if measured.is_grid_loss {
            let loss = losses.get(&period.point);
            let resolution = settled.sums.resolution();
            let values = loss.map(|block| DayValues { resolution, unit: EnergyUnit::KilowattHour, block });
            counted.add(period, values)?;
        } else {
            add_measured(writing, &mut counted, (point, measured), (period, day))?;
        }
    }
    Ok(counted.amounts()?)
}

/// Counts the newest block of a point; one that cannot be settled counts as missing, as in the sums.
fn add_measured(
    writing: &mut Writing,
    counted: &mut ChargeDay<'_>,
    (point, measured): (PointNo, &SettledPeriod),
    (period, day): (&PointPeriod, Date),
) -> Result<(), StoreFault> {
    for (number, first, last) in stored_series(writing, point)? {
        let series = writing.meta(number)?;
        if !(first..=last).contains(&epoch_day(day)) || series.resolution != period.resolution {
            continue;
        }
        let Some((_, Some(Block::Interval(block)))) = current_block(writing, day, number)? else { continue };
        if let Ok(values) = settled_values(&series, (measured, &block)) {
            return Ok(counted.add(period, Some(values.as_values(series.resolution)))?);
        }
    }
    Ok(counted.add(period, None)?)
}

/// The computed energy of the points that stand for grid loss.
fn grid_losses(settled: &SettledDay) -> BTreeMap<Gsrn, IntervalBlock> {
    let results = energy_results(&settled.sums, &[settled.area], &settled.grid_loss).into_iter();
    let losses = results.filter(|result| {
        matches!(result.series, EnergySeries::PositiveGridLoss | EnergySeries::NegativeGridLoss)
    });
    losses.filter_map(|result| Some((result.point?, result.as_block()))).collect()
}

fn freeze(
    writing: &mut Writing,
    (run, day): (i64, Date),
    amounts: &[ChargeAmount],
) -> Result<(), StoreFault> {
    let (period, start) = (epoch_day(day), writing.zone.day_start(day));
    let key = writing.vault.ensure_class(&class_of(day))?;
    let mut by_charge: BTreeMap<&ChargeKey, Vec<ChargeAmount>> = BTreeMap::new();
    for amount in amounts {
        by_charge.entry(&amount.key).or_default().push(amount.clone());
    }
    for (charge, amounts) in by_charge {
        let charge = ensure_charge(&writing.db, charge)?;
        let plain = encode_amounts(&amounts, start);
        let sealed = key.seal(writing.nonces.next()?, &amount_row((run, charge, period)), &plain)?;
        writing
            .db
            .prepare_cached(
                "-- freeze_amounts
                 INSERT INTO settlement_amount (charge_no, run_no, period, sealed) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![charge, run, period, sealed])?;
    }
    Ok(())
}

/// Key columns of the amounts of a charge and day.
fn amount_row((run, charge, period): (i64, i64, i32)) -> Vec<u8> {
    let numbers = [run.to_be_bytes(), charge.to_be_bytes()].concat();
    [b"settlement amount".as_slice(), &numbers, &period.to_be_bytes()].concat()
}

fn kept_amounts(
    db: &Connection,
    vault: &Vault,
    zone: &Zone,
    (run, area, days): (i64, GridArea, DayRange),
) -> Result<Vec<ChargeAmount>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- settlement_amounts
         SELECT c.code, c.kind, c.owner, a.charge_no, a.period, a.sealed
         FROM settlement_amount a JOIN charge c ON c.charge_no = a.charge_no
         WHERE a.run_no = ?1 AND a.period >= ?2 AND a.period < ?3
         ORDER BY a.period, c.owner, c.kind, c.code",
    )?;
    let mut rows = statement.query(params![run, epoch_day(days.start()), epoch_day(days.end())])?;
    let mut keys: BTreeMap<String, Option<SealingKey>> = BTreeMap::new();
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (charge, period, sealed): (i64, i32, Vec<u8>) = (row.get(3)?, row.get(4)?, row.get(5)?);
        let day = from_epoch_day(period).ok_or(StoreFault::Row { what: "settlement_amount.period" })?;
        let class = class_of(day);
        if !keys.contains_key(&class) {
            keys.insert(class.clone(), vault.class(&class)?);
        }
        // A month whose key is gone has ended.
        let Some(key) = keys.get(&class).and_then(Option::as_ref) else { continue };
        let plain = key.open(&amount_row((run, charge, period)), &sealed)?;
        found.extend(decode_amounts(&plain, (&key_from(&row, 0)?, area), zone.day_start(day))?);
    }
    Ok(found)
}
