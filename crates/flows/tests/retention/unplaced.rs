//! Meters that no master data place: kept apart, moved to their point when its papers come, and ended when they do not.

use jiff::civil::date;
use jiff::{Timestamp, ToSpan};
use tidstro_flows::{Workspace, resident_called, show_series};
use tidstro_model::{DayRange, MasterData, Resolution};
use tidstro_telegram::KeyRing;
use tidstro_world::{PointKind, Town, TownPlan};

use crate::common::{actor, ask, given, ingest, register};
use crate::metering::REGISTER;
use crate::store::{Folder, at};

/// When the gateways' files are read: right after the town's last day.
const READ: &str = "2026-03-20T06:00:00Z";

struct Street {
    town: Town,
    folder: Folder,
    /// The cold water meter of the first flat.
    water: String,
}

impl Street {
    /// The telegrams of one meter are read before anybody says where it hangs.
    async fn heard() -> (Self, usize) {
        let town = Town::build(&TownPlan { first_day: date(2026, 3, 2), ..TownPlan::new(1, 24, 14) });
        let is_water = |place: &&tidstro_world::Place| place.kind == PointKind::ColdWater;
        let water = town.places.iter().find(is_water).unwrap().id.clone();
        let street = Self { town, folder: Folder::new(REGISTER), water };
        let workspace = street.folder.open(READ).await;
        let data = MasterData { installations: Vec::new(), ..street.town.master_data() };
        register(&workspace, data, at(READ)).await;
        let keys = KeyRing::parse(&street.town.keys_csv()).unwrap();
        let report = ingest(&workspace, street.lines().as_bytes(), &keys, at(READ)).await;
        assert!(report.readings > 0);
        (street, usize::try_from(report.readings).unwrap())
    }

    fn lines(&self) -> String {
        let mut lines = String::new();
        for day in (0..i64::from(self.town.plan.days)).map(|day| self.town.plan.first_day + day.days()) {
            let noon = day.at(12, 0, 0, 0).in_tz("Europe/Copenhagen").unwrap().timestamp().as_second();
            for (frame, minute) in self.town.telegrams(&self.water, day).iter().zip(0..) {
                let hex: String = frame.iter().map(|byte| format!("{byte:02X}")).collect();
                let received = Timestamp::from_second(noon + 60 * minute).unwrap();
                lines += &format!("{{\"telegram\":\"{hex}\",\"received\":\"{received}\"}}\n");
            }
        }
        lines
    }
}

/// Everything the person who answers requests sees, by the name of its point.
async fn seen(workspace: &Workspace, now: &str) -> Vec<(String, usize)> {
    let asked = ask(&actor("staff:dpo"), "rights", DayRange::always(), Resolution::Raw);
    let views = given(show_series(workspace, &asked, at(now)).await.unwrap());
    let counted = views.into_iter().map(|view| (view.line.point.clone(), view.values.len()));
    counted.filter(|(_, count)| *count > 0).collect()
}

#[tokio::test]
async fn what_a_meter_said_before_it_was_placed_goes_to_who_lived_there() {
    let (street, readings) = Street::heard().await;
    let workspace = street.folder.open(READ).await;
    let apart = seen(&workspace, READ).await;
    assert_eq!(apart.len(), 1);
    assert_ne!(apart.first().unwrap().0, street.water, "nobody knows yet where it hangs");

    register(&workspace, street.town.master_data(), at(READ)).await;
    assert_eq!(seen(&workspace, READ).await, [(street.water.clone(), readings)]);
    let tenant = Town::person_reference(street.town.flats.first().unwrap().stays.first().unwrap().tenant);
    let resident = resident_called(&workspace, &tenant).await.unwrap().unwrap();
    let own = ask(&resident, "own-view", DayRange::always(), Resolution::Raw);
    let views = given(show_series(&workspace, &own, at(READ)).await.unwrap());
    assert_eq!(views.iter().map(|view| view.values.len()).sum::<usize>(), readings);

    // The same file again says nothing new, and nothing is kept apart any more.
    let keys = KeyRing::parse(&street.town.keys_csv()).unwrap();
    let again = ingest(&workspace, street.lines().as_bytes(), &keys, at(READ)).await;
    assert_eq!((again.telegrams_new, again.days_added, again.days_changed), (0, 0, 0));
}

/// Three months in the town's register: 2 March goes with 2 June.
#[tokio::test]
async fn what_nobody_places_ends_with_the_registers_interval() {
    let (street, readings) = Street::heard().await;
    let backup = street.folder.backup();
    let (before, over, later) = ("2026-06-02T12:00:00Z", "2026-06-03T12:00:00Z", "2026-07-01T12:00:00Z");
    let left = async |now| {
        let workspace = street.folder.open(now).await;
        seen(&workspace, now).await.first().map_or(0, |(_, count)| *count)
    };
    assert_eq!(left(before).await, readings);
    let without_the_first_day = left(over).await;
    assert!(0 < without_the_first_day && without_the_first_day < readings);
    assert_eq!(left(later).await, 0);
    let restored = street.folder.restored(backup.path(), READ).await;
    assert_eq!(seen(&restored, READ).await, [], "the backup does not open");
    tidstro_flows::verify_log(&restored).await.unwrap();
}
