//! A seeded, believable town.
//!
//! What comes in: a [`TownPlan`] with a seed. What goes out: buildings with radio meters, an electricity grid
//! area, invented people, and the files their gateways and head-end deliver: encrypted OMS wireless M-Bus
//! telegrams and hourly interval data, faults included. The world also knows the truth behind the files, so
//! that tests can compare what is disclosed with what was consumed. It feeds the demo, the tests and the
//! benchmarks. It does no IO, reads no clock, and names nobody who exists; same plan, same bytes.
//!
//! ```
//! use tidstro_world::{Town, TownPlan};
//!
//! let town = Town::build(&TownPlan::new(1, 24, 14));
//! assert!(town.keys_csv().starts_with("manufacturer,id,version,type,key\n"));
//! for (name, days) in town.gateway_files() {
//!     let bytes: usize = days.map(|day| day.len()).sum();
//!     assert!(bytes > 0, "{name}");
//! }
//! ```

mod bench;
mod building;
mod chance;
mod climate;
mod curve;
mod degree_days;
mod grid;
mod master_data;
mod past;
mod people;
mod period;
mod place;
mod plan;
mod radio;
mod says;
mod town;
mod truth;

pub mod encode;
pub mod facts;
pub mod meter_server;

pub use bench::{BenchFile, bench_interval_file, bench_interval_part, bench_quarter_part};
pub use building::{Flat, Household, Stay};
pub use grid::{GRID_AREA, GridPoint, IntervalDays, MarketPoint, Profile, PushingMeter};
pub use people::Person;
pub use place::{Meter, Place, PointKind, Room, Security};
pub use plan::TownPlan;
pub use radio::{GatewayDays, LineForm};
pub use town::Town;
