//! What the store holds, subject by subject, in the form that retention is planned from.
//!
//! A range of subjects comes in; each subject's occupancies, dossiers, name, contact and lease events go
//! out, in the order of their numbers. Five cursors run side by side over indexes, so that a million
//! subjects need no million queries and no memory. Never: a value, a name.

use std::iter::Peekable;

use crate::db::{Connection, Params, Row, Sql};
use tidstro_calendar::from_epoch_day;
use tidstro_govern::{
    DossierFact, Holding, LeaseEvent, MatterHoldings, OccupancyFact, PersonalColumn, PlanItem, Register,
    RetentionPlan, SubjectHoldings,
};
use tidstro_model::{CategoryId, SubjectNo};

use crate::StoreFault;
use crate::gate::{dossier_fact, occupancy_fact, subject_event};
use crate::reference::SeriesCategory;

/// The columns that [`occupancy_fact`], [`dossier_fact`] and [`subject_event`] read.
const OCCUPANCY_COLUMNS: &str = "o.occupancy_no, o.subject_no, o.start_day, o.end_day, \
     (SELECT a.kind FROM occupancy_point p JOIN point USING (point_no) JOIN area a USING (area_no) \
      WHERE p.occupancy_no = o.occupancy_no LIMIT 1)";
const EVENT_COLUMNS: &str = "subject_no, at_ms, kind, occupancy_no, dossier_no, activity, start_day, end_day";

/// Everything in an occupancy is erased.
pub(super) const ALL_ERASED: i32 = i32::MAX;

/// The categories of the register that the store's own rows belong to.
pub(super) struct RowCategories<'r> {
    pub(super) register: &'r Register,
    identity: Option<&'r CategoryId>,
    contact: Option<&'r CategoryId>,
    occupancy: Option<&'r CategoryId>,
    choices: Option<&'r CategoryId>,
    pub(super) consumption: Option<&'r CategoryId>,
    pub(super) climate: Option<&'r CategoryId>,
    pub(super) telegrams: Option<&'r CategoryId>,
    pub(super) alarms: Option<&'r CategoryId>,
}

impl<'r> RowCategories<'r> {
    pub(super) fn of(register: &'r Register) -> Self {
        let column = |table, column| {
            register.category_of(&PersonalColumn { table, column }).map(|category| &category.id)
        };
        let series = |category: SeriesCategory| {
            let id = CategoryId::parse(category.id()).ok()?;
            register.category(&id).map(|category| &category.id)
        };
        Self {
            register,
            identity: column("subject", "sealed_name"),
            contact: column("subject", "sealed_contact"),
            occupancy: column("occupancy", "start_day"),
            choices: column("subject_event", "kind"),
            consumption: series(SeriesCategory::Consumption),
            climate: series(SeriesCategory::IndoorClimate),
            telegrams: column("raw_telegram", "sealed"),
            alarms: column("alarm", "sealed"),
        }
    }

    pub(super) fn is_identity(&self, category: &str) -> bool {
        self.identity.is_some_and(|id| id.as_str() == category)
    }

    /// The category of what happened to a subject: of its row, too, and of the rows of dossiers.
    fn choices(&self) -> Result<&'r CategoryId, StoreFault> {
        self.choices.or(self.identity).ok_or(StoreFault::PartLeftOut { table: "subject_event" })
    }
}

/// The subjects to look at, first and last number.
pub(super) type SubjectRange = (u32, u32);

/// All of them. No subject has the number 0: it stands for what belongs to nobody known.
pub(super) const EVERYBODY: SubjectRange = (0, u32::MAX);

