//! Buildings as their administrator sees them: what is read, who lives where, who moves, who gets a letter. Nothing of it is consumption.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

#[expect(dead_code, reason = "these tests read no series")]
mod common;

use common::{JOB, actor, given, ingest, open, refused_by, register};
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan as _};
use tidstro_flows::{
    BuildingState, BuildingView, BuildingsAsk, CompactAsk, Deadline, DeadlineKind, Move, MoveMade,
    MovePreview, MoveRefusal, MoveStep, SubjectAsk, UnitView, Workspace, buildings, compact, export_letters,
    import_master_data, lease_events, letters, make_move, one_building, parse_keys, preview_move,
    record_lease_event,
};
use tidstro_govern::{LeaseEvent, LeaseEventKind, PartyId, Recipient};
use tidstro_model::{ActivityId, AreaNo, CheckDigit, Person, PointNo};
use tidstro_telegram::KeyRing;
use tidstro_world::{Town, TownPlan};

/// An evening of the town's second week.
fn now() -> Timestamp {
    "2026-03-20T20:00:00Z".parse().unwrap()
}

fn today() -> Date {
    date(2026, 3, 20)
}

fn asked(who: &str) -> BuildingsAsk {
    BuildingsAsk {
        actor: actor(who),
        people: ActivityId::parse("property-administration").unwrap(),
        meters: Some(ActivityId::parse("device-monitoring").unwrap()),
        factors: 1,
    }
}

async fn town(folder: &std::path::Path) -> (Workspace, Town) {
    let workspace = open(folder, now()).await;
    let town = Town::build(&TownPlan::default());
    register(&workspace, town.master_data(), now()).await;
    (workspace, town)
}

async fn states(workspace: &Workspace) -> Vec<BuildingState> {
    given(buildings(workspace, &asked("staff:gitte"), now()).await.unwrap()).buildings
}

async fn building(workspace: &Workspace, area: AreaNo) -> BuildingView {
    given(one_building(workspace, &asked("staff:gitte"), area, now()).await.unwrap()).unwrap()
}

/// The building of a flat.
async fn area_of(workspace: &Workspace, town: &Town, flat: usize) -> AreaNo {
    let name = &town.flats[flat].area;
    states(workspace).await.into_iter().find(|state| state.name == *name).unwrap().area
}

async fn unit(workspace: &Workspace, town: &Town, flat: usize) -> UnitView {
    let area = area_of(workspace, town, flat).await;
    let name = &town.flats[flat].unit;
    building(workspace, area).await.units.into_iter().find(|unit| unit.flat.as_ref() == Some(name)).unwrap()
}

async fn previewed(workspace: &Workspace, area: AreaNo, wanted: &Move) -> Result<MovePreview, MoveRefusal> {
    let asked = asked("staff:gitte");
    given(preview_move(workspace, (&asked, area), wanted, now()).await.unwrap())
}

async fn made(workspace: &Workspace, area: AreaNo, wanted: &Move) -> MoveMade {
    let Ok(preview) = previewed(workspace, area, wanted).await else { panic!("no move") };
    by_hash(workspace, area, (wanted, &preview.hash)).await
}

async fn by_hash(workspace: &Workspace, area: AreaNo, named: (&Move, &str)) -> MoveMade {
    let asked = asked("staff:gitte");
    given(make_move(workspace, (&asked, area), named, now()).await.unwrap())
}

fn somebody(reference: &str, contact: &str) -> Person {
    Person { reference: reference.to_owned(), name: "Gunhild Prøve".to_owned(), contact: contact.to_owned() }
}

