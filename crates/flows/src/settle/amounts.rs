//! What suppliers owe for charges, as a calculation left it, with the sums of its days. This file opens what the store
//! discloses (see `tests/doors.rs`).

use jiff::Timestamp;
use tidstro_govern::Operation;
use tidstro_metering::settlement::{
    ChargeAmount, MonthlyAmount, TotalAmount, monthly_amounts, total_amounts,
};
use tidstro_store::StoreFault;

use super::SettleAsk;
use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// What suppliers owe. It has no `Debug`: a supplier may have one customer.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct AmountsView {
    /// For each charge, supplier, type of points and time.
    pub amounts: Vec<ChargeAmount>,
    /// Their sums for each charge and supplier, over the days asked for.
    pub monthly: Vec<MonthlyAmount>,
    /// Sums for each supplier and owner, and for each supplier.
    pub totals: Vec<TotalAmount>,
}

/// What suppliers owe in an area for the days asked for, as a calculation left it; nothing of one without amounts.
///
/// # Errors
/// As [`super::show_settlement_run`], and for a sum beyond 64 bits.
pub async fn show_settlement_amounts(
    workspace: &Workspace,
    asked: &SettleAsk,
    version: u64,
    now: Timestamp,
) -> Result<Answer<AmountsView>, FlowFault> {
    let ask = asked.of_area(workspace, Operation::Read).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let amounts = workspace.store.amounts_in_run(&permit, version, now).await?.open(&permit)?;
    let monthly = monthly_amounts(&amounts).map_err(StoreFault::from)?;
    let totals = total_amounts(&monthly).map_err(StoreFault::from)?;
    Ok(Answer::Given(AmountsView { amounts, monthly, totals }))
}
