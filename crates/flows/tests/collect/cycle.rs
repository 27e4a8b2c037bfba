//! Cycles: what can be fetched is, nothing twice, and the figures are exact.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp, civil::date};
use tidstro_flows::{AreaCollected, CycleAsk, SeriesValue, cycle_board};
use tidstro_metering::alarms::AlarmCode;
use tidstro_metering::cycle::DayState;
use tidstro_model::{ActivityId, DayRange, Decimal, Resolution};
use tidstro_world::meter_server::{Access, Capture, LoggedEvent, MeterFault, MeterPlan};

use crate::common::{JOB, actor, given};
use crate::place::{AREA, Place, Wanted, at};

const HDLC: &str = "carrier = \"hdlc\"\nphysical = 17\n";
const OPEN: &str = "security = \"none\"\n";
const PASSWORD: &str = "security = \"password\"\npassword_variable = \"METER_PASSWORD\"\n";
const OPEN_HDLC: &str = "security = \"none\"\ncarrier = \"hdlc\"\n";
const HOURS: &str = "period = \"PT1H\"\n";

/// Meters measure since the evening before.
fn since() -> Timestamp {
    at("2026-03-09T18:00:00Z")
}

const CYCLE: &str = "2026-03-10T12:00:00Z";

fn plan(number: u64) -> MeterPlan {
    let mut plan = MeterPlan::new(&format!("METER{number:04}"), number, since());
    plan.pdu_max = 400;
    plan
}

fn keyed(number: u64) -> MeterPlan {
    let byte = u8::try_from(number).unwrap();
    MeterPlan {
        access: Access::Keys { encryption: [byte; 16], authentication: [0x40 | byte; 16] },
        ..plan(number)
    }
}

fn faulty(number: u64, faults: &[MeterFault]) -> MeterPlan {
    MeterPlan { faults: faults.iter().copied().map(Some).collect(), ..keyed(number) }
}

/// Twenty meters, each with something of its own.
fn twenty() -> Vec<Wanted> {
    let missing = |ends: &[&str]| ends.iter().map(|end| at(end)).collect();
    let password = MeterPlan { access: Access::Password(b"secret".to_vec()), ..plan(3) };
    let intervals = MeterPlan { capture: Capture::Interval, ..keyed(6) };
    let hours = MeterPlan { period_seconds: 3600, ..keyed(7) };
    let hole = MeterPlan {
        capture: Capture::Interval,
        missing: missing(&["2026-03-10T07:15:00Z", "2026-03-10T09:00:00Z"]),
        ..keyed(8)
    };
    // Without one reading of a register neither the interval before it nor the one after it is known.
    let register_hole = MeterPlan { missing: missing(&["2026-03-10T08:00:00Z"]), ..keyed(9) };
    let ahead = MeterPlan { clock_ahead: SignedDuration::from_secs(95), ..keyed(10) };
    vec![
        (plan(1), OPEN),
        (plan(2), OPEN_HDLC),
        (password, PASSWORD),
        (keyed(4), ""),
        (keyed(5), HDLC),
        (intervals, ""),
        (hours, HOURS),
        (hole, ""),
        (register_hole, HDLC),
        (ahead, ""),
        (faulty(11, &[MeterFault::CutAfterBlocks(1)]), ""),
        (faulty(12, &[MeterFault::CutAfterBlocks(1), MeterFault::Busy]), HDLC),
        (faulty(13, &[MeterFault::Slow]), ""),
        (faulty(14, &[MeterFault::WrongTag]), ""),
        (faulty(15, &[MeterFault::Busy, MeterFault::WrongTag]), ""),
        (faulty(16, &[MeterFault::Deaf]), ""),
        (faulty(17, &[MeterFault::Busy; 99]), ""),
        (keyed(18), "# keyless\n"),
        (keyed(19), "# nowhere\n"),
        (keyed(20), "# wrong key\n"),
    ]
}

/// What a cycle should say of the area: 19 meters there, one of them with hours.
fn expected() -> AreaCollected {
    AreaCollected {
        meters: 19,
        done: 16,
        waiting: 0,
        failed: 3,
        expected: 18 * 24 + 6,
        // 13 whole ones with quarters, one with hours, two without two quarters each; three failed.
        received: 13 * 24 + 6 + 22 + 22,
        // Of a register the first interval is not known: nobody has read it at its start. Two meters capture intervals.
        late: 13 * 47 + 11 + 2 * 48,
        retried: 1 + 2 + 1 + 1 + 2 + 1 + 5 + 5 + 5,
        clocks_wrong: 1,
        reasons: BTreeMap::from([
            ("busy".to_owned(), 1),
            ("no-key".to_owned(), 1),
            ("refused".to_owned(), 1),
        ]),
    }
}

