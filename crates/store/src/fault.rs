//! What can go wrong in the store, and what to do about it.

use crate::db::DbFault;
use std::path::PathBuf;

use tidstro_govern::ColumnFault;
use tidstro_model::KeyNo;

/// Why the store could not do what was asked. A refusal is not a fault: see [`crate::Decided`].
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// The data folder or a file in it cannot be made or read.
    #[error("`{path}`: {source}; check that the folder exists and that this user may write to it")]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database file cannot be opened.
    #[error("`{path}` cannot be opened as a database: {source}; check the path, or restore it from a backup")]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// What the database said.
        source: DbFault,
    },
    /// The database file cannot be opened at present.
    #[error("`{path}`: {}", with_advice(.source))]
    NotNow {
        /// The file.
        path: PathBuf,
        /// What the database said.
        source: DbFault,
    },
    /// A newer program wrote the database.
    #[error(
        "`{path}` has schema {found}, this program knows schemas up to {known}; use the newer program that wrote it"
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// The schema number found.
        found: i64,
        /// The highest schema number this program knows.
        known: i64,
    },
    /// The login of a database may not bring its schema up to date.
    #[error(
        "schema `{schema}` of the database has step {found}, this program needs step {known}, and this login may not do \
         steps; run any command once with a login in the role `tidstro_owner`"
    )]
    StepsDenied {
        /// Data or keys.
        schema: &'static str,
        /// The last step done.
        found: i64,
        /// The step this program needs.
        known: i64,
    },
    /// The database refused a statement, or did not answer.
    #[error("{}", with_advice(.0))]
    Database(#[from] DbFault),
    /// The register has no table `[login]`, or no category of accounts.
    #[error(
        "the register lets nobody log in; write the table `[login]`, its activity and the category of accounts"
    )]
    NobodyLogsIn,
    /// There are accounts, and the register has no category for them.
    #[error(
        "there are accounts and the register has no category for them; put `account.sealed_name`, \
         `account_secret.sealed` and `account_session.browser` into a category, or close the accounts first"
    )]
    AccountsLeftOut,
    /// A password cannot be hashed.
    #[error(transparent)]
    PasswordHash(#[from] tidstro_identity::HashFault),
    /// The register does not cover the personal columns.
    #[error("the register does not fit the database:\n{}", .0.iter().map(|fault| format!("  {fault}\n")).collect::<String>().trim_end())]
    Columns(Vec<ColumnFault>),
    /// A register widens what may be read or kept, and nobody approved that. The running one goes on.
    #[error(
        "the register {hash} is not active: it widens {count} things and nobody approved that; the running one \
         stays. Look with `tidstro register diff`, have an approver run `tidstro register approve PATH --actor …`, \
         and try again\n{}", .first.join("\n")
    )]
    RegisterWidens {
        /// SHA-256 of its text, as 64 hexadecimal digits.
        hash: String,
        /// How many things it widens.
        count: usize,
        /// The first of them.
        first: Vec<String>,
    },
    /// Another program made another register the one that decides.
    #[error("another register, {hash}, became active meanwhile; run the command again to decide by it")]
    RegisterReplaced {
        /// SHA-256 of its text, as 64 hexadecimal digits.
        hash: String,
    },
    /// The register in the store does not hold together for this program.
    #[error(
        "the register kept in the store does not hold together for this program; use the program that wrote it\n{0}"
    )]
    KeptRegister(tidstro_govern::RegisterFaults),
    /// Rules in the store do not hold together for this program.
    #[error(
        "rules {no}, kept in the store, do not hold together for this program: {first}; use the program that took them in"
    )]
    KeptRules {
        /// Their number.
        no: i64,
        /// The first fault, with its line.
        first: String,
    },
    /// The store never had a register.
    #[error(
        "no register was ever active in this data set, so nothing may be done with it; give its first one with `--register PATH`"
    )]
    NoRegister,
    /// The text of a master key is not 64 hexadecimal digits.
    #[error("the master key is not 64 hexadecimal digits; check the key file or variable")]
    MasterKeyForm,
    /// The master key does not open this store's keys.
    #[error("the master key does not open the keys of this folder; use the key it was made with")]
    WrongMasterKey,
    /// A sealed value does not open: it was changed, or moved to another row.
    #[error(
        "a sealed value does not open: the row was changed outside the program; restore it from a backup"
    )]
    Tampered,
    /// A stored block opens but is not a block.
    #[error("a stored block is damaged: {0}; restore it from a backup")]
    Block(#[from] tidstro_metering::BlockFault),
    /// A stored month opens but is not a month.
    #[error("a stored month is damaged: {0}; restore it from a backup")]
    Month(#[from] tidstro_metering::MonthFault),
    /// Two blocks cannot be merged exactly.
    #[error("two versions of a block cannot be merged: {0}")]
    Merge(#[from] tidstro_metering::MergeFault),
    /// The key was destroyed: what it sealed is erased.
    #[error("key {key} was destroyed: what it sealed is erased")]
    KeyGone {
        /// Number of the key.
        key: KeyNo,
    },
    /// The key forgot the day, or began later.
    #[error(
        "key {key} seals nothing before {kept_from}, asked was {day}: older days are erased or were never kept; leave them out"
    )]
    DayGone {
        /// Number of the key.
        key: KeyNo,
        /// The local day asked for.
        day: jiff::civil::Date,
        /// The oldest local day the key still seals.
        kept_from: jiff::civil::Date,
    },
    /// Records are there of a category that the register does not have.
    #[error(
        "there are records of category `{category}`, which the register does not have; add it, or erase them with the register that has it"
    )]
    RecordCategory {
        /// The category written beside the records.
        category: String,
    },
    /// A retention run has begun and not ended.
    #[error("the retention run of preview {preview} was cut short; run it again to finish it")]
    RunUnfinished {
        /// The preview's number.
        preview: u64,
    },
    /// Keys are destroyed, but another process still reads their old state, which therefore lies in the
    /// write-ahead log.
    #[error(
        "keys are destroyed, but another program reads the key file, so that traces may be left in it; end that program and run the command again"
    )]
    KeysInUse,
    /// The cipher refused, which happens only for a used-up nonce space.
    #[error("sealing failed; start the program again")]
    Sealing,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes; keys cannot be made safely")]
    NoRandomness,
    /// A permit was shown for something it was not given for.
    #[error("the permit is to {permit}, not to {needed}; ask for a permit of its own")]
    PermitForOther {
        /// What the permit is for.
        permit: String,
        /// What needs another one.
        needed: String,
    },
    /// Nothing was shown where a permit is needed.
    #[error("no permit was shown; ask the gate for one")]
    NoPermit,
    /// A finer resolution than the permit's was read.
    #[error("the permit allows `{finest}`, not `{asked}`; ask for a permit of that resolution")]
    FinerThanPermit {
        /// Finest resolution of the permit.
        finest: tidstro_model::Resolution,
        /// Resolution asked for.
        asked: tidstro_model::Resolution,
    },
    /// Something finer than what is stored was asked for.
    #[error(transparent)]
    Resolution(#[from] tidstro_metering::ResolutionFault),
    /// An answer of more values than one answer can hold.
    #[error(
        "the answer would have up to {values} values, at most {most} are given at once; ask for fewer days or series, or a coarser resolution"
    )]
    TooMuch {
        /// Values asked for.
        values: u64,
        /// The most given at once.
        most: u64,
    },
    /// One of the two files of a store is there and the other is not.
    #[error(
        "`{missing}` is missing or empty while `{there}` holds data; put it back from the backup, or choose another folder"
    )]
    HalfThere {
        /// The file that should be there.
        missing: PathBuf,
        /// The file that is.
        there: PathBuf,
    },
    /// A permit has expired.
    #[error("the permit has expired; ask for a new one")]
    PermitExpired,
    /// Master data name something that is not there.
    #[error("{kind} `{name}` is not in the master data; add it first")]
    Dangling {
        /// What kind of thing.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// The periods of a metering point would not follow each other.
    #[error(
        "nothing is stated of metering point `{point}` for {days}; its periods must follow each other without gap"
    )]
    PointGap {
        /// The point.
        point: String,
        /// The days.
        days: tidstro_model::DayRange,
    },
    /// Two occupancies of one metering point share days.
    #[error("metering point `{point}` has two occupancies on {day}; end the first before the second begins")]
    OccupanciesOverlap {
        /// The point.
        point: String,
        /// The first shared day.
        day: jiff::civil::Date,
    },
    /// A part of the store that the register leaves out is asked for, or has rows.
    #[error(
        "the register leaves out the part of the store with table `{table}`; add the part to `parts`, with categories for its columns"
    )]
    PartLeftOut {
        /// A table of the part.
        table: &'static str,
    },
    /// Every invocation counter of a meter's key was used by our client.
    #[error("the invocation counters of this meter's key are used up; give the meter a new key")]
    CountersUsedUp,
    /// Alarms are kept, and the register has no category for them any more: nobody could see, keep or erase them.
    #[error(
        "alarms are kept here and the register has no category for `alarm.sealed`; give it one, and an activity that keeps it"
    )]
    AlarmsLeftOut,
    /// Settlement sums are kept or asked for, and the register has no category for them.
    #[error(
        "the register has no category for `settlement_sum.sealed`; give it one, and an activity that keeps it from \
         `registration`"
    )]
    SettlementLeftOut,
    /// Blocks were registered before settlement sums were kept.
    #[error("settlement sums do not cover what is stored yet; run `tidstro settle rebuild`")]
    SettlementNotKept,
    /// An area that is not of the electricity market.
    #[error("area `{name}` is no grid area of three digits; name one, such as `543`")]
    NoGridArea {
        /// Its name.
        name: String,
    },
    /// A calculation that the area does not have.
    #[error("the area has no calculation with version {version}; `tidstro settle runs` lists them")]
    NoSuchRun {
        /// The version asked for.
        version: u64,
    },
    /// A calculation that was begun and does not have all of its days: it is running, or was stopped.
    #[error(
        "the calculation with version {version} is not finished; wait for it, or run it again if it was stopped"
    )]
    RunNotFinished {
        /// The version asked for.
        version: u64,
    },
    /// A calculation of which somebody else took the days away while it ran.
    #[error(
        "the calculation with version {version} was removed while it ran, because the same one was begun again; \
         see `tidstro settle runs`"
    )]
    RunRemoved {
        /// Its version.
        version: u64,
    },
    /// None of the days asked for is in scope.
    #[error("none of these local days is in scope; ask for others")]
    NoDays,
    /// Values or sums cannot be settled.
    #[error(transparent)]
    Settlement(#[from] tidstro_metering::settlement::SettlementFault),
    /// A stored row says what this program cannot have written.
    #[error("a stored row is damaged: {what}; restore it from a backup")]
    Row {
        /// Table and column.
        what: &'static str,
    },
    /// The log does not verify.
    #[error(transparent)]
    Log(#[from] tidstro_govern::log::LogFault),
    /// A bundle of the log cannot be written.
    #[error("the bundle cannot be written: {source}; look for space and for the right to write there")]
    Bundle {
        /// What the system said.
        source: std::io::Error,
    },
    /// What was to be moved is nowhere.
    #[error("there is no data set at `{place}`; check the place it is to be moved from")]
    NothingThere {
        /// Folder or server.
        place: String,
    },
    /// A data set was to be moved to where it is.
    #[error("both places are the same; name another one to move to")]
    SamePlace,
    /// There is something else where a data set was to be moved.
    #[error(
        "the place to move to is not empty: table `{table}` has rows; choose a new folder or an empty database"
    )]
    NotEmpty {
        /// A table with rows.
        table: String,
    },
    /// Another data set is half there where one was to be moved.
    #[error("another data set is arriving there, from `{from}`; finish that move, or choose another place")]
    OtherArriving {
        /// Where it comes from.
        from: String,
    },
    /// Only a part of a data set has arrived.
    #[error(
        "the data set has arrived here only in part; run `tidstro migrate --from {from} --to …` again to finish"
    )]
    HalfArrived {
        /// Where it comes from.
        from: String,
    },
    /// The data set is elsewhere.
    #[error(
        "the data set was moved to `{to}`; use that place. If it says that only a part has arrived, run the same \
         `tidstro migrate` again"
    )]
    MovedAway {
        /// Where it is.
        to: String,
    },
    /// A move was stopped.
    #[error(
        "the move was stopped; the data set is still at the old place, and the same command goes on with what is left"
    )]
    MoveStopped,
    /// After a move, the places differ.
    #[error(
        "table `{table}` is not the same at both places: {from} rows and {to} rows; the data set is still at the old place. \
         Move it to a new folder or an empty database"
    )]
    MoveDiffers {
        /// The table.
        table: String,
        /// Rows at the old place.
        from: u64,
        /// Rows at the new one.
        to: u64,
    },
    /// The store's thread ended.
    #[error("the database thread has stopped; start the program again")]
    Stopped,
}

