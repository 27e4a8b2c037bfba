//! Everything the market registers of a metering point for some local days.
//!
//! What comes in: codes of the market. What goes out: one value that changes as a whole: a point of another type, or of
//! another resolution, has another state.

use crate::{Commodity, ConnectionState, Factor, GridArea, Gsrn, NetSettlementGroup, PointType, Resolution};

/// How a point comes to its values (market code in brackets).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SubType {
    /// A meter measures it (D01).
    Physical,
    /// It is made of child points (D02).
    Virtual,
    /// It is computed (D03).
    Calculated,
}

impl SubType {
    /// Every sub type.
    pub const ALL: [Self; 3] = [Self::Physical, Self::Virtual, Self::Calculated];

    /// The word used in files, SQL and screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Physical => "physical",
            Self::Virtual => "virtual",
            Self::Calculated => "calculated",
        }
    }

    /// Reads a word as [`SubType::word`] writes it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sub_type| sub_type.word() == word)
    }
}

/// The unit the market counts a point in, by its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MarketUnit {
    /// Kilowatt hours (KWH).
    KilowattHour,
    /// Kilovar hours of reactive energy (K3).
    KilovarHour,
    /// Pieces (H87).
    Piece,
}

impl MarketUnit {
    /// Every unit.
    pub const ALL: [Self; 3] = [Self::KilowattHour, Self::KilovarHour, Self::Piece];

    /// The market's code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::KilowattHour => "KWH",
            Self::KilovarHour => "K3",
            Self::Piece => "H87",
        }
    }

    /// Reads a code as [`MarketUnit::code`] writes it.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.code() == code)
    }
}

/// What is traded at a point, by its number (GS1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Product {
    /// Active energy.
    ActiveEnergy,
    /// Reactive energy.
    ReactiveEnergy,
}

impl Product {
    /// Every product.
    pub const ALL: [Self; 2] = [Self::ActiveEnergy, Self::ReactiveEnergy];

    /// The market's number.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ActiveEnergy => "8716867000030",
            Self::ReactiveEnergy => "8716867000047",
        }
    }

    /// Reads a number as [`Product::code`] writes it.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|product| product.code() == code)
    }
}

/// What the market registers of a point, as long as it stays the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PointState {
    /// What it measures.
    pub kind: PointType,
    /// How it comes to its values.
    pub sub_type: SubType,
    /// Whether energy flows.
    pub connection: ConnectionState,
    /// How often it measures: PT15M, PT1H or P1M.
    pub resolution: Resolution,
    /// The grid area it lies in.
    pub area: GridArea,
    /// What its values count.
    pub unit: MarketUnit,
    /// What is traded.
    pub product: Product,
    /// The point it is a child of: charges and suppliers are the parent's, and a virtual point is the sum of its children.
    pub parent: Option<Gsrn>,
    /// The proportional factor of a scaled point, applied before sending (D.1 § 6).
    pub factor: Factor,
    /// Whether the grid loss of its area is booked here: a consumption point for positive, a production point for negative loss.
    pub stands_for_grid_loss: bool,
    /// How own production behind a consumption or production point is settled, where somebody says.
    pub net_settlement: Option<NetSettlementGroup>,
    /// Whether a consumption point is heated by electricity, so that a part of its consumption is taxed as heating.
    pub is_electrically_heated: bool,
}

impl PointState {
    /// A connected physical point of active energy, settled as it is measured.
    #[must_use]
    pub const fn measured(kind: PointType, area: GridArea, resolution: Resolution) -> Self {
        Self {
            kind,
            sub_type: SubType::Physical,
            connection: ConnectionState::Connected,
            resolution,
            area,
            unit: MarketUnit::KilowattHour,
            product: Product::ActiveEnergy,
            parent: None,
            factor: Factor::ONE,
            stands_for_grid_loss: false,
            net_settlement: None,
            is_electrically_heated: false,
        }
    }

    /// Whether values are expected of it: energy flows, or may at any moment.
    #[must_use]
    pub const fn is_in_use(&self) -> bool {
        matches!(self.connection, ConnectionState::Connected | ConnectionState::Disconnected)
    }

    /// What is delivered or observed at such a point.
    #[must_use]
    pub fn commodity(&self) -> Commodity {
        const GIVEN: [&str; 8] = ["D01", "D04", "D05", "D06", "D09", "D11", "D18", "D21"];
        match self.kind {
            PointType::Consumption(_) => Commodity::ElectricityConsumption,
            PointType::Production => Commodity::ElectricityProduction,
            PointType::Exchange { .. } => Commodity::ElectricityExchange,
            PointType::Child(_) if self.kind.code() == "D20" => Commodity::ElectricityExchange,
            PointType::Child(_) if GIVEN.contains(&self.kind.code()) => Commodity::ElectricityProduction,
            PointType::Child(_) => Commodity::ElectricityConsumption,
        }
    }
}
