//! What can be wrong with a register, and where.
//!
//! What comes in: byte offsets of faults. What goes out: one line a fault, `file:line:column: what is
//! wrong; what to write`, in the order of the file. Never: a fault without a place.

use std::fmt;
use std::ops::Range;

use tidstro_model::NameFault;

use tidstro_calendar::PeriodFault;

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
    #[error("{noun} `{id}` is already in line {first}; give one of them another id")]
    Duplicate {
        /// The kind of thing.
        noun: &'static str,
        /// The name.
        id: String,
        /// Line of the first one, counted from 1.
        first: u32,
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
        "activity `{activity}` has no retention; write `keep = {{ from = \"occupancy-end\", for = [\"P5Y\"], then = \"erase\" }}`"
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
}

/// A fault and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// Line, counted from 1.
    pub line: u32,
    /// Column in characters, counted from 1.
    pub column: u32,
    /// What is wrong there.
    pub fault: Fault,
}

/// All faults of a register, in the order of the file. Shown as one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterFaults {
    /// The file as it was named.
    pub file: String,
    /// The faults. At least one.
    pub faults: Vec<Located>,
}

impl RegisterFaults {
    pub(super) fn new(file: &str, lines: &Lines<'_>, found: Vec<Found>) -> Self {
        let located = |Found { at, fault }| {
            let (line, column) = lines.place(at);
            Located { line, column, fault }
        };
        let mut faults: Vec<_> = found.into_iter().map(located).collect();
        faults.sort_by_key(|fault| (fault.line, fault.column));
        Self { file: file.to_owned(), faults }
    }
}

impl fmt::Display for RegisterFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Located { line, column, fault }) in self.faults.iter().enumerate() {
            let newline = if index == 0 { "" } else { "\n" };
            write!(f, "{newline}{}:{line}:{column}: {fault}", self.file)?;
        }
        Ok(())
    }
}

impl std::error::Error for RegisterFaults {}

/// A fault at a byte offset.
pub(super) struct Found {
    pub(super) at: usize,
    pub(super) fault: Fault,
}

impl Found {
    pub(super) fn new(span: &Range<usize>, fault: Fault) -> Self {
        Self { at: span.start, fault }
    }
}

/// Finds lines and columns of byte offsets.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let after_breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(after_breaks).collect() }
    }

    /// Line and column (in characters) of a byte offset, both counted from 1.
    fn place(&self, at: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|&start| start <= at);
        let start = line.checked_sub(1).and_then(|index| self.starts.get(index)).copied().unwrap_or(0);
        let before = self.text.get(start..at).map_or(0, |text| text.chars().count());
        (count(line), count(before + 1))
    }

    pub(super) fn line(&self, at: usize) -> u32 {
        self.place(at).0
    }
}

/// A count of lines or columns; a file of more than four billion lines is called that long.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
