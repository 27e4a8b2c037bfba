//! Master data of a whole town as files: what goes out comes in again and says nothing new, and a corrected past is told.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

#[expect(dead_code, reason = "these tests read no series")]
mod common;

use std::collections::BTreeSet;

use common::{JOB, actor, given, open, register};
use jiff::civil::date;
use jiff::{Timestamp, ToSpan as _};
use proptest::prelude::*;
use tidstro_flows::{
    MasterImportReport, PeopleAsk, Workspace, degree_days, export_master_data, export_people,
    import_master_data,
};
use tidstro_govern::{PartyId, Recipient};
use tidstro_metering::master_file::{occupancy_lines, people_lines};
use tidstro_model::{ActivityId, CheckDigit, DayRange, Occupancy, Person};
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

/// The weather of a town goes in, comes out as it went in, and is withdrawn month by month.
#[tokio::test]
async fn degree_days_are_master_data_of_an_area() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = open(folder.path(), at(0)).await;
    let town = Town::build(&TownPlan { memory_months: 24, ..TownPlan::default() });
    let file = |text: &str| vec![("degree_days.csv".to_owned(), text.as_bytes().to_vec())];
    let text = town.degree_days_csv();
    let report = import(&workspace, file(&text), (false, at(0))).await;
    // 23 whole months before, and March; April is not over.
    assert_eq!((report.nothing_refused(), report.changed, text.lines().count()), (true, 1, 1 + 24));
    assert_eq!(import(&workspace, exported(&workspace, None).await, (false, at(1))).await.changes, []);
    let months = degree_days(&workspace, "Kornmarken 12").await.unwrap();
    assert_eq!(months.len(), 24);
    assert!(months.values().all(|month| month.actual < 7000 && month.normal < 7000), "{months:?}");
    let bad = "area;month;degree_days;normal_degree_days\nKornmarken 12;2026-13;1;1\nKornmarken 12;2026-01;-1;1\n\
               Kornmarken 12;2026-01;400;\nKornmarken 12;2026-01;;\n";
    let report = import(&workspace, file(bad), (false, at(2))).await;
    let refused: Vec<_> = report.files[0].refused.iter().map(|one| (one.line, one.column.unwrap())).collect();
    assert_eq!(refused, [(2, "month"), (3, "degree_days"), (4, "normal_degree_days")]);
    assert_eq!(degree_days(&workspace, "Kornmarken 12").await.unwrap().len(), 23, "January is withdrawn");
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

/// People with texts of any letters, each with stays at a flat of their own, one after the other.
fn any_people() -> impl Strategy<Value = Vec<(Person, Vec<DayRange>)>> {
    let text = || {
        "\\PC{1,20}"
            .prop_map(|text| text.trim().to_owned())
            .prop_filter("says something", |text| !text.is_empty())
    };
    let stays = (1_i64..400, prop::option::of(1_i64..300)).prop_map(|(from, length)| {
        let start = date(2025, 1, 1) + from.days();
        let end = length.map(|length| start + length.days());
        let first = end.map(|end| DayRange::new(start, end).unwrap());
        // Who moves out may move in again.
        let last = end.map_or(DayRange::from(start), |end| DayRange::from(end + 30.days()));
        first.into_iter().chain([last]).collect::<Vec<_>>()
    });
    let person = (text(), text(), text(), stays);
    prop::collection::vec(person, 1..6).prop_map(|people| {
        let called =
            |(number, (reference, name, contact, stays)): (usize, (String, String, String, Vec<_>))| {
                (Person { reference: format!("{reference}{number}"), name, contact }, stays)
            };
        people.into_iter().enumerate().map(called).collect()
    })
}

/// The files that say so: places, people, occupancies.
fn files_of(workspace: &Workspace, people: &[(Person, Vec<DayRange>)]) -> Vec<(String, Vec<u8>)> {
    let places = (0..people.len()).map(|number| format!("flat-{number};Kornmarken 12;building;heat\n"));
    let places = ["metering_point_id;area;area_kind;commodity\n".to_owned()].into_iter().chain(places);
    let stays = people.iter().enumerate().flat_map(|(number, (person, stays))| {
        let at = move |days: &DayRange| Occupancy {
            subject: person.reference.clone(),
            points: vec![format!("flat-{number}")],
            days: *days,
        };
        stays.iter().map(at)
    });
    let named = |name: &str, lines: &mut dyn Iterator<Item = String>| {
        (name.to_owned(), lines.collect::<String>().into_bytes())
    };
    vec![
        named("places.csv", &mut { places }),
        named("people.csv", &mut people_lines(people.iter().map(|(person, _)| person.clone()))),
        named("occupancies.csv", &mut occupancy_lines(stays, workspace.zone())),
    ]
}

async fn people_exported(workspace: &Workspace) -> Vec<(String, Vec<u8>)> {
    let asked = PeopleAsk {
        actor: actor("staff:anna"),
        purpose: ActivityId::parse("billing").unwrap(),
        recipient: Some(Recipient { party: PartyId::parse("kornmarken").unwrap(), country: None }),
        area: None,
    };
    let export = given(export_people(workspace, &asked, at(2)).await.unwrap());
    export.files.into_iter().map(|(name, text, _)| (name.to_owned(), text.into_bytes())).collect()
}

/// People in and out, into an empty place and out again: the places' own files go with them.
async fn twice_out(people: &[(Person, Vec<DayRange>)]) -> [Vec<(String, Vec<u8>)>; 2] {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let first = open(folders[0].path(), at(0)).await;
    let report = import(&first, files_of(&first, people), (false, at(1))).await;
    assert!(report.nothing_refused(), "{:?}", report.files);
    let mut out = people_exported(&first).await;
    let second = open(folders[1].path(), at(0)).await;
    let places = exported(&first, None).await.into_iter().filter(|(name, _)| name == "places.csv");
    let report = import(&second, places.chain(out.clone()).collect(), (false, at(1))).await;
    assert!(report.nothing_refused(), "{:?}", report.files);
    let mut again = people_exported(&second).await;
    out.sort();
    again.sort();
    [out, again]
}

#[test]
fn any_people_go_out_and_come_in_and_go_out_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    proptest!(ProptestConfig::with_cases(8), |(people in any_people())| {
        let [out, again] = runtime.block_on(twice_out(&people));
        let count = |name: &str| {
            let (_, bytes) = out.iter().find(|(file, _)| file == name).unwrap();
            bytes.iter().filter(|byte| **byte == b'\n').count()
        };
        let stays: usize = people.iter().map(|(_, stays)| stays.len()).sum();
        prop_assert_eq!([count("people.csv"), count("occupancies.csv")], [people.len() + 1, stays + 1]);
        prop_assert_eq!(out, again);
    });
}
