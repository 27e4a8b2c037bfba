//! Master data as files: places, points of the market with their suppliers, installations, charges, profiles, degree days. Taken in again they change nothing.
//! People and their occupancies are not in them (see `people.rs`).

use jiff::{Timestamp, civil::Date};
use tidstro_metering::master_file::{
    charge_lines, charge_link_lines, charge_price_lines, degree_day_lines, installation_lines, place_lines,
    point_lines, profile_share_lines,
};
use tidstro_model::{DayRange, Interval};
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
    let (charges, links, prices) = store.charges(as_of).await?;
    let is_in = |valid: &Interval| on.is_none_or(|day| valid.contains(zone.day_start(day)));
    let charges = charges.into_iter().filter(|one| is_in(&one.valid));
    let links = links.into_iter().filter(|one| is_in(&one.valid));
    let prices = prices.into_iter().filter(|one| on.is_none_or(|day| zone.day_of(one.at) == day));
    let shares = store.profile_shares(None, as_of).await?;
    let shares = shares.into_iter().filter(|one| on.is_none_or(|day| zone.day_of(one.at) == day));
    let months = store.degree_days(None, as_of).await?;
    let months = months.into_iter().filter(|one| on.is_none_or(|day| zone.day_of(one.at) == day));
    Ok(MasterExport {
        files: vec![
            file("places.csv", place_lines(store.places().await?)),
            file("points.csv", point_lines(points, zone)),
            file("installations.csv", installation_lines(installations, zone)),
            file("charges.csv", charge_lines(charges)),
            file("charge_links.csv", charge_link_lines(links)),
            file("charge_prices.csv", charge_price_lines(prices)),
            file("profile_shares.csv", profile_share_lines(shares)),
            file("degree_days.csv", degree_day_lines(months, zone)),
        ],
    })
}

pub(super) fn file(name: &'static str, lines: impl Iterator<Item = String>) -> (&'static str, String, u64) {
    let (mut text, mut rows) = (String::new(), 0);
    for line in lines {
        text.push_str(&line);
        rows += 1;
    }
    (name, text, rows - 1)
}
