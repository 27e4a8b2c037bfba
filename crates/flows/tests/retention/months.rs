//! Months that a retention run's boundary falls into, tenants who become known late, and what backups of months open.

use jiff::civil::date;
use tidstro_flows::{CompactAsk, CompactReport, Workspace, compact};
use tidstro_model::{DayRange, MasterData};
use tidstro_telegram::KeyRing;

use crate::common::{actor, given, ingest, register};
use crate::late::{LISTED, OVER, of_after, of_before, own, read_out};
use crate::metering::{REGISTER, account, days, hours, master_data, per_account, seen};
use crate::store::{Folder, at};

async fn compacted(workspace: &Workspace, now: &str) -> CompactReport {
    let asked = CompactAsk { actor: actor("job:ingest"), area: None, before: None };
    given(compact(workspace, asked, at(now)).await.unwrap())
}

/// April's account ends with the 29th, so that of April the 30th stays.
#[tokio::test]
async fn a_month_is_split_where_its_key_forgets() {
    let folder = Folder::new(&per_account());
    let now = "2021-09-20T06:00:00Z";
    let spring = days(date(2021, 4, 1), date(2021, 5, 1));
    {
        let workspace = folder.open("2021-04-10T06:00:00Z").await;
        register(&workspace, master_data(), at("2021-04-10T06:00:00Z")).await;
    }
    account(&folder, "after", spring, "2021-05-01T10:00:00Z").await;
    let (uncompacted, compact_backup) = {
        let workspace = folder.open(now).await;
        for day in ["2021-04-10", "2021-04-29", "2021-04-30", "2021-05-15"] {
            ingest(&workspace, hours(day).as_bytes(), &KeyRing::new(), at(now)).await;
        }
        drop(workspace);
        let uncompacted = folder.backup();
        let report = compacted(&folder.open(now).await, now).await;
        assert_eq!((report.months, report.versions, report.left), (2, 4, 0), "{report:?}");
        (uncompacted, folder.backup())
    };
    let (before, after) = ("2026-07-24T21:59:59Z", "2026-07-24T22:00:00Z");
    assert!(folder.preview(before).await.is_empty());
    let whole = days(date(2021, 4, 1), date(2021, 9, 1));
    assert_eq!(seen(&folder.open(before).await, whole, before).await.len(), 12);
    folder.erase(after).await;

    let workspace = folder.open(after).await;
    assert_eq!(seen(&workspace, whole, after).await.len(), 6, "30 April and 15 May stay");
    drop(workspace);
    // A backup from before the compaction opens what is kept; one of the month as a whole opens nothing of that month.
    let restored = folder.restored(uncompacted.path(), before).await;
    assert_eq!(seen(&restored, whole, before).await.len(), 6);
    let restored = folder.restored(compact_backup.path(), before).await;
    assert_eq!(seen(&restored, spring, before).await.len(), 0, "nothing that was to be forgotten opens");
    assert_eq!(seen(&restored, whole, before).await.len(), 3, "15 May");

    // What stays is one row again after the next compaction, and opens.
    let workspace = folder.open(after).await;
    ingest(&workspace, hours("2021-04-30").replace("0.5", "0.7").as_bytes(), &KeyRing::new(), at(after))
        .await;
    assert_eq!(compacted(&workspace, after).await.months, 1);
    assert_eq!(seen(&workspace, whole, after).await.len(), 6);
    // A backup from after the run opens as it is.
    drop(workspace);
    let restored = folder.restored(folder.backup().path(), after).await;
    assert_eq!(seen(&restored, whole, after).await.len(), 6);
}

/// A tenant's days are in the month that also holds the next one's.
#[tokio::test]
async fn a_former_customers_months_go_whole_and_the_next_ones_stay() {
    let folder = Folder::new(REGISTER);
    let backup = {
        let workspace = folder.open(LISTED).await;
        register(&workspace, master_data(), at(LISTED)).await;
        read_out(&workspace).await;
        compacted(&workspace, "2021-07-01T06:00:00Z").await;
        drop(workspace);
        folder.backup()
    };
    folder.erase(OVER).await;
    let workspace = folder.open(OVER).await;
    assert_eq!(seen(&workspace, of_before(), OVER).await.len(), 0);
    assert_eq!(seen(&workspace, of_after(), OVER).await.len(), 6);
    drop(workspace);
    let restored = folder.restored(backup.path(), LISTED).await;
    assert_eq!(seen(&restored, of_before(), LISTED).await.len(), 0, "the backup does not open");
    assert_eq!(seen(&restored, of_after(), LISTED).await.len(), 6);
}

/// What was compacted while nobody was known to live there is taken apart by who did.
#[tokio::test]
async fn months_of_the_premises_become_those_of_the_tenants() {
    let folder = Folder::new(REGISTER);
    let [mut first, second] = <[_; 2]>::try_from(master_data().occupancies).unwrap();
    first.days = DayRange::new(first.days.start(), date(2021, 3, 31)).unwrap();
    let people = MasterData { occupancies: vec![first, second], ..master_data() };
    let backup = {
        let workspace = folder.open(LISTED).await;
        let nobody = MasterData { people: Vec::new(), occupancies: Vec::new(), ..master_data() };
        register(&workspace, nobody, at(LISTED)).await;
        read_out(&workspace).await;
        // Three hours that are corrected: a version more of 31 March, in the same month as the 15th of nobody.
        for (day, kwh) in [("2021-03-15", "0.5"), ("2021-03-31", "0.6")] {
            let rows = hours(day).replace("0.5", kwh);
            ingest(&workspace, rows.as_bytes(), &KeyRing::new(), at(LISTED)).await;
        }
        let report = compacted(&workspace, "2021-07-01T06:00:00Z").await;
        assert_eq!((report.months, report.versions), (4, 6), "{report:?}");
        drop(workspace);
        folder.backup()
    };
    {
        let workspace = folder.open(LISTED).await;
        register(&workspace, people, at(LISTED)).await;
        assert_eq!((own(&workspace, "before").await, own(&workspace, "after").await), (6, 6));
        let everything = days(date(2021, 1, 1), date(2021, 6, 1));
        assert_eq!(seen(&workspace, everything, LISTED).await.len(), 15, "31 March is nobody's");
        assert_eq!(compacted(&workspace, "2021-07-01T06:00:00Z").await.months, 0, "they are months still");
    }
    folder.erase(OVER).await;
    let restored = folder.restored(backup.path(), LISTED).await;
    assert_eq!(seen(&restored, of_before(), LISTED).await.len(), 0, "the old backup does not open");
    let workspace = folder.open(OVER).await;
    assert_eq!(seen(&workspace, days(date(2021, 1, 1), date(2021, 3, 31)), OVER).await.len(), 0);
    assert_eq!(seen(&workspace, of_after(), OVER).await.len(), 6, "the next customer's values stay");
}
