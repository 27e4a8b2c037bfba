//! What the database can tell about the controls of the register. Counts only.

use crate::db::{Connection, OptionalExtension};
use jiff::Timestamp;
use tidstro_govern::{Probe, ProbeResult};

use crate::columns::PERSONAL_COLUMNS;
use crate::{Store, StoreFault, register};

impl Store {
    /// Runs one probe.
    ///
    /// # Errors
    /// [`StoreFault`] if the store cannot be read. A control that does not work is a result, not a fault.
    pub async fn probe(&self, probe: Probe, now: Timestamp) -> Result<ProbeResult, StoreFault> {
        let result = |(passed, found)| ProbeResult { probe, passed, found };
        match probe {
            Probe::RegisterCheck | Probe::PersonalColumns => Ok(result((true, self.columns_found()))),
            Probe::LogChain => self.log_chain().await.map(result),
            Probe::LogAge => {
                let oldest = self.threads.read(|reading| oldest_use(&reading.db)).await?;
                Ok(result(self.log_age(oldest, now)))
            }
            Probe::Leftovers => {
                let left = self.retention_leftovers(now).await?;
                Ok(result((left == 0, format!("{left} parts that no activity keeps"))))
            }
            Probe::RegisterVersions => {
                let hash = self.register.hash();
                let found = self.threads.read(move |reading| versions(&reading.db, hash)).await?;
                Ok(result(found))
            }
            Probe::RegisterApproval => {
                Ok(result(self.threads.read(|reading| register::all_approved(&reading.db)).await?))
            }
            Probe::Validation => Ok(result(self.threads.read(|reading| validated(&reading.db)).await?)),
        }
    }

    /// A store does not open with a register that has a fault, or leaves a column of its parts uncovered.
    fn columns_found(&self) -> String {
        let covered = PERSONAL_COLUMNS
            .iter()
            .filter(|(table, column)| {
                self.register.category_of(&tidstro_govern::PersonalColumn { table, column }).is_some()
            })
            .count();
        format!("register `{}` without a fault, {covered} personal columns covered", self.register.id())
    }

    async fn log_chain(&self) -> Result<(bool, String), StoreFault> {
        match self.verify_log().await {
            Ok(report) => Ok((true, format!("{} events fit", report.events()))),
            Err(StoreFault::Log(fault)) => Ok((false, fault.to_string())),
            Err(other) => Err(other),
        }
    }

    /// A segment goes when its last event is old enough, so its first may be up to a day older.
    fn log_age(&self, oldest: Option<Timestamp>, now: Timestamp) -> (bool, String) {
        let Some(keep) = self.register.log_keep() else {
            return (false, "the register does not say how long uses are kept; write `log_keep`".to_owned());
        };
        let Some(oldest) = oldest else { return (true, "no use in the log".to_owned()) };
        let day = self.zone.day_of(oldest);
        let kept = keep.after(day).tomorrow().is_ok_and(|end| self.zone.day_start(end) > now);
        (kept, format!("the oldest use is of {day}, kept for {keep}"))
    }
}

fn oldest_use(db: &Connection) -> Result<Option<Timestamp>, StoreFault> {
    let at_ms: Option<i64> = db
        .prepare_cached(
            "-- oldest_use
             SELECT min(e.at_ms) FROM event e JOIN log_stream s USING (stream_no) WHERE s.stream = 'uses'",
        )?
        .query_row([], |row| row.get(0))
        .optional()?
        .flatten();
    let instant =
        |at_ms| Timestamp::from_millisecond(at_ms).map_err(|_| StoreFault::Row { what: "event.at_ms" });
    at_ms.map(instant).transpose()
}

fn versions(db: &Connection, running: [u8; 32]) -> Result<(bool, String), StoreFault> {
    let (count, without_text, is_last): (i64, i64, bool) = db
        .prepare_cached(
            "-- register_versions
             SELECT count(*),
                    count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM register_file f WHERE f.version_no = v.version_no)),
                    coalesce((SELECT n.hash = ?1 FROM register_version n ORDER BY n.version_no DESC LIMIT 1), 1 = 0)
             FROM register_version v",
        )?
        .query_row([running], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let passed = count > 0 && without_text == 0 && is_last;
    Ok((passed, format!("{count} kept with text and instant, {without_text} without text")))
}

fn validated(db: &Connection) -> Result<(bool, String), StoreFault> {
    let (series, without): (i64, i64) = db
        .prepare_cached(
            "-- series_validated
             SELECT count(*),
                    count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM series_state t WHERE t.series_no = b.series_no))
             FROM (SELECT k.series_no FROM series_block k UNION SELECT m.series_no FROM series_month m) b",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((without == 0, format!("{series} series with values, {without} of them not validated")))
}