#[tokio::test]
async fn what_is_silent_comes_first_and_nothing_tells_how_much() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, town) = town(folder.path()).await;
    let yesterday = today().yesterday().unwrap();
    let slug = format!("{}/cold-water", town.flats[0].slug());
    let hex = |frame: Vec<u8>| frame.iter().map(|byte| format!("{byte:02X}")).collect::<String>() + "\n";
    let lines: String = town.telegrams(&slug, yesterday).into_iter().map(hex).collect();
    let keys = KeyRing::of(parse_keys(&town.keys_csv()).unwrap().meters);
    let heard = yesterday.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp() + 20.hours();
    ingest(&workspace, lines.as_bytes(), &keys, heard).await;

    let all = states(&workspace).await;
    let state = all.iter().find(|state| state.name == town.flats[0].area).unwrap();
    assert!(state.points > 1 && state.silent == state.points - 1, "{state:?}");
    assert_eq!((state.whole_days, state.point_days), (1, 3 * state.points));
    let units = town.flats.iter().filter(|flat| flat.area == state.name).count();
    assert_eq!(state.units, units as u64);
    let due = Deadline { day: date(2026, 3, 31), kind: DeadlineKind::Information };
    assert!(state.deadlines.contains(&due), "{state:?}");
    let unit = unit(&workspace, &town, 0).await;
    let read: Vec<_> = unit.points.iter().filter(|place| place.days_read == Some(1)).collect();
    assert_eq!(read.len(), 1);
    assert_eq!((read[0].commodity.code(), unit.silent()), ("cold-water", unit.points.len() - 1));
    assert_eq!(read[0].on(today()).count(), 1, "one device hangs there");
    // Days of a month that lies in one row are counted like others.
    let closed = CompactAsk { actor: actor(JOB), area: None, before: Some(date(2026, 4, 1)) };
    let report = given(compact(&workspace, closed, now()).await.unwrap());
    assert!(report.months > 0, "{report:?}");
    assert_eq!(states(&workspace).await, all);
    assert!(self::unit(&workspace, &town, 0).await.points == unit.points);
}

#[tokio::test]
async fn nobody_else_sees_who_lives_there() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, town) = town(folder.path()).await;
    let area = area_of(&workspace, &town, 0).await;
    for who in ["staff:mikkel", "staff:sofie", "resident:1", "job:ingest"] {
        let answer = buildings(&workspace, &asked(who), now()).await.unwrap();
        assert_eq!(refused_by(answer), "role-not-in-purpose", "{who}");
        let answer = one_building(&workspace, &asked(who), area, now()).await.unwrap();
        assert_eq!(refused_by(answer), "role-not-in-purpose", "{who}");
        let answer = letters(&workspace, &asked(who), now()).await.unwrap();
        assert_eq!(refused_by(answer), "role-not-in-purpose", "{who}");
        let wanted = Move::In { unit: PointNo::new(1), person: somebody("x", ""), first_day: today() };
        let answer = preview_move(&workspace, (&asked(who), area), &wanted, now()).await.unwrap();
        assert_eq!(refused_by(answer), "role-not-in-purpose", "{who}");
    }
    let nowhere = one_building(&workspace, &asked("staff:gitte"), AreaNo::new(99), now()).await.unwrap();
    assert!(given(nowhere).is_none());
}

/// A person whose processing is restricted is not shown, and neither is whether their meters are read.
#[tokio::test]
async fn who_is_restricted_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, town) = town(folder.path()).await;
    let tenant = town.flats[0].stays.last().unwrap().tenant;
    let officer = SubjectAsk {
        actor: actor("staff:dpo"),
        purpose: ActivityId::parse("rights").unwrap(),
        reference: Town::person_reference(tenant),
        factors: 2,
    };
    let at = now() - 1.hour();
    let event =
        LeaseEvent { at, kind: LeaseEventKind::RestrictionSet, matter: None, activity: None, days: None };
    let recorded = given(record_lease_event(&workspace, &officer, event, now()).await.unwrap());
    assert!(matches!(recorded, tidstro_govern::Recorded::Kept(_)), "{recorded:?}");
    let shown = unit(&workspace, &town, 0).await;
    assert!(shown.on(today()).is_none());
    assert!(shown.points.iter().all(|place| place.days_read.is_none()));
    let other = unit(&workspace, &town, 1).await;
    assert!(other.points.iter().all(|place| place.days_read.is_some()));
}

