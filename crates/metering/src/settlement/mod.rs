//! Settlement: who took, gave and lost how much energy in each quarter, and what it costs.
//!
//! What comes in: blocks of local days, and master data with the time each row holds. What goes out: sums per grid
//! area, supplier and balance responsible with the set of qualities in them; exchange and grid loss; tariffs,
//! subscriptions and fees; and the series the hub computes for points (electrical heating, capacity settlement, net
//! consumption, days with missing values). Everything is a whole number: energy counts quarter watt-hours until it is
//! rounded, prices and amounts millionths. Nothing here reads a clock, a file or a rate, and a missing value never
//! passes as a measured zero: it is counted.
//!
//! The core is a [`SettlementSum`]: what blocks add up to in one group on one local day. It can be added and
//! subtracted exactly, so a corrected block costs [`SettlementSum::delta`] and not a recomputation.
//!
//! Rules: the Danish market's (regulations D.1 and H.3 of the system operator) as its hub, `DataHub` 3, publishes them in the
//! scenarios of its calculation engines. `docs/DECISIONS/0023-settlement-sums.md` says where a rule was read from.

mod amounts;
mod bytes;
mod calculation;
mod capacity;
mod charge;
mod charge_book;
mod daily;
mod energy;
mod family;
mod fault;
mod groups;
mod heating;
mod missing;
mod month;
mod monthly;
mod net_consumption;
mod parents;
mod quality;
mod readings;
mod rounding;
mod scaled;
mod sum;
mod wholesale;
mod year;

pub use amounts::{decode_amounts, encode_amounts};
pub use calculation::{AreaDay, CalculationKind, CalculationRun, Correction, history_by_day, latest_by_day};
pub use capacity::{CapacityPoint, LargestHour, capacity_settlement};
pub use charge::{Charge, ChargeLink, ChargePrice};
pub use charge_book::{ChargeBook, ChargeCount, ChargeDay};
pub use daily::{DailyQuantity, Previous, PreviousDays, SettlementType, is_unchanged};
pub use energy::{AggregationLevel, EnergyResult, EnergySeries, EnergyValue, energy_results};
pub use family::{ChildPoint, ChildRole};
pub use fault::SettlementFault;
pub use groups::{DaySums, GroupKey, GroupKind, QUARTERS_SINCE, settled_resolution};
pub use heating::{HeatingInput, HeatingParent, electrical_heating};
pub use missing::{ExpectedPoint, missing_days};
pub use month::MonthSums;
pub use monthly::{MonthlyAmount, TotalAmount, monthly_amounts, total_amounts};
pub use net_consumption::{
    EstimatedYear, NetConsumptionInput, NetConsumptionPoint, NetConsumptionYear, closed_net_consumption,
    estimated_net_consumption, estimated_years, net_consumption_of_year,
};
pub use parents::with_parents_supplier;
pub use quality::QualitySet;
pub use readings::{DayValues, EnergyUnit, MonthValues, Readings};
pub use rounding::{divide_half_away, round_in_hour};
pub use sum::{Direction, SettlementSum, SlotRange};
pub use tidstro_model::{ChargeKey, ChargeKind, ChargeResolution};
pub use tidstro_model::{GridArea, Parties, PointPeriod, PointType, SettlementMethod};
pub use wholesale::{ChargeAmount, Wholesale, charge_amounts};
pub use year::settlement_year;
