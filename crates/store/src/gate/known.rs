//! What the store knows about the target of an ask: occupancies, dossiers, and what moved their leases.
//!
//! For an area and for everything only those occupancies are loaded whose lease an event may have moved:
//! of the others the days alone tell, and those narrow in SQL.

use crate::db::{Connection, Params, Row, params};
use jiff::Timestamp;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_govern::{
    DossierFact, Facts, KeepFrom, LeaseEvent, LeaseEventKind, Matter, OccupancyFact, Register, SubjectEvent,
    Target,
};
use tidstro_model::{ActivityId, AreaKind, AreaNo, DayRange, DossierKind, DossierNo, OccupancyNo, SubjectNo};

use crate::StoreFault;

/// What the store knows about a target, as far as the purpose needs it.
pub(crate) fn facts(
    db: &Connection,
    register: &Register,
    target: Target,
    purpose: &ActivityId,
    now: Timestamp,
) -> Result<Facts, StoreFault> {
    match target {
        Target::Point(point) => of_point(db, point.as_u32()),
        Target::Subject(subject) => of_subject(db, subject),
        Target::Dossier(dossier) => of_dossier(db, dossier),
        Target::Area(area) => moved(db, register, Some(area), purpose, now),
        Target::Everything => moved(db, register, None, purpose, now),
    }
}

fn of_point(db: &Connection, point: u32) -> Result<Facts, StoreFault> {
    let occupancies = occupancies(
        db,
        "-- occupancies_of_point
         SELECT o.occupancy_no, o.subject_no, o.start_day, o.end_day, a.kind
         FROM occupancy_point p JOIN occupancy o USING (occupancy_no) JOIN point USING (point_no)
              JOIN area a USING (area_no)
         WHERE p.point_no = ?1 ORDER BY o.start_day",
        params![point],
    )?;
    let events = events_of_point(db, point)?;
    Ok(Facts { occupancies, dossiers: Vec::new(), events })
}

/// All facts of one subject.
pub(crate) fn of_subject(db: &Connection, subject: SubjectNo) -> Result<Facts, StoreFault> {
    let number = params![subject.as_u32()];
    let occupancies = occupancies(
        db,
        "-- occupancies_of_subject
         SELECT o.occupancy_no, o.subject_no, o.start_day, o.end_day,
                (SELECT a.kind FROM occupancy_point p JOIN point USING (point_no) JOIN area a USING (area_no)
                 WHERE p.occupancy_no = o.occupancy_no LIMIT 1)
         FROM occupancy o WHERE o.subject_no = ?1 ORDER BY o.start_day",
        number,
    )?;
    let dossiers = dossiers(
        db,
        "-- dossiers_of_subject
         SELECT dossier_no, subject_no, kind, opened_ms FROM dossier WHERE subject_no = ?1 ORDER BY dossier_no",
        number,
    )?;
    let events = events(
        db,
        "-- events_of_subject
         SELECT subject_no, at_ms, kind, occupancy_no, dossier_no, activity, start_day, end_day
         FROM subject_event WHERE subject_no = ?1 ORDER BY at_ms",
        number,
    )?;
    Ok(Facts { occupancies, dossiers, events })
}

fn of_dossier(db: &Connection, dossier: DossierNo) -> Result<Facts, StoreFault> {
    let number = params![dossier.as_u32()];
    let dossiers = dossiers(
        db,
        "-- dossier
         SELECT dossier_no, subject_no, kind, opened_ms FROM dossier WHERE dossier_no = ?1",
        number,
    )?;
    let events = events(
        db,
        "-- events_of_dossier
         SELECT e.subject_no, e.at_ms, e.kind, e.occupancy_no, e.dossier_no, e.activity, e.start_day, e.end_day
         FROM dossier d JOIN subject_event e USING (subject_no) WHERE d.dossier_no = ?1 ORDER BY e.at_ms",
        number,
    )?;
    Ok(Facts { occupancies: Vec::new(), dossiers, events })
}

/// The occupancies whose lease an event may have moved, all dossiers of the purpose's kinds, and their events.
fn moved(
    db: &Connection,
    register: &Register,
    area: Option<AreaNo>,
    purpose: &ActivityId,
    now: Timestamp,
) -> Result<Facts, StoreFault> {
    let Some(activity) = register.activity(purpose) else { return Ok(Facts::default()) };
    let zone = register.zone();
    let by_events = activity.keep.rules.iter().any(|rule| matches!(rule.from, KeepFrom::Event(_)));
    // Where the retention counts from an event, every occupancy that is over is in question; where the lease
    // waits for one, every occupancy.
    let over_before = match (activity.begins, by_events) {
        (Some(_), _) => i32::MAX,
        (None, true) => epoch_day(zone.day_of(now)),
        (None, false) => i32::MIN,
    };
    let occupancies = occupancies(
        db,
        "-- occupancies_moved
         SELECT o.occupancy_no, o.subject_no, o.start_day, o.end_day, min(a.kind)
         FROM occupancy o
              JOIN occupancy_point p ON p.occupancy_no = o.occupancy_no
              JOIN point USING (point_no) JOIN area a USING (area_no)
         WHERE (CAST(?1 AS BIGINT) IS NULL OR a.area_no = ?1)
           AND (o.end_day <= ?2
                OR o.subject_no IN (SELECT subject_no FROM subject_event WHERE kind <> 'account-delivered' OR ?3 = 1))
         GROUP BY o.occupancy_no",
        params![area.map(AreaNo::as_u32), over_before, by_events],
    )?;
    if occupancies.is_empty() && activity.dossiers.is_empty() {
        return Ok(Facts::default());
    }
    let dossiers = if area.is_some() { Vec::new() } else { dossiers_of_kinds(db, &activity.dossiers)? };
    let events = events(
        db,
        "-- events_moving
         SELECT subject_no, at_ms, kind, occupancy_no, dossier_no, activity, start_day, end_day
         FROM subject_event
         WHERE CAST(?1 AS BIGINT) IS NULL OR subject_no IN (
             SELECT o.subject_no FROM point JOIN occupancy_point p USING (point_no) JOIN occupancy o USING (occupancy_no)
             WHERE point.area_no = ?1)
         ORDER BY subject_no, at_ms",
        params![area.map(AreaNo::as_u32)],
    )?;
    Ok(Facts { occupancies, dossiers, events })
}

