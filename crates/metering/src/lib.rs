//! Series of meter readings: what is kept, what is wrong with it, and what it says more coarsely.
//!
//! What comes in: values of one register of one metering point, as a head-end or a telegram gave
//! them. What goes out: blocks of one local day ([`IntervalBlock`], [`RegisterBlock`]), the findings of
//! validation, values for intervals that have none ([`estimation`]), sums over coarser periods ([`Span`]), the
//! market's settlement ([`settlement`]), and how far an operating day has come ([`cycle`]). This crate never reads a file or a clock, never rounds what was measured, and never
//! lets a missing value pass as zero.

pub mod alarms;
pub mod cycle;
mod degree_days;
pub mod estimation;
pub mod interval_file;
pub mod master_file;
mod series;
pub mod settlement;
mod validation;

pub use degree_days::{HEATED_MONTH, weather_corrected};
pub use series::{
    Block, BlockFault, Captured, CapturedKind, EditFault, IntervalBlock, IntervalDays, IntervalEnergy,
    MAX_MONTH_VALUES, MAX_VALUES, MadeVersion, Maker, MergeFault, Month, MonthFault, MonthIndex,
    MonthVersion, Mounted, News, Overruled, RegisterBlock, ResolutionFault, Span, VersionOf,
    coarsen_instants, coarsen_intervals, coarsen_registers, encode_month, energy_of_intervals, is_contested,
    overruled_in, register_readings,
};
pub use validation::{
    Bounds, Changed, Comparison, ConnectionState, Dial, Direction, Example, Explained, FaultInRules,
    FlatLimit, History, IntervalContext, Judge, Judging, JumpLimit, Limits, Memory, Outside, Passed,
    PastBlock, PastDay, RegisterContext, RegisterSurroundings, ReplacedLimit, RuleFault, Rules, SeriesTraits,
    SpikeLimit, SumLimit, Surroundings, Tail, Thresholds, Why, check_register_direction, check_sum,
    check_unit, compare, explain_intervals, explain_overruled, explain_register_direction, explain_registers,
    explain_unit, judge_sum, validate_intervals, validate_registers,
};
