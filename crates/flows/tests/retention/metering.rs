//! Values, names and occupancies.

use jiff::civil::date;
use tidstro_flows::{SeriesValue, Workspace, resident_called, show_series};
use tidstro_model::{
    Area, AreaKind, Commodity, DayRange, Gsrn, MasterData, Occupancy, Person, Point, Resolution,
};
use tidstro_telegram::KeyRing;

use crate::common::{actor, ask, given, ingest, refused_by, register};
use crate::store::{Folder, at};

const REGISTER: &str = include_str!("../../../../registers/town.toml");

const HEADER: &str = "metering_point;start;resolution;quantity_kwh;quality\n";

fn gsrn() -> Gsrn {
    Gsrn::from_body(57_131_315_439_035_946)
}

/// One electricity metering point: `before` until the end of March 2021, then `after`.
fn master_data() -> MasterData {
    let person = |name: &str| Person {
        reference: name.to_owned(),
        name: format!("Name of {name}"),
        contact: format!("{name}@example.org"),
    };
    let occupancy =
        |name: &str, days| Occupancy { subject: name.to_owned(), points: vec![gsrn().to_string()], days };
    MasterData {
        areas: vec![Area { name: "543".to_owned(), kind: AreaKind::GridArea }],
        points: vec![Point {
            own_id: gsrn().to_string(),
            area: "543".to_owned(),
            commodity: Commodity::ElectricityConsumption,
            flat: None,
            room: None,
            interval: Some(Resolution::PT1H),
        }],
        people: vec![person("before"), person("after")],
        occupancies: vec![
            occupancy("before", DayRange::new(date(2021, 1, 1), date(2021, 4, 1)).unwrap()),
            occupancy("after", DayRange::from(date(2021, 4, 1))),
        ],
        ..MasterData::default()
    }
}

/// Three hours from noon of a day, in UTC.
fn hours(day: &str) -> String {
    let row = |hour| format!("{};{day}T{hour}:00:00Z;PT1H;0.5;measured\n", gsrn());
    format!("{HEADER}{}{}{}", row(12), row(13), row(14))
}

/// The values of a month that grid planning still sees.
async fn seen(workspace: &Workspace, days: DayRange, now: &str) -> Vec<SeriesValue> {
    let asked = ask(&actor("staff:dpo"), "rights", days, Resolution::PT1H);
    let views = given(show_series(workspace, &asked, at(now)).await.unwrap());
    views.into_iter().flat_map(|view| view.values).filter(|value| value.value.is_some()).collect()
}

fn days(from: jiff::civil::Date, to: jiff::civil::Date) -> DayRange {
    DayRange::new(from, to).unwrap()
}

/// 6 weeks and 5 years after 31 March 2021: the last day is 12 May 2026.
#[tokio::test]
async fn a_former_customer_goes_whole_and_the_next_one_stays() {
    let folder = Folder::new(REGISTER);
    let (first, last) = (days(date(2021, 1, 1), date(2021, 4, 1)), days(date(2021, 4, 1), date(2021, 6, 1)));
    {
        let workspace = folder.open("2021-06-01T06:00:00Z").await;
        register(&workspace, master_data(), at("2021-06-01T06:00:00Z")).await;
        for day in ["2021-01-15", "2021-03-31", "2021-04-01", "2021-05-15"] {
            let report =
                ingest(&workspace, hours(day).as_bytes(), &KeyRing::new(), at("2021-06-01T06:00:00Z")).await;
            assert_eq!(report.days_added, 1);
        }
    }
    let just_before = "2026-05-12T21:59:59Z";
    let before = folder.preview(just_before).await;
    assert!(before.is_empty(), "{:?}", before.lines);
    let backup = {
        let workspace = folder.open(just_before).await;
        assert_eq!(seen(&workspace, first, just_before).await.len(), 6, "kept to the last second");
        drop(workspace);
        folder.backup()
    };

    let just_after = "2026-05-12T22:00:00Z";
    let resident = {
        let workspace = folder.open(just_after).await;
        resident_called(&workspace, "before").await.unwrap().unwrap()
    };
    let certificate = folder.erase(just_after).await;
    for line in
        ["erase consumption: 1 parts of 1 subjects; rights: ", "erase identity: 1 parts of 1 subjects"]
    {
        assert!(certificate.contains(line), "{certificate}");
    }
    assert!(!certificate.contains("before"), "it does not say whose they were: {certificate}");

    let workspace = folder.open(just_after).await;
    assert_eq!(seen(&workspace, first, just_after).await.len(), 0);
    assert_eq!(seen(&workspace, last, just_after).await.len(), 6, "the next customer's values stay");
    let own = ask(&resident, "own-view", DayRange::always(), Resolution::PT1H);
    assert_eq!(refused_by(show_series(&workspace, &own, at(just_after)).await.unwrap()), "no-live-lease");
    assert_eq!(resident_called(&workspace, "before").await.unwrap(), None);
    // What is sent once more about those days belongs to nobody.
    let late = ingest(&workspace, hours("2021-02-01").as_bytes(), &KeyRing::new(), at(just_after)).await;
    assert_eq!((late.days_added, late.days_changed), (0, 0));

    let restored = folder.restored(backup.path(), just_before).await;
    assert_eq!(seen(&restored, first, just_before).await.len(), 0, "the backup does not open");
    assert_eq!(seen(&restored, last, just_before).await.len(), 6);
}