/// A last day is corrected twice, earlier and later; each time what was said before stays in the log or as a row of its own.
#[tokio::test]
async fn a_last_day_is_said_and_corrected() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, town) = town(folder.path()).await;
    let area = area_of(&workspace, &town, 0).await;
    let unit_now = unit(&workspace, &town, 0).await;
    let occupancy = unit_now.on(today()).unwrap().occupancy;
    let out = |last_day| Move::Out { occupancy, last_day };
    let first = previewed(&workspace, area, &out(date(2026, 3, 15))).await.ok().unwrap();
    assert!(first.steps == [MoveStep::Ends { last_day: date(2026, 3, 15), was: None }]);
    assert_eq!(by_hash(&workspace, area, (&out(date(2026, 3, 15)), "0")).await, MoveMade::Changed);
    let named = (&out(date(2026, 3, 15)), first.hash.as_str());
    assert_eq!(by_hash(&workspace, area, named).await, MoveMade::Made);
    assert_eq!(by_hash(&workspace, area, named).await, MoveMade::Changed, "once is enough");
    assert_eq!(made(&workspace, area, &out(date(2026, 3, 10))).await, MoveMade::Made);
    // What is longer than known is a new time of the same person.
    assert_eq!(made(&workspace, area, &out(date(2026, 3, 12))).await, MoveMade::Made);
    let shown = unit(&workspace, &town, 0).await;
    let days: Vec<_> = shown.occupants.iter().map(|occupant| occupant.days.to_string()).collect();
    assert_eq!(&days[days.len() - 1], "2026-03-11..2026-03-13", "{days:?}");
    assert!(days[days.len() - 2].ends_with("..2026-03-11"), "{days:?}");
    let ends = told_ends(&workspace, &town).await;
    assert_eq!(ends, ["2026-03-14T23:00:00Z", "2026-03-09T23:00:00Z"].map(|at| at.parse().unwrap()));
}

/// The instants of the ends that were recorded of the first flat's tenant, in the order in which they happened last first.
async fn told_ends(workspace: &Workspace, town: &Town) -> Vec<Timestamp> {
    let officer = SubjectAsk {
        actor: actor("staff:dpo"),
        purpose: ActivityId::parse("rights").unwrap(),
        reference: Town::person_reference(town.flats[0].stays.last().unwrap().tenant),
        factors: 2,
    };
    let events = given(lease_events(workspace, &officer, now()).await.unwrap());
    let mut ends: Vec<_> = events
        .iter()
        .filter(|event| event.kind == LeaseEventKind::TenancyEnd)
        .map(|event| event.at)
        .collect();
    ends.sort_by(|one, other| other.cmp(one));
    ends
}

#[tokio::test]
async fn somebody_moves_in_after_somebody_who_will_move_out() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, town) = town(folder.path()).await;
    let area = area_of(&workspace, &town, 0).await;
    let shown = unit(&workspace, &town, 0).await;
    let occupancy = shown.on(today()).unwrap().occupancy;
    let enter = |first_day, person| Move::In { unit: shown.unit, person, first_day };
    let taken = previewed(&workspace, area, &enter(date(2026, 4, 1), somebody("lejer-77", ""))).await;
    assert!(taken.err() == Some(MoveRefusal::Taken { day: date(2026, 4, 1) }));
    // A last day that lies ahead is no event yet.
    assert_eq!(
        made(&workspace, area, &Move::Out { occupancy, last_day: date(2026, 3, 31) }).await,
        MoveMade::Made
    );
    assert_eq!(told_ends(&workspace, &town).await, []);
    let wanted = enter(date(2026, 4, 1), somebody("lejer-77", ""));
    let preview = previewed(&workspace, area, &wanted).await.ok().unwrap();
    assert_eq!(preview.steps.len(), 2);
    // Two administrators looked at the same preview: the second is told.
    assert_eq!(by_hash(&workspace, area, (&wanted, &preview.hash)).await, MoveMade::Made);
    let second = by_hash(&workspace, area, (&wanted, &preview.hash)).await;
    assert_eq!(second, MoveMade::Refused(MoveRefusal::Taken { day: date(2026, 4, 1) }));
    let states = states(&workspace).await;
    let state = states.iter().find(|state| state.area == area).unwrap();
    let out = Deadline { day: date(2026, 3, 31), kind: DeadlineKind::MoveOut };
    let enters = Deadline { day: date(2026, 4, 1), kind: DeadlineKind::MoveIn };
    assert!(state.deadlines.contains(&out) && state.deadlines.contains(&enters), "{state:?}");
    let known = enter(date(2027, 4, 1), somebody("person-1", ""));
    assert!(previewed(&workspace, area, &known).await.is_err(), "without an end nobody comes after");
    for person in [somebody("", ""), somebody("a b", ""), somebody("a\u{0}", ""), somebody("a", "b\nc")] {
        let refused = previewed(&workspace, area, &enter(date(2026, 4, 1), person)).await;
        assert!(refused.err() == Some(MoveRefusal::NoPerson));
    }
}

