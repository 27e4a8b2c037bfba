//! The preview: what a run would erase, written down and counted, with a hash that an approval names.

use crate::db::{Connection, OptionalExtension, params};
use jiff::Timestamp;
use ring::digest::{Context, SHA256};
use tidstro_calendar::epoch_day;
use tidstro_govern::log::{Hash, hex};
use tidstro_govern::{
    Bucket, Event, EventKind, Fate, Held, Matter, PlanItem, Protection, Register, RetentionPlan,
};
use tidstro_model::{ActivityId, ActorId, CategoryId, SubjectNo};

use super::holdings::{EVERYBODY, RowCategories, plan_each};
use crate::personal::Writing;
use crate::{StoreFault, log};

/// How far a preview has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreviewState {
    /// Nobody has approved it.
    Previewed,
    /// It may run.
    Approved,
    /// A run has begun and not ended.
    Running,
    /// It has run.
    Done,
}

impl PreviewState {
    const ALL: [Self; 4] = [Self::Previewed, Self::Approved, Self::Running, Self::Done];

    /// The word used in SQL and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Previewed => "previewed",
            Self::Approved => "approved",
            Self::Running => "running",
            Self::Done => "done",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// How many parts of one category have one fate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionCount {
    /// What a run does with them.
    pub bucket: Bucket,
    /// Their category.
    pub category: CategoryId,
    /// Whose retention ended last; `None` where no activity ever kept them.
    pub activity: Option<ActivityId>,
    /// That retention in the register's words, and what it rests on.
    pub rule: String,
    /// What forbids erasing them, in the bucket `protected`.
    pub protection: Option<Protection>,
    /// How many subjects they are of; those of nobody known count as one.
    pub subjects: u64,
    /// How many parts: of an occupancy, a dossier, or a subject itself.
    pub parts: u64,
}

/// One look at what no activity keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionPreview {
    /// Its number.
    pub number: u64,
    /// The instant it is about.
    pub at: Timestamp,
    /// Who looked.
    pub actor: ActorId,
    /// What an approval names: the instant, the register and every part.
    pub hash: Hash,
    /// How far it has come.
    pub state: PreviewState,
    /// Who approved it.
    pub approver: Option<ActorId>,
    /// The parts, counted; empty when it has run.
    pub counts: Vec<RetentionCount>,
}

impl RetentionPreview {
    /// Whether there is nothing to erase. What is protected stays.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.iter().all(|count| count.bucket == Bucket::Protected)
    }
}

/// Looks, writes down, counts and logs. Call inside [`Writing::transact`].
pub(super) fn preview(
    writing: &mut Writing,
    register: &Register,
    actor: ActorId,
    now: Timestamp,
) -> Result<RetentionPreview, StoreFault> {
    // The database keeps milliseconds; the same instant must plan the same again.
    let now = instant(now.as_millisecond())?;
    drop_unused(&writing.db)?;
    let number = insert_preview(&writing.db, &actor, now)?;
    let hash = write_items(&writing.db, register, number, now)?;
    writing.db.execute(
        "-- set_preview_hash
         UPDATE retention_preview SET hash = ?2 WHERE preview_no = ?1",
        params![number, hash],
    )?;
    let preview = load(&writing.db, register, number)?;
    let detail = format!("preview {number} {}: {}", hex(&hash), summary(&preview.counts));
    log::append(writing, Event::new(now, EventKind::RetentionPreviewed, actor, detail))?;
    Ok(preview)
}

