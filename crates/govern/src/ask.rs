//! What is asked, and the facts a decision needs.
//!
//! What comes in: names and numbers that the caller states about itself and its wish. What goes
//! out: plain values, not trusted yet. Never: a person's data; subjects are numbers.

use std::fmt;

use jiff::Timestamp;
use tidstro_model::{
    ActivityId, ActorId, AreaKind, AreaNo, CategoryId, DayRange, DossierKind, DossierNo, OccupancyNo,
    PartyId, PointNo, Resolution, SubjectNo,
};

use crate::lease::{Ground, Matter, MatterFact, SubjectEvent};
use crate::{Country, Operation};

/// Whose or which data are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// One metering point, whoever lives there.
    Point(PointNo),
    /// One subject, wherever it lives.
    Subject(SubjectNo),
    /// One dossier.
    Dossier(DossierNo),
    /// One building or grid area.
    Area(AreaNo),
    /// Everything in the store.
    Everything,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Point(number) => write!(f, "point {number}"),
            Self::Subject(number) => write!(f, "subject {number}"),
            Self::Dossier(number) => write!(f, "dossier {number}"),
            Self::Area(number) => write!(f, "area {number}"),
            Self::Everything => f.write_str("everything"),
        }
    }
}

/// One question to the gate: may this actor do this, for this purpose, to this?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Who asks.
    pub actor: ActorId,
    /// What for: an activity of the register.
    pub purpose: ActivityId,
    /// What would be done.
    pub operation: Operation,
    /// With which category of data.
    pub category: CategoryId,
    /// Whose or which.
    pub target: Target,
    /// The local days the data are about.
    pub days: DayRange,
    /// The finest resolution wanted. Without meaning for categories that are seen whole.
    pub resolution: Resolution,
    /// To whom data would be handed, for an export to somebody outside.
    pub recipient: Option<Recipient>,
    /// How many factors the actor's session has proved: 1, or 2 after a second one.
    pub factors: u8,
}

/// To whom data would be handed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// A party of the register.
    pub party: PartyId,
    /// The country they would go to, where it is not the party's own.
    pub country: Option<Country>,
}

/// One occupancy (or supply period) of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OccupancyFact {
    /// The occupancy.
    pub occupancy: OccupancyNo,
    /// Who lives there.
    pub subject: SubjectNo,
    /// The kind of area its metering points lie in.
    pub area: AreaKind,
    /// Local days, half open; an open end while it lasts.
    pub days: DayRange,
}

impl OccupancyFact {
    /// As a matter of leases.
    #[must_use]
    pub fn matter(&self) -> MatterFact {
        let ground = Ground::Occupancy { area: self.area, days: self.days };
        MatterFact { matter: Matter::Occupancy(self.occupancy), ground }
    }
}

/// One dossier of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DossierFact {
    /// The dossier.
    pub dossier: DossierNo,
    /// Whose it is; `None` where nobody is identified.
    pub subject: Option<SubjectNo>,
    /// What kind.
    pub kind: DossierKind,
    /// When it was opened.
    pub opened: Timestamp,
}

impl DossierFact {
    /// As a matter of leases.
    #[must_use]
    pub fn matter(&self) -> MatterFact {
        let ground = Ground::Dossier { kind: self.kind.clone(), opened: self.opened };
        MatterFact { matter: Matter::Dossier(self.dossier), ground }
    }
}

/// What the store knows about the target of one [`Ask`].
///
/// For a point: all occupancies of the flat or supply it belongs to. For a subject: all of its
/// occupancies and dossiers. For a dossier: itself. For an area and for everything: all dossiers, and of
/// the occupancies at least those whose lease does not follow from their days alone, because an event
/// moved it. With each, every lease event of its subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The occupancies, in any order.
    pub occupancies: Vec<OccupancyFact>,
    /// The dossiers, in any order.
    pub dossiers: Vec<DossierFact>,
    /// What moved the leases of their subjects, in any order.
    pub events: Vec<SubjectEvent>,
}
