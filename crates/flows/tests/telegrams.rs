//! Telegrams on their way in: kept raw first, heard twice, decoded when the key arrives; and whose days
//! they become.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod common;

use common::{actor, ask, given, ingest, open, refused_by, register};
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use tidstro_flows::{SeriesValue, Workspace, resident_called, show_series};
use tidstro_model::{ActorId, AreaKind, DayRange, Quality, Resolution};
use tidstro_telegram::KeyRing;
use tidstro_world::{Flat, PointKind, Town, TownPlan};

/// A town with its master data, the week after its last day.
struct Bench {
    town: Town,
    keys: KeyRing,
    workspace: Workspace,
    now: Timestamp,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        Self::of(TownPlan::new(1, 24, 14)).await
    }

    async fn of(plan: TownPlan) -> Self {
        let town = Town::build(&plan);
        let end = town.plan.first_day + (i64::from(town.plan.days) + 7).days();
        let now = end.at(9, 0, 0, 0).in_tz("Europe/Copenhagen").unwrap().timestamp();
        let folder = tempfile::tempdir().unwrap();
        let workspace = open(folder.path(), now).await;
        register(&workspace, town.master_data(), now).await;
        Self { keys: KeyRing::parse(&town.keys_csv()).unwrap(), town, workspace, now, _folder: folder }
    }

    fn days(&self) -> Vec<Date> {
        (0..i64::from(self.town.plan.days)).map(|day| self.town.plan.first_day + day.days()).collect()
    }

    /// All telegrams of a point, as lines of hex.
    fn lines(&self, point: &str) -> String {
        let frames = self.days().into_iter().flat_map(|day| self.town.telegrams(point, day));
        frames
            .map(|frame| frame.iter().map(|byte| format!("{byte:02X}")).collect::<String>() + "\n")
            .collect()
    }

    async fn resident(&self, person: usize) -> ActorId {
        resident_called(&self.workspace, &Town::person_reference(person)).await.unwrap().unwrap()
    }

    async fn own(&self, who: &ActorId, point: &str, resolution: Resolution) -> Vec<SeriesValue> {
        let mut asked = ask(who, "own-view", DayRange::always(), resolution);
        asked.point = Some(point.to_owned());
        let views = given(show_series(&self.workspace, &asked, self.now).await.unwrap());
        views.into_iter().flat_map(|view| view.values).collect()
    }

    fn moved(&self) -> (&Flat, usize, usize, DayRange) {
        let fact = &self.town.facts.move_out;
        let flat = self.town.flats.iter().find(|flat| (&flat.area, &flat.unit) == (&fact.area, &fact.unit));
        (flat.unwrap(), fact.leaver, fact.newcomer, fact.vacant)
    }
}

#[tokio::test]
async fn without_a_key_a_telegram_is_kept_and_decoded_when_the_key_arrives() {
    let bench = Bench::new().await;
    let water = format!("{}/cold-water", bench.town.flats[0].slug());
    let lines = bench.lines(&water);
    let count = lines.lines().count() as u64;

    let blind = ingest(&bench.workspace, lines.as_bytes(), &KeyRing::new(), bench.now).await;
    assert_eq!((blind.telegrams_new, blind.telegrams_decoded, blind.readings), (count, 0, 0));
    assert_eq!(blind.quarantined.get("key-missing"), Some(&count));

    // The keys come with another file; what was kept is decoded by itself, once.
    let keys_arrive = ingest(&bench.workspace, b"", &bench.keys, bench.now).await;
    assert_eq!((keys_arrive.telegrams_recovered, keys_arrive.readings), (count, count));
    let again = ingest(&bench.workspace, lines.as_bytes(), &bench.keys, bench.now).await;
    assert_eq!((again.telegrams_again, again.telegrams_recovered, again.days_changed), (count, 0, 0));

    let resident = bench.resident(bench.town.flats[0].stays[0].tenant).await;
    let readings = bench.own(&resident, &water, Resolution::Raw).await;
    assert_eq!(readings.len() as u64, count);
    let last = bench.days().pop().unwrap();
    assert_eq!(readings.last().unwrap().value, bench.town.true_register(&water, last));
}

#[tokio::test]
async fn heard_by_two_gateways_is_one_reading() {
    let bench = Bench::new().await;
    let water = format!("{}/cold-water", bench.town.flats[0].slug());
    let frame = bench.town.telegrams(&water, bench.town.plan.first_day).remove(0);
    let hex: String = frame.iter().map(|byte| format!("{byte:02X}")).collect();
    let heard = |gateway: &str, second: u32| {
        let received = bench.now.as_second() - 3600 + i64::from(second);
        let received = Timestamp::from_second(received).unwrap();
        format!(
            "{{\"telegram\":\"{hex}\",\"received\":\"{received}\",\"rssi_dbm\":-70,\"gateway\":\"{gateway}\"}}\n"
        )
    };
    let lines = heard("gw-1", 0) + &heard("gw-2", 2);
    let report = ingest(&bench.workspace, lines.as_bytes(), &bench.keys, bench.now).await;
    assert_eq!((report.telegrams_new, report.telegrams_again, report.readings), (1, 1, 1));
}

