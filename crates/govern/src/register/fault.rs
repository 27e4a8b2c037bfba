//! What can be wrong with a register, and where.
//!
//! What comes in: byte offsets of faults. What goes out: one line a fault, `file:line:column: what is
//! wrong; what to write`, in the order of the file. Never: a fault without a place.

use std::fmt;
use std::ops::Range;

use tidstro_model::NameFault;

use tidstro_calendar::PeriodFault;

use super::whole::Whole;

/// What is wrong with one place of a register.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not TOML, or TOML of another shape: a missing or unknown key, a number for a text.
    #[error("{message}")]
    Shape {
        /// What the TOML reader says.
        message: String,
    },
    /// A table that no register has.
    #[error("unknown table `{table}`; write one of {known}")]
    UnknownTable {
        /// The table as written.
        table: String,
        /// The tables a register has.
        known: String,
    },
    /// The `[register]` table is missing.
    #[error("table `[register]` is missing; write it first, with `id`, `edition` and `operator`")]
    NoHead,
    /// A name of the wrong form.
    #[error(transparent)]
    Name(#[from] NameFault),
    /// Two of a kind with one name.
    #[error("{noun} `{id}` is already at {first}; give one of them another id")]
    Duplicate {
        /// The kind of thing.
        noun: &'static str,
        /// The name.
        id: String,
        /// The first one, as `file:line`.
        first: String,
    },
    /// A name that leads nowhere.
    #[error("there is no {noun} `{id}`; write one of {known}, or add it as `[[{noun}]]`")]
    Dangling {
        /// The kind of thing.
        noun: &'static str,
        /// The name.
        id: String,
        /// The names there are.
        known: String,
    },
    /// A word outside its closed list.
    #[error("`{got}` is not {what}; write one of {known}")]
    Word {
        /// What stands here.
        what: &'static str,
        /// The word as written.
        got: String,
        /// The words there are.
        known: String,
    },
    /// A retention period that cannot be.
    #[error(transparent)]
    Period(#[from] PeriodFault),
    /// Not an assigned country code.
    #[error("`{got}` is not a country; write its two capital letters of ISO 3166-1, such as `DK`")]
    Country {
        /// The text as written.
        got: String,
    },
    /// A list or text that must not be empty.
    #[error("`{field}` is empty; {write}")]
    Empty {
        /// The key.
        field: &'static str,
        /// What to write.
        write: &'static str,
    },
    /// An activity without a legal basis (GDPR art. 6(1)).
    #[error(
        "activity `{activity}` has no legal basis; write `basis = [{{ gdpr = \"6(1)(b)\", cite = \"…\" }}]`"
    )]
    NoBasis {
        /// The activity.
        activity: String,
    },
    /// An activity without retention (GDPR art. 5(1)(e)).
    #[error(
        "activity `{activity}` has no retention; write `keep = [{{ from = \"occupancy-end\", for = [\"P5Y\"], then = \"erase\" }}]`"
    )]
    NoRetention {
        /// The activity.
        activity: String,
    },
    /// A processor's activity without the controller's instruction (GDPR art. 28(3)(a)).
    #[error(
        "activity `{activity}` is decided by `{controller}` and run by `{operator}` without an instruction; write `instruction = \"…\"` with the clause that gives it"
    )]
    NoInstruction {
        /// The activity.
        activity: String,
        /// Who decides.
        controller: String,
        /// Who runs it.
        operator: String,
    },
    /// A controller that the register calls something else.
    #[error(
        "party `{party}` is a {kind}, not a controller; name a party of kind `controller`, or change its kind"
    )]
    NotAController {
        /// The party.
        party: String,
        /// What it is.
        kind: &'static str,
    },
    /// A category that nothing keeps.
    #[error("category `{category}` is kept by no activity; add it to the `data` of one, or remove it")]
    NotKept {
        /// The category.
        category: String,
    },
    /// An activity that collects from meters nobody has placed, in a register that lets them be kept for ever.
    #[error(
        "`{activity}` collects in `unassigned`, and nothing ends what meters say that nobody has placed; write \
         `unplaced_keep`, such as \"P3M\", in the head of the register"
    )]
    UnplacedWithoutEnd {
        /// The activity.
        activity: String,
    },
    /// An activity that wants a category finer than it exists, or in steps where there are none.
    #[error("`{category}` is at most `{finest}`, not `{got}`; write `{finest}` or a coarser resolution")]
    FinerThanCategory {
        /// The category.
        category: String,
        /// The finest the category has.
        finest: &'static str,
        /// What the activity wants.
        got: &'static str,
    },
    /// A column not written as `table.column`.
    #[error("`{got}` is not a column; write `table.column` in small letters")]
    Column {
        /// The text as written.
        got: String,
    },
    /// A column in two categories.
    #[error("column `{column}` is already in category `{category}`; leave it in one of them")]
    ColumnTwice {
        /// The column.
        column: String,
        /// The category that has it.
        category: String,
    },
    /// A kind of subjects that no category of the activity is about.
    #[error(
        "no category of activity `{activity}` is about `{subject}`; add one to `data`, or remove the subject"
    )]
    SubjectWithoutData {
        /// The activity.
        activity: String,
        /// The kind of subjects.
        subject: String,
    },
    /// A resident written as a member of the staff.
    #[error("`{actor}` is a resident, and residents get their roles from `[resident]`; remove this actor")]
    ResidentAsActor {
        /// The actor.
        actor: String,
    },
    /// An activity that would show residents each other's data.
    #[error(
        "activity `{activity}` admits the residents' role `{role}` to everybody's data; write `own_only = true` or remove the role"
    )]
    ResidentsSeeOthers {
        /// The activity.
        activity: String,
        /// The role.
        role: String,
    },
    /// A retention rule with no length, or more than one.
    #[error(
        "a retention rule says how long once; write one of `for = [\"P5Y\"]`, `at_most = \"P14D\"`, `at_once = true`"
    )]
    KeepLength,
    /// An amount where only some kinds make sense.
    #[error("`{got}` cannot stand here; write {write}")]
    Amount {
        /// The amount as written.
        got: String,
        /// What to write.
        write: &'static str,
    },
    /// An activity that works nowhere.
    #[error(
        "activity `{activity}` works nowhere; write `areas = [\"building\"]` or `dossiers = [\"ticket\"]`"
    )]
    NoGround {
        /// The activity.
        activity: String,
    },
    /// A purpose that needs a field no category of it has (GDPR art. 5(1)(a), (b)).
    #[error(
        "activity `{activity}` uses field `{field}`, which is in no category of its `data`; nobody collects it for this purpose: add it to the `fields` of a category that is collected, under an activity of its own, or do not use it"
    )]
    FieldNotCollected {
        /// The activity.
        activity: String,
        /// The field.
        field: String,
    },
    /// A field said not to be collected, and yet part of what is.
    #[error(
        "activity `{activity}` says that field `{field}` is not collected, and category `{category}` of its `data` has it; remove it from one of the two"
    )]
    FieldExcluded {
        /// The activity.
        activity: String,
        /// The field.
        field: String,
        /// The category.
        category: String,
    },
    /// A field that one and the same activity uses and says is not collected.
    #[error(
        "activity `{activity}` uses field `{field}` and says that it is not collected; write an activity of its own that collects it, with its own basis and retention"
    )]
    FieldContradiction {
        /// The activity.
        activity: String,
        /// The field.
        field: String,
    },
    /// A category that activities use and none collects.
    #[error(
        "category `{category}` is used by {activities} and collected by none; add `collect` to the `do` of the activity that collects it"
    )]
    NotCollected {
        /// The category.
        category: String,
        /// The activities that use it.
        activities: String,
    },
    /// A recipient in a third country without a ground (GDPR art. 44).
    #[error(
        "party `{party}` is in `{country}`, outside the European Economic Area, and has no ground of transfer; write `transfer = {{ ground = \"adequacy\", cite = \"…\" }}` at the party, or remove it from `to`"
    )]
    NoTransferGround {
        /// The party.
        party: String,
        /// Its country.
        country: String,
    },
    /// A sub-processor that cannot be named (GDPR art. 28(2), 30(2)(a)).
    #[error(
        "sub-processor `{party}` has no {missing}; write `{key} = \"…\"` at the party, or remove it from `to`"
    )]
    IncompleteProcessor {
        /// The party.
        party: String,
        /// What is missing.
        missing: &'static str,
        /// The key to write.
        key: &'static str,
    },
    /// Inferring special categories is no purpose (GDPR art. 9(1); Datatilsynet 2021-31-5478).
    #[error(
        "`infer` cannot be done: special categories must not be derived from other data; remove it from `do` of `{activity}`"
    )]
    Inference {
        /// The activity.
        activity: String,
    },
    /// A number outside its range.
    #[error("`{field}` is {got}; write {write}")]
    Number {
        /// The key.
        field: &'static str,
        /// The number as written.
        got: u8,
        /// What to write.
        write: &'static str,
    },
    /// A number of minutes outside its range.
    #[error("`{field}` is {got}; write {write}")]
    Minutes {
        /// The key.
        field: &'static str,
        /// The number as written.
        got: u16,
        /// What to write.
        write: String,
    },
    /// A purpose of log-in that keeps no accounts.
    #[error(
        "activity `{activity}` keeps no accounts; write `dossiers = [\"account\"]` and the category with column \
         `account.sealed_name` in its `data`, or name another activity"
    )]
    LoginWithoutAccounts {
        /// The activity.
        activity: String,
    },
    /// Residents who log in and are nobody.
    #[error(
        "residents log in here and have no role; write `[resident]` with `roles`, or remove `[login.resident]`"
    )]
    LoginWithoutResidents,
    /// A text that is no local day or clock time.
    #[error("`{got}` is not {what}")]
    Time {
        /// What stands here, with an example.
        what: &'static str,
        /// The text as written.
        got: String,
    },
    /// An end that is not after its begin.
    #[error("`to` is not after `from`; write a later one")]
    EndBeforeBegin,
    /// An unknown zone.
    #[error("`{got}` is not a time zone; write its IANA name, such as `Europe/Copenhagen`")]
    Zone {
        /// The text as written.
        got: String,
    },
    /// A working calendar the program does not have.
    #[error("`{got}` is not a working calendar; write one of {known}")]
    Calendar {
        /// The text as written.
        got: String,
        /// The calendars there are.
        known: String,
    },
    /// A clock that does not say which way it counts, or says both.
    #[error("a clock counts one way; write `within = \"PT72H\"` or `before = \"P1M\"`")]
    ClockDirection,
    /// A clock in days without the calendar it rolls by.
    #[error(
        "a clock of `{amount}` needs working days and has no calendar; write `calendar = \"dk-working\"`, or `roll = \"none\"` for days, weeks, months or years that do not roll"
    )]
    ClockWithoutCalendar {
        /// The amount.
        amount: String,
    },
    /// A clock whose amounts do not go together.
    #[error("{0}")]
    Clock(tidstro_calendar::ClockFault),
    /// A clock that counts back and says what only one that counts on can do.
    #[error("a clock with `before` counts back and takes no `{key}`; leave it out, or write `within`")]
    ClockBack {
        /// The key.
        key: &'static str,
    },
    /// A control that is known to work in no way, or in several.
    #[error(
        "control `{control}` is known to work in one way; write one of `probe = \"…\"`, `attestation = \"role\"`, `document = \"…\"`"
    )]
    ControlProof {
        /// The control.
        control: String,
    },
}

