//! Master data as lines of the files they are read from.

use std::fmt::Display;

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::Zone;
use tidstro_model::{
    Area, ChargeKey, DEGREE_DAY_EXPONENT, DayRange, Decimal, Factor, Gsrn, Installation, Interval,
    NetSettlementGroup, Occupancy, Parties, Person, Point, PointState, PointType, SHARE_EXPONENT,
    SettlementMethod, SettlementMonth, StatedDegreeDays, StatedShare,
};

use super::MasterFileKind;
use crate::settlement::{Charge, ChargeLink, ChargePrice};

/// A file of points with this header and these periods; states and supplies may be cut by each other.
pub fn point_lines(
    periods: impl IntoIterator<Item = (Gsrn, PointState, Parties, DayRange)>,
    zone: &Zone,
) -> impl Iterator<Item = String> {
    let lines = periods.into_iter().map(|(point, state, parties, days)| {
        let (from, to) = match state.kind {
            PointType::Exchange { from, to } => (Some(from), Some(to)),
            _ => (None, None),
        };
        let [start, end] = instants(days, zone);
        let market = [
            point.to_string(),
            state.kind.code().to_owned(),
            text(state.kind.settlement_method().map(SettlementMethod::code)),
            state.area.to_string(),
            state.resolution.code().to_owned(),
            text(from),
            text(to),
            text(state.parent),
            text(parties.supplier),
            text(parties.balance_responsible),
            start,
            end,
        ];
        let own = [
            state.sub_type.word().to_owned(),
            state.connection.word().to_owned(),
            state.unit.code().to_owned(),
            state.product.code().to_owned(),
            factor(state.factor),
            yes(state.stands_for_grid_loss),
            text(state.net_settlement.map(NetSettlementGroup::number)),
            text(state.net_settlement.and_then(NetSettlementGroup::month).map(SettlementMonth::number)),
            yes(state.is_electrically_heated),
        ];
        line(market.into_iter().chain(own))
    });
    // The market's column without a meaning for a point is left out.
    let more = MasterFileKind::Points.more().iter().filter(|column| **column != "calculation_type");
    std::iter::once(header(MasterFileKind::Points, more)).chain(lines)
}

/// A file of installations.
pub fn installation_lines(
    installations: impl IntoIterator<Item = Installation>,
    zone: &Zone,
) -> impl Iterator<Item = String> {
    let lines = installations.into_iter().map(|Installation { meter, point, days, mounting }| {
        let [start, end] = instants(days, zone);
        let fields = [
            meter.to_string(),
            point,
            start,
            end,
            factor(mounting.factor),
            factor(mounting.multiplier),
            text(mounting.digits),
        ];
        line(fields)
    });
    let kind = MasterFileKind::Installations;
    std::iter::once(header(kind, kind.more())).chain(lines)
}

/// A file of places.
pub fn place_lines(places: impl IntoIterator<Item = (Area, Point)>) -> impl Iterator<Item = String> {
    let lines = places.into_iter().map(|(area, point)| {
        let fields = [
            point.own_id,
            area.name,
            area.kind.code().to_owned(),
            point.commodity.code().to_owned(),
            text(point.flat),
            text(point.room),
            text(point.transformer),
        ];
        line(fields)
    });
    let kind = MasterFileKind::Places;
    std::iter::once(header(kind, kind.more())).chain(lines)
}

/// A file of people.
pub fn people_lines(people: impl IntoIterator<Item = Person>) -> impl Iterator<Item = String> {
    let lines =
        people.into_iter().map(|Person { reference, name, contact }| line([reference, name, contact]));
    let kind = MasterFileKind::People;
    std::iter::once(header(kind, kind.more())).chain(lines)
}

/// A file of occupancies.
pub fn occupancy_lines(
    occupancies: impl IntoIterator<Item = Occupancy>,
    zone: &Zone,
) -> impl Iterator<Item = String> {
    let lines = occupancies.into_iter().map(|Occupancy { subject, points, days }| {
        let [start, end] = instants(days, zone);
        line([subject, points.join(" "), start, end])
    });
    let kind = MasterFileKind::Occupancies;
    std::iter::once(header(kind, kind.more())).chain(lines)
}

