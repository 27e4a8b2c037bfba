//! Finding anew what waits, from the days themselves: once for days that were stored before it was kept, and as a proof at any time.

use jiff::Timestamp;

use crate::answer::given;
use crate::disclose::SeriesAsk;
use crate::series_steps::{SeriesSteps, Which};
use crate::{Answer, FlowFault, Workspace};

/// Looks at every stored day of the series in scope; gives how many had waited otherwise. They are right then. Of the ask count actor,
/// purpose, category, point or area, and series; `progress` is told how many series are done, and how many there are.
///
/// # Errors
/// [`FlowFault`] for an unknown area, or if the store fails; what was done stays.
pub async fn recount_findings(
    workspace: &Workspace,
    asked: &SeriesAsk,
    progress: &dyn Fn(usize, usize),
    now: Timestamp,
) -> Result<Answer<u64>, FlowFault> {
    let mut steps = given!(SeriesSteps::begin(workspace, asked.clone(), Which::ToJudge, now).await?);
    let mut others = 0;
    loop {
        if let Some(refuse) = steps.renew(now).await? {
            return Ok(Answer::Refused(refuse));
        }
        let series = steps.series();
        if series.is_empty() {
            return Ok(Answer::Given(others));
        }
        let count = series.len();
        others += workspace.store.recount_findings(steps.permit(), series, now).await?;
        steps.did(count);
        let (done, all) = steps.progress();
        progress(done, all);
    }
}
