//! The door to settlement sums: out only with a permit, for an area and its days.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::db::Connection;
use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::{Zone, epoch_day};
use tidstro_govern::{Operation, Target};
use tidstro_metering::settlement::{DaySums, GridArea, PointPeriod, settled_resolution};
use tidstro_model::{AreaNo, CategoryId, DayRange};

use super::part::parts_in_reach;
use super::point::{SettledPeriod, area_name, over_periods};
use super::recompute::{Rebuilt, Verified, rebuild, verify};
use super::{LeftBlock, kept, left, sums};
use crate::gate::{Disclosed, Permit, Terms};
use crate::personal::Writing;
use crate::reference::KnownAt;
use crate::seal::Vault;
use crate::sqlite::Reading;
use crate::{Store, StoreFault, log};

/// The sums of one area on one local day. It has no `Debug`: a group may be one home.
#[derive(Clone, PartialEq, Eq)]
pub struct SettledDay {
    /// The area.
    pub area: GridArea,
    /// Its groups, with those counted as missing whose block never came.
    pub sums: DaySums,
    /// The periods of the points that stand for its grid loss.
    pub grid_loss: Vec<PointPeriod>,
    /// Blocks that are in no sum, and why.
    pub left: Vec<LeftBlock>,
}

impl Store {
    /// The category of settlement sums; `None` where the register has none, and no sum is kept.
    #[must_use]
    pub const fn settlement_category(&self) -> Option<&CategoryId> {
        self.columns.settlement()
    }