fn header<'a>(kind: MasterFileKind, more: impl IntoIterator<Item = &'a &'static str>) -> String {
    line(kind.columns().iter().chain(more).map(|column| (*column).to_owned()))
}

fn line(fields: impl IntoIterator<Item = String>) -> String {
    let mut line = fields.into_iter().map(quoted).collect::<Vec<_>>().join(";");
    line.push('\n');
    line
}

/// In quotes, where the text would be read otherwise.
fn quoted(field: String) -> String {
    let is_plain = !field.contains([';', '"', '#', '\n', '\r']) && field.trim() == field;
    if is_plain { field } else { format!("\"{}\"", field.replace('"', "\"\"")) }
}

fn text(value: Option<impl Display>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn yes(is_so: bool) -> String {
    if is_so { "yes".to_owned() } else { String::new() }
}

/// Nothing for the factor that changes nothing.
fn factor(factor: Factor) -> String {
    if factor == Factor::ONE { String::new() } else { factor.to_string() }
}

/// The instants at which the days begin and end, as the market writes them; an open end is empty.
fn instants(days: DayRange, zone: &Zone) -> [String; 2] {
    let instant = |day: Date| zone.day_start(day).to_string();
    [instant(days.start()), if days.is_open() { String::new() } else { instant(days.end()) }]
}

/// A file of charges.
pub fn charge_lines(charges: impl IntoIterator<Item = Charge>) -> impl Iterator<Item = String> {
    let lines = charges.into_iter().map(|Charge { key, resolution, is_tax, valid }| {
        let terms = [resolution.word().to_owned(), is_tax.to_string()];
        line(of_charge(&key).into_iter().chain(terms).chain(ends(valid)))
    });
    std::iter::once(header(MasterFileKind::Charges, [])).chain(lines)
}

/// A file of charge links.
pub fn charge_link_lines(links: impl IntoIterator<Item = ChargeLink>) -> impl Iterator<Item = String> {
    let lines = links.into_iter().map(|ChargeLink { key, point, quantity, valid }| {
        let linked = [point.to_string(), quantity.to_string()];
        line(of_charge(&key).into_iter().chain(linked).chain(ends(valid)))
    });
    std::iter::once(header(MasterFileKind::ChargeLinks, [])).chain(lines)
}

/// A file of charge prices.
pub fn charge_price_lines(prices: impl IntoIterator<Item = ChargePrice>) -> impl Iterator<Item = String> {
    let lines = prices.into_iter().map(|ChargePrice { key, millionths, at }| {
        let price = [Decimal::new(millionths, -6).normalised().to_string(), at.to_string()];
        line(of_charge(&key).into_iter().chain(price))
    });
    std::iter::once(header(MasterFileKind::ChargePrices, [])).chain(lines)
}

/// A file of profile shares.
pub fn profile_share_lines(shares: impl IntoIterator<Item = StatedShare>) -> impl Iterator<Item = String> {
    let lines = shares.into_iter().map(|StatedShare { profile, share, at }| {
        let share = text(share.map(|share| Decimal::new(share, SHARE_EXPONENT).normalised()));
        line([profile, at.to_string(), share])
    });
    std::iter::once(header(MasterFileKind::ProfileShares, [])).chain(lines)
}

/// A file of degree days.
pub fn degree_day_lines(
    months: impl IntoIterator<Item = StatedDegreeDays>,
    zone: &Zone,
) -> impl Iterator<Item = String> {
    let lines = months.into_iter().map(|StatedDegreeDays { area, at, days }| {
        let month = zone.day_of(at).strftime("%Y-%m").to_string();
        let number = |tenths| Decimal::new(tenths, DEGREE_DAY_EXPONENT).normalised();
        line([
            area,
            month,
            text(days.map(|days| number(days.actual))),
            text(days.map(|days| number(days.normal))),
        ])
    });
    std::iter::once(header(MasterFileKind::DegreeDays, [])).chain(lines)
}

fn of_charge(key: &ChargeKey) -> [String; 3] {
    [key.code.clone(), key.kind.word().to_owned(), key.owner.to_string()]
}

/// The instants of a span; an open end is empty.
fn ends(valid: Interval) -> [String; 2] {
    let is_open = valid.end() == Timestamp::MAX;
    [valid.start().to_string(), if is_open { String::new() } else { valid.end().to_string() }]
}
