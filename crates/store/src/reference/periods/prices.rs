//! Rows of `charge_price`: what a charge costs from an instant on.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tidstro_metering::settlement::ChargePrice;
use tidstro_model::Interval;

use super::charges::{ChargeNo, key_from};
use super::from_instants::FromInstants;
use super::{KnownAt, MasterChange};
use crate::StoreFault;
use crate::db::{Connection, params};

/// Prices in millionths, by the number of their charge.
const PRICES: FromInstants = FromInstants {
    known: "-- charge_prices_at
            SELECT p.from_ms, p.millionths FROM charge_price p
            WHERE p.from_ms = ?1 AND p.charge_no = ?2 AND p.retired_seq IS NULL",
    retire: "-- retire_charge_price
             UPDATE charge_price SET retired_seq = ?3
             WHERE charge_no = ?1 AND from_ms = ?2 AND retired_seq IS NULL",
    table: "charge_price (charge_no, from_ms, created_seq, millionths)",
    column: "charge_price.from_ms",
};

/// The prices of a charge that begin at these instants, in millionths.
pub(crate) fn prices_at(
    db: &Connection,
    charge: ChargeNo,
    instants: &[Timestamp],
) -> Result<BTreeMap<Timestamp, i64>, StoreFault> {
    PRICES.known_at(db, charge.into(), instants)
}

/// Puts prices, in millionths, in the place of those known for their instants; without one, the known one is withdrawn.
pub(crate) fn state_prices(
    db: &Connection,
    change: &mut MasterChange,
    charge: ChargeNo,
    prices: &BTreeMap<Timestamp, Option<i64>>,
) -> Result<(), StoreFault> {
    PRICES.state(db, change, charge.into(), prices)
}

/// Every price that begins in a span of time, in order of charge and time; before them of a charge that is counted by pieces, the
/// price that was in force when the span begins: it holds until the next one.
pub(crate) fn prices_in(
    db: &Connection,
    span: Interval,
    known: KnownAt,
) -> Result<Vec<ChargePrice>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- charge_prices_in
         SELECT p.from_ms, p.millionths, c.code, c.kind, c.owner
         FROM charge_price p JOIN charge c ON c.charge_no = p.charge_no
         WHERE p.from_ms < ?3 AND p.created_seq <= ?1 AND (p.retired_seq IS NULL OR p.retired_seq > ?1)
           AND (p.from_ms >= ?2 OR (c.kind <> 'tariff' AND NOT EXISTS (
                SELECT 1 FROM charge_price n
                WHERE n.charge_no = p.charge_no AND n.from_ms > p.from_ms AND n.from_ms <= ?2
                      AND n.created_seq <= ?1 AND (n.retired_seq IS NULL OR n.retired_seq > ?1))))
         ORDER BY p.charge_no, p.from_ms",
    )?;
    let bounds = (span.start().as_millisecond(), span.end().as_millisecond());
    let rows = statement.query_and_then(params![known.0, bounds.0, bounds.1], |row| {
        Ok(ChargePrice { key: key_from(row, 2)?, millionths: row.get(1)?, at: PRICES.instant(row, 0)? })
    })?;
    rows.collect()
}