#[tokio::test]
async fn what_can_be_fetched_is_and_the_figures_are_exact() {
    let place = Place::new(twenty(), at("2026-03-10T12:01:00Z")).await;
    let report = place.collect(CYCLE).await;
    assert_eq!(report.areas[AREA], expected());
    let nowhere = &report.areas[""];
    assert_eq!((nowhere.meters, nowhere.failed, nowhere.reasons["not-placed"]), (1, 1, 1));
    assert_eq!((report.not_kept, report.is_complete(), report.is_waiting()), (0, false, false));
    assert_eq!(place.meters[18].host.connections(), 0, "a meter that hangs nowhere is not called");
    for meter in &place.meters {
        assert_eq!(meter.host.repeated_counters(), 0);
    }
    truth(&place).await;

    board(&place).await;

    // The same cycle again asks nobody who was read, and stores nothing.
    let connections =
        |place: &Place| -> Vec<usize> { place.meters.iter().map(|meter| meter.host.connections()).collect() };
    let before = connections(&place);
    let again = place.collect(CYCLE).await;
    assert_eq!((again.blocks, &again.areas[AREA]), (0, &expected()));
    assert_eq!(connections(&place), before);
}

/// What was tried is on the board of the operating day.
async fn board(place: &Place) {
    let asked = CycleAsk {
        actor: actor(JOB),
        purpose: ActivityId::parse("grid-reading").unwrap(),
        area: Some(AREA.to_owned()),
        days: DayRange::always(),
        alarm: SignedDuration::from_hours(12),
    };
    let areas = given(cycle_board(&place.workspace, &asked, at("2026-03-11T06:00:00Z")).await.unwrap());
    let day = areas[0].days.iter().find(|line| line.clock.day == date(2026, 3, 10)).unwrap();
    let AreaCollected { meters, failed, retried, .. } = expected();
    assert_eq!((day.calls.called, day.calls.failed), (meters, failed));
    assert_eq!(day.calls.retried, retried);
    assert_eq!((day.expected, day.count(DayState::Partly)), (20, 16), "half of the day is not over");
}

/// Each hour that is there is what the meter truly measured, and it is there unless the meter has no row for part of it.
async fn truth(place: &Place) {
    for (meter, number) in place.meters.iter().zip(1..).filter(|(_, number)| *number < 17) {
        let plan = meter.host.plan();
        let values = place.values(meter.gsrn, date(2026, 3, 10), Resolution::PT1H).await;
        let known: Vec<&SeriesValue> = values.iter().filter(|value| value.value.is_some()).collect();
        for value in &known {
            let period = SignedDuration::from_secs(plan.period_seconds.into());
            let ends = std::iter::successors(Some(value.start + period), |end| Some(*end + period));
            let energy: u32 = ends.take_while(|end| *end <= value.end).map(|end| plan.energy_wh(end)).sum();
            assert_eq!(
                value.value,
                Some(Decimal::new(energy.into(), 0)),
                "meter {number} at {}",
                value.start
            );
        }
        // From local midnight, an hour before that of UTC, to noon UTC.
        let missing = if [8, 9].contains(&number) { 2 } else { 0 };
        assert_eq!(known.len(), 13 - missing, "meter {number}");
    }
}

#[tokio::test]
async fn the_next_cycle_begins_where_the_last_one_ended() {
    let place = Place::new(vec![(keyed(1), ""), (plan(2), OPEN_HDLC)], at("2026-03-10T06:01:00Z")).await;
    let first = place.collect("2026-03-10T06:00:00Z").await;
    assert_eq!((first.areas[AREA].received, first.areas[AREA].late), (2 * 24, 2 * 23));
    place.go_to(at("2026-03-10T12:01:00Z"));
    let second = place.collect(CYCLE).await;
    assert_eq!((second.areas[AREA].received, second.areas[AREA].late), (2 * 24, 0));
    // A cycle nobody was there for: its values come with the next one.
    place.go_to(at("2026-03-11T00:01:00Z"));
    let third = place.collect("2026-03-11T00:00:00Z").await;
    assert_eq!((third.areas[AREA].received, third.areas[AREA].late), (2 * 24, 2 * 24));
    assert!(third.is_complete());
}

#[tokio::test]
async fn event_logs_become_alarms_once() {
    let event = |log, at, code| LoggedEvent { log, at, code };
    let (early, late) = (at("2026-03-10T05:20:00Z"), at("2026-03-10T09:40:00Z"));
    // Events of both logs that most profiles have; one that is no alarm; one that has not happened yet.
    let events = vec![
        event(0, early, 1),
        event(4, early, 89),
        event(4, late, 83),
        event(4, late, 255),
        event(4, at("2026-03-10T13:00:00Z"), 86),
    ];
    let place = Place::new(vec![(MeterPlan { events, ..keyed(1) }, HDLC)], at("2026-03-10T06:01:00Z")).await;
    place.collect("2026-03-10T06:00:00Z").await;
    let first = [(AlarmCode::PowerDown, 1, early), (AlarmCode::MissingNeutral, 89, early)];
    assert_eq!(place.alarms().await, first);
    place.go_to(at("2026-03-10T12:01:00Z"));
    place.collect(CYCLE).await;
    let second = [first.as_slice(), &[(AlarmCode::NoVoltage, 83, late)]].concat();
    assert_eq!(place.alarms().await, second);
}

