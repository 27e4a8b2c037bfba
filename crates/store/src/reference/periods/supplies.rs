//! Rows of `supply`: who supplies an electricity point, and who answers for the supplier's balance.

use rustc_hash::FxHashMap;
use tidstro_calendar::epoch_day;
use tidstro_model::{CheckDigit, Dated, Gln, Parties, PointNo, Timeline};

use super::change::Otherwise;
use super::{KnownAt, MasterChange, code_if, days_from, numbers, point_from, timelines};
use crate::StoreFault;
use crate::db::{Bind as _, Bound, Connection, Row, Things, params};

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
    Ok(supplies_of_all(db, &[point], known)?.remove(&point).unwrap_or_default())
}

/// Who supplied each of many points. A point nobody supplied is left out.
pub(crate) fn supplies_of_all(
    db: &Connection,
    points: &[PointNo],
    known: KnownAt,
) -> Result<FxHashMap<PointNo, Timeline<Parties>>, StoreFault> {
    let sql = "-- supplies_of_all
               SELECT s.point_no, s.start_day, s.end_day, s.supplier, s.balance_responsible FROM supply s
               WHERE s.point_no = ?1 AND s.created_seq <= ?2 AND (s.retired_seq IS NULL OR s.retired_seq > ?2)";
    let rows = db.query_each(sql, Things::Numbers(&numbers(points)), params![known.0], |row| {
        Ok::<_, StoreFault>((
            point_from(row)?,
            Dated { days: days_from(row, 1)?, what: parties_from(row, 3)? },
        ))
    })?;
    timelines(rows, "supply: two rows hold on one day")
}

/// Puts the new supplies of points in the place of the old ones.
pub(crate) fn state_supplies(
    db: &Connection,
    change: &mut MasterChange,
    others: &[Otherwise<PointNo, Parties>],
) -> Result<(), StoreFault> {
    for (point, difference) in others {
        change.touch(*point, &difference.changed);
    }
    change.keep(db, others, |seq, rows| retire(db, seq, rows), |seq, rows| insert(db, seq, rows))
}

type Rows<'r> = [(PointNo, &'r Dated<Parties>)];

fn retire(db: &Connection, seq: i64, rows: &Rows<'_>) -> Result<(), StoreFault> {
    let key = |(point, row): &(PointNo, &Dated<Parties>)| {
        [Bound::from(point.as_u32()), epoch_day(row.days.start()).into(), seq.into()]
    };
    let sql = "-- retire_supply
         UPDATE supply SET retired_seq = ?3 WHERE point_no = ?1 AND start_day = ?2 AND retired_seq IS NULL";
    db.execute_each(sql, &rows.iter().map(key).collect::<Vec<_>>())?;
    Ok(())
}

fn insert(db: &Connection, seq: i64, rows: &Rows<'_>) -> Result<(), StoreFault> {
    let text = |gln: Option<Gln>| gln.map(|gln| gln.to_string());
    let parties: Vec<_> =
        rows.iter().map(|(_, row)| (text(row.what.supplier), text(row.what.balance_responsible))).collect();
    let rows = rows.iter().zip(&parties).map(|((point, row), (supplier, responsible))| {
        [
            Bound::from(point.as_u32()),
            epoch_day(row.days.start()).into(),
            epoch_day(row.days.end()).into(),
            seq.into(),
            supplier.bound(),
            responsible.bound(),
        ]
    });
    let table = "supply (point_no, start_day, end_day, created_seq, supplier, balance_responsible)";
    Ok(db.insert_all(table, rows)?)
}
