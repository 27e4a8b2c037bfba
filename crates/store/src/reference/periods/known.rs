//! What is known of electricity points: their states and who stands for their energy, as settlement needs it.

use jiff::civil::Date;
use tidstro_calendar::{Zone, epoch_day};
use tidstro_model::{
    CheckDigit, DayRange, GridArea, Gsrn, Interval, Parties, PointNo, PointPeriod, PointState, PointType,
};

use super::states::{STATE_COLUMNS, STATE_WIDTH, state_from};
use super::supplies::parties_from;
use super::{KnownAt, days_from, is_there};
use crate::StoreFault;
use crate::db::{Connection, Row, params};

/// Which points are asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// These points.
    Points(Vec<PointNo>),
    /// Points with numbers from one to another, both included.
    Between(PointNo, PointNo),
    /// Points in a grid area, and exchange points with either side in it.
    Area(GridArea),
    /// Points of one type in a grid area, by the type's code.
    Typed(GridArea, &'static str),
    /// The same, with numbers from one to another, both included: for an area that is gone over in pieces.
    AreaBetween(GridArea, PointNo, PointNo),
    /// All.
    All,
}

/// Some local days in which everything the market knows of a point stays the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownPeriod {
    /// The point.
    pub point: PointNo,
    /// Its number in the market.
    pub gsrn: Gsrn,
    /// What it is.
    pub state: PointState,
    /// Who stands for its energy; nobody where no supply is known.
    pub parties: Parties,
    /// When.
    pub days: DayRange,
}

impl KnownPeriod {
    /// The same, as settlement computes with it: from the first instant of its first day to that of the day after its last.
    #[must_use]
    pub fn settled(&self, zone: &Zone) -> Option<PointPeriod> {
        let valid = Interval::new(zone.day_start(self.days.start()), zone.day_start(self.days.end())).ok()?;
        Some(PointPeriod {
            point: self.gsrn,
            kind: self.state.kind,
            area: self.state.area,
            resolution: self.state.resolution,
            parent: self.state.parent,
            parties: self.parties,
            valid,
        })
    }
}

/// Every period of these points that shares a day with `days`, cut to them, in order of point and day: states and supplies
/// cut by each other.
pub(crate) fn point_periods(
    db: &Connection,
    which: &Which,
    days: DayRange,
    known: KnownAt,
) -> Result<Vec<KnownPeriod>, StoreFault> {
    let span = (epoch_day(days.start()), epoch_day(days.end()));
    let mut found = Vec::new();
    match which {
        Which::Points(points) if db.postgres().is_some() => {
            let sql = sql_of("point_periods_of_all", "pp.point_no = ANY (CAST(?4 AS BIGINT[]))");
            let points: Vec<i64> = points.iter().map(|point| point.as_u32().into()).collect();
            read(db, &sql, params![known.0, span.0, span.1, points], &mut found)?;
        }
        Which::Points(points) => {
            let sql = sql_of("point_periods_of", "pp.point_no = ?4");
            for point in points {
                read(db, &sql, params![known.0, span.0, span.1, point.as_u32()], &mut found)?;
            }
        }
        Which::Between(first, last) => {
            let sql = sql_of("point_periods_between", "pp.point_no >= ?4 AND pp.point_no <= ?5");
            let numbers = params![known.0, span.0, span.1, first.as_u32(), last.as_u32()];
            read(db, &sql, numbers, &mut found)?;
        }
        Which::Area(area) => {
            let sql =
                sql_of("point_periods_in", "(pp.grid_area = ?4 OR pp.from_area = ?4 OR pp.to_area = ?4)");
            read(db, &sql, params![known.0, span.0, span.1, area.to_string()], &mut found)?;
        }
        Which::Typed(area, code) => {
            let sql = sql_of("point_periods_typed", "pp.grid_area = ?4 AND pp.kind = ?5");
            read(db, &sql, params![known.0, span.0, span.1, area.to_string(), *code], &mut found)?;
        }
        Which::AreaBetween(area, first, last) => {
            // The numbers say where to look; an index of areas would bring the whole area for each piece.
            let sql = sql_of(
                "point_periods_in_between",
                "pp.point_no >= ?4 AND pp.point_no <= ?5
                 AND (coalesce(pp.grid_area, '') = ?6 OR coalesce(pp.from_area, '') = ?6 OR coalesce(pp.to_area, '') = ?6)",
            );
            let place = params![known.0, span.0, span.1, first.as_u32(), last.as_u32(), area.to_string()];
            read(db, &sql, place, &mut found)?;
        }
        Which::All => {
            let sql = sql_of("point_periods_all", "pp.point_no > 0");
            read(db, &sql, params![known.0, span.0, span.1], &mut found)?;
        }
    }
    Ok(found.into_iter().flat_map(Joined::cut).filter_map(|period| inside(period, days)).collect())
}