    /// The sums of the permit's area on some local days, in order; days without master data or blocks are empty.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read sums of one area,
    /// [`StoreFault::SettlementLeftOut`], [`StoreFault::SettlementNotKept`].
    pub async fn settlement(
        &self,
        permit: &Permit,
        days: DayRange,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<SettledDay>>, StoreFault> {
        self.settled(permit, Operation::Read, days, now).await
    }

    /// The same for an export: sums on their way to the permit's recipient.
    ///
    /// # Errors
    /// As [`Store::settlement`], for a permit to export.
    pub async fn exported_settlement(
        &self,
        permit: &Permit,
        days: DayRange,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<SettledDay>>, StoreFault> {
        self.settled(permit, Operation::Export, days, now).await
    }

    async fn settled(
        &self,
        permit: &Permit,
        operation: Operation,
        days: DayRange,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<SettledDay>>, StoreFault> {
        let terms = permit.must_allow(operation, self.columns.settled()?, now)?;
        let zone = self.zone.clone();
        let reading = move |reading: &mut Reading| {
            let area = area_of(&reading.db, permit_target(&terms)?)?;
            let days = terms.scope().days.intersect(days);
            let of = |days| settled_days(&reading.db, &reading.vault, &zone, (area, days));
            days.map_or(Ok(Vec::new()), of)
        };
        Ok(Disclosed::new(self.threads.read(reading).await?, permit))
    }

    /// Makes the sums of the permit's area again from the blocks, month by month, and compares. Each month is compared as it was
    /// at one moment; whoever writes does not wait.
    ///
    /// # Errors
    /// As [`Store::settlement`], for a permit to compute.
    pub async fn verify_settlement(
        &self,
        permit: &Permit,
        days: DayRange,
        now: Timestamp,
    ) -> Result<Disclosed<Verified>, StoreFault> {
        let terms = permit.must_allow(Operation::Compute, self.columns.settled()?, now)?;
        let target = permit_target(&terms)?;
        let mut verified = Verified::default();
        for month in parts_in_reach(&terms, days)? {
            let zone = self.zone.clone();
            let job = move |reading: &mut Reading| {
                let snapshot = reading.db.snapshot()?;
                must_be_kept(&snapshot)?;
                let part = month.of(area_of(&snapshot, target)?);
                verify((&snapshot, &mut reading.vault, &zone), part, &mut verified)?;
                Ok(verified)
            };
            verified = self.threads.read(job).await?;
        }
        Ok(Disclosed::new(verified, permit))
    }

    /// Makes every sum again from the blocks. The log says so.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to compute sums of everything.
    pub async fn rebuild_settlement(&self, permit: &Permit, now: Timestamp) -> Result<Rebuilt, StoreFault> {
        let terms = permit.must_allow(Operation::Compute, self.columns.settled()?, now)?;
        if terms.target != Target::Everything {
            let needed = "compute the settlement of everything".to_owned();
            return Err(StoreFault::PermitForOther { permit: permit.to_string(), needed });
        }
        let job = move |writing: &mut Writing| {
            writing.transact(|writing| {
                let rebuilt = rebuild(writing)?;
                let detail = format!("{} settlement sums made again", rebuilt.changed);
                log::append(writing, terms.registered(detail, now))?;
                Ok(rebuilt)
            })
        };
        self.threads.write(job).await
    }

    /// Settles whether sums are kept, and ends those that no activity keeps any more.
    pub(crate) async fn begin_settlement(&self, now: Timestamp) -> Result<(), StoreFault> {
        let (register, category) = (Arc::clone(&self.register), self.columns.settlement().cloned());
        let job = move |writing: &mut Writing| {
            writing.transact(|writing| {
                super::begin(writing)?;
                match &category {
                    Some(category) => super::expire::expire(writing, &register, category, now),
                    None => Ok(()),
                }
            })
        };
        self.threads.write(job).await
    }
}

/// The area a permit is about: sums are read one area at a time.
pub(super) fn permit_target(terms: &Terms) -> Result<AreaNo, StoreFault> {
    match terms.target {
        Target::Area(area) => Ok(area),
        _ => Err(StoreFault::PermitForOther {
            permit: format!("{} {}", terms.operation, terms.category),
            needed: "the sums of one area".to_owned(),
        }),
    }
}

pub(super) fn area_of(db: &Connection, area: AreaNo) -> Result<GridArea, StoreFault> {
    let name = area_name(db, area.as_u32())?;
    GridArea::parse(&name).ok_or(StoreFault::NoGridArea { name })
}

pub(super) fn must_be_kept(db: &Connection) -> Result<i32, StoreFault> {
    kept::kept_from(db)?.ok_or(StoreFault::SettlementNotKept)
}

pub(super) fn each_day(days: DayRange) -> impl Iterator<Item = Date> {
    days.start().series(jiff::Span::new().days(1)).take_while(move |day| *day < days.end())
}

/// The sums of an area on some local days, with those counted as missing whose block never came.
pub(super) fn settled_days(
    db: &Connection,
    vault: &Vault,
    zone: &Zone,
    (area, days): (GridArea, DayRange),
) -> Result<Vec<SettledDay>, StoreFault> {
    must_be_kept(db)?;
    let range = (epoch_day(days.start()), epoch_day(days.end()));
    let mut kept = sums::kept_days(db, vault, zone, Some(area), range)?;
    let mut left: BTreeMap<Date, Vec<LeftBlock>> = BTreeMap::new();
    for block in left::list(db, &area.to_string(), range)? {
        left.entry(block.day).or_default().push(block);
    }
    let expected = Expected::read(db, zone, (area, days))?;
    let mut settled = Vec::new();
    for everybody in expected.everybody {
        let day = everybody.day();
        let mut sums = match kept.remove(&day) {
            Some(sums) => sums,
            None => DaySums::new(zone, day, settled_resolution(day))?,
        };
        sums.count_absent(&everybody)?;
        let stands = |one: &&PointPeriod| !sums.part(one.valid).is_empty();
        let grid_loss = expected.grid_loss.iter().filter(stands).copied().collect();
        settled.push(SettledDay { area, sums, grid_loss, left: left.remove(&day).unwrap_or_default() });
    }
    Ok(settled)
}

/// Who should be in the sums of an area.
struct Expected {
    /// For each local day, everybody as missing.
    everybody: Vec<DaySums>,
    /// The periods of the points that stand for the area's grid loss.
    grid_loss: Vec<PointPeriod>,
}

impl Expected {
    fn read(db: &Connection, zone: &Zone, (area, days): (GridArea, DayRange)) -> Result<Self, StoreFault> {
        let everybody = each_day(days).map(|day| DaySums::new(zone, day, settled_resolution(day)));
        let mut expected = Self { everybody: everybody.collect::<Result<_, _>>()?, grid_loss: Vec::new() };
        over_periods(db, zone, (area, days, KnownAt::NOW), &mut |one| expected.add(&one, area))?;
        expected.everybody.iter_mut().for_each(|day| day.retain_area(area));
        Ok(expected)
    }

    fn add(&mut self, one: &SettledPeriod, area: GridArea) -> Result<(), StoreFault> {
        if one.stands_for(area) {
            self.grid_loss.push(one.period);
        }
        if !one.is_grid_loss && one.is_supplied() {
            self.everybody.iter_mut().try_for_each(|day| day.add(&one.period, None))?;
        }
        Ok(())
    }
}