/// Previews that never ran give way to the next; a run that was cut short must end first.
fn drop_unused(db: &Connection) -> Result<(), StoreFault> {
    let running: Option<i64> = db
        .query_row(
            "-- running_preview
             SELECT preview_no FROM retention_preview WHERE state = 'running'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(number) = running {
        return Err(StoreFault::RunUnfinished { preview: number.unsigned_abs() });
    }
    db.execute_batch(
        "-- drop_unused_previews
         DELETE FROM retention_item;
         DELETE FROM retention_preview WHERE state IN ('previewed', 'approved')",
    )?;
    Ok(())
}

fn insert_preview(db: &Connection, actor: &ActorId, now: Timestamp) -> Result<i64, StoreFault> {
    // Numbers are in the log, so none is given twice, also when its preview was dropped.
    let number = db.query_row(
        "-- insert_preview
         INSERT INTO retention_preview (preview_no, at_ms, actor, hash, state)
         SELECT max(n.number) + 1, ?1, ?2, ?3, 'previewed'
         FROM (SELECT coalesce(max(preview_no), 0) AS number FROM retention_preview
               UNION ALL
               SELECT count(*) FROM event WHERE stream_no = 1 AND kind = 'retention-previewed') n
         RETURNING preview_no",
        params![now.as_millisecond(), actor.as_str(), [0_u8; 32]],
        |row| row.get(0),
    )?;
    Ok(number)
}

fn write_items(
    db: &Connection,
    register: &Register,
    number: i64,
    now: Timestamp,
) -> Result<Hash, StoreFault> {
    let mut insert = db.prepare(
        "-- insert_item
         INSERT INTO retention_item (preview_no, item_no, subject_no, occupancy_no, dossier_no, category, is_frame,
                                     start_day, end_day, bucket, activity, since_ms, protection)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    let mut item_no = 0_i64;
    hashed(db, register, now, |subject, item, over| {
        item_no += 1;
        let (occupancy, dossier) = numbers_of(item.of);
        insert.execute(params![
            number,
            item_no,
            subject.map_or(0, SubjectNo::as_u32),
            occupancy,
            dossier,
            item.category.as_str(),
            item.is_frame,
            epoch_day(item.days.start()),
            epoch_day(item.days.end()),
            over.bucket.word(),
            over.rule.map(ActivityId::as_str),
            over.since_ms,
            over.protection.map(Protection::word),
        ])?;
        Ok(())
    })
}

/// What is over of an item.
pub(super) struct Over<'r> {
    bucket: Bucket,
    rule: Option<&'r ActivityId>,
    since_ms: Option<i64>,
    protection: Option<Protection>,
}

impl<'r> Over<'r> {
    fn of(item: &PlanItem<'r>) -> Option<Self> {
        match item.fate {
            Fate::Kept { .. } => None,
            Fate::Over { bucket, rule, since, protection } => {
                Some(Self { bucket, rule, since_ms: since.map(Timestamp::as_millisecond), protection })
            }
        }
    }
}

/// Plans everything at an instant, hands on what is over, and hashes it with the instant and the register.
pub(super) fn hashed(
    db: &Connection,
    register: &Register,
    now: Timestamp,
    mut each: impl FnMut(Option<SubjectNo>, &PlanItem<'_>, &Over<'_>) -> Result<(), StoreFault>,
) -> Result<Hash, StoreFault> {
    let mut hash = Context::new(&SHA256);
    hash.update(b"tidstro retention preview 1");
    hash.update(&now.as_millisecond().to_be_bytes());
    hash.update(register.hash().as_slice());
    let (categories, plan) = (RowCategories::of(register), RetentionPlan::new(register, now));
    let mut bytes = Vec::new();
    plan_each(db, &categories, &plan, EVERYBODY, |subject, items| {
        for item in items {
            let Some(over) = Over::of(item) else { continue };
            bytes.clear();
            encode(subject, item, &over, &mut bytes);
            hash.update(&bytes);
            each(subject, item, &over)?;
        }
        Ok(())
    })?;
    hash.finish().as_ref().try_into().map_err(|_| StoreFault::Sealing)
}

/// Each part ends before the next begins, so that two different items have two encodings.
fn encode(subject: Option<SubjectNo>, item: &PlanItem<'_>, over: &Over<'_>, bytes: &mut Vec<u8>) {
    let (occupancy, dossier) = numbers_of(item.of);
    for number in [subject.map(SubjectNo::as_u32), occupancy, dossier] {
        bytes.extend_from_slice(&number.unwrap_or(0).to_be_bytes());
    }
    for day in [epoch_day(item.days.start()), epoch_day(item.days.end())] {
        bytes.extend_from_slice(&day.to_be_bytes());
    }
    bytes.extend_from_slice(&over.since_ms.unwrap_or(i64::MIN).to_be_bytes());
    bytes.push(u8::from(item.is_frame));
    let words = [
        item.category.as_str(),
        over.bucket.word(),
        over.rule.map_or("", ActivityId::as_str),
        over.protection.map_or("", Protection::word),
    ];
    for word in words {
        bytes.extend_from_slice(word.as_bytes());
        bytes.push(0);
    }
}

const fn numbers_of(of: Held) -> (Option<u32>, Option<u32>) {
    match of {
        Held::Subject => (None, None),
        Held::Matter(Matter::Occupancy(number)) => (Some(number.as_u32()), None),
        Held::Matter(Matter::Dossier(number)) => (None, Some(number.as_u32())),
    }
}

/// A preview by its number, with its counts.
pub(super) fn load(
    db: &Connection,
    register: &Register,
    number: i64,
) -> Result<RetentionPreview, StoreFault> {
    let unknown = || StoreFault::Dangling { kind: "preview", name: number.to_string() };
    let damaged = |what| StoreFault::Row { what };
    let row: Option<(i64, String, Hash, String, Option<String>)> = db
        .query_row(
            "-- preview
             SELECT at_ms, actor, hash, state, approver FROM retention_preview WHERE preview_no = ?1",
            [number],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
        )
        .optional()?;
    let (at_ms, actor, hash, state, approver) = row.ok_or_else(unknown)?;
    let name = |text: &str| ActorId::parse(text).map_err(|_| damaged("retention_preview.actor"));
    Ok(RetentionPreview {
        number: number.unsigned_abs(),
        at: instant(at_ms)?,
        actor: name(&actor)?,
        hash,
        state: PreviewState::from_word(&state).ok_or_else(|| damaged("retention_preview.state"))?,
        approver: approver.as_deref().map(name).transpose()?,
        counts: counts(db, register, number, "0, 1, 2")?,
    })
}

/// The newest preview, if there ever was one.
pub(super) fn newest(db: &Connection) -> Result<Option<i64>, StoreFault> {
    let number = db.query_row(
        "-- newest_preview
         SELECT max(preview_no) FROM retention_preview",
        [],
        |row| row.get(0),
    )?;
    Ok(number)
}

/// The numbers of the newest previews, the newest first.
pub(super) fn newest_of(db: &Connection, limit: u32) -> Result<Vec<i64>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- newest_previews
         SELECT preview_no FROM retention_preview ORDER BY preview_no DESC LIMIT ?1",
    )?;
    Ok(statement.query_map(params![limit], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// The items of a preview in some states, counted by what they have in common.
pub(super) fn counts(
    db: &Connection,
    register: &Register,
    number: i64,
    states: &'static str,
) -> Result<Vec<RetentionCount>, StoreFault> {
    let mut statement = db.prepare(&format!(
        "-- count_items
         SELECT bucket, category, activity, protection, count(DISTINCT subject_no), count(*)
         FROM retention_item WHERE preview_no = ?1 AND state IN ({states})
         GROUP BY bucket, category, activity, protection ORDER BY bucket, category, activity, protection"
    ))?;
    let mut rows = statement.query([number])?;
    let mut counts = Vec::new();
    while let Some(row) = rows.next()? {
        counts.push(count(register, &row)?);
    }
    Ok(counts)
}

fn count(register: &Register, row: &crate::db::Row<'_>) -> Result<RetentionCount, StoreFault> {
    let damaged = |what| StoreFault::Row { what };
    let (bucket, category): (String, String) = (row.get(0)?, row.get(1)?);
    let (activity, protection): (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
    let activity = activity.map(|text| ActivityId::parse(&text)).transpose();
    let activity = activity.map_err(|_| damaged("retention_item.activity"))?;
    Ok(RetentionCount {
        bucket: Bucket::from_word(&bucket).ok_or_else(|| damaged("retention_item.bucket"))?,
        category: CategoryId::parse(&category).map_err(|_| damaged("retention_item.category"))?,
        rule: rule_text(register, activity.as_ref()),
        activity,
        protection: protection.as_deref().and_then(Protection::from_word),
        subjects: row.get::<_, i64>(4)?.unsigned_abs(),
        parts: row.get::<_, i64>(5)?.unsigned_abs(),
    })
}

/// The retention of an activity in the register's words, and what it rests on.
fn rule_text(register: &Register, activity: Option<&ActivityId>) -> String {
    let Some(activity) = activity.and_then(|id| register.activity(id)) else {
        return "no activity keeps it".to_owned();
    };
    let bases: Vec<_> = activity.basis.iter().map(|basis| format!("{} {}", basis.gdpr, basis.cite)).collect();
    format!("{} ({})", activity.keep, bases.join("; "))
}

fn summary(counts: &[RetentionCount]) -> String {
    let of =
        |bucket| counts.iter().filter(|count| count.bucket == bucket).map(|count| count.parts).sum::<u64>();
    let parts = Bucket::ALL.iter().map(|bucket| format!("{bucket} {}", of(*bucket)));
    parts.collect::<Vec<_>>().join(", ")
}

pub(super) fn instant(at_ms: i64) -> Result<Timestamp, StoreFault> {
    Timestamp::from_millisecond(at_ms).map_err(|_| StoreFault::Row { what: "retention_preview.at_ms" })
}
