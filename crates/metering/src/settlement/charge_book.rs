//! Charges made ready for the days of a calculation: links by point, prices by charge.
//!
//! What comes in: charges, links and prices, then, day by day, points with their values. What goes out: what each supplier
//! owes for each charge on the day. One day needs the values of that day only. A charge without a price at a time has a
//! quantity and no amount.
//!
//! Source: DataHub's published wholesale scenarios. Quantities have 3 decimals, prices and amounts 6.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::Zone;
use tidstro_model::{ChargeKey, ChargeKind, ChargeResolution, Gln, Gsrn, Interval, PointType, Resolution};

use super::{
    Charge, ChargeAmount, ChargeLink, ChargePrice, DaySums, DayValues, Direction, GridArea, PointPeriod,
    QualitySet, SettlementFault, SettlementSum,
    calculation::days,
    rounding::{divide_half_away, round_in_hour},
    sum::PER_WATT_HOUR,
};

/// Steps of a quantity: thousandths of a kWh or of a piece.
const THOUSANDTHS: i64 = 1000;

/// Everything of charges that a calculation needs.
#[derive(Debug)]
pub struct ChargeBook<'a> {
    zone: &'a Zone,
    charges: &'a [Charge],
    links: BTreeMap<Gsrn, Vec<Linked<'a>>>,
    prices: Prices<'a>,
}

/// A charge that a point pays, and the time of both inside the calculation.
#[derive(Debug)]
struct Linked<'a> {
    charge: usize,
    link: &'a ChargeLink,
    valid: Interval,
}

impl<'a> ChargeBook<'a> {
    /// The book of a calculation over `period`, which is whole local days, usually a month.
    #[must_use]
    pub fn new(
        zone: &'a Zone,
        period: Interval,
        charges: &'a [Charge],
        (links, prices): (&'a [ChargeLink], &'a [ChargePrice]),
    ) -> Self {
        let mut by_key: BTreeMap<&ChargeKey, Vec<(usize, Interval)>> = BTreeMap::new();
        for (index, charge) in charges.iter().enumerate() {
            if let Some(valid) = charge.valid.intersect(period) {
                by_key.entry(&charge.key).or_default().push((index, valid));
            }
        }
        let mut by_point: BTreeMap<Gsrn, Vec<Linked<'a>>> = BTreeMap::new();
        for link in links {
            for (charge, time) in by_key.get(&link.key).into_iter().flatten() {
                let linked = link.valid.intersect(*time).map(|valid| Linked { charge: *charge, link, valid });
                by_point.entry(link.point).or_default().extend(linked);
            }
        }
        // A price of pieces may have been stated long before.
        let is_in = |price: &&ChargePrice| {
            period.contains(price.at) || (price.key.kind != ChargeKind::Tariff && price.at < period.start())
        };
        let prices = Prices::new(prices.iter().filter(is_in), zone, period);
        Self { zone, charges, links: by_point, prices }
    }

    /// Whether a point pays anything at all in the calculation.
    #[must_use]
    pub fn is_linked(&self, point: Gsrn) -> bool {
        self.links.contains_key(&point)
    }

    /// Whether a point pays for its energy on a local day, so that its values are needed.
    #[must_use]
    pub fn needs_values(&self, point: Gsrn, day: Date) -> bool {
        let start = self.zone.day_start(day);
        let is_tariff = |linked: &&Linked<'_>| linked.link.key.kind == ChargeKind::Tariff;
        let linked = self.links.get(&point).into_iter().flatten();
        linked.filter(is_tariff).any(|linked| linked.valid.contains(start))
    }

    /// A local day of the calculation, nothing counted yet.
    ///
    /// # Errors
    /// [`SettlementFault::Resolution`] if the day is not divided into quarters.
    pub fn day(&self, day: Date) -> Result<ChargeDay<'_>, SettlementFault> {
        self.day_after(day, ChargeCount::default())
    }

    /// The same, after what was counted by another book of the calculation: with the same charges in the same order, and the links of
    /// other points.
    ///
    /// # Errors
    /// As [`ChargeBook::day`].
    pub fn day_after(&self, day: Date, counted: ChargeCount) -> Result<ChargeDay<'_>, SettlementFault> {
        let shape = DaySums::new(self.zone, day, Resolution::PT15M)?;
        let start = self.zone.day_start(day);
        Ok(ChargeDay { book: self, start, shape, counted })
    }

    /// Which charge in the order given an amount is of; charges of one name follow each other in time.
    pub(super) fn place_of(&self, key: &ChargeKey, at: Timestamp) -> Option<usize> {
        self.charges.iter().position(|charge| charge.key == *key && charge.valid.contains(at))
    }
}