#[tokio::test]
async fn everybody_sees_exactly_their_own_days() {
    let bench = Bench::new().await;
    let (flat, leaver, newcomer, vacant) = bench.moved();
    let water = format!("{}/cold-water", flat.slug());
    ingest(&bench.workspace, bench.lines(&water).as_bytes(), &bench.keys, bench.now).await;
    let zone = bench.workspace.zone();
    let days = bench.days();
    let (first, end) = (days[0], *days.last().unwrap() + 1.day());

    for (person, own) in [
        (leaver, DayRange::new(first, vacant.start()).unwrap()),
        (newcomer, DayRange::new(vacant.end(), end).unwrap()),
    ] {
        let who = bench.resident(person).await;
        let raw = bench.own(&who, &water, Resolution::Raw).await;
        assert!(raw.iter().all(|value| own.contains(zone.day_of(value.start))));
        let sent: usize = days
            .iter()
            .filter(|day| own.contains(**day))
            .map(|day| bench.town.telegrams(&water, *day).len())
            .sum();
        assert_eq!(raw.len(), sent, "each own reading, and no other");

        for day in bench.own(&who, &water, Resolution::P1D).await {
            let is_own = own.contains(zone.day_of(day.start));
            assert!(is_own || (day.present == 0 && day.value.is_none()), "a day of somebody else shows");
        }
        // A month or year is the difference of own readings, whatever else the month had.
        let total = bench.own(&who, &water, Resolution::P1Y).await;
        let (from, to) = (raw[0].value.unwrap(), raw.last().unwrap().value.unwrap());
        assert_eq!(from.checked_add(total[0].value.unwrap()), Some(to));
    }
}

#[tokio::test]
async fn the_vacant_days_are_nobodys_but_not_lost() {
    let bench = Bench::new().await;
    let (flat, leaver, _, vacant) = bench.moved();
    let water = format!("{}/cold-water", flat.slug());
    ingest(&bench.workspace, bench.lines(&water).as_bytes(), &bench.keys, bench.now).await;

    let mut clerk = ask(&actor("staff:mikkel"), "validation", vacant, Resolution::P1D);
    clerk.point = Some(water.clone());
    let views = given(show_series(&bench.workspace, &clerk, bench.now).await.unwrap());
    assert!(views[0].values.iter().all(|day| day.present == 1));

    let mut gone = ask(&bench.resident(leaver).await, "own-view", vacant, Resolution::P1D);
    gone.point = Some(water);
    assert_eq!(
        refused_by(show_series(&bench.workspace, &gone, bench.now).await.unwrap()),
        "nothing-in-scope"
    );
}

#[tokio::test]
async fn a_planner_of_the_grid_sees_nothing_of_a_building() {
    let bench = Bench::new().await;
    let water = format!("{}/cold-water", bench.town.flats[0].slug());
    ingest(&bench.workspace, bench.lines(&water).as_bytes(), &bench.keys, bench.now).await;
    let mut planner = ask(&actor("staff:sofie"), "network-operation", DayRange::always(), Resolution::P1D);
    ingest(&bench.workspace, &bench.town.interval_file(), &KeyRing::new(), bench.now).await;
    let everything = given(show_series(&bench.workspace, &planner, bench.now).await.unwrap());
    assert!(!everything.is_empty());
    assert!(everything.iter().all(|view| view.line.area_kind == AreaKind::GridArea));
    planner.point = Some(water);
    assert!(given(show_series(&bench.workspace, &planner, bench.now).await.unwrap()).is_empty());
}

#[tokio::test]
async fn a_day_is_the_same_in_every_range() {
    let bench = Bench::new().await;
    let flat = &bench.town.flats[0];
    let water = format!("{}/cold-water", flat.slug());
    ingest(&bench.workspace, bench.lines(&water).as_bytes(), &bench.keys, bench.now).await;
    let who = bench.resident(flat.stays[0].tenant).await;
    let all = bench.own(&who, &water, Resolution::P1D).await;
    for (index, day) in bench.days().into_iter().enumerate() {
        let mut asked = ask(&who, "own-view", DayRange::new(day, day + 1.day()).unwrap(), Resolution::P1D);
        asked.point = Some(water.clone());
        let alone = given(show_series(&bench.workspace, &asked, bench.now).await.unwrap());
        assert!(alone[0].values == [all[index]], "{day}");
    }
}

#[tokio::test]
async fn an_open_range_says_nothing_of_others() {
    let bench = Bench::new().await;
    let [own, other] = [0, 1].map(|flat: usize| format!("{}/cold-water", bench.town.flats[flat].slug()));
    let first_telegram =
        bench.lines(&own).lines().take(4).map(|line| format!("{line}\n")).collect::<String>();
    ingest(&bench.workspace, first_telegram.as_bytes(), &bench.keys, bench.now).await;
    let who = bench.resident(bench.town.flats[0].stays[0].tenant).await;
    let before = bench.own(&who, &own, Resolution::P1D).await;
    ingest(&bench.workspace, bench.lines(&other).as_bytes(), &bench.keys, bench.now).await;
    assert!(bench.own(&who, &own, Resolution::P1D).await == before);
}

