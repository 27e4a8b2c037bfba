//! Wholesale settlement: what each supplier owes for each charge, hour by hour and day by day.
//!
//! What comes in: a period, points with the supplier of each time, charges with links and prices, and readings, those
//! of grid loss among them. What goes out: quantity, price and amount for each charge, supplier, grid area and type of
//! points. A charge without a price at a time has a quantity and no amount: that is not an amount of zero.
//!
//! Source: DataHub's published wholesale scenarios. Quantities have 3 decimals, prices and amounts 6.

use jiff::Timestamp;
use tidstro_calendar::Zone;
use tidstro_model::{ChargeKey, ChargeResolution, Gln, Interval};

use super::{
    Charge, ChargeBook, ChargeLink, ChargePrice, GridArea, PointPeriod, PointType, QualitySet, Readings,
    SettlementFault, calculation::days,
};

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
    /// How often its prices change: results are per quarter or hour for tariffs of these, per local day for all others.
    pub resolution: ChargeResolution,
    /// The grid area.
    pub area: GridArea,
    /// Who owes.
    pub supplier: Option<Gln>,
    /// For which points.
    pub points: PointType,
    /// The quarter, hour or local day.
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

/// What every charge costs every supplier, in the order of the charges.
///
/// # Errors
/// [`SettlementFault`] for values that cannot be settled, for a tariff linked more than once to a point, and
/// for amounts beyond 64 bits.
pub fn charge_amounts(input: &Wholesale<'_>) -> Result<Vec<ChargeAmount>, SettlementFault> {
    let book = ChargeBook::new(input.zone, input.period, input.charges, (input.links, input.prices));
    let mut amounts = Vec::new();
    for day in days(input.zone, input.period) {
        let mut of_day = book.day(day)?;
        for period in input.points {
            of_day.add(period, input.readings.day(period.point, day))?;
        }
        amounts.extend(of_day.amounts()?);
    }
    let place = |one: &ChargeAmount| book.place_of(&one.key, one.at);
    amounts.sort_by_cached_key(|one| (place(one), one.area, one.supplier, one.points, one.at));
    Ok(amounts)
}
