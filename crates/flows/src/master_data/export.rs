//! Master data as files: places, points of the market with their suppliers, installations. Taken in again they change nothing.
//! People and their occupancies are not in them.

use jiff::{Timestamp, civil::Date};
use tidstro_metering::master_file::{installation_lines, place_lines, point_lines};
use tidstro_model::DayRange;
use tidstro_store::Which;

use crate::{FlowFault, Workspace};

/// Files of master data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterExport {
    /// Each file: its name, its text, and how many rows it has.
    pub files: Vec<(&'static str, String, u64)>,
}

/// Master data as they were known at a moment (now, without one), of all days or of what held on one day.
///
/// # Errors
/// [`FlowFault::Store`] if the store cannot be read.
pub async fn export_master_data(
    workspace: &Workspace,
    as_of: Option<Timestamp>,
    on: Option<Date>,
) -> Result<MasterExport, FlowFault> {
    let (store, zone) = (&workspace.store, workspace.zone());
    let holds = |days: DayRange| on.is_none_or(|day| days.contains(day));
    let periods = store.point_periods(Which::All, DayRange::always(), as_of).await?;
    let periods = periods.into_iter().filter(|period| holds(period.days));
    let points = periods.map(|period| (period.gsrn, period.state, period.parties, period.days));
    let installations = store.all_installations(as_of).await?;
    let installations = installations.into_iter().filter(|one| holds(one.days));
    Ok(MasterExport {
        files: vec![
            file("places.csv", place_lines(store.places().await?)),
            file("points.csv", point_lines(points, zone)),
            file("installations.csv", installation_lines(installations, zone)),
        ],
    })
}

fn file(name: &'static str, lines: impl Iterator<Item = String>) -> (&'static str, String, u64) {
    let (mut text, mut rows) = (String::new(), 0);
    for line in lines {
        text.push_str(&line);
        rows += 1;
    }
    (name, text, rows - 1)
}