/// Whose energy or pieces are counted together.
type Group = (GridArea, Option<Gln>, PointType);

/// What was counted for charges on a local day so far, whoever pays them.
#[derive(Debug, Default)]
pub struct ChargeCount {
    /// Energy, by charge and group.
    energy: BTreeMap<(usize, Group), SettlementSum>,
    /// Pieces, by charge and group.
    pieces: BTreeMap<(usize, Group), i64>,
}

/// What is counted for charges on one local day.
#[derive(Debug)]
pub struct ChargeDay<'a> {
    book: &'a ChargeBook<'a>,
    start: Timestamp,
    shape: DaySums,
    counted: ChargeCount,
}

impl ChargeDay<'_> {
    /// Counts a point while one of its periods lasts, in every charge it pays on the day. No values count as missing.
    ///
    /// # Errors
    /// [`SettlementFault`] for values that cannot be settled, and for a tariff linked more than once.
    pub fn add(
        &mut self,
        period: &PointPeriod,
        values: Option<DayValues<'_>>,
    ) -> Result<(), SettlementFault> {
        if !period.kind.is_charged() {
            return Ok(());
        }
        let group = (period.area, period.parties.supplier, period.kind);
        for linked in self.book.links.get(&period.point).into_iter().flatten() {
            let valid = linked.valid.intersect(period.valid).filter(|valid| valid.contains(self.start));
            let Some(valid) = valid else { continue };
            let (place, quantity) = ((linked.charge, group), linked.link.quantity);
            if linked.link.key.kind == ChargeKind::Tariff {
                must_be_once(linked.link)?;
                self.add_energy(place, valid, values)?;
            } else {
                *self.counted.pieces.entry(place).or_default() += quantity.saturating_mul(THOUSANDTHS);
            }
        }
        Ok(())
    }

    fn add_energy(
        &mut self,
        place: (usize, Group),
        valid: Interval,
        values: Option<DayValues<'_>>,
    ) -> Result<(), SettlementFault> {
        let zero = SettlementSum::zero(Resolution::PT15M, self.shape.slots())?;
        let sum = self.counted.energy.entry(place).or_insert(zero);
        sum.add_block(&self.shape.part(valid), values, Direction::In)
    }

    /// What was counted so far, to go on with other points.
    #[must_use]
    pub fn into_count(self) -> ChargeCount {
        self.counted
    }

    /// What every charge costs every supplier on the day, in the order of the charges.
    ///
    /// # Errors
    /// [`SettlementFault::Amount`] for an amount beyond 64 bits.
    pub fn amounts(self) -> Result<Vec<ChargeAmount>, SettlementFault> {
        let mut amounts = Vec::new();
        for ((index, group), sum) in &self.counted.energy {
            let Some(charge) = self.book.charges.get(*index) else { continue };
            for counted in self.times(charge.resolution, sum) {
                amounts.push(self.book.prices.amount(charge, *group, counted)?);
            }
        }
        for ((index, group), quantity) in &self.counted.pieces {
            let Some(charge) = self.book.charges.get(*index) else { continue };
            let counted = Counted { at: self.start, quantity: *quantity, qualities: None };
            amounts.push(self.book.prices.amount(charge, *group, counted)?);
        }
        Ok(amounts)
    }

    /// The energy of each quarter or hour, or of the day.
    fn times(&self, resolution: ChargeResolution, sum: &SettlementSum) -> Vec<Counted> {
        let (slots, step) = match resolution {
            ChargeResolution::Quarter => (1, Resolution::PT15M),
            ChargeResolution::Hour => (sum.slots_per_hour(), Resolution::PT1H),
            ChargeResolution::Day | ChargeResolution::Month => (self.shape.slots(), Resolution::PT1H),
        };
        let qualities: Vec<QualitySet> = sum.qualities().collect();
        let times = sum.quarter_watt_hours().chunks(slots).zip(qualities.chunks(slots)).zip(0..);
        let counted = times.filter_map(|((quantities, qualities), place)| {
            let qualities = qualities.iter().fold(QualitySet::EMPTY, |set, slot| set.union(*slot));
            let at = self.book.zone.slot_start(self.shape.day(), step, place)?;
            let quantity = thousandths(quantities, place);
            (!qualities.is_empty()).then_some(Counted { at, quantity, qualities: Some(qualities) })
        });
        counted.collect()
    }
}

