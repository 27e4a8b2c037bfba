//! Rows: from named fields to a statement.

use tidstro_calendar::Zone;
use tidstro_model::{
    Area, AreaKind, CheckDigit, Commodity, ConnectionState, DeviceId, Factor, Gsrn, Installation, MarketUnit,
    MasterRow, Mounting, NetSettlementFault, NetSettlementGroup, Occupancy, Person, Point, PointState,
    PointType, Product, Resolution, SettlementMethod, SettlementMonth, StatedPoint, SubType, Supply,
};

use super::field::{Row, factor, gln, grid_area, gsrn};
use super::{FieldFault, MasterFileKind, MasterRowFault, charges, profiles, weather};

type Read<T> = Result<T, MasterRowFault>;

/// What a row of a file says.
pub(super) fn read(kind: MasterFileKind, row: &Row<'_>, zone: &Zone, check: CheckDigit) -> Read<MasterRow> {
    match kind {
        MasterFileKind::Places => place(row),
        MasterFileKind::Points => point(row, zone, check),
        MasterFileKind::Supplies => supply(row, zone, check).map(MasterRow::Supply),
        MasterFileKind::Installations => installation(row, zone).map(MasterRow::Installation),
        MasterFileKind::People => person(row).map(MasterRow::Person),
        MasterFileKind::Occupancies => occupancy(row, zone).map(MasterRow::Occupancy),
        MasterFileKind::Charges => charges::charge(row, zone, check).map(MasterRow::Charge),
        MasterFileKind::ChargeLinks => charges::link(row, zone, check).map(MasterRow::ChargeLink),
        MasterFileKind::ChargePrices => charges::price(row, check).map(MasterRow::ChargePrice),
        MasterFileKind::ProfileShares => profiles::share(row).map(MasterRow::ProfileShare),
        MasterFileKind::DegreeDays => weather::degree_days(row, zone).map(MasterRow::DegreeDays),
    }
}

fn some_text(text: &str) -> Result<String, FieldFault> {
    Ok(text.to_owned())
}

fn place(row: &Row<'_>) -> Read<MasterRow> {
    let area_kind = |text: &str| match AreaKind::from_code(text) {
        None | Some(AreaKind::Unassigned) => Err(FieldFault::Code("`building`, `grid-area`")),
        Some(kind) => Ok(kind),
    };
    let commodities = "`heat`, `heat-allocation`, `cold-water`, `warm-water`, `room-climate`, \
                       `electricity-consumption`, `electricity-production`, `electricity-exchange`";
    let commodity = |text: &str| match Commodity::from_code(text) {
        None | Some(Commodity::Unknown) => Err(FieldFault::Code(commodities)),
        Some(commodity) => Ok(commodity),
    };
    let area = Area { name: row.read("area", some_text)?, kind: row.read("area_kind", area_kind)? };
    let point = Point {
        own_id: row.read("metering_point_id", some_text)?,
        area: area.name.clone(),
        commodity: row.read("commodity", commodity)?,
        flat: row.read_if("flat", some_text)?,
        room: row.read_if("room", some_text)?,
        interval: None,
        transformer: row.read_if("transformer", some_text)?,
    };
    Ok(MasterRow::Place(area, point))
}

fn point(row: &Row<'_>, zone: &Zone, check: CheckDigit) -> Read<MasterRow> {
    let point = row.read("metering_point_id", |text| gsrn(text, check))?;
    let state = state(row, point, check)?;
    let days = row.days(zone)?;
    let supplied = row.read_if("energy_supplier_id", |text| gln(text, check))?;
    let balance_responsible = row.read_if("balance_responsible_party_id", |text| gln(text, check))?;
    let supply =
        supplied.map(|supplier| Supply { point: point.to_string(), supplier, balance_responsible, days });
    Ok(MasterRow::Point(StatedPoint { point, state, days }, supply))
}

fn state(row: &Row<'_>, point: Gsrn, check: CheckDigit) -> Read<PointState> {
    let kind = point_type(row)?;
    let parent = row.read_if("parent_metering_point_id", |text| match gsrn(text, check)? {
        parent if parent == point => Err(FieldFault::OwnParent),
        parent => Ok(parent),
    })?;
    let area = row.read("grid_area_code", grid_area)?;
    let plain = PointState::measured(kind, area, row.read("resolution", resolution)?);
    Ok(PointState {
        sub_type: row.read_if("sub_type", sub_type)?.unwrap_or(plain.sub_type),
        connection: row.read_if("connection_state", connection)?.unwrap_or(plain.connection),
        unit: row.read_if("unit", unit)?.unwrap_or(plain.unit),
        product: row.read_if("product", product)?.unwrap_or(plain.product),
        factor: row.read_if("factor", factor)?.unwrap_or(Factor::ONE),
        stands_for_grid_loss: row.read_if("grid_loss", yes)?.is_some(),
        net_settlement: net_settlement(row, kind)?,
        is_electrically_heated: is_electrically_heated(row, kind)?,
        parent,
        ..plain
    })
}

