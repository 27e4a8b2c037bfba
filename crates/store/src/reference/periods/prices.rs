//! Rows of `charge_price`: what a charge costs from an instant on.

use jiff::Timestamp;
use tidstro_metering::settlement::ChargePrice;
use tidstro_model::Interval;

use super::charges::{ChargeNo, key_from};
use super::{KnownAt, MasterChange};
use crate::StoreFault;
use crate::db::{Connection, OptionalExtension, params};

/// The price of a charge that begins at an instant, in millionths.
pub(crate) fn price_at(db: &Connection, charge: ChargeNo, at: Timestamp) -> Result<Option<i64>, StoreFault> {
    let found = db
        .prepare_cached(
            "-- charge_price_at
             SELECT p.millionths FROM charge_price p
             WHERE p.charge_no = ?1 AND p.from_ms = ?2 AND p.retired_seq IS NULL",
        )?
        .query_row(params![charge, at.as_millisecond()], |row| row.get(0))
        .optional()?;
    Ok(found)
}

/// Every price that begins in a span of time, in order of charge and time.
pub(crate) fn prices_in(
    db: &Connection,
    span: Interval,
    known: KnownAt,
) -> Result<Vec<ChargePrice>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- charge_prices_in
         SELECT p.from_ms, p.millionths, c.code, c.kind, c.owner
         FROM charge_price p JOIN charge c ON c.charge_no = p.charge_no
         WHERE p.from_ms >= ?2 AND p.from_ms < ?3 AND p.created_seq <= ?1
           AND (p.retired_seq IS NULL OR p.retired_seq > ?1)
         ORDER BY p.charge_no, p.from_ms",
    )?;
    let bounds = (span.start().as_millisecond(), span.end().as_millisecond());
    let rows = statement.query_and_then(params![known.0, bounds.0, bounds.1], |row| {
        let at = Timestamp::from_millisecond(row.get(0)?);
        let at = at.map_err(|_| StoreFault::Row { what: "charge_price.from_ms" })?;
        Ok(ChargePrice { key: key_from(row, 2)?, millionths: row.get(1)?, at })
    })?;
    rows.collect()
}

/// Puts a price in the place of the one known for the instant; without one, the known one is withdrawn. A price that is
/// known already changes nothing.
pub(crate) fn state_price(
    db: &Connection,
    change: &mut MasterChange,
    (charge, at): (ChargeNo, Timestamp),
    millionths: Option<i64>,
) -> Result<(), StoreFault> {
    let known = price_at(db, charge, at)?;
    if known == millionths {
        return Ok(());
    }
    let seq = change.seq(db)?;
    if known.is_some() {
        let retired = db
            .prepare_cached(
                "-- retire_charge_price
                 UPDATE charge_price SET retired_seq = ?3
                 WHERE charge_no = ?1 AND from_ms = ?2 AND retired_seq IS NULL",
            )?
            .execute(params![charge, at.as_millisecond(), seq])?;
        change.done.retired += retired as u64;
    }
    if let Some(millionths) = millionths {
        db.prepare_cached(
            "-- insert_charge_price
             INSERT INTO charge_price (charge_no, from_ms, created_seq, millionths) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![charge, at.as_millisecond(), seq, millionths])?;
        change.done.added += 1;
    }
    Ok(())
}
