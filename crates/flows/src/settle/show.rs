//! The sums of an area as the market's series.

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_govern::Operation;
use tidstro_metering::settlement::{AggregationLevel, EnergyResult, energy_results};
use tidstro_model::Resolution;
use tidstro_store::SettledDay;

use super::SettleAsk;
use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// One series of one group on one local day. It has no `Debug`: a group may be one home.
#[derive(Clone, PartialEq, Eq)]
pub struct EnergyLine {
    /// The local day.
    pub day: Date,
    /// Length of a slot: PT15M, or PT1H before the market's transition to quarters.
    pub resolution: Resolution,
    /// What it is, whose, and the values by slot.
    pub result: EnergyResult,
}

/// A local day of a point that is in no sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftLine {
    /// The local day.
    pub day: Date,
    /// Identifier of the metering point.
    pub point: String,
    /// Why, in one word.
    pub why: &'static str,
    /// What to do about it.
    pub advice: &'static str,
}

/// The settlement of an area.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SettlementView {
    /// The series, by day.
    pub lines: Vec<EnergyLine>,
    /// What is in none of them.
    pub left: Vec<LeftLine>,
}

/// The market's series of an area on some local days; of one level, or of all.
///
/// # Errors
/// [`FlowFault`] for an unknown area, too many days, sums that are not kept, or if the store fails.
pub async fn show_settlement(
    workspace: &Workspace,
    asked: &SettleAsk,
    level: Option<AggregationLevel>,
    now: Timestamp,
) -> Result<Answer<SettlementView>, FlowFault> {
    let ask = asked.of_area(workspace, Operation::Read).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let days = workspace.store.settlement(&permit, asked.days, now).await?.open(&permit)?;
    Ok(Answer::Given(view_of(days, level)))
}

/// The series of sums, and what is in none of them.
pub(super) fn view_of(days: Vec<SettledDay>, level: Option<AggregationLevel>) -> SettlementView {
    let mut view = SettlementView::default();
    for day in days {
        view.lines.extend(lines(&day, level));
        view.left.extend(day.left.into_iter().map(|left| LeftLine {
            day: left.day,
            point: left.point,
            why: left.why.word(),
            advice: left.why.advice(),
        }));
    }
    view
}

/// The market's series of one local day; of one level, or of all.
pub(crate) fn lines(day: &SettledDay, level: Option<AggregationLevel>) -> impl Iterator<Item = EnergyLine> {
    let (date, resolution) = (day.sums.day(), day.sums.resolution());
    let results = energy_results(&day.sums, &[day.area], &day.grid_loss);
    let is_asked = move |result: &EnergyResult| level.is_none_or(|level| result.level == level);
    results.into_iter().filter(is_asked).map(move |result| EnergyLine { day: date, resolution, result })
}
