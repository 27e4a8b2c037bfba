//! Taking in files of master data: what they say is compared with what is known, row by row.
//!
//! What comes in: rows of files with their lines. What goes out: what they change, thing by thing, old and new; which rows are
//! refused and why; and, unless it is a dry run, the change itself, piece by piece, each in one transaction. Never: half of a row, or a dry run that
//! writes anything.

mod charges;
mod fit;
mod known;
mod life;
mod people;
mod places;
mod plan;
mod points;
mod refusal;
mod shares;
mod so_far;
#[cfg(test)]
mod tests;
mod weather;
mod write;

use jiff::Timestamp;
use tidstro_govern::Operation;
use tidstro_model::{
    ChargeKey, ChargeTerms, DayRange, DeviceId, Gsrn, MasterData, MasterRow, Mounting, Parties, PointState,
    TimelineDifference,
};

use super::taken::FileHash;
use crate::gate::{Permit, Terms};
use crate::personal::Writing;
use crate::{Store, StoreFault};

use plan::Plan;
pub use refusal::MasterRefusal;
pub use so_far::{FileCounts, ImportSoFar};
use write::{Endings, write_import};

/// Files of master data to take in together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MasterImport {
    /// The files.
    pub files: Vec<MasterFileRead>,
    /// Their rows that could be read, in order.
    pub rows: Vec<MasterRowRead>,
}

/// A piece of files of master data: all rows of each thing in it, in order. Files with few rows are one piece.
#[derive(Debug, Clone, Default)]
pub struct MasterPiece {
    /// All files, and the rows of the piece.
    pub import: MasterImport,
    /// What the pieces before it said.
    pub so_far: ImportSoFar,
    /// Whether no piece follows: with it is kept what became of each file.
    pub is_last: bool,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterFileRead {
    /// Its name.
    pub name: String,
    /// SHA-256 of its bytes.
    pub hash: FileHash,
    /// Rows with something on them.
    pub rows: u64,
    /// Rows that could not be read.
    pub unread: u64,
}

/// A row that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterRowRead {
    /// Index of its file.
    pub file: usize,
    /// Its line, counted from 1.
    pub line: u64,
    /// What it says.
    pub row: MasterRow,
}

/// What files of master data change, or would.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MasterOutcome {
    /// What changes, thing by thing.
    pub items: Vec<MasterItem>,
    /// Rows that are refused.
    pub refused: Vec<RefusedRow>,
    /// Points that are in use on days on which nobody supplies them.
    pub unsupplied: Vec<(Gsrn, DayRange)>,
    /// How many things stay as they are.
    pub unchanged: u64,
}

/// A thing that changes, and the file that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterItem {
    /// Index of the file.
    pub file: usize,
    /// What changes.
    pub change: ItemChange,
}

/// What changes of a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemChange {
    /// A point, or its transformer, is new.
    Place {
        /// The point.
        point: String,
    },
    /// What the market registers of a point.
    Point {
        /// The point.
        point: Gsrn,
        /// Old and new.
        difference: TimelineDifference<PointState>,
    },
    /// Who supplies a point.
    Supply {
        /// The point.
        point: String,
        /// Old and new.
        difference: TimelineDifference<Parties>,
    },
    /// Where a device hangs.
    Installation {
        /// The device.
        device: DeviceId,
        /// Old and new; points by name.
        difference: TimelineDifference<(String, Mounting)>,
    },
    /// A person is new.
    Person {
        /// What master data call them.
        reference: String,
    },
    /// An occupancy is new, or ends earlier.
    Occupancy {
        /// Whose.
        reference: String,
        /// Its days from now on.
        days: DayRange,
        /// Whether it was known, and had another end.
        is_ended: bool,
    },
    /// A charge.
    Charge {
        /// Its name.
        key: ChargeKey,
        /// Old and new.
        difference: TimelineDifference<ChargeTerms>,
    },
    /// How many times a point pays a charge.
    ChargeLink {
        /// The charge.
        key: ChargeKey,
        /// The point.
        point: Gsrn,
        /// Old and new.
        difference: TimelineDifference<i64>,
    },
    /// What a charge costs.
    ChargePrices {
        /// The charge.
        key: ChargeKey,
        /// Old and new.
        difference: NumberDifference,
    },
    /// How cold months were.
    DegreeDays {
        /// Whose weather.
        area: String,
        /// Old and new, without what is normal.
        difference: NumberDifference,
    },
    /// How a standard load profile spreads consumption over time.
    ProfileShares {
        /// Its name.
        profile: String,
        /// Old and new.
        difference: NumberDifference,
    },
}

