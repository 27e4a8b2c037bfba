//! Master data from files: bytes → rows → what they change, or would.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tidstro_govern::Operation;
use tidstro_metering::master_file::{MasterFile, MasterFileFault};
use tidstro_model::{ActorId, CheckDigit, Dated, DayRange, Gsrn, Resolution, TimelineDifference};
use tidstro_store::{
    ItemChange, MasterFileRead, MasterImport, MasterItem, MasterOutcome, MasterRowRead, RefusedRow,
};

use super::words;
use crate::answer::granted;
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
    /// How many things stay as they are.
    pub unchanged: u64,
    /// Whether nothing was written.
    pub is_dry: bool,
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterFileLine {
    /// Its name.
    pub name: String,
    /// What its rows are about; `None` if it could not be read.
    pub about: Option<&'static str>,
    /// Why it could not be read.
    pub fault: Option<MasterFileFault>,
    /// Rows with something on them.
    pub rows: u64,
    /// Rows that were refused, in order.
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
    /// `charge prices`, `profile shares`.
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
        self.files.iter().all(|file| file.fault.is_none() && file.refused.is_empty())
    }
}

/// Takes in files of master data (name and bytes), all in one step; or, dry, says what they would change. A bad row is
/// refused and the others are kept.
///
/// # Errors
/// [`FlowFault::Store`] if the store fails; nothing is kept then.
pub async fn import_master_data(
    workspace: &Workspace,
    actor: &ActorId,
    files: Vec<(String, Vec<u8>)>,
    (check, is_dry): (CheckDigit, bool),
    now: Timestamp,
) -> Result<Answer<MasterImportReport>, FlowFault> {
    let identity = ("identity", Resolution::Raw);
    let asked = workspace.permit_everything(actor, "master-data", Operation::Store, identity, now).await?;
    let permit = granted!(asked);
    let (import, lines) = read(workspace, &files, check);
    let outcome = workspace.store.import_master(&permit, import, is_dry, now).await?;
    Ok(Answer::Given(report(lines, outcome, is_dry)))
}

/// The rows of all files; what cannot be read is in the lines already.
fn read(
    workspace: &Workspace,
    files: &[(String, Vec<u8>)],
    check: CheckDigit,
) -> (MasterImport, Vec<MasterFileLine>) {
    let (mut import, mut lines) = (MasterImport::default(), Vec::with_capacity(files.len()));
    for (file, (name, bytes)) in files.iter().enumerate() {
        let mut line = MasterFileLine::of(name);
        match MasterFile::parse(bytes, workspace.zone(), check) {
            Ok(read) => {
                line.about = Some(read.kind.word());
                line.rows = read.rows.len() as u64;
                for (number, row) in read.rows {
                    match row {
                        Ok(row) => import.rows.push(MasterRowRead { file, line: number, row }),
                        Err(fault) => line.refuse(number, fault.column(), fault.to_string()),
                    }
                }
            }
            Err(fault) => line.fault = Some(fault),
        }
        let (rows, unread) = (line.rows, line.refused.len() as u64);
        let hash = Sha256::digest(bytes).into();
        import.files.push(MasterFileRead { name: name.clone(), hash, rows, unread });
        lines.push(line);
    }
    (import, lines)
}

impl MasterFileLine {
    fn of(name: &str) -> Self {
        let (about, fault, refused) = (None, None, Vec::new());
        Self { name: name.to_owned(), about, fault, rows: 0, refused, added: 0, retired: 0 }
    }

    fn refuse(&mut self, line: u64, column: Option<&'static str>, reason: String) {
        self.refused.push(RefusedLine { line, column, reason });
    }
}

fn report(mut files: Vec<MasterFileLine>, outcome: MasterOutcome, is_dry: bool) -> MasterImportReport {
    for (index, file) in files.iter_mut().enumerate() {
        (file.added, file.retired) = outcome.counts_of(index);
    }
    for RefusedRow { file, line, why } in outcome.refused {
        if let Some(file) = files.get_mut(file) {
            file.refuse(line, None, why.to_string());
        }
    }
    files.iter_mut().for_each(|file| file.refused.sort_by_key(|refused| refused.line));
    let name = |file: usize| files.get(file).map(|file| file.name.clone()).unwrap_or_default();
    let changes = outcome.items.into_iter().map(|item| change_line(name(item.file), item)).collect();
    let MasterOutcome { unsupplied, unchanged, .. } = outcome;
    MasterImportReport { files, changes, unsupplied, unchanged, is_dry }
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
