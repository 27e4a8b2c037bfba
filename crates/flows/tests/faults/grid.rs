//! One electricity metering point, at a place that is opened over a wire or beside it.

use std::path::Path;

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use tidstro_cluster::{Cluster, Wire};
use tidstro_flows::{
    CompactAsk, FlowFault, IngestOptions, IngestReport, Opening, Workspace, compact, ingest, show_series,
};
use tidstro_model::{
    Area, AreaKind, Commodity, DayRange, Gsrn, MasterData, Occupancy, Person, Point, Resolution,
};
use tidstro_telegram::KeyRing;

use crate::common::{JOB, TOWN, actor, ask, given, register};

pub(crate) const MASTER_KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
/// Days of a file: over the end of a month.
const DAYS: i64 = 40;

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-04-20T08:00:00Z")
}

fn gsrn() -> Gsrn {
    Gsrn::from_body(57_131_315_439_035_946)
}

fn master_data() -> MasterData {
    let person = |number: u32| Person {
        reference: format!("person-{number}"),
        name: "Nobody".to_owned(),
        contact: "nobody@example.org".to_owned(),
    };
    let occupancy = |number: u32, days| Occupancy {
        subject: format!("person-{number}"),
        points: vec![gsrn().to_string()],
        days,
    };
    MasterData {
        areas: vec![Area { name: "543".to_owned(), kind: AreaKind::GridArea }],
        points: vec![Point {
            own_id: gsrn().to_string(),
            area: "543".to_owned(),
            commodity: Commodity::ElectricityConsumption,
            flat: None,
            room: None,
            interval: Some(Resolution::PT1H),
            transformer: None,
        }],
        people: vec![person(1), person(2)],
        occupancies: vec![
            occupancy(1, DayRange::new(date(2026, 1, 1), date(2026, 2, 17)).unwrap()),
            occupancy(2, DayRange::from(date(2026, 2, 17))),
        ],
        ..MasterData::default()
    }
}

/// Opens a place, which may be the URL of a database.
pub(crate) async fn open(place: &str) -> Result<Workspace, FlowFault> {
    let opening = Opening { folder: Path::new(place), register: Some(TOWN), master_key: Some(MASTER_KEY) };
    Workspace::open(&opening, now()).await
}

/// A place with the point's master data.
pub(crate) async fn filled(place: &str) -> Workspace {
    let workspace = open(place).await.unwrap();
    register(&workspace, master_data(), now()).await;
    workspace
}

/// A database, and the way to it over a wire.
pub(crate) fn database(cluster: &Cluster) -> (String, Wire) {
    (cluster.database().unwrap(), Wire::to(cluster).unwrap())
}

/// The hours of [`DAYS`] days, each with its value in watt hours, which another `first` makes others.
pub(crate) fn hours(first: i64) -> Vec<(Timestamp, i64)> {
    let start = at("2026-01-31T23:00:00Z");
    let hour = |hour: i64| (start + SignedDuration::from_hours(hour), (first + hour * 7) % 1_000);
    (0..DAYS * 24).map(hour).collect()
}

pub(crate) fn file(hours: &[(Timestamp, i64)]) -> String {
    let row = |(start, wh): &(Timestamp, i64)| format!("{};{start};PT1H;0.{wh:03};measured\n", gsrn());
    let rows: String = hours.iter().map(row).collect();
    format!("metering_point;start;resolution;quantity_kwh;quality\n{rows}")
}

/// Takes hours in.
pub(crate) async fn take(
    workspace: &Workspace,
    hours: &[(Timestamp, i64)],
) -> Result<IngestReport, FlowFault> {
    let (text, keys) = (file(hours), KeyRing::new());
    let options = IngestOptions { source: "test", keys: &keys, progress: &|_| () };
    let answer = ingest(workspace, &actor(JOB), &mut text.as_bytes(), &options, &now).await?;
    Ok(given(answer))
}

/// Puts together every month that is closed.
pub(crate) async fn put_together(workspace: &Workspace) -> Result<u64, FlowFault> {
    let asked = CompactAsk { actor: actor(JOB), area: None, before: None };
    Ok(given(compact(workspace, asked, now()).await?).months)
}

/// Every hour there is, in watt hours.
pub(crate) async fn shown(workspace: &Workspace) -> Vec<(Timestamp, i64)> {
    let days = DayRange::new(date(2026, 1, 1), date(2026, 5, 1)).unwrap();
    let asked = ask(&actor("staff:dpo"), "rights", days, Resolution::PT1H);
    let views = given(show_series(workspace, &asked, now()).await.unwrap());
    let values = views.iter().flat_map(|view| &view.values);
    // In watt hours, as the series is kept.
    values.filter_map(|value| Some((value.start, value.value?.in_steps_of(0)?))).collect()
}

/// Versions of days that lie apart in a database.
pub(crate) fn versions(cluster: &Cluster, url: &str) -> i64 {
    cluster.ask(url, "SELECT count(*) FROM tidstro.series_block").unwrap().parse().unwrap()
}

/// How many days a file has: its first hour begins a local day.
pub(crate) const fn days() -> i64 {
    DAYS
}
