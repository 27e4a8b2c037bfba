//! Exports for analysts: series of an area under pseudonyms, or its settlement, as Parquet files, for one purpose.
//!
//! An ask and a folder come in; files `area=…/month=…/part-N.parquet` go out, which DuckDB, DataFusion and Spark read as one
//! table. Never: an identifier or a name in a file, a value finer than the purpose may see, more than a page and a row
//! group in memory, half a file under its final name, or a file that the log does not tell of.

mod columns;
mod fault;
mod folder;
mod held;
mod month_file;
mod months;
mod run;
mod series_rows;
mod settlement_rows;

use std::path::Path;

use jiff::Timestamp;
use tidstro_govern::Recipient;
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, Resolution};

use crate::answer::given;
use crate::ingest::Clock;
use crate::{Answer, FlowFault, Workspace};
pub use fault::ExportFault;
use folder::ExportFolder;
use months::months_of;
use run::{SeriesExport, SettlementExport};

/// What is to be exported, for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportAsk {
    /// Who exports.
    pub actor: ActorId,
    /// What for: an activity of the register.
    pub purpose: ActivityId,
    /// Which category of series; settlement has its own.
    pub category: CategoryId,
    /// The building or grid area, by name.
    pub area: String,
    /// The local days; both ends are named.
    pub days: DayRange,
    /// The resolution of the values.
    pub resolution: Resolution,
    /// The versions as they were known then; `None` for now. Settlement is always as it is known now.
    pub as_of: Option<Timestamp>,
    /// Who gets the files.
    pub recipient: Option<Recipient>,
    /// How many factors the actor's session has proved: 1 or 2.
    pub factors: u8,
}

/// What was exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportReport {
    /// Files.
    pub files: u64,
    /// Rows of all files together.
    pub rows: u64,
    /// Metering points, each under its pseudonym; none of settlement.
    pub points: u64,
    /// Bytes of all files together.
    pub bytes: u64,
    /// The number of the key that the pseudonyms were made with, where there are any.
    pub pseudonym_key: Option<u64>,
}

/// Writes the values in scope into files below `out`, which is made if it is not there. `progress` is told the rows so far.
///
/// # Errors
/// [`FlowFault`] for an unknown area, or if the store fails; [`ExportFault`] for days without an end, a month that is there
/// already, a value that does not fit, or a folder that cannot be written. Then no new file lies under a final name, unless
/// the fault says so.
pub async fn export_series(
    workspace: &Workspace,
    asked: &ExportAsk,
    (out, clock): (&Path, Clock<'_>),
    progress: &dyn Fn(u64),
) -> Result<Answer<ExportReport>, FlowFault> {
    let months = months_of(asked.days, asked.resolution)?;
    let mut export = given!(SeriesExport::begin(workspace, asked, clock).await?);
    let mut folder = ExportFolder::open(out, &asked.area, &months)?;
    for month in months {
        let mut file = folder.month(month.start(), export.notes());
        given!(export.write_month(month, &mut file, progress).await?);
        folder.keep(file)?;
    }
    let report = export.record(folder.kept()).await?;
    folder.publish()?;
    Ok(Answer::Given(report))
}

/// Writes the settlement of a grid area into files in the same way: every series of every supplier, balance responsible and
/// of the area.
///
/// # Errors
/// As [`export_series`]; and where the register leaves settlement out, or no sums are kept.
pub async fn export_settlement(
    workspace: &Workspace,
    asked: &ExportAsk,
    (out, clock): (&Path, Clock<'_>),
) -> Result<Answer<ExportReport>, FlowFault> {
    let months = months_of(asked.days, Resolution::P1D)?;
    let mut export = given!(SettlementExport::begin(workspace, asked, clock).await?);
    let mut folder = ExportFolder::open(out, &asked.area, &months)?;
    for month in months {
        let mut file = folder.month(month.start(), export.notes());
        given!(export.write_month(month, &mut file).await?);
        folder.keep(file)?;
    }
    let report = export.record(folder.kept()).await?;
    folder.publish()?;
    Ok(Answer::Given(report))
}
