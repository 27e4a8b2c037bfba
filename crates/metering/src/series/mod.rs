//! The series of one register: blocks of a local day, merging of what arrives twice, coarser periods.
//!
//! What comes in: values with their marks. What goes out: blocks, their bytes, and spans of coarser
//! resolution. Nothing here judges a value; that is validation's part.

mod accept;
mod block;
mod captured;
mod coarsen;
mod consumption;
mod edit;
mod interval;
mod merge;
mod methods;
mod month;
mod mounted;
mod news;
pub(crate) mod packing;
mod period;
mod register;

pub use block::{Block, BlockFault, MAX_VALUES};
pub use captured::{Captured, CapturedKind, IntervalEnergy, energy_of_intervals};
pub use coarsen::{ResolutionFault, Span, coarsen_intervals};
pub use consumption::{coarsen_instants, coarsen_registers, register_readings};
pub use edit::EditFault;
pub use interval::{IntervalBlock, IntervalDays};
pub use merge::MergeFault;
pub use month::{MAX_MONTH_VALUES, Month, MonthFault, MonthIndex, MonthVersion, VersionOf, encode_month};
pub use mounted::Mounted;
pub use news::{MadeVersion, Maker, News, Overruled, is_contested, overruled_in};
pub use register::RegisterBlock;
