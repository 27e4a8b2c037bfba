//! The settlement of the town's grid area at a glance: what was taken, given and lost, and that the sums are the values'.

use std::collections::BTreeMap;
use std::io::Write;

use tidstro_flows::{Answer, EnergyLine, SettleAsk, Workspace, show_settlement, verify_settlement};
use tidstro_metering::settlement::{AggregationLevel, EnergySeries, QualitySet};
use tidstro_model::{ActivityId, ActorId, DayRange, Gln};
use tidstro_world::GRID_AREA;

use crate::commands::now;
use crate::fault::CommandFault;
use crate::show::Table;
use crate::show::report::grouped;
use crate::show::settle::{gln, kwh, words};

/// What of an area is shown in all, in this order.
const OF_AREA: [EnergySeries; 6] = [
    EnergySeries::FlexConsumption,
    EnergySeries::NonProfiledConsumption,
    EnergySeries::Production,
    EnergySeries::NetExchange,
    EnergySeries::GridLoss,
    EnergySeries::TotalConsumption,
];

/// The town's clerk asks for its grid area, to settle.
pub(super) fn asked(days: DayRange) -> Result<SettleAsk, CommandFault> {
    Ok(SettleAsk {
        actor: ActorId::parse("staff:mikkel")?,
        purpose: ActivityId::parse("settlement")?,
        area: GRID_AREA.to_owned(),
        days,
    })
}

pub(super) async fn write(
    out: &mut impl Write,
    workspace: &Workspace,
    days: DayRange,
) -> Result<Answer<()>, CommandFault> {
    let asked = asked(days)?;
    let lines = match show_settlement(workspace, &asked, None, now()).await? {
        Answer::Given(view) => view.lines,
        Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
    };
    writeln!(out, "\nSettlement of grid area {GRID_AREA}, {days} (asked by staff:mikkel, to settle)")?;
    write!(out, "{}", sums_table(&lines))?;
    match verify_settlement(workspace, &asked, now()).await? {
        Answer::Given(view) => {
            let (sums, differing) = (grouped(view.sums), grouped(view.differing.len() as u64));
            writeln!(out, "  {sums} sums made again from the values: {differing} differ")?;
            Ok(Answer::Given(()))
        }
        Answer::Refused(refuse) => Ok(Answer::Refused(refuse)),
    }
}

/// Whose sum is shown: of the area in all, or of a supplier.
type Shown = (usize, Option<Gln>);

/// One row for each series of the area, and below it one for each supplier.
fn sums_table(lines: &[EnergyLine]) -> Table {
    let mut sums: BTreeMap<Shown, (i64, QualitySet)> = BTreeMap::new();
    for line in lines {
        let Some(place) = OF_AREA.iter().position(|series| *series == line.result.series) else { continue };
        let supplier = match line.result.level {
            AggregationLevel::Area => None,
            AggregationLevel::Supplier => line.result.parties.supplier,
            AggregationLevel::BalanceResponsible => continue,
        };
        // What belongs to no supplier is the area's own row already.
        if supplier.is_none() && line.result.level != AggregationLevel::Area {
            continue;
        }
        let sum = sums.entry((place, supplier)).or_default();
        for value in line.result.values.iter().flatten() {
            sum.0 += value.watt_hours;
            sum.1 = sum.1.union(value.qualities);
        }
    }
    let mut table = Table::new(&["series", "supplier", ">kWh", "of"]);
    for ((place, supplier), (watt_hours, qualities)) in sums {
        let series = OF_AREA.get(place).map_or("", |series| series.word());
        let named = if supplier.is_none() { series.to_owned() } else { String::new() };
        table.row(vec![named, gln(supplier), kwh(watt_hours), words(qualities).join(", ")]);
    }
    table
}
