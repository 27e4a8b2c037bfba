//! Values, names and occupancies.

use jiff::civil::date;
use tidstro_flows::{
    SeriesValue, SubjectAsk, Workspace, record_lease_event, recount_findings, resident_called, show_series,
};
use tidstro_govern::{LeaseEvent, LeaseEventKind, Recorded};
use tidstro_model::{
    ActivityId, Area, AreaKind, Commodity, DayRange, Gsrn, MasterData, Occupancy, Person, Point, Resolution,
};
use tidstro_telegram::KeyRing;

use crate::common::{actor, ask, given, ingest, refused_by, register};
use crate::store::{Folder, at};

pub(crate) const REGISTER: &str = include_str!("../../../../registers/town.toml");

const HEADER: &str = "metering_point;start;resolution;quantity_kwh;quality\n";

fn gsrn() -> Gsrn {
    Gsrn::from_body(57_131_315_439_035_946)
}

/// One electricity metering point: `before` until the end of March 2021, then `after`.
pub(crate) fn master_data() -> MasterData {
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
            transformer: None,
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
pub(crate) fn hours(day: &str) -> String {
    let row = |hour| format!("{};{day}T{hour}:00:00Z;PT1H;0.5;measured\n", gsrn());
    format!("{HEADER}{}{}{}", row(12), row(13), row(14))
}

/// The values of a month that grid planning still sees.
pub(crate) async fn seen(workspace: &Workspace, days: DayRange, now: &str) -> Vec<SeriesValue> {
    let asked = ask(&actor("staff:dpo"), "rights", days, Resolution::PT1H);
    let views = given(show_series(workspace, &asked, at(now)).await.unwrap());
    views.into_iter().flat_map(|view| view.values).filter(|value| value.value.is_some()).collect()
}

pub(crate) fn days(from: jiff::civil::Date, to: jiff::civil::Date) -> DayRange {
    DayRange::new(from, to).unwrap()
}

/// How many days wait for a decision, otherwise than their values say: rows of what is erased would.
async fn waits_otherwise(workspace: &Workspace, now: &str) -> u64 {
    let asked = ask(&actor("staff:mikkel"), "correctness-control", DayRange::always(), Resolution::PT1H);
    given(recount_findings(workspace, &asked, &|_, _| (), at(now)).await.unwrap())
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
    assert!(before.is_empty(), "{:?}", before.counts);
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
    assert_eq!(waits_otherwise(&workspace, just_after).await, 0, "what waited of the former one is gone");
    let own = ask(&resident, "own-view", DayRange::always(), Resolution::PT1H);
    assert_eq!(refused_by(show_series(&workspace, &own, at(just_after)).await.unwrap()), "no-live-lease");
    assert_eq!(resident_called(&workspace, "before").await.unwrap(), None);
    // A list that still names the customer brings back a name without a home, until the next run.
    register(&workspace, master_data(), at(just_after)).await;
    let again = resident_called(&workspace, "before").await.unwrap().unwrap();
    let own = ask(&again, "own-view", DayRange::always(), Resolution::PT1H);
    assert_eq!(refused_by(show_series(&workspace, &own, at(just_after)).await.unwrap()), "no-live-lease");
    // What is sent once more about those days belongs to nobody.
    let late = ingest(&workspace, hours("2021-02-01").as_bytes(), &KeyRing::new(), at(just_after)).await;
    assert_eq!((late.days_added, late.days_changed, late.days_too_old), (0, 0, 1));

    let restored = folder.restored(backup.path(), just_before).await;
    assert_eq!(seen(&restored, first, just_before).await.len(), 0, "the backup does not open");
    assert_eq!(seen(&restored, last, just_before).await.len(), 6);
}

/// The periods of the agreement, annex C.4: the objection deadline (6 weeks after the account came), 6 weeks
/// after that, and 5 years.
const PER_ACCOUNT: &str =
    r#"keep = [{ from = "account-delivered", for = ["P6W", "P6W", "P5Y"], then = "erase" }]"#;

/// The town's register with every period of an occupancy's end counted from its accounts.
pub(crate) fn per_account() -> String {
    let whole = r#"keep = [{ from = "occupancy-end", for = ["P6W", "P5Y"], then = "erase" }]"#;
    let view = r#"keep = [{ from = "occupancy-end", for = ["P1Y"], then = "erase" }]"#;
    let grid = r#"keep = [{ from = "registration", for = ["P5Y"], then = "erase" }]"#;
    let text = REGISTER.replace(whole, PER_ACCOUNT).replace(view, PER_ACCOUNT).replace(grid, PER_ACCOUNT);
    assert!(text.matches(PER_ACCOUNT).count() > 5, "the town's periods are where this test expects them");
    text
}

/// An account for some days, delivered at an instant.
pub(crate) async fn account(folder: &Folder, of: &str, days: DayRange, delivered: &str) {
    let workspace = folder.open(delivered).await;
    let asked = SubjectAsk {
        actor: actor("staff:dpo"),
        purpose: ActivityId::parse("rights").unwrap(),
        reference: of.to_owned(),
        factors: 1,
    };
    let kind = LeaseEventKind::AccountDelivered;
    let event = LeaseEvent { at: at(delivered), kind, matter: None, activity: None, days: Some(days) };
    let recorded = given(record_lease_event(&workspace, &asked, event, at(delivered)).await.unwrap());
    assert!(matches!(recorded, Recorded::Kept(_)), "{recorded:?}");
}

/// Delivered on 1 May 2021: 12 June, 24 July 2021, 24 July 2026.
#[tokio::test]
async fn values_go_with_the_account_they_are_for() {
    let folder = Folder::new(&per_account());
    let now = "2021-09-01T06:00:00Z";
    {
        let workspace = folder.open("2021-04-10T06:00:00Z").await;
        register(&workspace, master_data(), at("2021-04-10T06:00:00Z")).await;
    }
    let (spring, summer) =
        (days(date(2021, 4, 1), date(2021, 5, 1)), days(date(2021, 5, 1), date(2021, 8, 1)));
    account(&folder, "after", spring, "2021-05-01T10:00:00Z").await;
    account(&folder, "after", summer, "2021-08-20T10:00:00Z").await;
    {
        let workspace = folder.open(now).await;
        for day in ["2021-04-10", "2021-04-29", "2021-04-30", "2021-05-15", "2021-08-15"] {
            ingest(&workspace, hours(day).as_bytes(), &KeyRing::new(), at(now)).await;
        }
    }
    let (before, after) = ("2026-07-24T21:59:59Z", "2026-07-24T22:00:00Z");
    assert!(folder.preview(before).await.is_empty());
    let whole = days(date(2021, 4, 1), date(2021, 9, 1));
    let (kept, backup) = {
        let workspace = folder.open(before).await;
        (seen(&workspace, whole, before).await.len(), folder.backup())
    };
    assert_eq!(kept, 15);
    folder.erase(after).await;
    let workspace = folder.open(after).await;
    let values = seen(&workspace, whole, after).await;
    // The last day of an account stays: its last reading is where the next one begins.
    assert_eq!(values.len(), 9, "the hours of 10 and 29 April are gone, the rest stays");
    // The backup has lost the same days, in the middle of a month: of April its last day opens alone.
    let restored = folder.restored(backup.path(), before).await;
    let (gone, last_day) =
        (days(date(2021, 4, 1), date(2021, 4, 30)), days(date(2021, 4, 30), date(2021, 5, 1)));
    assert_eq!(seen(&restored, gone, before).await.len(), 0);
    assert_eq!(seen(&restored, last_day, before).await.len(), 3);
    assert_eq!(seen(&restored, whole, before).await.len(), 9);

    // When the second account's time is over, so is the first's last day, in the backup too.
    let later = "2026-11-13T00:00:00Z";
    folder.erase(later).await;
    let restored = folder.restored(Folder::backup_of(backup.path()).path(), before).await;
    assert_eq!(seen(&restored, days(date(2021, 4, 1), date(2021, 7, 1)), before).await.len(), 0);
    let workspace = folder.open(later).await;
    assert_eq!(seen(&workspace, whole, later).await.len(), 3, "August is in no account yet");
}

/// GDPR art. 18(2): what is restricted is kept and taken in, and seen by nobody for the usual purposes.
#[tokio::test]
async fn a_restricted_customer_is_left_out_and_still_collected_for() {
    let folder = Folder::new(REGISTER);
    let now = "2021-06-01T06:00:00Z";
    let workspace = folder.open(now).await;
    register(&workspace, master_data(), at(now)).await;
    ingest(&workspace, hours("2021-03-15").as_bytes(), &KeyRing::new(), at(now)).await;
    ingest(&workspace, hours("2021-04-15").as_bytes(), &KeyRing::new(), at(now)).await;
    let planner = async |workspace: &Workspace, now: &str| {
        let asked = ask(
            &actor("staff:sofie"),
            "network-operation",
            days(date(2021, 3, 1), date(2021, 6, 1)),
            Resolution::PT1H,
        );
        let views = given(show_series(workspace, &asked, at(now)).await.unwrap());
        views.into_iter().flat_map(|view| view.values).filter(|value| value.value.is_some()).count()
    };
    assert_eq!(planner(&workspace, now).await, 6);
    let asked = SubjectAsk {
        actor: actor("staff:dpo"),
        purpose: ActivityId::parse("rights").unwrap(),
        reference: "after".to_owned(),
        factors: 1,
    };
    let kind = LeaseEventKind::RestrictionSet;
    let event = LeaseEvent { at: at(now), kind, matter: None, activity: None, days: None };
    given(record_lease_event(&workspace, &asked, event, at(now)).await.unwrap());
    assert_eq!(planner(&workspace, now).await, 3, "only the other customer's");
    let report = ingest(&workspace, hours("2021-05-15").as_bytes(), &KeyRing::new(), at(now)).await;
    assert_eq!(report.days_added, 1, "it is still collected");
    assert_eq!(planner(&workspace, now).await, 3);
    let whole = days(date(2021, 3, 1), date(2021, 6, 1));
    assert_eq!(seen(&workspace, whole, now).await.len(), 9, "and there for whoever answers its requests");
}