/// Plans what belongs to nobody known, if the range begins with 0, and every subject of it, in order.
pub(super) fn plan_each(
    db: &Connection,
    categories: &RowCategories<'_>,
    plan: &RetentionPlan<'_>,
    range: SubjectRange,
    mut each: impl FnMut(Option<SubjectNo>, &[PlanItem<'_>]) -> Result<(), StoreFault>,
) -> Result<(), StoreFault> {
    if range.0 == 0 {
        plan_unknown(db, categories, plan, &mut each)?;
    }
    let mut subjects = db.prepare_cached(
        "-- subjects_held
         SELECT subject_no, length(sealed_name) > 0, length(sealed_contact) > 0
         FROM subject WHERE subject_no BETWEEN ?1 AND ?2 ORDER BY subject_no",
    )?;
    let mut statements = Statements::prepare(db)?;
    let mut cursors = statements.cursors(categories, range)?;
    let mut rows = subjects.query(range)?;
    while let Some(row) = rows.next()? {
        let subject = SubjectNo::new(row.get(0)?);
        let held = [(row.get(1)?, categories.identity), (row.get(2)?, categories.contact)];
        let own: Vec<_> =
            held.into_iter().filter_map(|(is_there, id): (bool, _)| id.filter(|_| is_there)).collect();
        let matters = cursors.matters_of(subject)?;
        let events = cursors.events_of(subject)?;
        let events: Vec<&LeaseEvent> = events.iter().collect();
        let holdings = SubjectHoldings {
            matters: &matters,
            own: &own,
            frame: Some(categories.choices()?),
            events: &events,
        };
        each(Some(subject), &plan.of(&holdings))?;
    }
    Ok(())
}

/// Dossiers in which nobody is identified, each by itself.
fn plan_unknown(
    db: &Connection,
    categories: &RowCategories<'_>,
    plan: &RetentionPlan<'_>,
    each: &mut impl FnMut(Option<SubjectNo>, &[PlanItem<'_>]) -> Result<(), StoreFault>,
) -> Result<(), StoreFault> {
    let [sqlite, postgres] =
        dossiers_held("dossiers_of_nobody", "d.subject_no IS NULL ORDER BY d.dossier_no");
    let mut dossiers = db.prepare_cached(Sql::two(&sqlite, &postgres))?;
    let mut rows = dossiers.query([])?;
    while let Some(row) = rows.next()? {
        let matters = [dossier_holdings(categories, &row)?.1];
        each(None, &plan.of(&SubjectHoldings { matters: &matters, own: &[], frame: None, events: &[] }))?;
    }
    Ok(())
}

/// Dossiers with the categories of their records, for SQLite and for PostgreSQL.
fn dossiers_held(name: &str, which: &str) -> [String; 2] {
    ["group_concat(DISTINCT r.category)", "string_agg(DISTINCT r.category, ',')"].map(|categories| {
        format!(
            "-- {name}
             SELECT d.dossier_no, d.subject_no, d.kind, d.opened_ms,
                    (SELECT {categories} FROM record r WHERE r.dossier_no = d.dossier_no),
                    EXISTS (SELECT 1 FROM account a WHERE a.dossier_no = d.dossier_no)
             FROM dossier d WHERE {which}"
        )
    })
}

/// The statements that the cursors read from.
struct Statements<'c> {
    occupancies: crate::db::CachedStatement<'c>,
    dossiers: crate::db::CachedStatement<'c>,
    events: crate::db::CachedStatement<'c>,
}

impl<'c> Statements<'c> {
    fn prepare(db: &'c Connection) -> Result<Self, StoreFault> {
        let [sqlite, postgres] =
            dossiers_held("dossiers_held", "d.subject_no BETWEEN ?1 AND ?2 ORDER BY d.subject_no");
        Ok(Self {
            occupancies: db.prepare_cached(&format!(
                "-- occupancies_held
                 SELECT {OCCUPANCY_COLUMNS}, o.consumption_from, o.climate_from, o.telegram_from,
                        (SELECT CASE WHEN min(e.day) < o.alarm_from THEN o.alarm_from ELSE min(e.day) END
                         FROM alarm e WHERE e.key_no = o.alarm_key_no)
                 FROM occupancy o WHERE o.subject_no BETWEEN ?1 AND ?2 ORDER BY o.subject_no"
            ))?,
            dossiers: db.prepare_cached(Sql::two(&sqlite, &postgres))?,
            events: db.prepare_cached(&format!(
                "-- events_held
                 SELECT {EVENT_COLUMNS} FROM subject_event WHERE subject_no BETWEEN ?1 AND ?2 ORDER BY subject_no"
            ))?,
        })
    }

    fn cursors<'s, 'r>(
        &'s mut self,
        categories: &'s RowCategories<'r>,
        range: SubjectRange,
    ) -> Result<Cursors<'s, 'r>, StoreFault> {
        Ok(Cursors {
            occupancies: cursor(&mut self.occupancies, range, move |row| {
                occupancy_holdings(categories, row)
            })?,
            dossiers: cursor(&mut self.dossiers, range, move |row| dossier_holdings(categories, row))?,
            events: cursor(&mut self.events, range, |row| {
                let event = subject_event(row)?;
                Ok((event.subject, event.event))
            })?,
        })
    }
}

type Cursor<'s, T> = Peekable<Box<dyn Iterator<Item = Result<(SubjectNo, T), StoreFault>> + 's>>;

fn cursor<'s, T: 's>(
    statement: &'s mut crate::db::Statement<'_>,
    range: impl Params,
    read: impl FnMut(&Row<'_>) -> Result<(SubjectNo, T), StoreFault> + 's,
) -> Result<Cursor<'s, T>, StoreFault> {
    let rows: Box<dyn Iterator<Item = _> + 's> = Box::new(statement.query_and_then(range, read)?);
    Ok(rows.peekable())
}

struct Cursors<'s, 'r> {
    occupancies: Cursor<'s, MatterHoldings<'r>>,
    dossiers: Cursor<'s, MatterHoldings<'r>>,
    events: Cursor<'s, LeaseEvent>,
}

impl<'r> Cursors<'_, 'r> {
    fn matters_of(&mut self, subject: SubjectNo) -> Result<Vec<MatterHoldings<'r>>, StoreFault> {
        let mut matters = take(&mut self.occupancies, subject)?;
        matters.extend(take(&mut self.dossiers, subject)?);
        Ok(matters)
    }

    fn events_of(&mut self, subject: SubjectNo) -> Result<Vec<LeaseEvent>, StoreFault> {
        take(&mut self.events, subject)
    }
}

/// The rows of a subject: the next ones of the cursor.
fn take<T>(cursor: &mut Cursor<'_, T>, subject: SubjectNo) -> Result<Vec<T>, StoreFault> {
    let mut taken = Vec::new();
    while let Some(next) = cursor.next_if(|next| next.as_ref().map_or(true, |(of, _)| *of <= subject)) {
        let (of, row) = next?;
        if of == subject {
            taken.push(row);
        }
    }
    Ok(taken)
}

/// An occupancy and what is not erased of it.
fn occupancy_holdings<'r>(
    categories: &RowCategories<'r>,
    row: &Row<'_>,
) -> Result<(SubjectNo, MatterHoldings<'r>), StoreFault> {
    let fact: OccupancyFact = occupancy_fact(row)?;
    let columns = [categories.consumption, categories.climate, categories.telegrams, categories.alarms];
    let mut holdings = Vec::with_capacity(columns.len());
    for (category, column) in columns.into_iter().zip(5..) {
        // Most occupancies have no alarms, and nothing is held of them then.
        let from: Option<i32> = row.get(column)?;
        let from = from.filter(|from| *from != ALL_ERASED);
        if let (Some(category), Some(from)) = (category, from) {
            holdings.push(Holding { category, from: from_epoch_day(from).unwrap_or(jiff::civil::Date::MIN) });
        }
    }
    let frame = categories.occupancy.ok_or(StoreFault::PartLeftOut { table: "occupancy" })?;
    Ok((fact.subject, MatterHoldings { fact: fact.matter(), holdings, frame }))
}

/// A dossier and the categories of its records.
fn dossier_holdings<'r>(
    categories: &RowCategories<'r>,
    row: &Row<'_>,
) -> Result<(SubjectNo, MatterHoldings<'r>), StoreFault> {
    let fact: DossierFact = dossier_fact(row)?;
    let listed: Option<String> = row.get(4)?;
    let mut holdings = Vec::new();
    for text in listed.iter().flat_map(|listed| listed.split(',')) {
        let id = CategoryId::parse(text).map_err(|_| StoreFault::Row { what: "record.category" })?;
        let category = categories.register.category(&id);
        let category = category.ok_or_else(|| StoreFault::RecordCategory { category: text.to_owned() })?;
        holdings.push(Holding { category: &category.id, from: jiff::civil::Date::MIN });
    }
    let has_account: bool = row.get(5)?;
    let account = categories.register.account_category().filter(|_| has_account);
    holdings.extend(account.map(|category| Holding { category, from: jiff::civil::Date::MIN }));
    let subject = fact.subject.unwrap_or(SubjectNo::new(0));
    Ok((subject, MatterHoldings { fact: fact.matter(), holdings, frame: categories.choices()? }))
}
