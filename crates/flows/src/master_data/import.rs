//! Master data from files: bytes → rows → what they change, or would; piece by piece, so that memory is bounded.

use jiff::Timestamp;
use tidstro_govern::Operation;
use tidstro_metering::master_file::MasterFileFault;
use tidstro_model::{ActorId, CheckDigit, Dated, DayRange, Gsrn, Resolution, TimelineDifference};
use tidstro_store::{ItemChange, MasterItem, MasterOutcome, MasterPiece, RefusedRow};

use super::rows::MasterRows;
use super::source::MasterSource;
use super::words;
use crate::answer::{given, granted};
use crate::{Answer, FlowFault, Workspace};

/// What files of master data changed, or would.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MasterImportReport {
    /// Each file.
    pub files: Vec<MasterFileLine>,
    /// What changes, thing by thing.
    pub changes: Vec<MasterChangeLine>,
    /// Points that are in use on days on which nobody supplies them.
    pub unsupplied: Vec<(Gsrn, DayRange)>,
    /// How many things change.
    pub changed: u64,
    /// How many things stay as they are.
    pub unchanged: u64,
    /// Whether nothing was written.
    pub is_dry: bool,
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MasterFileLine {
    /// Its name.
    pub name: String,
    /// What its rows are about; `None` if it could not be read.
    pub about: Option<&'static str>,
    /// Why it could not be read.
    pub fault: Option<MasterFileFault>,
    /// Rows with something on them.
    pub rows: u64,
    /// How many rows were refused.
    pub refused_rows: u64,
    /// The rows that were refused, in order.
    pub refused: Vec<RefusedLine>,
    /// Rows of master data it adds.
    pub added: u64,
    /// Rows of master data it retires.
    pub retired: u64,
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedLine {
    /// Its line, counted from 1.
    pub line: u64,
    /// The column at fault; `None` where it is not one.
    pub column: Option<&'static str>,
    /// Why, and what to do.
    pub reason: String,
}

/// A thing that changes: old and new, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterChangeLine {
    /// The file that says so.
    pub file: String,
    /// The kind of thing: `place`, `point`, `supply`, `installation`, `person`, `occupancy`, `charge`, `charge link`,
    /// `charge prices`, `profile shares`, `degree days`.
    pub kind: &'static str,
    /// The thing.
    pub name: String,
    /// What holds no longer.
    pub old: Vec<String>,
    /// What holds from now on.
    pub new: Vec<String>,
}

impl MasterImportReport {
    /// Whether every file could be read and every row was taken.
    #[must_use]
    pub fn nothing_refused(&self) -> bool {
        self.files.iter().all(|file| file.fault.is_none() && file.refused_rows == 0)
    }

    /// Puts a line that was told into the report.
    pub fn hold(&mut self, line: MasterLine) {
        match line {
            MasterLine::Change(change) => self.changes.push(change),
            MasterLine::Unsupplied(point, days) => self.unsupplied.push((point, days)),
            MasterLine::Refused(file, refused) => {
                if let Some(file) = self.files.get_mut(file) {
                    file.refused.push(refused);
                }
            }
        }
    }
}

/// A line of what files of master data change, as it becomes known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MasterLine {
    /// A thing that changes.
    Change(MasterChangeLine),
    /// A point that is in use on days on which nobody supplies it.
    Unsupplied(Gsrn, DayRange),
    /// A row that is refused, with the index of its file.
    Refused(usize, RefusedLine),
}

/// How files of master data are taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MasterImportHow {
    /// Whether check digits must be right.
    pub check: CheckDigit,
    /// Whether nothing is written.
    pub is_dry: bool,
    /// How many rows are held and kept at a time; all rows of one thing are, whatever their number.
    pub piece_rows: usize,
}

/// How many rows of master data are held at a time.
pub const MASTER_PIECE_ROWS: usize = 20_000;

/// Takes in files of master data (name and bytes); or, dry, says what they would change. A bad row is refused and the others are
/// kept. The whole report is held in memory.
///
/// # Errors
/// See [`import_master_files`].
pub async fn import_master_data(
    workspace: &Workspace,
    actor: &ActorId,
    files: Vec<(String, Vec<u8>)>,
    (check, is_dry): (CheckDigit, bool),
    now: Timestamp,
) -> Result<Answer<MasterImportReport>, FlowFault> {
    let sources = files.into_iter().map(|(name, bytes)| MasterSource::held(name, bytes)).collect();
    let how = MasterImportHow { check, is_dry, piece_rows: MASTER_PIECE_ROWS };
    let mut lines = Vec::new();
    let mut tell = |line| lines.push(line);
    let mut report = given!(import_master_files(workspace, actor, sources, (how, now), &mut tell).await?);
    lines.into_iter().for_each(|line| report.hold(line));
    report.files.iter_mut().for_each(|file| file.refused.sort_by_key(|refused| refused.line));
    Ok(Answer::Given(report))
}

