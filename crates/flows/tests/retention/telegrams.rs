//! Telegrams of a former tenant, and a dossier of which a part goes.

use jiff::civil::date;
use jiff::{Timestamp, ToSpan};
use tidstro_flows::{DossierAsk, add_record, show_records, show_series};
use tidstro_model::{CategoryId, DayRange, MasterData, Resolution};
use tidstro_telegram::KeyRing;
use tidstro_world::{Town, TownPlan};

use crate::common::{actor, ask, given, ingest, register};
use crate::records::Affair;
use crate::store::{Folder, at};

const TOWN: &str = include_str!("../../../../registers/town.toml");

/// Everything the cold water meter of the flat said where somebody moved out: a line for each telegram, with
/// its time, and whether it was while the former tenant lived there.
fn lines(town: &Town) -> Vec<(String, bool)> {
    let fact = &town.facts.move_out;
    let flat = town.flats.iter().find(|flat| (&flat.area, &flat.unit) == (&fact.area, &fact.unit)).unwrap();
    let water = format!("{}/cold-water", flat.slug());
    let mut lines = Vec::new();
    for day in (0..i64::from(town.plan.days)).map(|day| town.plan.first_day + day.days()) {
        for (frame, minute) in town.telegrams(&water, day).iter().zip((0..).step_by(20)) {
            let midnight = day.in_tz("Europe/Copenhagen").unwrap().timestamp().as_second();
            let received = Timestamp::from_second(midnight + 3600 + minute * 60).unwrap();
            let hex: String = frame.iter().map(|byte| format!("{byte:02X}")).collect();
            let line =
                format!("{{\"telegram\":\"{hex}\",\"received\":\"{received}\",\"gateway\":\"gw-1\"}}\n");
            lines.push((line, day < fact.vacant.start()));
        }
    }
    lines
}

/// Readings that are still seen by whoever answers requests.
async fn seen(folder: &Folder, now: &str) -> usize {
    let workspace = folder.open(now).await;
    let asked = ask(&actor("staff:dpo"), "rights", DayRange::always(), Resolution::Raw);
    let views = given(show_series(&workspace, &asked, at(now)).await.unwrap());
    views.into_iter().map(|view| view.values.len()).sum()
}

#[tokio::test]
async fn what_was_heard_of_a_former_tenant_goes_too() {
    telegrams_go_with_the_tenant(false).await;
}

#[tokio::test]
async fn what_was_heard_before_the_list_of_tenants_goes_too() {
    telegrams_go_with_the_tenant(true).await;
}

async fn telegrams_go_with_the_tenant(is_listed_late: bool) {
    let town = Town::build(&TownPlan { first_day: date(2018, 3, 5), ..TownPlan::new(1, 24, 14) });
    let keys = KeyRing::parse(&town.keys_csv()).unwrap();
    let lines = lines(&town);
    let all: String = lines.iter().map(|(line, _)| line.as_str()).collect();
    let of_leaver = lines.iter().filter(|(_, is_leaver)| *is_leaver).count();
    let of_others = lines.len() - of_leaver;
    assert!(of_leaver > 0 && of_others > 0);

    let folder = Folder::new(TOWN);
    let (then, now) = ("2018-04-01T06:00:00Z", "2026-01-01T06:00:00Z");
    {
        let workspace = folder.open(then).await;
        let known = town.master_data();
        let nobody = MasterData { people: Vec::new(), occupancies: Vec::new(), ..known.clone() };
        register(&workspace, if is_listed_late { nobody } else { known.clone() }, at(then)).await;
        let report = ingest(&workspace, all.as_bytes(), &keys, at(then)).await;
        assert_eq!(report.telegrams_new, lines.len() as u64);
        register(&workspace, known, at(then)).await;
    }
    assert_eq!(seen(&folder, then).await, lines.len());
    assert_eq!(seen(&folder, now).await, of_others, "nothing is read without a lease, erased or not");
    let certificate = folder.erase(now).await;
    for category in ["consumption", "indoor-climate", "telegram", "occupancy", "identity", "contact"] {
        assert!(certificate.contains(&format!("erase {category}: 1 parts of 1 subjects")), "{certificate}");
    }
    assert_eq!(seen(&folder, now).await, of_others);
    // Sent again, the others' telegrams are known still, and the former tenant's are nobody's.
    let workspace = folder.open(now).await;
    let report = ingest(&workspace, all.as_bytes(), &keys, at(now)).await;
    assert_eq!((report.telegrams_new, report.telegrams_again), (0, of_others as u64));
    assert_eq!(report.refused["too-old"].count, of_leaver as u64);
}

/// Notes live longer than entries: the rest of the dossier is sealed anew, and the old key goes.
#[tokio::test]
async fn a_part_of_a_dossier_goes_and_the_rest_stays_readable() {
    let entries = "data = { entry = \"full\", choices = \"full\" }\n\
                   keep = [{ from = \"registration\", at_most = \"P14D\", then = \"erase\" }]";
    let notes = "data = { identity = \"full\", contact = \"full\", note = \"full\", choices = \"full\" }\n\
                 keep = [{ from = \"registration\", for = [\"P1Y\"], then = \"erase\" }]";
    let affair = Affair::new(&[("entries", "visit", entries), ("notes", "visit", notes)]).await;
    let (opened, later) = ("2025-01-15T12:00:00Z", "2025-02-15T12:00:00Z");
    let note = DossierAsk {
        actor: actor("staff:clerk"),
        purpose: tidstro_model::ActivityId::parse("notes").unwrap(),
        category: CategoryId::parse("note").unwrap(),
    };
    {
        let workspace = affair.folder.open(opened).await;
        given(add_record(&workspace, &note, affair.dossier, "a note".to_owned(), at(opened)).await.unwrap());
    }
    let backup = affair.folder.backup();
    let certificate = affair.folder.erase(later).await;
    assert!(certificate.contains("erase entry: 1 parts"), "{certificate}");
    assert!(!certificate.contains("identity"), "{certificate}");
    let workspace = affair.folder.open(later).await;
    assert_eq!(affair.read(&workspace, later).await, Err("no-live-lease"));
    let records = given(show_records(&workspace, &note, affair.dossier, at(later)).await.unwrap());
    assert_eq!(records.iter().map(|record| record.text.as_str()).collect::<Vec<_>>(), ["a note"]);
    let restored = affair.folder.restored(backup.path(), opened).await;
    assert_eq!(affair.read(&restored, opened).await, Ok(0), "the entry of the backup does not open");
}
