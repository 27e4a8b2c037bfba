//! Rows of exported settlement, until there are enough for a row group.

use parquet::data_type::ByteArray;
use tidstro_calendar::Zone;
use tidstro_metering::settlement::AggregationLevel;
use tidstro_model::{Gln, Quality};

use super::columns::{Column, Nullable, Rows, text};
use crate::EnergyLine;

/// The table, as `docs/EXPORT.md` tells it. Energy is exact: watt-hours as thousandths of a kWh.
const TABLE: &str = "message settlement {
    required binary series (STRING);
    required binary level (STRING);
    optional binary supplier (STRING);
    optional binary balance_responsible (STRING);
    optional binary neighbour (STRING);
    required binary resolution (STRING);
    required int64 start (TIMESTAMP(MICROS,true));
    optional int64 energy_kwh (DECIMAL(18,3));
    optional binary qualities (STRING);
}";

/// Rows of the table, column by column. Points that stand for grid loss are not among them.
pub(super) struct SettlementRows {
    series: Vec<ByteArray>,
    level: Vec<ByteArray>,
    supplier: Nullable<ByteArray>,
    balance_responsible: Nullable<ByteArray>,
    neighbour: Nullable<ByteArray>,
    resolution: Vec<ByteArray>,
    start: Vec<i64>,
    energy_kwh: Nullable<i64>,
    qualities: Nullable<ByteArray>,
}

impl Rows for SettlementRows {
    const TABLE: &'static str = TABLE;

    fn new() -> Self {
        Self {
            series: Vec::new(),
            level: Vec::new(),
            supplier: Nullable::new(),
            balance_responsible: Nullable::new(),
            neighbour: Nullable::new(),
            resolution: Vec::new(),
            start: Vec::new(),
            energy_kwh: Nullable::new(),
            qualities: Nullable::new(),
        }
    }

    fn len(&self) -> usize {
        self.start.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        vec![
            Column::Text(&self.series),
            Column::Text(&self.level),
            Column::NullableText(&self.supplier),
            Column::NullableText(&self.balance_responsible),
            Column::NullableText(&self.neighbour),
            Column::Text(&self.resolution),
            Column::Long(&self.start),
            Column::NullableLong(&self.energy_kwh),
            Column::NullableText(&self.qualities),
        ]
    }
}

impl SettlementRows {
    /// Adds every value of a series of one group on one local day.
    pub(super) fn push(&mut self, line: &EnergyLine, zone: &Zone) {
        let result = &line.result;
        let gln = |party: Option<Gln>| party.map(|gln| text(&gln.to_string()));
        let (supplier, responsible) = (gln(result.parties.supplier), gln(result.parties.balance_responsible));
        let neighbour = result.neighbour.map(|area| text(&area.to_string()));
        let (series, level) = (text(result.series.word()), text(level(result.level)));
        let resolution = text(line.resolution.code());
        for (slot, value) in (0..).zip(&result.values) {
            let Some(start) = zone.slot_start(line.day, line.resolution, slot) else { continue };
            self.series.push(series.clone());
            self.level.push(level.clone());
            self.supplier.push(supplier.clone());
            self.balance_responsible.push(responsible.clone());
            self.neighbour.push(neighbour.clone());
            self.resolution.push(resolution.clone());
            self.start.push(start.as_microsecond());
            self.energy_kwh.push(value.map(|value| value.watt_hours));
            let words = value.map(|value| value.qualities.qualities().map(Quality::word).collect::<Vec<_>>());
            self.qualities.push(words.map(|words| text(&words.join(" "))));
        }
    }
}

const fn level(level: AggregationLevel) -> &'static str {
    match level {
        AggregationLevel::Supplier => "supplier",
        AggregationLevel::BalanceResponsible => "balance-responsible",
        AggregationLevel::Area => "area",
    }
}
