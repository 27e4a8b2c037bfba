//! Wholesale settlement: what each supplier owes for each charge, hour by hour and day by day.
//!
//! What comes in: a period, points with the supplier of each time, charges with links and prices, and readings, those
//! of grid loss among them. What goes out: quantity, price and amount for each charge, supplier, grid area and type of
//! points. A charge without a price at a time has a quantity and no amount: that is not an amount of zero.
//!
//! Source: DataHub's published wholesale scenarios. Quantities have 3 decimals, prices and amounts 6.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::Zone;
use tidstro_model::{Gln, Gsrn, Interval, Resolution};

use super::{
    Charge, ChargeKey, ChargeKind, ChargeLink, ChargePrice, ChargeResolution, DaySums, Direction, GridArea,
    PointPeriod, PointType, QualitySet, Readings, SettlementFault, SettlementSum, calculation::days,
    rounding::divide_half_away, sum::PER_WATT_HOUR,
};

/// Steps of a quantity: thousandths of a kWh or of a piece.
const THOUSANDTHS: i64 = 1000;

/// Everything charges are settled from.
#[derive(Debug, Clone, Copy)]
pub struct Wholesale<'a> {
    /// The zone of local days.
    pub zone: &'a Zone,
    /// The time that is settled: whole local days, usually a month.
    pub period: Interval,
    /// Points of the areas that are settled, children with the supplier of their parent.
    pub points: &'a [PointPeriod],
    /// Charges.
    pub charges: &'a [Charge],
    /// Which point pays which charge.
    pub links: &'a [ChargeLink],
    /// Prices.
    pub prices: &'a [ChargePrice],
    /// Readings, and computed grid loss.
    pub readings: &'a Readings,
}

/// What one supplier owes for one charge at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeAmount {
    /// The charge.
    pub key: ChargeKey,
    /// Whether it is a tax.
    pub is_tax: bool,
    /// How often its prices change: results are per hour for hourly tariffs, per local day for all others.
    pub resolution: ChargeResolution,
    /// The grid area.
    pub area: GridArea,
    /// Who owes.
    pub supplier: Option<Gln>,
    /// For which points.
    pub points: PointType,
    /// The hour or local day.
    pub at: Timestamp,
    /// Thousandths of a kWh, or of a piece.
    pub quantity: i64,
    /// The qualities of the energy; pieces have none.
    pub qualities: Option<QualitySet>,
    /// Millionths of a krone for a kWh or piece; of a subscription for one day.
    pub price: Option<i64>,
    /// Millionths of a krone.
    pub amount: Option<i64>,
}

/// Whose energy or pieces are counted together.
type Group = (GridArea, Option<Gln>, PointType);

/// What every charge costs every supplier, in the order of the charges.
///
/// # Errors
/// [`SettlementFault`] for values that cannot be settled, for a tariff linked more than once to a point, and
/// for amounts beyond 64 bits.
pub fn charge_amounts(input: &Wholesale<'_>) -> Result<Vec<ChargeAmount>, SettlementFault> {
    let prices = Prices::new(input);
    let mut amounts = Vec::new();
    for charge in input.charges {
        let stretches = stretches(input, charge);
        let counted = match charge.key.kind {
            ChargeKind::Tariff => energy(input, charge, &stretches)?,
            ChargeKind::Subscription | ChargeKind::Fee => pieces(input.zone, &stretches),
        };
        for ((group, at), (quantity, qualities)) in counted {
            let price = prices.of(charge, at);
            let amount = price.map(|price| amount(charge, quantity, price)).transpose()?;
            let (area, supplier, points) = group;
            let (key, is_tax, resolution) = (charge.key.clone(), charge.is_tax, charge.resolution);
            amounts.push(ChargeAmount {
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
            });
        }
    }
    Ok(amounts)
}

/// A time in which a point pays a charge under one supplier.
struct Stretch<'a> {
    period: &'a PointPeriod,
    link: &'a ChargeLink,
    valid: Interval,
}

impl Stretch<'_> {
    fn group(&self) -> Group {
        (self.period.area, self.period.parties.supplier, self.period.kind)
    }
}

