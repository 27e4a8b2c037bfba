//! What became of what was ingested: each file or stream, when, how much, and what of it was refused.
//!
//! What comes in: counts. What goes out: the same, the newest input first. An input that was cut short has a begin and no end, which
//! is how it is known. Never: what stood in a line; a refused one may be anybody's.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::ensure_source;
use crate::db::{Connection, params};
use crate::personal::Writing;
use crate::{Store, StoreFault};

/// The number of an input, in the order in which they began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct InputNo(i64);

/// What is counted of an input.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InputCounts {
    /// Lines with something on them.
    pub lines: u64,
    /// Readings, and values of intervals.
    pub readings: u64,
    /// Local days of series that had nothing before.
    pub days_added: u64,
    /// Local days of series that got a new version.
    pub days_changed: u64,
    /// Local days of series about which nothing new was said.
    pub days_unchanged: u64,
    /// Lines that were refused, by the word of the reason.
    pub refused: BTreeMap<String, RefusedLines>,
}

/// Lines that were refused for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedLines {
    /// How many.
    pub count: u64,
    /// The first of them, counted from 1.
    pub first: u64,
}

/// What became of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputOutcome {
    /// Its name: a file's name, or `stdin`.
    pub name: String,
    /// When it began.
    pub begun: Timestamp,
    /// When it ended; `None` while it runs, or if it was cut short: what was acknowledged until then is kept.
    pub ended: Option<Timestamp>,
    /// What is counted of it; nothing before its end.
    pub counts: InputCounts,
}

impl Store {
    /// Notes that an input begins.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn begin_input(&self, name: String, now: Timestamp) -> Result<InputNo, StoreFault> {
        self.threads.write(move |writing| writing.transact(|writing| begin(&writing.db, &name, now))).await
    }

    /// Notes that an input that has ended goes on: what its next end counts is added.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn go_on_with_input(&self, input: InputNo) -> Result<(), StoreFault> {
        let go_on = move |writing: &mut Writing| writing.transact(|writing| go_on(&writing.db, input));
        self.threads.write(go_on).await
    }

    /// Notes what became of an input that has ended, in addition to what was noted of it before.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn end_input(
        &self,
        input: InputNo,
        counts: InputCounts,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        self.threads
            .write(move |writing: &mut Writing| {
                writing.transact(|writing| {
                    end(&writing.db, input, &counts, now)?;
                    counts.refused.iter().try_for_each(|refused| refuse(&writing.db, input, refused))
                })
            })
            .await
    }

    /// The inputs that began last, at most `last` of them, the newest first.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn inputs(&self, last: u32) -> Result<Vec<InputOutcome>, StoreFault> {
        self.threads
            .read(move |reading| {
                let mut inputs = newest(&reading.db, last)?;
                inputs.iter_mut().try_for_each(|(input, outcome)| {
                    outcome.counts.refused = refused_of(&reading.db, *input)?;
                    Ok::<_, StoreFault>(())
                })?;
                Ok(inputs.into_iter().map(|(_, outcome)| outcome).collect())
            })
            .await
    }
}

fn begin(db: &Connection, name: &str, now: Timestamp) -> Result<InputNo, StoreFault> {
    let source = ensure_source(db, name)?;
    let number = db
        .prepare_cached(
            "-- begin_input
             INSERT INTO input (source_no, begun_ms) VALUES (?1, ?2) RETURNING input_no",
        )?
        .query_row(params![source.as_u32(), now.as_millisecond()], |row| row.get(0))?;
    Ok(InputNo(number))
}

fn go_on(db: &Connection, input: InputNo) -> Result<(), StoreFault> {
    db.prepare_cached("-- go_on_with_input\nUPDATE input SET ended_ms = NULL WHERE input_no = ?1")?
        .execute([input.0])?;
    Ok(())
}

fn end(db: &Connection, input: InputNo, counts: &InputCounts, now: Timestamp) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- end_input
         UPDATE input SET ended_ms = ?2, lines = lines + ?3, readings = readings + ?4, days_added = days_added + ?5,
                days_changed = days_changed + ?6, days_unchanged = days_unchanged + ?7
         WHERE input_no = ?1",
    )?
    .execute(params![
        input.0,
        now.as_millisecond(),
        signed(counts.lines),
        signed(counts.readings),
        signed(counts.days_added),
        signed(counts.days_changed),
        signed(counts.days_unchanged),
    ])?;
    Ok(())
}