/// What the database said, and what to do about it.
fn with_advice(fault: &DbFault) -> String {
    let (happened, advice) = happened(fault);
    format!("{happened}: {fault}; {advice}")
}

fn happened(fault: &DbFault) -> (&'static str, &'static str) {
    if fault.is_disk_full() {
        (
            "there is no room left where the database lies",
            "nothing of this step was kept; make room and run the command again",
        )
    } else if fault.is_write_refused() {
        (
            "the system does not let the database be written",
            "nothing of this step was kept; look for room, for limits of this user, and at the disk itself, then run the \
             command again",
        )
    } else if matches!(fault, DbFault::CommitUnknown) {
        (
            "the database went away while it was keeping this step",
            "run the command again when it is back: what is there already is not kept twice",
        )
    } else if fault.is_passing() {
        (
            "another program was in the way",
            "nothing of this step was kept; run the command again when that one has ended",
        )
    } else if fault.is_lost() {
        (
            "the database does not answer",
            "nothing of this step was kept; run the command again when it is back",
        )
    } else {
        ("the database refused", "nothing of this step was kept, run the command again")
    }
}

/// How many widenings a fault names.
const NAMED: usize = 5;

impl StoreFault {
    /// A register that widens and is not approved.
    pub(crate) fn widens(diff: &tidstro_govern::RegisterDiff) -> Self {
        Self::RegisterWidens {
            hash: tidstro_govern::log::hex(&diff.new.hash),
            count: diff.widenings().count(),
            first: diff.widenings().take(NAMED).map(|change| format!("  {change}")).collect(),
        }
    }

    /// Whether what was asked for is erased: its key is gone, whole or for that day.
    #[must_use]
    pub const fn is_erased(&self) -> bool {
        matches!(self, Self::KeyGone { .. } | Self::DayGone { .. })
    }
}