/// The moments just before a state or supply of these points that touches some local days was retired, in order of point.
pub(crate) fn retirements(
    db: &Connection,
    (first, last): (PointNo, PointNo),
    days: DayRange,
) -> Result<Vec<(PointNo, KnownAt)>, StoreFault> {
    let rows = db
        .prepare_cached(
            "-- retirements
             SELECT pp.point_no, pp.retired_seq FROM point_period pp
             WHERE pp.point_no >= ?1 AND pp.point_no <= ?2 AND pp.retired_seq IS NOT NULL
                   AND pp.start_day < ?4 AND pp.end_day > ?3
             UNION SELECT s.point_no, s.retired_seq FROM supply s
             WHERE s.point_no >= ?1 AND s.point_no <= ?2 AND s.retired_seq IS NOT NULL
                   AND s.start_day < ?4 AND s.end_day > ?3
             ORDER BY 1, 2",
        )?
        .query_map(
            params![first.as_u32(), last.as_u32(), epoch_day(days.start()), epoch_day(days.end())],
            |row| Ok((PointNo::new(row.get(0)?), KnownAt::after_change(row.get::<_, i64>(1)? - 1))),
        )?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn inside(period: KnownPeriod, days: DayRange) -> Option<KnownPeriod> {
    period.days.intersect(days).map(|days| KnownPeriod { days, ..period })
}

fn sql_of(name: &str, condition: &str) -> String {
    format!(
        "-- {name}
         SELECT pp.point_no, pp.start_day, pp.end_day, {STATE_COLUMNS}, p.own_id,
                s.start_day, s.end_day, s.supplier, s.balance_responsible
         FROM point_period pp
         JOIN point p ON p.point_no = pp.point_no
         LEFT JOIN point q ON q.point_no = pp.parent_no
         LEFT JOIN supply s ON s.point_no = pp.point_no AND s.start_day < pp.end_day AND s.end_day > pp.start_day
              AND s.created_seq <= ?1 AND (s.retired_seq IS NULL OR s.retired_seq > ?1)
         WHERE {condition} AND pp.start_day < ?3 AND pp.end_day > ?2
               AND pp.created_seq <= ?1 AND (pp.retired_seq IS NULL OR pp.retired_seq > ?1)
         ORDER BY pp.point_no, pp.start_day, s.start_day"
    )
}

/// A period of a point with its supplies, in order.
struct Joined {
    period: KnownPeriod,
    supplies: Vec<(DayRange, Parties)>,
}

impl Joined {
    /// Cut by the supplies; the days between them have nobody.
    fn cut(self) -> Vec<KnownPeriod> {
        let Self { period, supplies } = self;
        let part = |start: Date, end: Date, parties| {
            let days = DayRange::new(start, end).ok().filter(|days| !days.is_empty())?;
            Some(KnownPeriod { days, parties, ..period })
        };
        let (mut parts, mut from) = (Vec::with_capacity(supplies.len() + 1), period.days.start());
        for (days, parties) in supplies {
            let Some(common) = days.intersect(period.days) else { continue };
            parts.extend(part(from, common.start(), Parties::default()));
            parts.extend(part(common.start(), common.end(), parties));
            from = common.end();
        }
        parts.extend(part(from, period.days.end(), Parties::default()));
        parts
    }
}

fn read(
    db: &Connection,
    sql: &str,
    parameters: impl crate::db::Params,
    found: &mut Vec<Joined>,
) -> Result<(), StoreFault> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    while let Some(row) = rows.next()? {
        let joined = joined_from(&row)?;
        match found.last_mut() {
            Some(last) if is_same(&last.period, &joined.period) => last.supplies.extend(joined.supplies),
            _ => found.push(joined),
        }
    }
    Ok(())
}

