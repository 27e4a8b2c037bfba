//! Who lived where becomes known late: what was stored before is theirs from then on, and ends with them.

use jiff::civil::date;
use tidstro_flows::{SubjectAsk, Workspace, record_lease_event, resident_called, show_series};
use tidstro_govern::{LeaseEvent, LeaseEventKind, Recorded};
use tidstro_model::{ActivityId, DayRange, MasterData, Resolution};
use tidstro_telegram::KeyRing;

use crate::common::{actor, ask, given, ingest, register};
use crate::metering::{REGISTER, days, hours, master_data, seen};
use crate::store::{Folder, at};

pub(crate) const LISTED: &str = "2021-06-01T06:00:00Z";
/// The first instant at which nothing of `before` is kept, and the last one before it.
pub(crate) const OVER: &str = "2026-05-12T22:00:00Z";
const JUST_BEFORE: &str = "2026-05-12T21:59:59Z";

/// Two days of `before`, then two of `after`, three hours each.
pub(crate) async fn read_out(workspace: &Workspace) {
    for day in ["2021-01-15", "2021-03-31", "2021-04-01", "2021-05-15"] {
        let report = ingest(workspace, hours(day).as_bytes(), &KeyRing::new(), at(LISTED)).await;
        assert_eq!(report.days_added, 1);
    }
}

pub(crate) fn of_before() -> DayRange {
    days(date(2021, 1, 1), date(2021, 4, 1))
}

pub(crate) fn of_after() -> DayRange {
    days(date(2021, 4, 1), date(2021, 6, 1))
}

/// How many values a resident sees of itself.
pub(crate) async fn own(workspace: &Workspace, reference: &str) -> usize {
    let resident = resident_called(workspace, reference).await.unwrap().unwrap();
    let asked = ask(&resident, "own-view", DayRange::always(), Resolution::PT1H);
    let views = given(show_series(workspace, &asked, at(LISTED)).await.unwrap());
    views.iter().flat_map(|view| &view.values).filter(|value| value.value.is_some()).count()
}

#[tokio::test]
async fn what_was_read_before_the_list_of_tenants_is_theirs_and_goes_with_them() {
    let folder = Folder::new(REGISTER);
    let backup = {
        let workspace = folder.open(LISTED).await;
        let nobody = MasterData { people: Vec::new(), occupancies: Vec::new(), ..master_data() };
        register(&workspace, nobody, at(LISTED)).await;
        read_out(&workspace).await;
        drop(workspace);
        folder.backup()
    };
    {
        let workspace = folder.open(LISTED).await;
        register(&workspace, master_data(), at(LISTED)).await;
        assert_eq!((own(&workspace, "before").await, own(&workspace, "after").await), (6, 6));
    }
    let everything = days(date(2021, 1, 1), date(2021, 6, 1));
    let copy = Folder::backup_of(backup.path());
    let restored = folder.restored(copy.path(), LISTED).await;
    assert_eq!(
        seen(&restored, everything, LISTED).await.len(),
        12,
        "an old backup loses nothing by the list"
    );

    assert!(folder.preview(JUST_BEFORE).await.is_empty());
    folder.erase(OVER).await;
    let restored = folder.restored(backup.path(), LISTED).await;
    assert_eq!(seen(&restored, of_before(), LISTED).await.len(), 0, "the old backup does not open");
    let workspace = folder.open(OVER).await;
    assert_eq!(seen(&workspace, of_before(), OVER).await.len(), 0);
    assert_eq!(seen(&workspace, of_after(), OVER).await.len(), 6, "the next customer's values stay");
}

#[tokio::test]
async fn what_was_read_after_a_tenancy_ended_does_not_go_with_it() {
    let folder = Folder::new(REGISTER);
    let [mut leaving, arriving] = <[_; 2]>::try_from(master_data().occupancies).unwrap();
    leaving.days = DayRange::from(leaving.days.start());
    {
        let workspace = folder.open(LISTED).await;
        register(&workspace, MasterData { occupancies: vec![leaving], ..master_data() }, at(LISTED)).await;
        read_out(&workspace).await;
        assert_eq!(own(&workspace, "before").await, 12);
        has_left(&workspace, "before", "2021-03-31T10:00:00Z").await;
        assert_eq!(own(&workspace, "before").await, 6, "nobody's days are not the former tenant's");
        register(&workspace, MasterData { occupancies: vec![arriving], ..master_data() }, at(LISTED)).await;
        assert_eq!((own(&workspace, "before").await, own(&workspace, "after").await), (6, 6));
    }
    folder.erase(OVER).await;
    let workspace = folder.open(OVER).await;
    assert_eq!(seen(&workspace, of_before(), OVER).await.len(), 0);
    assert_eq!(seen(&workspace, of_after(), OVER).await.len(), 6, "the next customer's values stay");
}

async fn has_left(workspace: &Workspace, reference: &str, moment: &str) {
    let asked = SubjectAsk {
        actor: actor("staff:dpo"),
        purpose: ActivityId::parse("rights").unwrap(),
        reference: reference.to_owned(),
        factors: 1,
    };
    let kind = LeaseEventKind::TenancyEnd;
    let event = LeaseEvent { at: at(moment), kind, matter: None, activity: None, days: None };
    let recorded = given(record_lease_event(workspace, &asked, event, at(LISTED)).await.unwrap());
    assert!(matches!(recorded, Recorded::Kept(_)), "{recorded:?}");
}
