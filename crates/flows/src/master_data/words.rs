//! What master data say, in words: for people who look at what a file would change.

use jiff::Timestamp;
use tidstro_model::{
    ChargeTerms, DEGREE_DAY_EXPONENT, Dated, Decimal, Factor, Mounting, Parties, PointState, PointType,
    SHARE_EXPONENT, SettlementMethod,
};

/// A state of a point with its days: `2026-01-01.. E17 D01 PT1H in 543, connected, physical`.
pub(super) fn state(Dated { days, what }: &Dated<PointState>) -> String {
    let method = what.kind.settlement_method().map(|method: SettlementMethod| format!(" {}", method.code()));
    let kind = format!("{}{}", what.kind.code(), method.unwrap_or_default());
    let mut words = format!("{days} {kind} {} in {}", what.resolution, what.area);
    if let PointType::Exchange { from, to } = what.kind {
        words.push_str(&format!(", from {from} to {to}"));
    }
    words.push_str(&format!(", {}, {}", what.connection.word(), what.sub_type.word()));
    if let Some(parent) = what.parent {
        words.push_str(&format!(", child of {parent}"));
    }
    if what.factor != Factor::ONE {
        words.push_str(&format!(", factor {}", what.factor));
    }
    if what.stands_for_grid_loss {
        words.push_str(", grid loss");
    }
    if let Some(group) = what.net_settlement {
        words.push_str(&format!(", net settlement group {}", group.number()));
        if let Some(month) = group.month() {
            words.push_str(&format!(" from month {}", month.number()));
        }
    }
    if what.is_electrically_heated {
        words.push_str(", electrical heating");
    }
    words
}

/// A supply with its days: `2026-01-01.. supplier 5790…, balance responsible 5790…`.
pub(super) fn supply(Dated { days, what }: &Dated<Parties>) -> String {
    let supplier = what.supplier.map_or_else(|| "nobody".to_owned(), |gln| gln.to_string());
    let responsible = what.balance_responsible.map(|gln| format!(", balance responsible {gln}"));
    format!("{days} supplier {supplier}{}", responsible.unwrap_or_default())
}

/// Where a device hangs with its days: `2026-01-01.. at kornmarken-12/1-tv/cold-water, factor 40, 6 digits`.
pub(super) fn installation(Dated { days, what: (point, mounting) }: &Dated<(String, Mounting)>) -> String {
    let mut words = format!("{days} at {point}");
    for (name, factor) in [("factor", mounting.factor), ("multiplier", mounting.multiplier)] {
        if factor != Factor::ONE {
            words.push_str(&format!(", {name} {factor}"));
        }
    }
    if let Some(digits) = mounting.digits {
        words.push_str(&format!(", {digits} digits"));
    }
    words
}

/// How a charge is settled with its days: `2026-01-01.. PT1H, tax`.
pub(super) fn charge(Dated { days, what }: &Dated<ChargeTerms>) -> String {
    format!("{days} {}{}", what.resolution.word(), if what.is_tax { ", tax" } else { "" })
}

/// How many times a point pays a charge with the days: `2026-01-01.. 2 times`.
pub(super) fn link(Dated { days, what }: &Dated<i64>) -> String {
    let times = if *what == 1 { "once".to_owned() } else { format!("{what} times") };
    format!("{days} {times}")
}

/// Prices with the instants they begin: `2026-01-01T00:00:00Z 0.25`, or how many there are.
pub(super) fn prices(prices: &[(Timestamp, i64)]) -> Vec<String> {
    numbers("prices", prices, MILLIONTH)
}

/// Shares of a profile with the instants they begin: `2026-01-01T00:00:00Z 0.000114155`, or how many there are.
pub(super) fn shares(shares: &[(Timestamp, i64)]) -> Vec<String> {
    numbers("shares", shares, SHARE_EXPONENT)
}

/// Degree days with the instants their months begin, or how many there are.
pub(super) fn degree_days(months: &[(Timestamp, i64)]) -> Vec<String> {
    numbers("months", months, DEGREE_DAY_EXPONENT)
}

/// Numbers told one by one; more are told by their first and last time.
const NUMBERS_TOLD: usize = 24;

fn numbers(what: &str, numbers: &[(Timestamp, i64)], exponent: i8) -> Vec<String> {
    let told =
        |(at, number): &(Timestamp, i64)| format!("{at} {}", Decimal::new(*number, exponent).normalised());
    match (numbers, numbers.first().zip(numbers.last())) {
        (many, Some(((first, _), (last, _)))) if many.len() > NUMBERS_TOLD => {
            vec![format!("{} {what} from {first} to {last}", many.len())]
        }
        (few, _) => few.iter().map(told).collect(),
    }
}

/// Power of ten of a price.
const MILLIONTH: i8 = -6;
