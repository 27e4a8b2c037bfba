//! Alarms: what a meter says about itself and the grid, in one catalogue whatever meter says it.
//!
//! What comes in: a status byte, error flags, the event codes and voltages of a meter, and which devices are behind
//! which transformer. What goes out: alarms that were raised, cleared or happened, each with its source and the code
//! as the meter gave it, so that a wrong mapping can be mended later. No alarm is an opinion about a person: it says
//! nothing of how much is used. Nothing here reads a clock.
//!
//! The codes of makers and profiles are data: `alarms/*.toml`.

mod catalogue;
mod chain;
mod course;
mod episode;
mod flags;
mod meter;
mod neutral;
mod profile;
mod storm;
mod telegram;
mod told;

pub use catalogue::{AlarmCode, Change, Evidence, Phase, Severity, Signal, Source};
pub use chain::NewestDays;
pub use episode::{Episode, episodes};
pub use flags::{Flag, Meaning, flags_of};
pub use meter::{AlarmEvent, MeterAlarms, StandingAlarm};
pub use neutral::{Band, Voltages, missing_neutral};
pub use profile::{EventProfile, ProfileFault, idis};
pub use storm::{LastGasp, Storm, StormLimits, storms};
pub use telegram::{of_status, of_telegram, raised};
pub use told::Told;
