//! Alarms end by a rule of their own, apart from what was measured at the same moment.

use jiff::Timestamp;
use jiff::civil::date;
use tidstro_flows::{AlarmAsk, IngestReport, show_alarms, show_series};
use tidstro_model::{
    ActivityId, Area, AreaKind, Commodity, DayRange, Installation, Manufacturer, MasterData, Medium, MeterId,
    MeterNumber, Mounting, Occupancy, Person, Point, Resolution,
};
use tidstro_telegram::KeyRing;

use crate::common::{actor, ask, given, ingest, register};
use crate::store::{Folder, at};

const TOWN: &str = include_str!("../../../../registers/town.toml");
/// How long the town keeps alarms.
const A_YEAR: &str = "keep = [{ from = \"registration\", for = [\"P1Y\"], then = \"erase\" }]";

const THEN: &str = "2021-02-10T06:00:00Z";
/// A leak of a Kamstrup water meter, in its error flags.
const LEAK: u8 = 4;

fn meter() -> MeterId {
    let (manufacturer, number) = (Manufacturer::parse("KAM").unwrap(), MeterNumber(0x1234_5678));
    MeterId { manufacturer, number, version: 0x1b, medium: Medium(0x16) }
}

/// A flat whose tenant moved out on 1 April 2021.
fn flat() -> MasterData {
    let person = |name: &str| Person {
        reference: name.to_owned(),
        name: format!("Name of {name}"),
        contact: format!("{name}@example.org"),
    };
    let lives =
        |name: &str, days| Occupancy { subject: name.to_owned(), points: vec!["water".to_owned()], days };
    let since = DayRange::from(date(2020, 1, 1));
    MasterData {
        areas: vec![Area { name: "Kornmarken 12".to_owned(), kind: AreaKind::Building }],
        points: vec![Point {
            own_id: "water".to_owned(),
            area: "Kornmarken 12".to_owned(),
            commodity: Commodity::ColdWater,
            flat: Some("1. tv".to_owned()),
            room: None,
            interval: None,
            transformer: None,
        }],
        installations: vec![Installation {
            mounting: Mounting::default(),
            meter: meter().into(),
            point: "water".to_owned(),
            days: since,
        }],
        people: vec![person("before"), person("after")],
        occupancies: vec![
            lives("before", DayRange::new(date(2020, 1, 1), date(2021, 4, 1)).unwrap()),
            lives("after", DayRange::from(date(2021, 4, 1))),
        ],
        ..MasterData::default()
    }
}

/// A telegram in the clear with litres and error flags, as a gateway heard it.
fn line(received: &str, litres: u8, flags: u8) -> String {
    let MeterId { manufacturer, number, version, medium } = meter();
    let mut frame = vec![0x44];
    frame.extend(manufacturer.field().to_le_bytes());
    frame.extend(number.0.to_le_bytes());
    frame.extend([version, medium.0, 0x7a, litres, 0, 0, 0, 0x04, 0x13, litres, 0, 0, 0]);
    frame.extend([0x02, 0xfd, 0x17, flags, 0]);
    frame.insert(0, u8::try_from(frame.len()).unwrap());
    let hex: String = frame.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{{\"telegram\":\"{hex}\",\"received\":\"{received}\",\"gateway\":\"gw\"}}\n")
}

async fn hear(folder: &Folder, lines: &str, now: &str) -> IngestReport {
    let workspace = folder.open(now).await;
    ingest(&workspace, lines.as_bytes(), &KeyRing::new(), at(now)).await
}

/// A folder with values of three days of the tenant, and a leak that began on the second and ended on the third.
async fn with_a_leak(folder: &Folder) {
    {
        let workspace = folder.open(THEN).await;
        register(&workspace, flat(), at(THEN)).await;
    }
    let lines = [
        line("2021-02-01T06:00:00Z", 10, 0),
        line("2021-02-02T06:00:00Z", 20, LEAK),
        line("2021-02-03T06:00:00Z", 30, 0),
    ];
    let report = hear(folder, &lines.concat(), THEN).await;
    assert_eq!((report.alarms.raised, report.alarms.cleared, report.readings), (1, 1, 3));
}

/// Alarms that staff see, and readings that are told on request.
async fn seen(workspace: &tidstro_flows::Workspace, now: Timestamp) -> (usize, usize) {
    let asked = AlarmAsk {
        actor: actor("staff:mikkel"),
        purpose: ActivityId::parse("device-monitoring").unwrap(),
        point: None,
        area: None,
        days: DayRange::always(),
        standing: false,
    };
    let alarms = given(show_alarms(workspace, &asked, now).await.unwrap()).alarms.len();
    let asked = ask(&actor("staff:dpo"), "rights", DayRange::always(), Resolution::Raw);
    let views = given(show_series(workspace, &asked, now).await.unwrap());
    (alarms, views.into_iter().map(|view| view.values.len()).sum())
}

#[tokio::test]
async fn an_alarm_goes_and_what_was_measured_stays() {
    let folder = Folder::new(TOWN);
    with_a_leak(&folder).await;
    let just_before = "2022-02-02T22:59:59Z";
    assert!(folder.preview(just_before).await.is_empty());
    assert_eq!(
        seen(&folder.open(just_before).await, at(just_before)).await,
        (1, 3),
        "kept to the last second"
    );
    let backup = folder.backup();
    let now = "2022-06-01T06:00:00Z";
    let certificate = folder.erase(now).await;
    assert!(certificate.contains("erase technical-status: "), "{certificate}");
    assert!(!certificate.contains("consumption"), "{certificate}");
    assert_eq!(seen(&folder.open(now).await, at(now)).await, (0, 3));
    let restored = folder.restored(backup.path(), now).await;
    assert_eq!(seen(&restored, at(now)).await, (0, 3), "a backup does not bring it back");
    drop(restored);
    // What comes late of that time is measured, and its alarm is too old.
    let late = hear(&folder, &line("2021-02-02T12:00:00Z", 25, LEAK), now).await;
    assert_eq!((late.readings, late.alarms.raised, late.alarms.too_old), (1, 0, 1));
    assert_eq!(seen(&folder.open(now).await, at(now)).await, (0, 4));
}

#[tokio::test]
async fn what_was_measured_goes_and_an_alarm_stays() {
    let folder = Folder::new(&TOWN.replace(A_YEAR, &A_YEAR.replace("P1Y", "P20Y")));
    with_a_leak(&folder).await;
    let now = "2026-09-01T06:00:00Z";
    let certificate = folder.erase(now).await;
    assert!(certificate.contains("erase consumption: "), "{certificate}");
    assert!(!certificate.contains("technical-status"), "{certificate}");
    assert_eq!(seen(&folder.open(now).await, at(now)).await, (1, 0));
}

#[tokio::test]
async fn alarms_of_a_meter_that_nobody_placed_end_too() {
    let folder = Folder::new(TOWN);
    let report = hear(&folder, &line("2021-02-02T06:00:00Z", 20, LEAK), THEN).await;
    assert_eq!(report.alarms.raised, 1);
    assert_eq!(seen(&folder.open(THEN).await, at(THEN)).await.0, 1);
    // Three months, and the start that deletes them.
    let now = "2021-05-03T06:00:00Z";
    assert_eq!(seen(&folder.open(now).await, at(now)).await, (0, 0));
}
