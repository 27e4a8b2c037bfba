//! A change of supplier that becomes known after the sums were settled: the calculation stays as it was, a correction is another one.
//!
//! What comes in: the town, whose one change of supplier is kept back at first. What goes out: the two calculations, and in one line
//! what the second one moves. A folder in which this has happened is left as it is.

use std::io::Write;

use tidstro_flows::{
    Answer, FlowFault, Workspace, register_master_data, run_settlement, settlement_runs, show_settlement_run,
};
use tidstro_metering::settlement::{AggregationLevel, CalculationKind, Correction, EnergySeries};
use tidstro_model::{ActorId, DayRange, Gln, MasterData};
use tidstro_world::Town;
use tidstro_world::facts::SupplierChange;

use super::settlement::asked;
use crate::commands::now;
use crate::fault::CommandFault;
use crate::show::settle::kwh;

const FIXING: CalculationKind = CalculationKind::WholesaleFixing;
const CORRECTION: CalculationKind = CalculationKind::Correction(Correction::First);

/// The versions of the calculations before and after the change, as far as they were run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Calculations {
    fixing: Option<u64>,
    correction: Option<u64>,
}

/// What was run in the folder before; nothing where the area is not known yet.
pub(super) async fn run_before(
    workspace: &Workspace,
    days: DayRange,
) -> Result<Answer<Calculations>, CommandFault> {
    let lines = match settlement_runs(workspace, &asked(days)?, true, now()).await {
        Ok(Answer::Given(runs)) => runs.lines,
        Ok(Answer::Refused(refuse)) => return Ok(Answer::Refused(refuse)),
        Err(FlowFault::UnknownArea { .. }) => Vec::new(),
        Err(fault) => return Err(fault.into()),
    };
    let of = |kind| lines.iter().find(|line| line.kind == kind).map(|line| line.version);
    Ok(Answer::Given(Calculations { fixing: of(FIXING), correction: of(CORRECTION) }))
}

impl Calculations {
    /// The master data known so far: without the change of supplier until it is settled as a correction.
    pub(super) fn known_data(self, town: &Town) -> MasterData {
        let mut data = town.master_data();
        if self.correction.is_none() {
            let SupplierChange { gsrn, to, .. } = town.facts.grid.supplier_change;
            let point = gsrn.to_string();
            data.supplies.retain(|supply| supply.point != point || supply.supplier != to);
            let of_point = data.supplies.iter_mut().filter(|supply| supply.point == point);
            of_point.for_each(|supply| supply.days = DayRange::from(supply.days.start()));
        }
        data
    }

    /// Settles the days, lets the change become known, and settles them again; what was done before stays.
    pub(super) async fn run(
        self,
        workspace: &Workspace,
        (ingester, town): (&ActorId, &Town),
        days: DayRange,
    ) -> Result<Answer<Self>, CommandFault> {
        let Self { mut fixing, mut correction } = self;
        if fixing.is_none() {
            fixing = match run_settlement(workspace, &asked(days)?, (FIXING, false), now()).await? {
                Answer::Given(run) => Some(run.version),
                Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
            };
        }
        if correction.is_none() {
            match register_master_data(workspace, ingester, town.master_data(), now()).await? {
                Answer::Given(_) => {}
                Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
            }
            correction = match run_settlement(workspace, &asked(days)?, (CORRECTION, false), now()).await? {
                Answer::Given(run) => Some(run.version),
                Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
            };
        }
        Ok(Answer::Given(Self { fixing, correction }))
    }

    /// Says in a line what the correction moves.
    pub(super) async fn write(
        self,
        out: &mut impl Write,
        workspace: &Workspace,
        (change, days): (&SupplierChange, DayRange),
    ) -> Result<Answer<()>, CommandFault> {
        let (Some(fixing), Some(correction)) = (self.fixing, self.correction) else {
            return Ok(Answer::Given(()));
        };
        let mut watt_hours = [0; 2];
        for (sum, version) in watt_hours.iter_mut().zip([fixing, correction]) {
            match consumed(workspace, (version, days), change.to).await? {
                Answer::Given(found) => *sum = found,
                Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
            }
        }
        let [before, after] = watt_hours;
        writeln!(
            out,
            "  {} changed supplier on {}, which came after calculation {fixing}: that stays as it was, and its correction, calculation \
             {correction}, moves {} kWh from {} to {}",
            change.gsrn,
            change.day,
            kwh(after - before),
            change.from,
            change.to
        )?;
        Ok(Answer::Given(()))
    }
}

/// Watt-hours of flex consumption of a supplier's customers by a calculation.
async fn consumed(
    workspace: &Workspace,
    (version, days): (u64, DayRange),
    supplier: Gln,
) -> Result<Answer<i64>, CommandFault> {
    let level = Some(AggregationLevel::Supplier);
    let view = match show_settlement_run(workspace, &asked(days)?, (version, level), now()).await? {
        Answer::Given(view) => view,
        Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
    };
    let of_supplier = view.lines.iter().map(|line| &line.result).filter(|result| {
        result.series == EnergySeries::FlexConsumption && result.parties.supplier == Some(supplier)
    });
    let values = of_supplier.flat_map(|result| result.values.iter().flatten());
    Ok(Answer::Given(values.map(|value| value.watt_hours).sum()))
}
