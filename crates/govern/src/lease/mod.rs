//! Leases: what each activity may still hold of what each subject left here.
//!
//! What comes in: activities of the register, the facts of an occupancy or dossier, the events that
//! moved its leases, an instant. What goes out: the state of each lease at that instant, since when and
//! until when, and whether a hold forbids erasure. An activity reads only through a live lease; data are
//! erased when the last lease has ended and no hold stands. Never: a clock, a guess about the future, an
//! event that has not happened yet.

mod admit;
mod chart;
mod event;
mod fold;
mod history;

pub use admit::admit_lease_event;
pub use chart::LeaseChart;
pub use event::{LeaseEvent, LeaseEventKind, Matter, SubjectEvent};
pub use fold::{Lease, LeaseState, lease, leases, on_hold};
pub use history::{LeaseHistory, LeaseSpan, history};

use jiff::Timestamp;
use tidstro_calendar::Zone;
use tidstro_model::{AreaKind, DayRange, DossierKind};

use crate::register::Activity;

/// Where the data of a matter lie, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ground {
    /// Metering points of an area, over the local days of an occupancy; an open end while it lasts.
    Occupancy {
        /// The kind of area.
        area: AreaKind,
        /// The days, half open.
        days: DayRange,
    },
    /// Records of a dossier.
    Dossier {
        /// What kind of dossier.
        kind: DossierKind,
        /// When it was opened.
        opened: Timestamp,
    },
}

/// An occupancy or dossier, as far as leases need to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterFact {
    /// Which one.
    pub matter: Matter,
    /// Where its data lie.
    pub ground: Ground,
}

impl Ground {
    /// Whether the activity has any business here.
    #[must_use]
    pub fn is_of(&self, activity: &Activity) -> bool {
        match self {
            Self::Occupancy { area, .. } => activity.areas.contains(area),
            Self::Dossier { kind, .. } => activity.dossiers.contains(kind),
        }
    }

    /// The instant from which there are data.
    pub(crate) fn begins(&self, zone: &Zone) -> Timestamp {
        match self {
            Self::Occupancy { days, .. } => zone.day_start(days.start()),
            Self::Dossier { opened, .. } => *opened,
        }
    }
}