/// Takes in files of master data piece by piece, and tells each line as it becomes known; the report has the counts and no lines.
/// A piece is one transaction. Files with no more rows than a piece are one step.
///
/// # Errors
/// [`FlowFault::Input`] if a file cannot be read, and [`FlowFault::Store`] if the store fails; the pieces before it are kept then.
pub async fn import_master_files(
    workspace: &Workspace,
    actor: &ActorId,
    files: Vec<MasterSource>,
    (how, now): (MasterImportHow, Timestamp),
    tell: &mut (dyn FnMut(MasterLine) + Send),
) -> Result<Answer<MasterImportReport>, FlowFault> {
    let identity = ("identity", Resolution::Raw);
    let asked = workspace.permit_everything(actor, "master-data", Operation::Store, identity, now).await?;
    let permit = granted!(asked);
    let mut rows = MasterRows::read(workspace, files, how)?;
    let mut report = MasterImportReport { is_dry: how.is_dry, ..MasterImportReport::default() };
    let mut so_far = rows.so_far();
    loop {
        let (import, is_last) = rows.next_piece(tell)?;
        let piece = MasterPiece { import, so_far, is_last };
        let outcome;
        (outcome, so_far) = workspace.store.import_master_piece(&permit, piece, how.is_dry, now).await?;
        report.unchanged += outcome.unchanged;
        report.changed += outcome.items.len() as u64;
        tell_outcome(rows.files(), outcome, tell);
        if is_last {
            break;
        }
    }
    report.files = rows.into_files(&so_far);
    Ok(Answer::Given(report))
}

fn tell_outcome(files: &[MasterFileLine], outcome: MasterOutcome, tell: &mut (dyn FnMut(MasterLine) + Send)) {
    let name = |file: usize| files.get(file).map(|file| file.name.clone()).unwrap_or_default();
    for item in outcome.items {
        tell(MasterLine::Change(change_line(name(item.file), item)));
    }
    for RefusedRow { file, line, why } in outcome.refused {
        tell(MasterLine::Refused(file, RefusedLine { line, column: None, reason: why.to_string() }));
    }
    outcome.unsupplied.into_iter().for_each(|(point, days)| tell(MasterLine::Unsupplied(point, days)));
}

fn change_line(file: String, item: MasterItem) -> MasterChangeLine {
    let (kind, name, (old, new)) = match item.change {
        ItemChange::Place { point } => ("place", point, said("new")),
        ItemChange::Point { point, difference } => {
            ("point", point.to_string(), both(&difference, words::state))
        }
        ItemChange::Supply { point, difference } => ("supply", point, both(&difference, words::supply)),
        ItemChange::Installation { device, difference } => {
            ("installation", device.to_string(), both(&difference, words::installation))
        }
        ItemChange::Charge { key, difference } => {
            ("charge", key.to_string(), both(&difference, words::charge))
        }
        ItemChange::ChargeLink { key, point, difference } => {
            ("charge link", format!("{point} pays {key}"), both(&difference, words::link))
        }
        ItemChange::ChargePrices { key, difference } => {
            let told = |prices: &[(Timestamp, i64)]| words::prices(prices);
            ("charge prices", key.to_string(), (told(&difference.retired), told(&difference.added)))
        }
        ItemChange::ProfileShares { profile, difference } => {
            let told = |shares: &[(Timestamp, i64)]| words::shares(shares);
            ("profile shares", profile, (told(&difference.retired), told(&difference.added)))
        }
        ItemChange::DegreeDays { area, difference } => {
            let told = |months: &[(Timestamp, i64)]| words::degree_days(months);
            ("degree days", area, (told(&difference.retired), told(&difference.added)))
        }
        ItemChange::Person { reference } => ("person", reference, said("new")),
        ItemChange::Occupancy { reference, days, is_ended } => {
            let words = if is_ended { format!("ends: {days}") } else { days.to_string() };
            ("occupancy", reference, said(&words))
        }
    };
    MasterChangeLine { file, kind, name, old, new }
}

fn said(new: &str) -> (Vec<String>, Vec<String>) {
    (Vec::new(), vec![new.to_owned()])
}

fn both<T>(
    difference: &TimelineDifference<T>,
    words: impl Fn(&Dated<T>) -> String,
) -> (Vec<String>, Vec<String>) {
    let told = |rows: &[Dated<T>]| rows.iter().map(&words).collect();
    (told(&difference.retired), told(&difference.added))
}
