//! Energy and wholesale calculations: the product's results as the rows the scenarios expect.
//!
//! What comes in: `when/` of a scenario. What goes out: the rows of `energy_results/`, `wholesale_results/` and
//! `basis_data/`.

use std::path::Path;

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::Zone;
use tidstro_metering::settlement::{
    DaySums, EnergyResult, EnergySeries, PointPeriod, PointType, Readings, Wholesale, charge_amounts,
    energy_results, monthly_amounts, total_amounts, with_parents_supplier,
};
use tidstro_model::{Gsrn, Interval, Resolution};

use super::{
    Computed, basis,
    inputs::{Arguments, Inputs},
    readings::Blocks,
    results,
    table::{Fault, Table},
};

/// One local day with its results.
pub(super) struct EnergyDay {
    pub(super) day: Date,
    pub(super) results: Vec<EnergyResult>,
}

/// A calculation with everything it is made from.
pub(super) struct Calculation {
    pub(super) zone: Zone,
    pub(super) arguments: Arguments,
    pub(super) inputs: Inputs,
    /// Periods of the areas, cut to what is calculated, children with their parent's supplier.
    pub(super) points: Vec<PointPeriod>,
    pub(super) readings: Readings,
}

/// Every result of the calculation in `when/`.
pub(super) fn compute(when: &Path) -> Result<Computed, Fault> {
    let mut calculation = Calculation::read(when)?;
    let days = calculation.energy()?;
    let mut computed = Computed::new();
    results::energy(&calculation, &days, &mut computed);
    calculation.insert_grid_loss(&days);
    basis::rows(&calculation, &days, &mut computed);
    if calculation.arguments.kind.has_amounts() {
        calculation.wholesale(&mut computed)?;
    }
    Ok(computed)
}

impl Calculation {
    fn read(when: &Path) -> Result<Self, Fault> {
        let zone = Zone::copenhagen();
        let arguments = Arguments::read(&when.join("calculation_arguments.json"))?;
        let inputs = Inputs::read(when)?;
        let mut points = with_parents_supplier(&inputs.concerning(&arguments.areas), arguments.period);
        // Children have charges, and no part in energy.
        points.retain(|period| match period.kind {
            PointType::Child(_) => arguments.kind.has_amounts() && period.kind.is_charged(),
            _ => true,
        });
        let measured = Table::read(&when.join("time_series_points.csv"))?;
        let readings = Blocks::read(&zone, &measured.rows, |point, at| resolution_at(&points, point, at))?;
        Ok(Self { zone, arguments, inputs, points, readings })
    }

    /// The local days that are calculated, the first and last perhaps in part.
    fn days(&self) -> impl Iterator<Item = Date> {
        let last = self.zone.day_of(self.arguments.period.end() - jiff::Span::new().seconds(1));
        self.zone
            .day_of(self.arguments.period.start())
            .series(jiff::Span::new().days(1))
            .take_while(move |day| *day <= last)
    }

    fn energy(&self) -> Result<Vec<EnergyDay>, Fault> {
        let loss: Vec<PointPeriod> = self
            .points
            .iter()
            .filter(|period| self.inputs.grid_loss.contains(&period.point))
            .copied()
            .collect();
        let of_day = |day| {
            let (points, resolution) = (&self.points, self.arguments.resolution);
            let sums =
                DaySums::of(&self.zone, day, resolution, points, &self.inputs.grid_loss, &self.readings)
                    .map_err(|fault| fault.to_string())?;
            Ok(EnergyDay { day, results: energy_results(&sums, &self.arguments.areas, &loss) })
        };
        self.days().map(of_day).collect()
    }

    /// Grid loss becomes the readings of its points.
    fn insert_grid_loss(&mut self, days: &[EnergyDay]) {
        for (day, result) in losses(days) {
            if let Some(point) = result.point {
                self.readings.insert(point, day, self.arguments.resolution, result.as_block());
            }
        }
    }

    fn wholesale(&self, computed: &mut Computed) -> Result<(), Fault> {
        let is_there = |period: &&PointPeriod| self.arguments.areas.contains(&period.area);
        let points: Vec<PointPeriod> = self.points.iter().filter(is_there).copied().collect();
        let wholesale = Wholesale {
            zone: &self.zone,
            period: self.arguments.period,
            points: &points,
            charges: &self.inputs.charges,
            links: &self.inputs.links,
            prices: &self.inputs.prices,
            readings: &self.readings,
        };
        let amounts = charge_amounts(&wholesale).map_err(|fault| fault.to_string())?;
        let monthly = monthly_amounts(&amounts).map_err(|fault| fault.to_string())?;
        let totals = total_amounts(&monthly).map_err(|fault| fault.to_string())?;
        let at = self.arguments.period.start();
        results::charges(&amounts, computed);
        results::monthly(&monthly, at, computed);
        results::totals(&totals, at, computed);
        Ok(())
    }
}

/// The results that are series of the points of grid loss.
pub(super) fn losses(days: &[EnergyDay]) -> impl Iterator<Item = (Date, &EnergyResult)> {
    let of_day = |day: &'_ EnergyDay| day.day;
    days.iter().flat_map(move |day| day.results.iter().map(move |result| (of_day(day), result))).filter(
        |(_, result)| {
            matches!(result.series, EnergySeries::PositiveGridLoss | EnergySeries::NegativeGridLoss)
        },
    )
}

/// The resolution a point has at an instant.
fn resolution_at(points: &[PointPeriod], point: Gsrn, at: Timestamp) -> Option<Resolution> {
    points
        .iter()
        .find(|period| period.point == point && period.valid.contains(at))
        .map(|period| period.resolution)
}

/// The part of a span inside another, as the texts of its ends.
pub(super) fn cut(valid: Interval, period: Interval) -> Option<(String, String)> {
    let (start, end) = (valid.start().max(period.start()), valid.end().min(period.end()));
    (start < end).then(|| (start.to_string(), end.to_string()))
}