#[tokio::test]
async fn a_letter_goes_to_whom_no_mail_reaches() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, town) = town(folder.path()).await;
    let area = area_of(&workspace, &town, 0).await;
    let shown = unit(&workspace, &town, 0).await;
    let occupancy = shown.on(today()).unwrap().occupancy;
    let none = given(letters(&workspace, &asked("staff:gitte"), now()).await.unwrap());
    assert!(none.lines.is_empty() && (none.month, none.by) == (date(2026, 2, 1), date(2026, 3, 31)));
    assert_eq!(
        made(&workspace, area, &Move::Out { occupancy, last_day: date(2026, 3, 1) }).await,
        MoveMade::Made
    );
    let person = somebody("lejer-77", "c/o \"Nord\"; Vej 1");
    let enters = Move::In { unit: shown.unit, person, first_day: date(2026, 3, 2) };
    assert_eq!(made(&workspace, area, &enters).await, MoveMade::Made);
    let some = given(letters(&workspace, &asked("staff:gitte"), now()).await.unwrap());
    assert_eq!(some.lines.len(), 1);
    let to = |party| Recipient { party: PartyId::parse(party).unwrap(), country: None };
    let file = export_letters(&workspace, &asked("staff:gitte"), to("kornmarken"), now()).await.unwrap();
    let file = given(file);
    let (building, flat) = (&town.flats[0].area, &town.flats[0].unit);
    let line = format!("\"{building}\";\"{flat}\";\"Gunhild Prøve\";\"c/o \"\"Nord\"\"; Vej 1\"\n");
    assert_eq!(file, format!("\"building\";\"flat\";\"name\";\"contact\"\n{line}"));
    let other = export_letters(&workspace, &asked("staff:gitte"), to("market-hub"), now()).await.unwrap();
    assert_eq!(refused_by(other), "recipient-not-in-purpose");
}

/// A device is exchanged, and the day is corrected afterwards: all three lines stay, with both times.
#[tokio::test]
async fn an_exchange_keeps_both_times() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, town) = town(folder.path()).await;
    let shown = unit(&workspace, &town, 0).await;
    let place = shown.points.iter().find(|place| place.devices.len() == 1).unwrap();
    let (old, point) = (&place.devices[0], &place.own_id);
    for (minute, day) in [(1, "2026-03-19"), (2, "2026-03-18")] {
        let text = format!(
            "device;metering_point_id;from_date;to_date\n{};{point};{};{day}\nKAM 99999999 v1B t16;{point};{day};\n",
            old.device,
            old.days.start(),
        );
        let files = vec![("exchange.csv".to_owned(), text.into_bytes())];
        let how = (CheckDigit::Required, false);
        let at = now() + minute.minutes();
        let report = given(import_master_data(&workspace, &actor(JOB), files, how, at).await.unwrap());
        assert!(report.nothing_refused(), "{:?}", report.files);
    }
    let shown = unit(&workspace, &town, 0).await;
    let place = shown.points.iter().find(|place| place.own_id == *point).unwrap();
    let lines: Vec<_> =
        place.devices.iter().map(|line| (line.days.to_string(), line.retired.is_some())).collect();
    let holding: Vec<_> =
        lines.iter().filter(|(_, retired)| !retired).map(|(days, _)| days.as_str()).collect();
    assert_eq!(holding.len(), 2, "{lines:?}");
    assert!(holding[0].ends_with("..2026-03-18") && holding[1] == "2026-03-18..", "{lines:?}");
    assert!(lines.contains(&("2026-03-19..".to_owned(), true)), "{lines:?}");
    assert!(place.devices.iter().all(|line| line.retired.is_none_or(|retired| line.registered < retired)));
}
