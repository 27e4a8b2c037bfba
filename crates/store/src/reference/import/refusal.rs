//! Why a row of master data is refused although it can be read.

use jiff::civil::Date;
use tidstro_model::{ChargeKey, DayRange};

/// Why a row is refused. The values in it may be about a person, so it names lines, days and points only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MasterRefusal {
    /// Two rows say different things about one day of one thing.
    #[error("shares days with line {line} of `{file}`; each day of a point or device is said once")]
    SharedDays {
        /// Name of the other row's file.
        file: String,
        /// The other row's line.
        line: u64,
    },
    /// The periods of a point would not follow each other.
    #[error(
        "leaves {days} of metering point `{point}` without a period; periods of a point follow each other without gap"
    )]
    Gap {
        /// The point.
        point: String,
        /// The days in between.
        days: DayRange,
    },
    /// The states of the point would come in an order that no point has.
    #[error(
        "makes metering point `{point}` `{next}` on {day}, after it was `{state}`; a point is new, then connected or \
         disconnected, then closed down for good"
    )]
    OutOfOrder {
        /// The point.
        point: String,
        /// The state before.
        state: &'static str,
        /// The state after it.
        next: &'static str,
        /// The first day of that.
        day: Date,
    },
    /// Nobody knows the point.
    #[error("metering point `{point}` is not in the master data; add it first")]
    UnknownPoint {
        /// The point.
        point: String,
    },
    /// Nobody stated the charge.
    #[error("charge `{charge}` is not in the master data; add it first")]
    UnknownCharge {
        /// The charge.
        charge: ChargeKey,
    },
    /// Nobody knows the parent.
    #[error("parent `{parent}` is not in the master data; add it first")]
    UnknownParent {
        /// The parent.
        parent: String,
    },
    /// A supply or installation has days on which the point is not there, or is closed down.
    #[error(
        "{what} metering point `{point}` on days outside its life, {life}; correct the days, or the point's first"
    )]
    OutsideLife {
        /// What the row says of the point, as a verb.
        what: &'static str,
        /// The point.
        point: String,
        /// From its first day to its last.
        life: DayRange,
    },
    /// The market knows nothing of the point.
    #[error("metering point `{point}` has no periods of the market; state them first")]
    NotOfTheMarket {
        /// The point.
        point: String,
    },
    /// The point is something else already.
    #[error("metering point `{point}` is known with another {what}; a point does not become another one")]
    KnownOtherwise {
        /// The point.
        point: String,
        /// What differs.
        what: &'static str,
    },
    /// Nobody knows the person.
    #[error("the person is not in the master data; add it to the file of people first")]
    UnknownPerson,
    /// Somebody else's occupancy, or another one of the same person.
    #[error(
        "shares {day} at metering point `{point}` with another occupancy; end the first before the second begins"
    )]
    OccupanciesOverlap {
        /// The point.
        point: String,
        /// A shared day.
        day: Date,
    },
    /// A known occupancy would become longer.
    #[error("would make a known occupancy longer; record a new one from the day after its end")]
    Longer,
    /// What is over and erased does not come back.
    #[error("is of an occupancy that is erased; remove the row")]
    Erased,
    /// The same person, said twice and differently.
    #[error("says something else than line {line} of `{file}` about the same thing")]
    Twice {
        /// Name of the other row's file.
        file: String,
        /// The other row's line.
        line: u64,
    },
}