/// A tariff is counted by energy, not by pieces.
fn must_be_once(link: &ChargeLink) -> Result<(), SettlementFault> {
    match link.quantity {
        1 => Ok(()),
        quantity => Err(SettlementFault::TariffTimes { code: link.key.code.clone(), quantity }),
    }
}

/// Energy or pieces at one time.
struct Counted {
    at: Timestamp,
    /// Thousandths of a kWh, or of a piece.
    quantity: i64,
    qualities: Option<QualitySet>,
}

/// Whole watt-hours. Quarters are rounded so that they sum to their hour; a cut hour rounds its last quarter, halves away
/// from zero.
fn thousandths(quarter_watt_hours: &[i64], place: u32) -> i64 {
    if let [quarter] = quarter_watt_hours {
        return round_in_hour(*quarter, (place % 4) as usize);
    }
    let exact: i64 = quarter_watt_hours.iter().sum();
    let rounded = divide_half_away(i128::from(exact), i128::from(PER_WATT_HOUR));
    i64::try_from(rounded).unwrap_or(exact / PER_WATT_HOUR)
}

/// Prices by charge and time.
#[derive(Debug)]
struct Prices<'a> {
    by_charge: BTreeMap<&'a ChargeKey, BTreeMap<Timestamp, i64>>,
    /// Local days a subscription's price is spread over.
    days: i128,
}

impl<'a> Prices<'a> {
    fn new(prices: impl Iterator<Item = &'a ChargePrice>, zone: &Zone, period: Interval) -> Self {
        let mut by_charge: BTreeMap<&ChargeKey, BTreeMap<Timestamp, i64>> = BTreeMap::new();
        for price in prices {
            by_charge.entry(&price.key).or_default().insert(price.at, price.millionths);
        }
        Self { by_charge, days: days(zone, period).map(|_| 1).sum() }
    }

    /// The price of a kWh or piece at this time, of a subscription for a day (rounded to millionths).
    fn of(&self, charge: &Charge, at: Timestamp) -> Option<i64> {
        let prices = self.by_charge.get(&charge.key)?;
        // A price of pieces holds until the next one, but not beyond the charge's own period.
        let latest = || prices.range(charge.valid.start()..=at).next_back().map(|(_, price)| *price);
        match charge.key.kind {
            ChargeKind::Tariff => prices.get(&at).copied(),
            ChargeKind::Fee => latest(),
            ChargeKind::Subscription => {
                i64::try_from(divide_half_away(i128::from(latest()?), self.days)).ok()
            }
        }
    }

    /// Quantity times price, rounded to millionths, halves away from zero.
    fn amount(
        &self,
        charge: &Charge,
        (area, supplier, points): Group,
        Counted { at, quantity, qualities }: Counted,
    ) -> Result<ChargeAmount, SettlementFault> {
        let price = self.of(charge, at);
        let times = |price: i64| {
            let exact = i128::from(quantity) * i128::from(price);
            let rounded = divide_half_away(exact, i128::from(THOUSANDTHS));
            i64::try_from(rounded).map_err(|_| SettlementFault::Amount { code: charge.key.code.clone() })
        };
        let amount = price.map(times).transpose()?;
        let Charge { key, resolution, is_tax, .. } = charge.clone();
        Ok(ChargeAmount {
            key,
            is_tax,
            resolution,
            area,
            supplier,
            points,
            at,
            quantity,
            qualities,
            price,
            amount,
        })
    }
}
