//! Readings of telegrams on their way to versions of series.
//!
//! What telegrams said comes in; it is placed where the device hung at the moment of the reading,
//! gathered by series and local day, and handed on as blocks.

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_metering::{Block, RegisterBlock, check_register_direction, check_unit};
use tidstro_model::{Decimal, DeviceName, DeviceNo, Mark, Obis, Quality, QuantityKind, Rule, SeriesNo, Unit};

use super::Writing;
use super::alarm::{ToldAlarms, take_alarms};
use super::append::{Appended, NewBlock, Registrar, append_blocks, is_covered};
use super::counters::{Counters, keep_counters};
use super::cover::Cover;
use super::intervals::{self, NewInterval};
use super::placing::place_by_name;
use super::state::direction;
use super::telegram::TelegramNo;
use super::waiting::{Unread, settle_telegrams};
use crate::StoreFault;
use crate::reference::{RegisterOf, SeriesMeta, ensure_register_series, learn_name};

/// A register reading decoded from a telegram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewReading {
    /// The device that said it.
    pub device: DeviceNo,
    /// What is measured.
    pub quantity: QuantityKind,
    /// Unit of the number.
    pub unit: Unit,
    /// Tariff of the register; 0 total.
    pub tariff: u32,
    /// Subunit of the device; 0 the device itself.
    pub subunit: u16,
    /// When it was read.
    pub at: Timestamp,
    /// The number.
    pub number: Decimal,
    /// What the register measures, where a standard says so; tells its direction.
    pub obis: Option<Obis>,
}

/// What telegrams said.
#[derive(Clone, Default)]
pub struct Decoded {
    /// The readings of each, or the reason there are none.
    pub telegrams: Vec<(TelegramNo, Result<Vec<NewReading>, Unread>)>,
    /// What was heard of their devices last, where that has changed.
    pub counters: Vec<Counters>,
    /// Energy of intervals, from load profiles.
    pub intervals: Vec<NewInterval>,
    /// What devices with a system title called themselves in proven messages.
    pub names: Vec<(DeviceNo, DeviceName)>,
    /// What they said of alarms, in the order in which they arrived.
    pub alarms: Vec<ToldAlarms>,
}

/// Registers what telegrams said and marks them: readings, or the reason there are none. A reading that
/// no permit covers is not kept, and counted.
pub(crate) fn append_decoded(
    writing: &mut Writing,
    registrar: &Registrar,
    covers: &[Cover],
    Decoded { telegrams, counters, intervals, names, alarms }: Decoded,
) -> Result<Appended, StoreFault> {
    for (device, name) in names {
        if learn_name(&writing.db, device, name)? {
            place_by_name(writing, device)?;
        }
    }
    let told = take_alarms(writing, registrar, covers, &alarms)?;
    keep_counters(writing, counters)?;
    let mut days = DayBlocks::default();
    let (mut unit_refused, mut not_permitted) = (0, 0);
    settle_telegrams(&writing.db, telegrams.iter().map(|(number, said)| (*number, said.as_ref().err())))?;
    for (_, outcome) in telegrams {
        for reading in outcome.unwrap_or_default() {
            let register = placed(writing, &reading, registrar.now)?;
            if !is_covered(writing, covers, register.point, register.quantity)? {
                not_permitted += 1;
                continue;
            }
            let series = writing.series_of(&register)?;
            let meta = writing.meta(series)?;
            if check_unit(meta.unit, reading.unit).is_none() {
                days.add(writing, &meta, &reading)?;
            } else {
                unit_refused += 1;
            }
        }
    }
    let mut placed = intervals::placed(writing, covers, &intervals, registrar.now)?;
    placed.blocks.extend(days.into_blocks()?);
    let mut done = append_blocks(writing, registrar, covers, placed.blocks)?;
    done.not_permitted += not_permitted + placed.not_permitted;
    done.other_direction += placed.other_direction;
    done.alarms.add(&told);
    if unit_refused > 0 {
        *done.findings.entry(Rule::Unit).or_default() += unit_refused;
    }
    Ok(done)
}

/// The register of a reading: of the metering point the device hung at when it was read.
fn placed(writing: &mut Writing, reading: &NewReading, now: Timestamp) -> Result<RegisterOf, StoreFault> {
    let day = epoch_day(writing.zone.day_of(reading.at));
    let NewReading { device, quantity, unit, tariff, subunit, .. } = *reading;
    Ok(RegisterOf { point: writing.point_of(device, day, now)?, device, quantity, unit, tariff, subunit })
}

impl Writing {
    /// The series of a register, made if it is not there; looked up once.
    fn series_of(&mut self, register: &RegisterOf) -> Result<SeriesNo, StoreFault> {
        if let Some(series) = self.registers.get(register) {
            return Ok(*series);
        }
        let series = ensure_register_series(&self.db, register)?;
        self.registers.insert(*register, series);
        self.note_register(register)?;
        Ok(series)
    }
}

/// Seconds since local midnight, number, mark.
type DayReading = (u32, Decimal, Mark);

/// Readings gathered by series and local day, so that a batch makes one version of each.
#[derive(Default)]
struct DayBlocks {
    order: Vec<(SeriesNo, i32)>,
    readings: FxHashMap<(SeriesNo, i32), Vec<DayReading>>,
}

impl DayBlocks {
    fn add(&mut self, writing: &Writing, meta: &SeriesMeta, reading: &NewReading) -> Result<(), StoreFault> {
        let day = writing.zone.day_of(reading.at);
        let second = reading.at.as_second() - writing.zone.day_start(day).as_second();
        let offset =
            u32::try_from(second).map_err(|_| StoreFault::Row { what: "reading before its own day" })?;
        let key = (meta.series, epoch_day(day));
        let readings = self.readings.entry(key).or_insert_with(|| {
            self.order.push(key);
            Vec::new()
        });
        readings.push((offset, reading.number, mark_of(meta, reading)));
        Ok(())
    }

    fn into_blocks(mut self) -> Result<Vec<NewBlock>, StoreFault> {
        let mut blocks = Vec::with_capacity(self.order.len());
        for key in self.order {
            let readings = self.readings.remove(&key).unwrap_or_default();
            let day = from_epoch_day(key.1).ok_or(StoreFault::Row { what: "local day out of range" })?;
            blocks.push(NewBlock { series: key.0, day, block: Block::Register(day_block(readings)?) });
        }
        Ok(blocks)
    }
}

/// A measured value; one against the direction of its metering point says so.
fn mark_of(meta: &SeriesMeta, reading: &NewReading) -> Mark {
    let measured = Mark::new(Quality::Measured);
    match direction(meta.commodity)
        .zip(reading.obis)
        .and_then(|(point, obis)| check_register_direction(point, obis))
    {
        Some(finding) => measured.with(finding.rule),
        None => measured,
    }
}

/// One block of a day's readings, in the order of time and in the finest of their exponents.
fn day_block(mut readings: Vec<DayReading>) -> Result<RegisterBlock, StoreFault> {
    readings.sort_by_key(|(offset, ..)| *offset);
    let mut block: Option<RegisterBlock> = None;
    for (offset, number, mark) in readings {
        let mut one = RegisterBlock::empty(number.exponent());
        one.push(offset, number.mantissa(), mark)?;
        block = Some(match block {
            None => one,
            Some(whole) => RegisterBlock::merge(&whole, &one)?.unwrap_or(whole),
        });
    }
    Ok(block.unwrap_or_else(|| RegisterBlock::empty(0)))
}
