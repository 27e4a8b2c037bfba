//! Local days, working days, and the legal clocks that run over them.
//!
//! What comes in: instants ([`jiff::Timestamp`] or Unix seconds), local days ([`jiff::civil::Date`]), the name
//! of an IANA zone, the text of a working calendar, and amounts of time as laws write them. What goes out: the
//! bounds of local days of 23, 24 or 25 hours, the position of an interval in its day, and when a period ends.
//! The zone rules are the ones bundled with the program. This crate must never read a clock, the machine's own
//! zone or its zone files, and it never assumes that a day has 24 hours.

mod amount;
mod clock;
mod day;
mod notice;
mod period;
mod retention;
mod working_days;
mod zone;

pub use amount::{Amount, Hours, WorkingDays};
pub use clock::{Circumstances, Clock, ClockFault, Deadline, Event, LastDays, Profile, Roll};
pub use day::{epoch_day, first_of_month, from_epoch_day, next_month};
pub use notice::{earliest_start_day, latest_notice_day};
pub use period::{Chain, Period, PeriodFault};
pub use retention::{Kept, end_of_year, erase_at_latest, erase_from};
pub use working_days::{CalendarFault, DayOff, WorkingCalendar, easter_sunday};
pub use zone::{Zone, ZoneFault};
