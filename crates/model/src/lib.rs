//! The words of the metering field, as types.
//!
//! What comes in: text and numbers from outside. What goes out: values that prove what was checked
//! (a [`Gsrn`] has a right check digit, a [`DayRange`] does not end before it starts). This crate
//! never reads a clock, a file or a random number, and holds no floating point: quantities are
//! integers with a power of ten and a unit. Reals that meters send become such integers on their way in.

mod charge;
mod dated;
mod decimal;
mod degree_days;
mod device;
mod factor;
mod id;
mod market;
mod master;
mod meter;
mod net_settlement;
mod obis;
mod party;
mod point_state;
mod profile;
mod quality;
mod quantity;
mod reading;
mod real;
mod time;
mod verdict;

pub use charge::{
    ChargeData, ChargeKey, ChargeKind, ChargeResolution, ChargeTerms, StatedCharge, StatedLink, StatedPrice,
};
pub use dated::{Dated, Timeline, TimelineDifference};
pub use decimal::{Decimal, DecimalFault};
pub use degree_days::{DEGREE_DAY_EXPONENT, DegreeDays, StatedDegreeDays};
pub use device::{DeviceId, DeviceName, SystemTitle};
pub use factor::{Factor, FactorFault};
pub use id::{
    AccountNo, AreaNo, CheckDigit, DeviceNo, DossierNo, Gln, Gsrn, IdFault, KeyNo, OccupancyNo, PointNo,
    SeriesNo, SourceNo, SubjectNo,
};
pub use market::{ConnectionState, GridArea, Parties, PointPeriod, PointType, SettlementMethod};
pub use master::{
    Area, AreaKind, Commodity, Installation, MasterData, MasterRow, Mounting, Occupancy, Person, Point,
    StatedPoint, Supply,
};
pub use meter::{Manufacturer, Medium, MeterFault, MeterId, MeterNumber};
pub use net_settlement::{NetSettlementFault, NetSettlementGroup, SettlementMonth};
pub use obis::{Obis, ObisFault};
pub use party::{
    ActivityId, ActorId, CaseId, CategoryId, ControlId, DossierKind, NameFault, NoticeId, ObligationId,
    PartyId, RoleId, SubjectKind, TriggerId,
};
pub use point_state::{MarketUnit, PointState, Product, SubType};
pub use profile::{SHARE_EXPONENT, StatedShare};
pub use quality::{Finding, Findings, Mark, Method, Quality, Rule};
pub use quantity::{Quantity, QuantityKind, Unit};
pub use reading::{Function, Modifier, Reading, Value};
pub use time::{DayRange, Interval, RangeFault, Resolution};
pub use verdict::Verdict;
