//! What became of registers here, as the facts of the log tell it.

use crate::db::{Connection, Row, params};
use jiff::Timestamp;
use tidstro_govern::EventKind;
use tidstro_govern::log::unhex;
use tidstro_model::ActorId;

use crate::StoreFault;

/// What happened to a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisterStepKind {
    /// What it widens was approved.
    Approved,
    /// It became the one that decides.
    Activated,
}

/// One thing that happened to a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterStep {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: RegisterStepKind,
    /// Who did it.
    pub actor: ActorId,
    /// The hash of the register's text.
    pub hash: [u8; 32],
    /// What it widens, one line each, where it was approved.
    pub widenings: Vec<String>,
}

/// Every step, the newest first.
pub(super) fn history(db: &Connection) -> Result<Vec<RegisterStep>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- register_history
         SELECT at_ms, kind, actor, detail FROM event
         WHERE stream_no = 1 AND kind IN (?1, ?2) ORDER BY event_seq DESC",
    )?;
    let kinds = params![EventKind::RegisterApproved.code(), EventKind::RegisterActivated.code()];
    let mut rows = statement.query(kinds)?;
    let mut steps = Vec::new();
    while let Some(row) = rows.next()? {
        steps.push(step(&row)?);
    }
    Ok(steps)
}

/// The detail of either kind begins with the hash; an approval names the widenings below it.
fn step(row: &Row<'_>) -> Result<RegisterStep, StoreFault> {
    let damaged = || StoreFault::Row { what: "event" };
    let (kind, actor, detail): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
    let mut lines = detail.lines();
    let hash = lines.next().and_then(unhex).ok_or_else(damaged)?;
    let is_approval = kind == EventKind::RegisterApproved.code();
    Ok(RegisterStep {
        at: Timestamp::from_millisecond(row.get(0)?).map_err(|_| damaged())?,
        kind: if is_approval { RegisterStepKind::Approved } else { RegisterStepKind::Activated },
        actor: ActorId::parse(&actor).map_err(|_| damaged())?,
        hash,
        widenings: lines.map(str::to_owned).collect(),
    })
}
