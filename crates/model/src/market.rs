//! What the electricity market knows of a metering point: what it measures, in which grid area, who stands for its
//! energy, and from when to when.
//!
//! What comes in: codes of the market. What goes out: types that hold only what the market has a code for. Nothing here
//! knows who a customer is.

use std::fmt;

use crate::{Gln, Gsrn, Interval, Resolution};

/// A grid area of the market: three digits, written with its zeros (`003`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GridArea(u16);

impl GridArea {
    /// Reads three digits; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_code { text.parse().ok().map(Self) } else { None }
    }
}

impl fmt::Display for GridArea {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

/// How the consumption of a point is settled (code in brackets, ebIX).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SettlementMethod {
    /// By its own intervals, every month (D01).
    Flex,
    /// By its own intervals, and not by a profile (E02).
    NonProfiled,
}

impl SettlementMethod {
    /// Reads an ebIX code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "D01" => Some(Self::Flex),
            "E02" => Some(Self::NonProfiled),
            _ => None,
        }
    }

    /// The ebIX code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Flex => "D01",
            Self::NonProfiled => "E02",
        }
    }

    /// Reads a word as [`SettlementMethod::word`] writes it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Flex, Self::NonProfiled].into_iter().find(|method| method.word() == word)
    }

    /// The word used in results.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::NonProfiled => "non_profiled",
        }
    }
}

/// What a metering point measures.
///
/// Points of energy sums carry what their group needs; every other type is a child point of the code list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PointType {
    /// Energy taken from the grid (E17).
    Consumption(SettlementMethod),
    /// Energy given to the grid (E18).
    Production,
    /// Energy between two grid areas (E20).
    Exchange {
        /// The area the energy comes from.
        from: GridArea,
        /// The area it goes to.
        to: GridArea,
    },
    /// A child point: its code and word in [`PointType::CHILDREN`].
    Child(&'static str),
}

impl PointType {
    /// Child points: ebIX code, word, and whether charges are settled for them (code list of the Danish market; which
    /// are settled: DataHub's wholesale engine).
    pub const CHILDREN: [(&'static str, &'static str, bool); 21] = [
        ("D01", "ve_production", true),
        ("D02", "analysis", false),
        ("D04", "surplus_production_group_6", false),
        ("D05", "net_production", true),
        ("D06", "supply_to_grid", true),
        ("D07", "consumption_from_grid", true),
        ("D08", "wholesale_services_information", true),
        ("D09", "own_production", true),
        ("D10", "net_from_grid", true),
        ("D11", "net_to_grid", true),
        ("D12", "total_consumption", true),
        ("D13", "net_loss_correction", false),
        ("D14", "electrical_heating", true),
        ("D15", "net_consumption", true),
        ("D17", "other_consumption", false),
        ("D18", "other_production", false),
        ("D19", "capacity_settlement", true),
        ("D20", "exchange_reactive_energy", false),
        ("D21", "collective_net_production", false),
        ("D22", "collective_net_consumption", false),
        ("D99", "internal_use", false),
    ];

    /// The child point type with this code, such as `D14`.
    #[must_use]
    pub fn child(code: &str) -> Option<Self> {
        Self::CHILDREN.iter().find(|(known, _, _)| *known == code).map(|(_, word, _)| Self::Child(word))
    }

    /// The type with this ebIX code. Consumption has a settlement method and exchange has its two areas (from, to); `None`
    /// for an unknown code, or one without what it needs.
    #[must_use]
    pub fn of_code(
        code: &str,
        method: Option<SettlementMethod>,
        exchange: Option<(GridArea, GridArea)>,
    ) -> Option<Self> {
        match code {
            "E17" => method.map(Self::Consumption),
            "E18" => Some(Self::Production),
            "E20" => exchange.map(|(from, to)| Self::Exchange { from, to }),
            child => Self::child(child),
        }
    }

    /// The ebIX code: E17, E18, E20 or that of a child.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Consumption(_) => "E17",
            Self::Production => "E18",
            Self::Exchange { .. } => "E20",
            Self::Child(word) => {
                Self::CHILDREN.iter().find(|(_, known, _)| *known == word).map_or("D99", |(code, ..)| code)
            }
        }
    }

    /// Whether charges are settled for points of this type.
    #[must_use]
    pub fn is_charged(self) -> bool {
        match self {
            Self::Consumption(_) | Self::Production => true,
            Self::Exchange { .. } => false,
            Self::Child(word) => Self::CHILDREN.iter().any(|(_, known, charged)| *charged && *known == word),
        }
    }

    /// The word used in results.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Consumption(_) => "consumption",
            Self::Production => "production",
            Self::Exchange { .. } => "exchange",
            Self::Child(word) => word,
        }
    }

    /// The settlement method; consumption only has one.
    #[must_use]
    pub const fn settlement_method(self) -> Option<SettlementMethod> {
        match self {
            Self::Consumption(method) => Some(method),
            _ => None,
        }
    }
}

/// What a metering point is on a local day (market code in brackets).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ConnectionState {
    /// Made, and not yet connected (D03).
    New,
    /// Connected (E22).
    Connected,
    /// Disconnected (E23).
    Disconnected,
    /// Closed down for good (D02).
    ClosedDown,
}

impl ConnectionState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::New, Self::Connected, Self::Disconnected, Self::ClosedDown];

    /// The word used in files, answers and screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Connected => "connected",
            Self::Disconnected => "disconnected",
            Self::ClosedDown => "closed-down",
        }
    }

    /// Reads a word as [`ConnectionState::word`] writes it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Who stands for the energy of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Parties {
    /// The supplier.
    pub supplier: Option<Gln>,
    /// The balance responsible of the supplier.
    pub balance_responsible: Option<Gln>,
}

/// A time in which everything of a metering point that settlement needs stays the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PointPeriod {
    /// The metering point.
    pub point: Gsrn,
    /// What it measures.
    pub kind: PointType,
    /// The grid area it lies in.
    pub area: GridArea,
    /// How often it measures: PT15M or PT1H.
    pub resolution: Resolution,
    /// The point it is a child of.
    pub parent: Option<Gsrn>,
    /// Who stands for its energy. Children have none of their own.
    pub parties: Parties,
    /// From when to when.
    pub valid: Interval,
}

impl PointPeriod {
    /// This period inside a window; `None` if they have nothing in common.
    #[must_use]
    pub fn cut(&self, window: Interval) -> Option<Self> {
        self.valid.intersect(window).map(|valid| Self { valid, ..*self })
    }

    /// Whether its energy counts for this area: it lies there, or exchanges with it.
    #[must_use]
    pub fn concerns(&self, area: GridArea) -> bool {
        match self.kind {
            PointType::Exchange { from, to } => from == area || to == area,
            _ => self.area == area,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_three_digits() {
        assert_eq!(GridArea::parse("003").unwrap().to_string(), "003");
        for text in ["3", "0003", "a03", "+03", ""] {
            assert_eq!(GridArea::parse(text), None, "{text}");
        }
    }
}