#[tokio::test]
async fn a_meter_whose_counter_falls_is_not_believed() {
    let place = Place::new(vec![(keyed(1), "")], at("2026-03-10T06:01:00Z")).await;
    assert!(place.collect("2026-03-10T06:00:00Z").await.is_complete());
    let place = place.exchanged().await;
    place.go_to(at("2026-03-10T12:01:00Z"));
    let told = Mutex::new(String::new());
    let news = |news: tidstro_flows::CollectNews<'_>| *told.lock().unwrap() = news.fault.unwrap().to_string();
    let report = place.collect_with(CYCLE, true, &news).await;
    assert_eq!((report.areas[AREA].received, report.areas[AREA].reasons["unproven"]), (0, 1));
    assert!(told.into_inner().unwrap().contains("invocation counter went from"));
}

#[tokio::test]
async fn killed_in_the_middle_it_goes_on_where_it_was() {
    let mut place = Place::new(twenty(), at("2026-03-10T12:01:00Z")).await;
    for kills in 1..=4 {
        let ended = Mutex::new(0);
        let enough = tokio::sync::Notify::new();
        let news = |_: tidstro_flows::CollectNews<'_>| {
            let mut ended = ended.lock().unwrap();
            *ended += 1;
            if *ended == 3 * kills {
                enough.notify_one();
            }
        };
        // The future is dropped wherever it is, and the folder opened anew.
        tokio::select! {
            _ = place.collect_with(CYCLE, false, &news) => {}
            () = enough.notified() => {}
        }
        place = place.opened_again().await;
    }
    let report = place.collect(CYCLE).await;
    let area = &report.areas[AREA];
    let AreaCollected { received, late, done, failed, .. } = expected();
    assert_eq!((area.received, area.late, area.done, area.failed), (received, late, done, failed));
    for meter in &place.meters {
        assert_eq!(meter.host.repeated_counters(), 0, "no counter is used again after a kill");
    }
    truth(&place).await;
}

/// Association, proof, clock, three of the profile, no rows of the first six hours, two blocks of the next, and half of
/// what follows.
#[tokio::test]
async fn what_came_before_the_cut_is_kept() {
    let plan = faulty(1, &[MeterFault::CutAfterAnswers(10)]);
    let place = Place::new(vec![(plan, "")], at("2026-03-10T12:01:00Z")).await;
    let told = Mutex::new(Vec::new());
    let news = |news: tidstro_flows::CollectNews<'_>| {
        told.lock().unwrap().push((news.received, news.fault.map(ToString::to_string)));
    };
    let report = place.collect_with(CYCLE, false, &news).await;
    let cut = "the connection was cut while the load profile was read; it is tried again".to_owned();
    assert_eq!(told.into_inner().unwrap(), [(23, Some(cut)), (48, None)]);
    let area = &report.areas[AREA];
    assert_eq!((area.received, area.late, area.retried, area.missing()), (24, 47, 1, 0));
}

#[tokio::test]
async fn once_asks_each_meter_once() {
    let place =
        Place::new(vec![(faulty(1, &[MeterFault::Busy]), ""), (keyed(2), "")], at("2026-03-10T12:01:00Z"));
    let place = place.await;
    let told = Mutex::new(Vec::new());
    let news = |news: tidstro_flows::CollectNews<'_>| {
        told.lock().unwrap().push((
            news.received,
            news.fault.map(ToString::to_string),
            news.again_in.is_some(),
        ));
    };
    let report = place.collect_with(CYCLE, true, &news).await;
    assert_eq!((report.areas[AREA].done, report.areas[AREA].waiting), (1, 1));
    let mut told = told.into_inner().unwrap();
    told.sort();
    let busy = "the meter refused the association: result 2, diagnostic 1; check client and password";
    assert_eq!(told, [(0, Some(busy.to_owned()), true), (71, None, false)]);
    let report = place.collect_with(CYCLE, true, &|_| ()).await;
    assert_eq!((report.areas[AREA].done, report.areas[AREA].retried), (2, 1));
}

#[tokio::test]
async fn nobody_is_called_without_a_permit() {
    let place = Place::new(vec![(keyed(1), "")], at("2026-03-10T12:01:00Z")).await;
    assert!(place.refused("staff:nobody").await);
    assert_eq!(place.meters[0].host.connections(), 0);
}

#[tokio::test]
async fn another_meter_at_the_address_gives_nothing() {
    let place = Place::new(vec![(plan(1), OPEN), (plan(2), OPEN)], at("2026-03-10T12:01:00Z")).await;
    let report = place.swapped().collect(CYCLE).await;
    assert_eq!(
        (report.areas[AREA].failed, report.areas[AREA].reasons["other-meter"], report.blocks),
        (2, 2, 0)
    );
}
