//! Rows about charges: from named fields to a statement.

use tidstro_calendar::Zone;
use tidstro_model::{
    ChargeKey, ChargeKind, ChargeResolution, ChargeTerms, CheckDigit, Decimal, StatedCharge, StatedLink,
    StatedPrice,
};

use super::field::{Row, gln, gsrn, quarter};
use super::{FieldFault, MasterRowFault};

type Read<T> = Result<T, MasterRowFault>;

/// Power of ten of a price.
const MILLIONTH: i8 = -6;
/// A price has fewer millionths than this, so that amounts stay in 64 bits.
const LARGEST_PRICE: u64 = 1_000_000_000_000_000_000;
/// Pieces a link has at most.
const MOST_PIECES: i64 = 1_000_000;

fn key(row: &Row<'_>, check: CheckDigit) -> Read<ChargeKey> {
    let words = "`tariff`, `subscription`, `fee`";
    let kind = |text: &str| ChargeKind::from_word(text).ok_or(FieldFault::Code(words));
    Ok(ChargeKey {
        code: row.read("charge_code", |text| Ok(text.to_owned()))?,
        kind: row.read("charge_type", kind)?,
        owner: row.read("charge_owner_id", |text| gln(text, check))?,
    })
}

/// A row of charges.
pub(super) fn charge(row: &Row<'_>, zone: &Zone, check: CheckDigit) -> Read<StatedCharge> {
    let key = key(row, check)?;
    let resolution = row.read("resolution", |text| {
        let words = "`PT15M`, `PT1H`, `P1D`, `P1M`";
        let resolution = ChargeResolution::from_word(text).ok_or(FieldFault::Code(words))?;
        if resolution.fits(key.kind) { Ok(resolution) } else { Err(FieldFault::PriceResolution) }
    })?;
    let is_tax = row.read("is_tax", |text| match text.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(FieldFault::Code("`true`, `false`")),
    })?;
    Ok(StatedCharge { key, terms: ChargeTerms { resolution, is_tax }, days: row.days(zone)? })
}

/// A row of charge links.
pub(super) fn link(row: &Row<'_>, zone: &Zone, check: CheckDigit) -> Read<StatedLink> {
    let key = key(row, check)?;
    let most = if key.kind == ChargeKind::Tariff { 1 } else { MOST_PIECES };
    let pieces = |text: &str| match text.parse() {
        Ok(pieces) if (1..=most).contains(&pieces) => Ok(pieces),
        _ => Err(FieldFault::Pieces),
    };
    Ok(StatedLink {
        point: row.read("metering_point_id", |text| gsrn(text, check))?,
        quantity: row.read("quantity", pieces)?,
        days: row.days(zone)?,
        key,
    })
}

/// A row of charge prices; an empty price withdraws the one known for the time.
pub(super) fn price(row: &Row<'_>, check: CheckDigit) -> Read<StatedPrice> {
    let price = |text: &str| {
        let parsed = Decimal::parse(text.as_bytes()).ok().and_then(|price| price.in_steps_of(MILLIONTH));
        parsed.filter(|price| price.unsigned_abs() < LARGEST_PRICE).ok_or(FieldFault::Price)
    };
    Ok(StatedPrice {
        key: key(row, check)?,
        millionths: row.read_if("charge_price", price)?,
        at: row.read("charge_time", quarter)?,
    })
}