#[tokio::test]
async fn a_kept_telegram_comes_again_with_its_key() {
    let bench = Bench::new().await;
    let point =
        bench.town.meters.iter().find(|meter| bench.town.places[meter.place].kind == PointKind::ColdWater);
    let meter = point.unwrap();
    let frame = bench.town.telegrams(&bench.town.places[meter.place].id, bench.town.plan.first_day).remove(0);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    let blind = format!("{{\"telegram\":\"{}\"}}\n", hex(&frame));
    let seeing = format!("{{\"telegram\":\"{}\",\"key\":\"{}\"}}\n", hex(&frame), hex(&meter.key));
    assert_eq!(ingest(&bench.workspace, blind.as_bytes(), &KeyRing::new(), bench.now).await.readings, 0);
    let report = ingest(&bench.workspace, seeing.as_bytes(), &KeyRing::new(), bench.now).await;
    assert_eq!((report.telegrams_again, report.telegrams_decoded, report.readings), (1, 1, 1));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_counted() {
    let bench = Bench::new().await;
    // A clear telegram: one volume, then a chain of VIFEs that never ends.
    let line = b"1E442D2C785634121B077A2A0000000C132704850204FFFFFFFFFFFFFFFFFF\n";
    let report = ingest(&bench.workspace, line, &KeyRing::new(), bench.now).await;
    assert_eq!((report.telegrams_decoded, report.readings, report.refused_count()), (1, 1, 1));
    assert!(report.refused["record"].first.contains("line 1"), "{:?}", report.refused);
}

#[tokio::test]
async fn an_answer_has_an_end() {
    let bench = Bench::new().await;
    ingest(&bench.workspace, &bench.town.interval_file(), &KeyRing::new(), bench.now).await;
    let days = DayRange::new(bench.town.plan.first_day, date(2099, 1, 1)).unwrap();
    let hours = ask(&actor("staff:mikkel"), "correctness-control", days, Resolution::PT1H);
    let fault = show_series(&bench.workspace, &hours, bench.now).await.err().unwrap().to_string();
    assert!(fault.contains("ask for fewer days or series"), "{fault}");
}

/// Meters remember the ends of two years of months: each month is what the register rose by, and whole though a single day of it is
/// there. The month in which readings of days begin is whole too.
#[tokio::test]
async fn months_that_a_meter_remembers_are_measured() {
    let bench = Bench::of(TownPlan { memory_months: 24, ..TownPlan::new(1, 24, 14) }).await;
    let flat = &bench.town.flats[0];
    let who = bench.resident(flat.stays[0].tenant).await;
    for point in ["cold-water", "hot-water", "hca-living"].map(|name| format!("{}/{name}", flat.slug())) {
        let report = ingest(&bench.workspace, bench.lines(&point).as_bytes(), &bench.keys, bench.now).await;
        assert_eq!((report.readings, report.days_added), (14 * 4 + 24, 14 + 24), "{point}");
        assert!(report.findings.is_empty(), "{point}: {:?}", report.findings);
        let months = bench.own(&who, &point, Resolution::P1M).await;
        // Nothing is known before the first end; 23 months lie between two, then March and the days of April.
        let (first, whole) = months.split_first().unwrap();
        assert_eq!((first.value, whole.len()), (None, 25), "{point}");
        for month in whole {
            assert_eq!((month.quality, month.findings.is_empty()), (Quality::Measured, true), "{point}");
            assert!(month.value.is_some_and(|value| value.mantissa() >= 0), "{point}");
        }
        let sum: i64 = whole.iter().map(|month| month.value.unwrap().mantissa()).sum();
        let register = |value: SeriesValue| value.value.unwrap().mantissa();
        let raw = bench.own(&who, &point, Resolution::Raw).await;
        assert_eq!(sum, register(*raw.last().unwrap()) - register(raw[0]), "{point}");
    }
}

/// What a meter remembers of a month belongs to whoever lived there then.
#[tokio::test]
async fn a_newcomer_sees_no_remembered_month_of_the_leaver() {
    let bench = Bench::of(TownPlan { memory_months: 24, ..TownPlan::new(1, 24, 14) }).await;
    let (flat, leaver, newcomer, vacant) = bench.moved();
    let water = format!("{}/cold-water", flat.slug());
    ingest(&bench.workspace, bench.lines(&water).as_bytes(), &bench.keys, bench.now).await;
    let zone = bench.workspace.zone();
    let days_of = async |person| -> Vec<Date> {
        let who = bench.resident(person).await;
        let values = bench.own(&who, &water, Resolution::Raw).await;
        values.iter().map(|value| zone.day_of(value.start)).collect()
    };
    let (before, after) = (days_of(leaver).await, days_of(newcomer).await);
    assert!(before.iter().all(|day| *day < vacant.start()) && before.len() > 5 * 4, "{before:?}");
    assert!(after.iter().all(|day| *day >= vacant.end()) && !after.is_empty(), "{after:?}");
}
