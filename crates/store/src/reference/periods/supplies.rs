//! Rows of `supply`: who supplies an electricity point, and who answers for the supplier's balance.

use std::collections::BTreeMap;

use tidstro_calendar::epoch_day;
use tidstro_model::{CheckDigit, Dated, Gln, Parties, PointNo, Timeline};

use super::{KnownAt, MasterChange, code_if, days_from};
use crate::StoreFault;
use crate::db::{Connection, Row, params};

/// Supplier and balance responsible in two columns.
pub(super) fn parties_from(row: &Row<'_>, first: usize) -> Result<Parties, StoreFault> {
    let gln = |text: &str| Gln::parse(text.as_bytes(), CheckDigit::Ignored).ok();
    Ok(Parties {
        supplier: code_if(row, first, "supply.supplier", gln)?,
        balance_responsible: code_if(row, first + 1, "supply.balance_responsible", gln)?,
    })
}

/// Who supplied a point, over time.
pub(crate) fn supplies_of(
    db: &Connection,
    point: PointNo,
    known: KnownAt,
) -> Result<Timeline<Parties>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- supplies_of
         SELECT s.start_day, s.end_day, s.supplier, s.balance_responsible FROM supply s
         WHERE s.point_no = ?1 AND s.created_seq <= ?2 AND (s.retired_seq IS NULL OR s.retired_seq > ?2)",
    )?;
    let rows = statement.query_and_then(params![point.as_u32(), known.0], |row| {
        Ok(Dated { days: days_from(row, 0)?, what: parties_from(row, 2)? })
    })?;
    let periods: Vec<_> = rows.collect::<Result<_, StoreFault>>()?;
    Timeline::of(periods).ok_or(StoreFault::Row { what: "supply: two rows hold on one day" })
}

/// Who supplied each of many points, from PostgreSQL in one answer. A point nobody supplied is left out.
pub(crate) fn supplies_of_all(
    db: &Connection,
    points: &[PointNo],
    known: KnownAt,
) -> Result<BTreeMap<PointNo, Timeline<Parties>>, StoreFault> {
    let points: Vec<i64> = points.iter().map(|point| point.as_u32().into()).collect();
    let mut statement = db.prepare_cached(
        "-- supplies_of_all
         SELECT s.start_day, s.end_day, s.supplier, s.balance_responsible, s.point_no FROM supply s
         WHERE s.point_no = ANY (CAST(?1 AS BIGINT[])) AND s.created_seq <= ?2
               AND (s.retired_seq IS NULL OR s.retired_seq > ?2)",
    )?;
    let mut rows = statement.query(params![points, known.0])?;
    let mut found: BTreeMap<PointNo, Vec<Dated<Parties>>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let period = Dated { days: days_from(&row, 0)?, what: parties_from(&row, 2)? };
        found.entry(PointNo::new(row.get(4)?)).or_default().push(period);
    }
    let damaged = || StoreFault::Row { what: "supply: two rows hold on one day" };
    let timeline = |(point, periods)| Ok((point, Timeline::of(periods).ok_or_else(damaged)?));
    found.into_iter().map(timeline).collect()
}

/// Puts the new supplies of a point in the place of the old ones.
pub(crate) fn state_supplies(
    db: &Connection,
    change: &mut MasterChange,
    point: PointNo,
    (old, new): (&Timeline<Parties>, &Timeline<Parties>),
) -> Result<(), StoreFault> {
    let difference = old.difference(new);
    change.touch(point, &difference.changed);
    change.keep(
        db,
        &difference,
        |seq, row| retire(db, point, seq, row),
        |seq, row| insert(db, point, seq, row),
    )
}

fn retire(db: &Connection, point: PointNo, seq: i64, row: &Dated<Parties>) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- retire_supply
         UPDATE supply SET retired_seq = ?3 WHERE point_no = ?1 AND start_day = ?2 AND retired_seq IS NULL",
    )?
    .execute(params![point.as_u32(), epoch_day(row.days.start()), seq])?;
    Ok(())
}

fn insert(db: &Connection, point: PointNo, seq: i64, row: &Dated<Parties>) -> Result<(), StoreFault> {
    let text = |gln: Option<Gln>| gln.map(|gln| gln.to_string());
    db.prepare_cached(
        "-- insert_supply
         INSERT INTO supply (point_no, start_day, end_day, created_seq, supplier, balance_responsible)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        point.as_u32(),
        epoch_day(row.days.start()),
        epoch_day(row.days.end()),
        seq,
        text(row.what.supplier),
        text(row.what.balance_responsible),
    ])?;
    Ok(())
}
