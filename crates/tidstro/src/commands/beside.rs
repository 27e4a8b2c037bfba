//! What programs that go on for ever do beside their work: closed months are compacted while nothing comes.

use std::convert::Infallible;

use tidstro_flows::{CompactNews, Quiet, Workspace, compact_beside};
use tidstro_model::ActorId;

use super::now;
use crate::show::report::counted;
use crate::show::{note, plain};

/// Compacts closed months in quiet moments until it is dropped; does nothing where nobody wants that.
pub(crate) async fn compacting(workspace: &Workspace, actor: &ActorId, is_unwanted: bool) -> Infallible {
    if is_unwanted {
        return std::future::pending().await;
    }
    compact_beside(workspace, actor, (&now, &Quiet::default()), &tell).await
}

#[expect(clippy::needless_pass_by_value, reason = "as it is told: once, and then forgotten")]
fn tell(news: CompactNews<'_>) {
    match news {
        CompactNews::Done(report) if report.months > 0 => {
            note(format_args!("{} of series compacted", counted(report.months, "closed month")));
        }
        CompactNews::BrokeOff(fault) => {
            note(format_args!("compaction broke off ({}); it goes on later", plain(&fault.to_string())));
        }
        // An actor that may not store series has nothing to compact.
        CompactNews::Bite(_) | CompactNews::Done(_) | CompactNews::Refused(_) => {}
    }
}