fn is_same(one: &KnownPeriod, other: &KnownPeriod) -> bool {
    one.point == other.point && one.days.start() == other.days.start()
}

/// The column after the state's.
const AFTER_STATE: usize = 3 + STATE_WIDTH;

fn joined_from(row: &Row<'_>) -> Result<Joined, StoreFault> {
    let own_id: String = row.get(AFTER_STATE)?;
    let gsrn = Gsrn::parse(own_id.as_bytes(), CheckDigit::Ignored);
    let period = KnownPeriod {
        point: PointNo::new(row.get(0)?),
        gsrn: gsrn.map_err(|_| StoreFault::Row { what: "point.own_id of a point of the market" })?,
        state: state_from(row, 3)?,
        parties: Parties::default(),
        days: days_from(row, 1)?,
    };
    let supplies = if is_there(row, AFTER_STATE + 1)? {
        vec![(days_from(row, AFTER_STATE + 1)?, parties_from(row, AFTER_STATE + 3)?)]
    } else {
        Vec::new()
    };
    Ok(Joined { period, supplies })
}

/// The points that lie in a grid area on a day, and exchange points with either side in it, in order.
pub(crate) fn points_of(
    db: &Connection,
    area: GridArea,
    day: Date,
    known: KnownAt,
) -> Result<Vec<PointNo>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- points_of
         SELECT pp.point_no FROM point_period pp
         WHERE (pp.grid_area = ?1 OR pp.from_area = ?1 OR pp.to_area = ?1) AND pp.start_day <= ?2 AND pp.end_day > ?2
               AND pp.created_seq <= ?3 AND (pp.retired_seq IS NULL OR pp.retired_seq > ?3)
         ORDER BY pp.point_no",
    )?;
    let rows = statement
        .query_map(params![area.to_string(), epoch_day(day), known.0], |row| Ok(PointNo::new(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Points in one piece of an area.
const PIECE: usize = 8_192;
/// Numbers per point up to which the points of a piece are read as a range.
const SPREAD: usize = 4;

/// Goes over the periods of points in a grid area, and of exchange points with either side in it, that share a day with `days`, in
/// order of point and day and some thousand points at a time. `each` gets the first and the last point of a piece, and its periods.
pub(crate) fn over_area(
    db: &Connection,
    (area, days, known): (GridArea, DayRange, KnownAt),
    each: &mut impl FnMut((PointNo, PointNo), Vec<KnownPeriod>) -> Result<(), StoreFault>,
) -> Result<(), StoreFault> {
    for piece in points_in(db, area, days, known)?.chunks(PIECE) {
        let (Some(first), Some(last)) = (piece.first(), piece.last()) else { continue };
        let is_dense = ((last.as_u32() - first.as_u32()) as usize) < SPREAD * piece.len();
        let which =
            if is_dense { Which::AreaBetween(area, *first, *last) } else { Which::Points(piece.to_vec()) };
        let mut periods = point_periods(db, &which, days, known)?;
        periods.retain(|period| touches(period, area));
        each((*first, *last), periods)?;
    }
    Ok(())
}

fn touches(period: &KnownPeriod, area: GridArea) -> bool {
    match period.state.kind {
        PointType::Exchange { from, to } => period.state.area == area || from == area || to == area,
        _ => period.state.area == area,
    }
}

/// The points that lie in a grid area on any of these days, and exchange points with either side in it, in order.
fn points_in(
    db: &Connection,
    area: GridArea,
    days: DayRange,
    known: KnownAt,
) -> Result<Vec<PointNo>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- points_in
         SELECT DISTINCT pp.point_no FROM point_period pp
         WHERE (pp.grid_area = ?1 OR pp.from_area = ?1 OR pp.to_area = ?1) AND pp.start_day < ?3 AND pp.end_day > ?2
               AND pp.created_seq <= ?4 AND (pp.retired_seq IS NULL OR pp.retired_seq > ?4)
         ORDER BY pp.point_no",
    )?;
    let span = (epoch_day(days.start()), epoch_day(days.end()));
    let rows = statement
        .query_map(params![area.to_string(), span.0, span.1, known.0], |row| Ok(PointNo::new(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