fn dossiers_of_kinds(db: &Connection, kinds: &[DossierKind]) -> Result<Vec<DossierFact>, StoreFault> {
    let mut found = Vec::new();
    for kind in kinds {
        found.extend(dossiers(
            db,
            "-- dossiers_of_kind
             SELECT dossier_no, subject_no, kind, opened_ms FROM dossier WHERE kind = ?1 ORDER BY dossier_no",
            params![kind.as_str()],
        )?);
    }
    Ok(found)
}

fn events_of_point(db: &Connection, point: u32) -> Result<Vec<SubjectEvent>, StoreFault> {
    events(
        db,
        "-- events_of_point
         SELECT e.subject_no, e.at_ms, e.kind, e.occupancy_no, e.dossier_no, e.activity, e.start_day, e.end_day
         FROM subject_event e
         WHERE e.subject_no IN (SELECT o.subject_no FROM occupancy_point p JOIN occupancy o USING (occupancy_no)
                                WHERE p.point_no = ?1)
         ORDER BY e.at_ms",
        params![point],
    )
}

fn occupancies(db: &Connection, sql: &str, of: impl Params) -> Result<Vec<OccupancyFact>, StoreFault> {
    db.prepare_cached(sql)?.query_and_then(of, occupancy_fact)?.collect()
}

/// Columns: occupancy_no, subject_no, start_day, end_day, kind of the area.
pub(crate) fn occupancy_fact(row: &Row<'_>) -> Result<OccupancyFact, StoreFault> {
    let kind: Option<String> = row.get(4)?;
    Ok(OccupancyFact {
        occupancy: OccupancyNo::new(row.get(0)?),
        subject: SubjectNo::new(row.get(1)?),
        days: days(row.get(2)?, row.get(3)?, "occupancy.start_day or end_day")?,
        // An occupancy without a point has nothing measured; no activity has business there.
        area: kind.as_deref().and_then(AreaKind::from_code).unwrap_or(AreaKind::Unassigned),
    })
}

fn dossiers(db: &Connection, sql: &str, of: impl Params) -> Result<Vec<DossierFact>, StoreFault> {
    db.prepare_cached(sql)?.query_and_then(of, dossier_fact)?.collect()
}

/// Columns: dossier_no, subject_no, kind, opened_ms.
pub(crate) fn dossier_fact(row: &Row<'_>) -> Result<DossierFact, StoreFault> {
    let kind: String = row.get(2)?;
    let subject: Option<u32> = row.get(1)?;
    Ok(DossierFact {
        dossier: DossierNo::new(row.get(0)?),
        subject: subject.map(SubjectNo::new),
        kind: DossierKind::parse(&kind).map_err(|_| StoreFault::Row { what: "dossier.kind" })?,
        opened: instant(row.get(3)?, "dossier.opened_ms")?,
    })
}

fn events(db: &Connection, sql: &str, of: impl Params) -> Result<Vec<SubjectEvent>, StoreFault> {
    db.prepare_cached(sql)?.query_and_then(of, subject_event)?.collect()
}

/// Columns: subject_no, at_ms, kind, occupancy_no, dossier_no, activity, start_day, end_day.
pub(crate) fn subject_event(row: &Row<'_>) -> Result<SubjectEvent, StoreFault> {
    let damaged = |what| StoreFault::Row { what };
    let kind: String = row.get(2)?;
    let (occupancy, dossier): (Option<u32>, Option<u32>) = (row.get(3)?, row.get(4)?);
    let activity: Option<String> = row.get(5)?;
    let (start, end): (Option<i32>, Option<i32>) = (row.get(6)?, row.get(7)?);
    let event = LeaseEvent {
        at: instant(row.get(1)?, "subject_event.at_ms")?,
        kind: LeaseEventKind::from_word(&kind).ok_or(damaged("subject_event.kind"))?,
        matter: match (occupancy, dossier) {
            (Some(occupancy), _) => Some(Matter::Occupancy(OccupancyNo::new(occupancy))),
            (None, dossier) => dossier.map(|dossier| Matter::Dossier(DossierNo::new(dossier))),
        },
        activity: match activity {
            Some(text) => Some(ActivityId::parse(&text).map_err(|_| damaged("subject_event.activity"))?),
            None => None,
        },
        days: match (start, end) {
            (Some(start), Some(end)) => Some(days(start, end, "subject_event.start_day or end_day")?),
            _ => None,
        },
    };
    Ok(SubjectEvent { subject: SubjectNo::new(row.get(0)?), event })
}

fn days(start: i32, end: i32, what: &'static str) -> Result<DayRange, StoreFault> {
    let damaged = || StoreFault::Row { what };
    let (start, end) = (from_epoch_day(start).ok_or_else(damaged)?, from_epoch_day(end).ok_or_else(damaged)?);
    DayRange::new(start, end).map_err(|_| damaged())
}

fn instant(at_ms: i64, what: &'static str) -> Result<Timestamp, StoreFault> {
    Timestamp::from_millisecond(at_ms).map_err(|_| StoreFault::Row { what })
}
