//! How cold the months of an area were. It is about no person, so nobody is asked what for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tidstro_model::DegreeDays;

use crate::{FlowFault, Workspace};

/// Degree days of the months of an area, by the instant each begins.
///
/// # Errors
/// [`FlowFault::Store`] if the store fails.
pub async fn degree_days(
    workspace: &Workspace,
    area: &str,
) -> Result<BTreeMap<Timestamp, DegreeDays>, FlowFault> {
    let months = workspace.store.degree_days(Some(area.to_owned()), None).await?;
    Ok(months.into_iter().filter_map(|month| Some((month.at, month.days?))).collect())
}