fn stretches<'a>(input: &Wholesale<'a>, charge: &Charge) -> Vec<Stretch<'a>> {
    let mut by_point: BTreeMap<Gsrn, Vec<&'a PointPeriod>> = BTreeMap::new();
    let linked = || input.links.iter().filter(|link| link.key == charge.key);
    let asked: BTreeSet<Gsrn> = linked().map(|link| link.point).collect();
    let is_charged = |period: &&PointPeriod| asked.contains(&period.point) && period.kind.is_charged();
    for period in input.points.iter().filter(is_charged) {
        by_point.entry(period.point).or_default().push(period);
    }
    let time = charge.valid.intersect(input.period);
    let of_link = |link: &'a ChargeLink| {
        let valid = time.and_then(|time| link.valid.intersect(time));
        let periods = by_point.get(&link.point).cloned().unwrap_or_default().into_iter();
        periods.filter_map(move |period| {
            valid.and_then(|valid| period.valid.intersect(valid)).map(|valid| Stretch { period, link, valid })
        })
    };
    linked().flat_map(of_link).collect()
}

/// What is counted for a group at a time: thousandths, and the qualities of energy.
type Counted = BTreeMap<(Group, Timestamp), (i64, Option<QualitySet>)>;

/// Energy per hour or local day.
fn energy(
    input: &Wholesale<'_>,
    charge: &Charge,
    stretches: &[Stretch<'_>],
) -> Result<Counted, SettlementFault> {
    let mut sums: BTreeMap<(Date, Group), SettlementSum> = BTreeMap::new();
    for stretch in stretches {
        let (code, quantity) = (charge.key.code.clone(), stretch.link.quantity);
        if quantity != 1 {
            return Err(SettlementFault::TariffTimes { code, quantity });
        }
        for day in days(input.zone, stretch.valid) {
            let shape = DaySums::new(input.zone, day, Resolution::PT15M)?;
            let zero = SettlementSum::zero(Resolution::PT15M, shape.slots())?;
            let sum = sums.entry((day, stretch.group())).or_insert(zero);
            let values = input.readings.day(stretch.period.point, day);
            sum.add_block(&shape.part(stretch.valid), values, Direction::In)?;
        }
    }
    let per_day = charge.resolution != ChargeResolution::Hour;
    let mut counted = Counted::new();
    for ((day, group), sum) in sums {
        let qualities: Vec<QualitySet> = sum.qualities().collect();
        let slots = if per_day { qualities.len() } else { sum.slots_per_hour() };
        let times = sum.quarter_watt_hours().chunks(slots).zip(qualities.chunks(slots));
        for ((quantities, qualities), hour) in times.zip(0..) {
            let qualities = qualities.iter().fold(QualitySet::EMPTY, |set, slot| set.union(*slot));
            let at = input.zone.slot_start(day, Resolution::PT1H, hour);
            if let (Some(at), false) = (at, qualities.is_empty()) {
                let exact: i64 = quantities.iter().sum();
                counted.insert((group, at), (thousandths(exact), Some(qualities)));
            }
        }
    }
    Ok(counted)
}

/// Whole watt-hours; a cut hour rounds its last quarter, halves away from zero.
fn thousandths(quarter_watt_hours: i64) -> i64 {
    let rounded = divide_half_away(i128::from(quarter_watt_hours), i128::from(PER_WATT_HOUR));
    i64::try_from(rounded).unwrap_or(quarter_watt_hours / PER_WATT_HOUR)
}

/// Pieces of every local day. The market links a fee for one day.
fn pieces(zone: &Zone, stretches: &[Stretch<'_>]) -> Counted {
    let mut counted = Counted::new();
    for stretch in stretches {
        for day in days(zone, stretch.valid) {
            let place = counted.entry((stretch.group(), zone.day_start(day))).or_insert((0, None));
            place.0 += stretch.link.quantity * THOUSANDTHS;
        }
    }
    counted
}

/// Prices by charge and time.
struct Prices<'a> {
    by_charge: BTreeMap<&'a ChargeKey, BTreeMap<Timestamp, i64>>,
    /// Local days a subscription's price is spread over.
    days: i128,
}

impl<'a> Prices<'a> {
    fn new(input: &Wholesale<'a>) -> Self {
        let mut by_charge: BTreeMap<&ChargeKey, BTreeMap<Timestamp, i64>> = BTreeMap::new();
        for price in input.prices.iter().filter(|price| input.period.contains(price.at)) {
            by_charge.entry(&price.key).or_default().insert(price.at, price.millionths);
        }
        let days = days(input.zone, input.period).map(|_| 1).sum();
        Self { by_charge, days }
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
}

/// Quantity times price, rounded to millionths, halves away from zero.
fn amount(charge: &Charge, quantity: i64, price: i64) -> Result<i64, SettlementFault> {
    let exact = i128::from(quantity) * i128::from(price);
    let rounded = divide_half_away(exact, i128::from(THOUSANDTHS));
    i64::try_from(rounded).map_err(|_| SettlementFault::Amount { code: charge.key.code.clone() })
}
