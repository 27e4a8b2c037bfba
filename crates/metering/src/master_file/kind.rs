//! What a file of master data is about: found by the columns of its header.

/// What the rows of a file are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MasterFileKind {
    /// Metering points of any commodity, and where they lie.
    Places,
    /// What the market registers of electricity points.
    Points,
    /// Who supplies electricity points.
    Supplies,
    /// Where devices hang.
    Installations,
    /// People.
    People,
    /// Who lived or was supplied where.
    Occupancies,
    /// What suppliers pay for points.
    Charges,
    /// Which points pay charges.
    ChargeLinks,
    /// What charges cost.
    ChargePrices,
    /// Shares of standard load profiles.
    ProfileShares,
    /// How cold months were.
    DegreeDays,
}

impl MasterFileKind {
    /// Every kind, in the order in which one needs the other.
    pub const ALL: [Self; 11] = [
        Self::Places,
        Self::Points,
        Self::Supplies,
        Self::Installations,
        Self::People,
        Self::Occupancies,
        Self::Charges,
        Self::ChargeLinks,
        Self::ChargePrices,
        Self::ProfileShares,
        Self::DegreeDays,
    ];

    /// The word used in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Places => "places",
            Self::Points => "points",
            Self::Supplies => "supplies",
            Self::Installations => "installations",
            Self::People => "people",
            Self::Occupancies => "occupancies",
            Self::Charges => "charges",
            Self::ChargeLinks => "charge links",
            Self::ChargePrices => "charge prices",
            Self::ProfileShares => "profile shares",
            Self::DegreeDays => "degree days",
        }
    }

    /// The columns every file of this kind has.
    #[must_use]
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Places => &["metering_point_id", "area", "area_kind", "commodity"],
            // The columns of the market's calculations.
            Self::Points => &[
                "metering_point_id",
                "type",
                "settlement_method",
                "grid_area_code",
                "resolution",
                "from_grid_area_code",
                "to_grid_area_code",
                "parent_metering_point_id",
                "energy_supplier_id",
                "balance_responsible_party_id",
                "from_date",
                "to_date",
            ],
            Self::Supplies => &[
                "metering_point_id",
                "energy_supplier_id",
                "balance_responsible_party_id",
                "from_date",
                "to_date",
            ],
            Self::Installations => &["device", "metering_point_id", "from_date", "to_date"],
            Self::People => &["reference", "name", "contact"],
            Self::Occupancies => &["reference", "metering_point_ids", "from_date", "to_date"],
            Self::Charges => &[
                "charge_code",
                "charge_type",
                "charge_owner_id",
                "resolution",
                "is_tax",
                "from_date",
                "to_date",
            ],
            Self::ChargeLinks => &[
                "charge_code",
                "charge_type",
                "charge_owner_id",
                "metering_point_id",
                "quantity",
                "from_date",
                "to_date",
            ],
            Self::ChargePrices => {
                &["charge_code", "charge_type", "charge_owner_id", "charge_price", "charge_time"]
            }
            Self::ProfileShares => &["profile", "share_time", "share"],
            Self::DegreeDays => &["area", "month", "degree_days", "normal_degree_days"],
        }
    }

    /// The columns it may have beside them; where one is not there, its field counts as empty.
    pub(super) const fn more(self) -> &'static [&'static str] {
        match self {
            Self::Places => &["flat", "room", "transformer"],
            // What the market's own files call `calculation_type` says nothing about a point, and is not read.
            Self::Points => &[
                "calculation_type",
                "sub_type",
                "connection_state",
                "unit",
                "product",
                "factor",
                "grid_loss",
                "net_settlement_group",
                "settlement_month",
                "electrical_heating",
            ],
            Self::Installations => &["factor", "multiplier", "digits"],
            Self::Supplies
            | Self::People
            | Self::Occupancies
            | Self::Charges
            | Self::ChargeLinks
            | Self::ChargePrices
            | Self::ProfileShares
            | Self::DegreeDays => &[],
        }
    }
}
