//! Master data of a whole town as files: what goes out comes in again and says nothing new, and a corrected past is told.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

#[expect(dead_code, reason = "these tests read no series")]
mod common;

use std::collections::BTreeSet;

use common::{JOB, actor, given, open, register};
use jiff::{Timestamp, ToSpan as _};
use tidstro_flows::{MasterImportReport, Workspace, export_master_data, import_master_data};
use tidstro_model::{CheckDigit, DayRange};
use tidstro_world::{Town, TownPlan};

fn at(minute: i64) -> Timestamp {
    "2026-04-20T06:00:00Z".parse::<Timestamp>().unwrap() + minute.minutes()
}

async fn import(
    workspace: &Workspace,
    files: Vec<(String, Vec<u8>)>,
    (is_dry, now): (bool, Timestamp),
) -> MasterImportReport {
    let how = (CheckDigit::Required, is_dry);
    given(import_master_data(workspace, &actor(JOB), files, how, now).await.unwrap())
}

/// The files of an export, as they come in again.
async fn exported(workspace: &Workspace, as_of: Option<Timestamp>) -> Vec<(String, Vec<u8>)> {
    let export = export_master_data(workspace, as_of, None).await.unwrap();
    export.files.into_iter().map(|(name, text, _)| (name.to_owned(), text.into_bytes())).collect()
}

#[tokio::test]
async fn a_town_that_goes_out_and_comes_in_says_nothing_new() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = open(folder.path(), at(0)).await;
    let town = Town::build(&TownPlan::default());
    register(&workspace, town.master_data(), at(0)).await;
    let report = import(&workspace, exported(&workspace, None).await, (false, at(1))).await;
    assert!(report.nothing_refused(), "{:?}", report.files);
    assert_eq!(report.changes, []);
    let things = town.master_data();
    let stated: BTreeSet<_> = things.stated_points.iter().map(|stated| stated.point).collect();
    let supplied: BTreeSet<_> = things.supplies.iter().map(|supply| &supply.point).collect();
    let told = things.points.len() + stated.len() + supplied.len() + things.installations.len();
    assert_eq!(usize::try_from(report.unchanged), Ok(told));
}

#[tokio::test]
async fn a_supplier_who_changed_in_the_past_is_told_old_and_new() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = open(folder.path(), at(0)).await;
    let town = Town::build(&TownPlan::default());
    register(&workspace, town.master_data(), at(0)).await;
    let before = exported(&workspace, None).await;
    let point = town.grid_points.iter().find(|point| point.supplied.len() == 1).unwrap();
    let (was, _) = point.supplied.first().unwrap();
    let other = town.suppliers.iter().map(|(gln, _)| *gln).find(|gln| gln != was).unwrap();
    let days = DayRange::new(town.plan.first_day, town.plan.first_day + 7.days()).unwrap();
    let text = format!(
        "metering_point_id;energy_supplier_id;balance_responsible_party_id;from_date;to_date\n{};{other};;{};{}\n",
        point.gsrn,
        days.start(),
        days.end()
    );
    let file = vec![("supplies.csv".to_owned(), text.into_bytes())];
    let dry = import(&workspace, file.clone(), (true, at(1))).await;
    assert_eq!(exported(&workspace, None).await, before, "a dry run changes nothing");
    let done = import(&workspace, file, (false, at(2))).await;
    assert_eq!(MasterImportReport { is_dry: false, ..dry }, done);
    let change = done.changes.first().unwrap();
    assert_eq!((change.kind, change.old.len(), change.new.len()), ("supply", 1, 3));
    assert!(change.new.contains(&format!("{days} supplier {other}")), "{:?}", change.new);
    assert_ne!(exported(&workspace, None).await, before);
    assert_eq!(exported(&workspace, Some(at(1))).await, before, "what was known then");
}
