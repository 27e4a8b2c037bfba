//! Rows of `charge`, `charge_period` and `charge_link`: which charges there are, how they are settled, and who pays them.

use rustc_hash::FxHashMap;
use tidstro_calendar::{Zone, epoch_day};
use tidstro_metering::settlement::{Charge, ChargeLink};
use tidstro_model::{
    ChargeKey, ChargeKind, ChargeResolution, ChargeTerms, CheckDigit, Dated, DayRange, Gln, Gsrn, Interval,
    PointNo, Timeline,
};

use super::change::Otherwise;
use super::{KnownAt, MasterChange, code_from, days_from, numbers, point_from, timelines};
use crate::StoreFault;
use crate::db::{Bound, Connection, OptionalExtension, Row, Things, params};

/// The number of a charge in one store.
pub(crate) type ChargeNo = i64;

/// The number of a charge; `None` if nobody stated it.
pub(crate) fn charge_no(db: &Connection, key: &ChargeKey) -> Result<Option<ChargeNo>, StoreFault> {
    let found = db
        .prepare_cached(
            "-- charge_no
             SELECT c.charge_no FROM charge c WHERE c.code = ?1 AND c.kind = ?2 AND c.owner = ?3",
        )?
        .query_row(params![key.code, key.kind.word(), key.owner.to_string()], |row| row.get(0))
        .optional()?;
    Ok(found)
}

/// The number of a charge, made if it is new.
pub(crate) fn ensure_charge(db: &Connection, key: &ChargeKey) -> Result<ChargeNo, StoreFault> {
    if let Some(known) = charge_no(db, key)? {
        return Ok(known);
    }
    let number = db
        .prepare_cached(
            "-- insert_charge
             INSERT INTO charge (code, kind, owner) VALUES (?1, ?2, ?3) RETURNING charge_no",
        )?
        .query_row(params![key.code, key.kind.word(), key.owner.to_string()], |row| row.get(0))?;
    Ok(number)
}

/// Reads a charge's name from its columns, of which `first` is the first.
pub(crate) fn key_from(row: &Row<'_>, first: usize) -> Result<ChargeKey, StoreFault> {
    let gln = |text: &str| Gln::parse(text.as_bytes(), CheckDigit::Ignored).ok();
    Ok(ChargeKey {
        code: row.get(first)?,
        kind: code_from(row, first + 1, "charge.kind", ChargeKind::from_word)?,
        owner: code_from(row, first + 2, "charge.owner", gln)?,
    })
}

/// How a charge was settled over time.
pub(crate) fn charge_terms(
    db: &Connection,
    charge: ChargeNo,
    known: KnownAt,
) -> Result<Timeline<ChargeTerms>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- charge_terms
         SELECT c.start_day, c.end_day, c.resolution, c.is_tax FROM charge_period c
         WHERE c.charge_no = ?1 AND c.created_seq <= ?2 AND (c.retired_seq IS NULL OR c.retired_seq > ?2)",
    )?;
    let rows = statement.query_and_then(params![charge, known.0], |row| {
        Ok(Dated { days: days_from(row, 0)?, what: terms_from(row, 2)? })
    })?;
    let periods: Vec<_> = rows.collect::<Result<_, StoreFault>>()?;
    Timeline::of(periods).ok_or(StoreFault::Row { what: "charge_period: two rows hold on one day" })
}

fn terms_from(row: &Row<'_>, first: usize) -> Result<ChargeTerms, StoreFault> {
    let is_tax: i64 = row.get(first + 1)?;
    let resolution = code_from(row, first, "charge_period.resolution", ChargeResolution::from_word)?;
    Ok(ChargeTerms { resolution, is_tax: is_tax == 1 })
}

/// Every charge that is settled on one of these local days, in order of its name.
pub(crate) fn charges_in(
    db: &Connection,
    zone: &Zone,
    (days, known): (DayRange, KnownAt),
) -> Result<Vec<Charge>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- charges_in
         SELECT p.start_day, p.end_day, p.resolution, p.is_tax, c.code, c.kind, c.owner
         FROM charge_period p JOIN charge c ON c.charge_no = p.charge_no
         WHERE p.start_day < ?3 AND p.end_day > ?2 AND p.created_seq <= ?1
           AND (p.retired_seq IS NULL OR p.retired_seq > ?1)
         ORDER BY c.owner, c.kind, c.code, p.start_day",
    )?;
    let span = (epoch_day(days.start()), epoch_day(days.end()));
    let rows = statement.query_and_then(params![known.0, span.0, span.1], |row| {
        let ChargeTerms { resolution, is_tax } = terms_from(row, 2)?;
        let valid = instants(zone, days_from(row, 0)?)?;
        Ok(Charge { key: key_from(row, 4)?, resolution, is_tax, valid })
    })?;
    rows.collect()
}

/// Local days as the time from the first instant of the first to that of the day after the last.
fn instants(zone: &Zone, days: DayRange) -> Result<Interval, StoreFault> {
    Interval::new(zone.day_start(days.start()), zone.day_start(days.end()))
        .map_err(|_| StoreFault::Row { what: "days of a charge" })
}

/// What a point pays: the point, and the charge.
pub(crate) type LinkKey = (PointNo, ChargeNo);