/// Numbers that hold no longer, and those that hold from now on: from when, and millionths of a krone, billionths, or tenths of degree
/// days.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NumberDifference {
    /// What holds no longer, in order of time.
    pub retired: Vec<(Timestamp, i64)>,
    /// What holds from now on, in order of time.
    pub added: Vec<(Timestamp, i64)>,
}

impl ItemChange {
    /// Rows added and retired.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        match self {
            Self::Point { difference, .. } => lengths(difference),
            Self::Supply { difference, .. } => lengths(difference),
            Self::Installation { difference, .. } => lengths(difference),
            Self::Charge { difference, .. } => lengths(difference),
            Self::ChargeLink { difference, .. } => lengths(difference),
            Self::ChargePrices { difference, .. }
            | Self::ProfileShares { difference, .. }
            | Self::DegreeDays { difference, .. } => {
                (difference.added.len() as u64, difference.retired.len() as u64)
            }
            Self::Occupancy { is_ended: true, .. } => (0, 0),
            Self::Place { .. } | Self::Person { .. } | Self::Occupancy { .. } => (1, 0),
        }
    }
}

fn lengths<T>(difference: &TimelineDifference<T>) -> (u64, u64) {
    (difference.added.len() as u64, difference.retired.len() as u64)
}

/// A row that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// Index of its file.
    pub file: usize,
    /// Its line.
    pub line: u64,
    /// Why.
    pub why: MasterRefusal,
}

impl Store {
    /// Takes in files of master data, or says what they would change.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to store names; nothing is kept on any error.
    pub async fn import_master(
        &self,
        permit: &Permit,
        import: MasterImport,
        is_dry: bool,
        now: Timestamp,
    ) -> Result<MasterOutcome, StoreFault> {
        let piece = MasterPiece { import, so_far: ImportSoFar::default(), is_last: true };
        Ok(self.import_master_piece(permit, piece, is_dry, now).await?.0)
    }

    /// Takes in one piece of files of master data, or says what it would change; and what the next piece must know. Pieces come
    /// in the order in which one needs the other: charges, points, parents before children, devices, people, occupancies.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to store names; nothing of the piece is kept on any error.
    pub async fn import_master_piece(
        &self,
        permit: &Permit,
        piece: MasterPiece,
        is_dry: bool,
        now: Timestamp,
    ) -> Result<(MasterOutcome, ImportSoFar), StoreFault> {
        let terms = permit.must_allow(Operation::Store, self.columns.names()?, now)?;
        self.threads.write(move |writing| take(writing, piece, &terms, is_dry, now)).await
    }
}

fn take(
    writing: &mut Writing,
    mut piece: MasterPiece,
    terms: &Terms,
    is_dry: bool,
    now: Timestamp,
) -> Result<(MasterOutcome, ImportSoFar), StoreFault> {
    let so_far = std::mem::take(&mut piece.so_far);
    let (outcome, data, ended, so_far) = planned(writing, &piece.import, so_far)?;
    if !is_dry {
        write_import(writing, (&piece, (&outcome, &so_far)), (&data, &ended), terms, now)?;
    }
    Ok((outcome, so_far))
}

/// What the files say, compared with what is known: the outcome, the accepted statements, and the occupancies and points that
/// end.
fn planned(
    writing: &Writing,
    import: &MasterImport,
    so_far: ImportSoFar,
) -> Result<(MasterOutcome, MasterData, Endings, ImportSoFar), StoreFault> {
    let mut plan = Plan::new(&writing.db, &import.files, &import.rows, so_far)?;
    places::plan(&mut plan);
    points::plan_points(&mut plan);
    points::plan_supplies(&mut plan);
    points::plan_installations(&mut plan)?;
    people::plan_people(&mut plan);
    people::plan_occupancies(&mut plan);
    charges::plan_charges(&mut plan)?;
    charges::plan_links(&mut plan);
    charges::plan_prices(&mut plan)?;
    shares::plan_shares(&mut plan)?;
    weather::plan_degree_days(&mut plan)?;
    Ok(plan.done())
}
