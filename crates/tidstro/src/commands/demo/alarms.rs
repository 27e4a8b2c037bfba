//! What the town's meters say is wrong, as whoever looks after them sees it.

use std::io::Write;

use tidstro_flows::{AlarmAsk, Answer, Workspace, show_alarms};
use tidstro_model::{ActivityId, ActorId, DayRange};

use crate::commands::now;
use crate::fault::CommandFault;
use crate::show::alarms::{short_table, storm_table, summary};

/// The purposes a town's alarms are read for: a building's, and the grid's.
const PURPOSES: [&str; 2] = ["device-monitoring", "technical-monitoring"];

pub(super) async fn write(out: &mut impl Write, workspace: &Workspace) -> Result<Answer<()>, CommandFault> {
    writeln!(out, "\nWhat meters say is wrong (asked by staff:mikkel, to look after them)")?;
    for purpose in PURPOSES {
        let asked = AlarmAsk {
            actor: ActorId::parse("staff:mikkel")?,
            purpose: ActivityId::parse(purpose)?,
            point: None,
            area: None,
            days: DayRange::always(),
            standing: false,
        };
        let view = match show_alarms(workspace, &asked, now()).await? {
            Answer::Given(view) => view,
            Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
        };
        if !view.storms.is_empty() {
            write!(out, "{}", storm_table(&view.storms, workspace.zone()))?;
        }
        if !view.alarms.is_empty() {
            write!(out, "{}", short_table(&view.alarms, workspace.zone()))?;
        }
        writeln!(out, "  {purpose}: {}", summary(&view))?;
    }
    Ok(Answer::Given(()))
}