fn refuse(
    db: &Connection,
    input: InputNo,
    (reason, lines): (&String, &RefusedLines),
) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- note_input_refusal
         INSERT INTO input_refusal (input_no, reason, lines, first_line) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (input_no, reason) DO UPDATE SET lines = input_refusal.lines + excluded.lines",
    )?
    .execute(params![input.0, reason.as_str(), signed(lines.count), signed(lines.first)])?;
    Ok(())
}

fn newest(db: &Connection, last: u32) -> Result<Vec<(i64, InputOutcome)>, StoreFault> {
    db.prepare_cached(
        "-- newest_inputs
         SELECT i.input_no, s.name, i.begun_ms, i.ended_ms, i.lines, i.readings, i.days_added, i.days_changed, i.days_unchanged
         FROM input i JOIN source s ON s.source_no = i.source_no
         ORDER BY i.input_no DESC LIMIT ?1",
    )?
    .query_and_then([i64::from(last)], |row| {
        let ended: Option<i64> = row.get(3)?;
        let counts = InputCounts {
            lines: unsigned(row.get(4)?),
            readings: unsigned(row.get(5)?),
            days_added: unsigned(row.get(6)?),
            days_changed: unsigned(row.get(7)?),
            days_unchanged: unsigned(row.get(8)?),
            refused: BTreeMap::new(),
        };
        let (begun, ended) = (at(row.get(2)?)?, ended.map(at).transpose()?);
        Ok((row.get(0)?, InputOutcome { name: row.get(1)?, begun, ended, counts }))
    })?
    .collect()
}

fn refused_of(db: &Connection, input: i64) -> Result<BTreeMap<String, RefusedLines>, StoreFault> {
    db.prepare_cached(
        "-- input_refusals
         SELECT r.reason, r.lines, r.first_line FROM input_refusal r WHERE r.input_no = ?1",
    )?
    .query_and_then([input], |row| {
        Ok((row.get(0)?, RefusedLines { count: unsigned(row.get(1)?), first: unsigned(row.get(2)?) }))
    })?
    .collect()
}

fn at(milliseconds: i64) -> Result<Timestamp, StoreFault> {
    Timestamp::from_millisecond(milliseconds)
        .map_err(|_| StoreFault::Row { what: "input.begun_ms or ended_ms" })
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use tidstro_calendar::Zone;

    use super::*;
    use crate::seal::{MasterKey, Nonces, Vault};
    use crate::sqlite::Files;

    fn noted(writing: &mut Writing, number: u32) -> Result<InputNo, StoreFault> {
        let name = format!("file-{number:0200}.csv");
        writing.transact(|writing| begin(&writing.db, &name, Timestamp::UNIX_EPOCH))
    }

    /// SQLite itself says that it is full, as on a full disk: at a limit of pages instead of a limit of the disk's.
    #[test]
    fn in_a_full_file_what_was_acknowledged_stays_and_the_rest_comes_once_there_is_room() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::below(folder.path());
        let vault = Vault::open(files.open_keys().unwrap(), &MasterKey::random().unwrap().0).unwrap();
        let db = files.open_data().unwrap();
        let nonces = Nonces::begin(&db, Timestamp::UNIX_EPOCH).unwrap();
        let mut writing = Writing::new(db, vault, nonces, Zone::copenhagen());
        let limit = |writing: &Writing, spare: i64| {
            let count = |row: &crate::db::Row<'_>| row.get::<_, i64>(0_usize);
            let pages: i64 = writing.db.query_row("PRAGMA page_count", [], count).unwrap();
            let sql = format!("PRAGMA max_page_count = {}", pages + spare);
            writing.db.query_row(&sql, [], count).unwrap();
        };
        limit(&writing, 3);
        let kept = (0..).map_while(|number| noted(&mut writing, number).ok()).count();
        let fault = noted(&mut writing, 1_000).unwrap_err().to_string();
        assert_eq!(
            fault,
            "there is no room left where the database lies: database or disk is full; nothing of this step was kept; make room \
             and run the command again"
        );
        assert!(kept > 3, "{kept}");
        assert_eq!(newest(&writing.db, 10_000).unwrap().len(), kept);
        limit(&writing, 1_000);
        noted(&mut writing, 1_000).unwrap();
        assert_eq!(newest(&writing.db, 10_000).unwrap().len(), kept + 1);
    }
}