/// Consumption has a settlement method, exchange its two areas, and no other type has them.
fn point_type(row: &Row<'_>) -> Read<PointType> {
    let code = row.read("type", |text| Ok(text.to_owned()))?;
    let method = row.read_if("settlement_method", |text| {
        SettlementMethod::from_code(text).ok_or(FieldFault::Code("`D01`, `E02`"))
    })?;
    let from = row.read_if("from_grid_area_code", grid_area)?;
    let to = row.read_if("to_grid_area_code", grid_area)?;
    let field = |column, fault| MasterRowFault::Field { column, fault };
    let is_there = [
        ("settlement_method", method.is_some(), "E17"),
        ("from_grid_area_code", from.is_some(), "E20"),
        ("to_grid_area_code", to.is_some(), "E20"),
    ];
    for (column, is_there, of) in is_there {
        match (is_there, code == of) {
            (true, false) => return Err(field(column, FieldFault::NotEmpty)),
            (false, true) => return Err(field(column, FieldFault::Empty)),
            _ => {}
        }
    }
    let kind = PointType::of_code(&code, method, from.zip(to));
    kind.ok_or(field("type", FieldFault::Code("`E17`, `E18`, `E20`, or a child type such as `D06`")))
}

/// Consumption and production may have a net settlement group, and no other type has one.
fn net_settlement(row: &Row<'_>, kind: PointType) -> Read<Option<NetSettlementGroup>> {
    let is_said = |column| !row.text(column).is_empty();
    let (column, of) = ("net_settlement_group", [PointType::Production.code(), "E17"]);
    if is_said(column) && !of.contains(&kind.code()) {
        return Err(MasterRowFault::Field { column, fault: FieldFault::NotEmpty });
    }
    let month = row.read_if("settlement_month", |text| Ok(SettlementMonth::parse(text)?))?;
    let number = |text: &str| text.parse().map_err(|_| FieldFault::from(NetSettlementFault::Group));
    match (row.read_if(column, number)?, month) {
        (Some(number), month) => NetSettlementGroup::of_number(number, month).map(Some),
        (None, Some(_)) => Err(NetSettlementFault::MonthTooMuch),
        (None, None) => Ok(None),
    }
    .map_err(|fault| MasterRowFault::Field { column: column_of(fault), fault: fault.into() })
}

/// Where a group and a month that do not belong together are corrected.
const fn column_of(fault: NetSettlementFault) -> &'static str {
    match fault {
        NetSettlementFault::Group => "net_settlement_group",
        _ => "settlement_month",
    }
}

/// Only consumption is heated.
fn is_electrically_heated(row: &Row<'_>, kind: PointType) -> Read<bool> {
    let column = "electrical_heating";
    match (row.read_if(column, yes)?, kind) {
        (None, _) => Ok(false),
        (Some(()), PointType::Consumption(_)) => Ok(true),
        (Some(()), _) => Err(MasterRowFault::Field { column, fault: FieldFault::NotEmpty }),
    }
}

fn resolution(text: &str) -> Result<Resolution, FieldFault> {
    let known = [Resolution::PT15M, Resolution::PT1H, Resolution::P1M];
    Resolution::from_code(text)
        .filter(|resolution| known.contains(resolution))
        .ok_or(FieldFault::Code("`PT15M`, `PT1H`, `P1M`"))
}

fn sub_type(text: &str) -> Result<SubType, FieldFault> {
    SubType::from_word(text).ok_or(FieldFault::Code("`physical`, `virtual`, `calculated`"))
}

fn connection(text: &str) -> Result<ConnectionState, FieldFault> {
    let words = "`new`, `connected`, `disconnected`, `closed-down`";
    ConnectionState::from_word(text).ok_or(FieldFault::Code(words))
}

fn unit(text: &str) -> Result<MarketUnit, FieldFault> {
    MarketUnit::from_code(text).ok_or(FieldFault::Code("`KWH`, `K3`, `H87`"))
}

fn product(text: &str) -> Result<Product, FieldFault> {
    Product::from_code(text).ok_or(FieldFault::Code("`8716867000030`, `8716867000047`"))
}

fn yes(text: &str) -> Result<(), FieldFault> {
    if text == "yes" { Ok(()) } else { Err(FieldFault::Code("`yes`, or nothing")) }
}

fn supply(row: &Row<'_>, zone: &Zone, check: CheckDigit) -> Read<Supply> {
    Ok(Supply {
        point: row.read("metering_point_id", |text| gsrn(text, check))?.to_string(),
        supplier: row.read("energy_supplier_id", |text| gln(text, check))?,
        balance_responsible: row.read_if("balance_responsible_party_id", |text| gln(text, check))?,
        days: row.days(zone)?,
    })
}

fn installation(row: &Row<'_>, zone: &Zone) -> Read<Installation> {
    let digits = |text: &str| match text.parse() {
        Ok(digits @ 1..=18) => Ok(digits),
        _ => Err(FieldFault::Digits),
    };
    Ok(Installation {
        meter: row.read("device", |text| Ok(DeviceId::parse(text)?))?,
        point: row.read("metering_point_id", some_text)?,
        days: row.days(zone)?,
        mounting: Mounting {
            factor: row.read_if("factor", factor)?.unwrap_or(Factor::ONE),
            multiplier: row.read_if("multiplier", factor)?.unwrap_or(Factor::ONE),
            digits: row.read_if("digits", digits)?,
        },
    })
}

fn person(row: &Row<'_>) -> Read<Person> {
    Ok(Person {
        reference: row.read("reference", some_text)?,
        name: row.read("name", some_text)?,
        contact: row.read("contact", some_text)?,
    })
}

fn occupancy(row: &Row<'_>, zone: &Zone) -> Read<Occupancy> {
    let points = |text: &str| Ok(text.split(' ').filter(|id| !id.is_empty()).map(str::to_owned).collect());
    Ok(Occupancy {
        subject: row.read("reference", some_text)?,
        points: row.read("metering_point_ids", points)?,
        days: row.days(zone)?,
    })
}