/// How many times each of many points paid each charge over time. A charge that a point never paid is left out.
pub(crate) fn charge_links_of_all(
    db: &Connection,
    points: &[PointNo],
    known: KnownAt,
) -> Result<FxHashMap<LinkKey, Timeline<i64>>, StoreFault> {
    let sql = "-- charge_links_of_all
               SELECT l.point_no, l.start_day, l.end_day, l.quantity, l.charge_no FROM charge_link l
               WHERE l.point_no = ?1 AND l.created_seq <= ?2 AND (l.retired_seq IS NULL OR l.retired_seq > ?2)";
    let rows = db.query_each(sql, Things::Numbers(&numbers(points)), params![known.0], |row| {
        let link = (point_from(row)?, row.get(4)?);
        Ok::<_, StoreFault>((link, Dated { days: days_from(row, 1)?, what: row.get(3)? }))
    })?;
    timelines(rows, "charge_link: two rows hold on one day")
}

/// What points with numbers from one to another, both included, or all points, pay on one of these local days.
pub(crate) fn links_in(
    db: &Connection,
    zone: &Zone,
    (points, days, known): (Option<(PointNo, PointNo)>, DayRange, KnownAt),
) -> Result<Vec<ChargeLink>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- charge_links_in
         SELECT l.start_day, l.end_day, l.quantity, o.own_id, c.code, c.kind, c.owner
         FROM charge_link l JOIN charge c ON c.charge_no = l.charge_no JOIN point o ON o.point_no = l.point_no
         WHERE l.start_day < ?3 AND l.end_day > ?2 AND l.created_seq <= ?1
           AND (l.retired_seq IS NULL OR l.retired_seq > ?1)
           AND l.point_no >= ?4 AND l.point_no <= ?5
         ORDER BY l.point_no, l.charge_no, l.start_day",
    )?;
    let span = (epoch_day(days.start()), epoch_day(days.end()));
    let (first, last) = points.unwrap_or((PointNo::new(0), PointNo::new(u32::MAX)));
    let values = params![known.0, span.0, span.1, first.as_u32(), last.as_u32()];
    let rows = statement.query_and_then(values, |row| {
        let point = code_from(row, 3, "point.own_id", gsrn)?;
        let valid = instants(zone, days_from(row, 0)?)?;
        Ok(ChargeLink { key: key_from(row, 4)?, point, quantity: row.get(2)?, valid })
    })?;
    rows.collect()
}

fn gsrn(text: &str) -> Option<Gsrn> {
    Gsrn::parse(text.as_bytes(), CheckDigit::Ignored).ok()
}

/// Puts the new terms of a charge in the place of the old ones.
pub(crate) fn state_charge(
    db: &Connection,
    change: &mut MasterChange,
    charge: ChargeNo,
    (old, new): (&Timeline<ChargeTerms>, &Timeline<ChargeTerms>),
) -> Result<(), StoreFault> {
    let retire = |seq: i64, row: &Dated<ChargeTerms>| {
        db.prepare_cached(
            "-- retire_charge
             UPDATE charge_period SET retired_seq = ?3
             WHERE charge_no = ?1 AND start_day = ?2 AND retired_seq IS NULL",
        )?
        .execute(params![charge, epoch_day(row.days.start()), seq])?;
        Ok(())
    };
    let add = |seq: i64, Dated { days, what }: &Dated<ChargeTerms>| {
        let (start, end) = (epoch_day(days.start()), epoch_day(days.end()));
        db.prepare_cached(
            "-- insert_charge_period
             INSERT INTO charge_period (charge_no, start_day, end_day, created_seq, resolution, is_tax)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            charge,
            start,
            end,
            seq,
            what.resolution.word(),
            i64::from(what.is_tax)
        ])?;
        Ok(())
    };
    change.keep(
        db,
        &[(charge, old.difference(new))],
        |seq, rows| rows.iter().try_for_each(|(_, row)| retire(seq, row)),
        |seq, rows| rows.iter().try_for_each(|(_, row)| add(seq, row)),
    )
}

/// Puts the new links of points to charges in the place of the old ones.
pub(crate) fn state_links(
    db: &Connection,
    change: &mut MasterChange,
    others: &[Otherwise<LinkKey, i64>],
) -> Result<(), StoreFault> {
    change.keep(db, others, |seq, rows| retire_links(db, seq, rows), |seq, rows| insert_links(db, seq, rows))
}

type Links<'r> = [(LinkKey, &'r Dated<i64>)];

fn retire_links(db: &Connection, seq: i64, rows: &Links<'_>) -> Result<(), StoreFault> {
    let key = |((point, charge), row): &(LinkKey, &Dated<i64>)| {
        [Bound::from(point.as_u32()), (*charge).into(), epoch_day(row.days.start()).into(), seq.into()]
    };
    let sql = "-- retire_charge_link
         UPDATE charge_link SET retired_seq = ?4
         WHERE point_no = ?1 AND charge_no = ?2 AND start_day = ?3 AND retired_seq IS NULL";
    db.execute_each(sql, &rows.iter().map(key).collect::<Vec<_>>())?;
    Ok(())
}

fn insert_links(db: &Connection, seq: i64, rows: &Links<'_>) -> Result<(), StoreFault> {
    let rows = rows.iter().map(|((point, charge), Dated { days, what })| {
        [
            Bound::from(point.as_u32()),
            (*charge).into(),
            epoch_day(days.start()).into(),
            epoch_day(days.end()).into(),
            seq.into(),
            (*what).into(),
        ]
    });
    Ok(db.insert_all("charge_link (point_no, charge_no, start_day, end_day, created_seq, quantity)", rows)?)
}