/// A fault and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The file as it was named.
    pub file: String,
    /// Line, counted from 1.
    pub line: u32,
    /// Column in characters, counted from 1.
    pub column: u32,
    /// What is wrong there.
    pub fault: Fault,
}

/// All faults of a register, in the order of the files. Shown as one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterFaults {
    /// The faults. At least one.
    pub faults: Vec<Located>,
}

impl RegisterFaults {
    pub(super) fn new(whole: &Whole<'_>, mut found: Vec<Found>) -> Self {
        found.sort_by_key(|found| found.at);
        let located = |Found { at, fault }| {
            let (file, line, column) = whole.place(at);
            Located { file: file.to_owned(), line, column, fault }
        };
        Self { faults: found.into_iter().map(located).collect() }
    }
}

impl fmt::Display for RegisterFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Located { file, line, column, fault }) in self.faults.iter().enumerate() {
            let newline = if index == 0 { "" } else { "\n" };
            write!(f, "{newline}{file}:{line}:{column}: {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for RegisterFaults {}

/// A fault at a byte offset of the whole text.
pub(super) struct Found {
    pub(super) at: usize,
    pub(super) fault: Fault,
}

impl Found {
    pub(super) fn new(span: &Range<usize>, fault: Fault) -> Self {
        Self { at: span.start, fault }
    }
}
