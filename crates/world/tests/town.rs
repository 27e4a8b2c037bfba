//! The town as a whole: same plan, same bytes; the facts are where they say; the truth adds up.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::{Date, date};
use sha2::{Digest, Sha256};
use tidstro_calendar::Zone;
use tidstro_model::{AreaKind, CheckDigit, Decimal, Gsrn};
use tidstro_world::facts::Hours;
use tidstro_world::{
    BenchFile, PointKind, Town, TownPlan, bench_interval_file, bench_interval_part, bench_quarter_part,
};

/// Hash of everything a town delivers.
fn fingerprint(town: &Town) -> String {
    let mut hash = Sha256::new();
    for (_, days) in town.gateway_files() {
        days.for_each(|day| hash.update(day));
    }
    hash.update(town.keys_csv());
    hash.update(town.interval_file());
    hash.update(town.push_file().1);
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn days(town: &Town) -> Vec<Date> {
    town.plan.first_day.series(1.day()).take(town.plan.days as usize).collect()
}

/// Rows of the interval file without the header.
fn rows(town: &Town) -> Vec<[String; 5]> {
    let text = String::from_utf8(town.interval_file()).unwrap();
    text.lines()
        .skip(1)
        .map(|line| line.split(';').map(str::to_owned).collect::<Vec<_>>().try_into().unwrap())
        .collect()
}

/// Starts of the hours of a fact, as the file writes them.
fn starts(hours: &Hours) -> Vec<String> {
    let day_start = Zone::copenhagen().day_start(hours.day);
    hours.slots.clone().map(|slot| (day_start + i64::from(slot).hours()).to_string()).collect()
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    let plan = TownPlan::default();
    let first = fingerprint(&Town::build(&plan));
    assert_eq!(first, fingerprint(&Town::build(&plan)));
    assert_eq!(first, "a7bee8e267161fb0", "the default town changed; if that is meant, pin it anew");
    assert_ne!(first, fingerprint(&Town::build(&TownPlan { seed: 2, ..plan })));
}

#[test]
fn one_more_flat_changes_nothing_else() {
    let small = Town::build(&TownPlan::new(5, 24, 14));
    let large = Town::build(&TownPlan { flats: 30, grid_points: 230, ..small.plan });
    assert_eq!(large.flats[..24], small.flats[..]);
    assert_eq!(small.facts.silent, large.facts.silent);
    let first_day = |town: &Town| {
        let text = String::from_utf8_lossy(&town.gateway_files().remove(0).1.next().unwrap()).into_owned();
        text.lines().map(str::to_owned).collect::<BTreeSet<_>>()
    };
    assert!(first_day(&small).is_subset(&first_day(&large)));
    for point in &small.grid_points {
        let day = small.plan.first_day;
        assert_eq!(small.true_hours_wh(point.gsrn, day), large.true_hours_wh(point.gsrn, day));
    }
}

#[test]
fn small_plans_are_raised() {
    let tiny = TownPlan {
        seed: 1,
        flats: 1,
        days: 1,
        grid_points: 1,
        memory_months: 0,
        first_day: date(2026, 3, 22),
    };
    let town = Town::build(&tiny);
    assert_eq!((town.flats.len(), town.plan.days, town.plan.grid_points), (24, 14, 200));
    for flat in &town.flats {
        assert!((3..=5).contains(&flat.rooms.len()));
    }
}

#[test]
fn master_data_fits_together() {
    let town = Town::build(&TownPlan::new(1, 50, 40));
    let data = town.master_data();
    let buildings = data.areas.iter().filter(|area| area.kind == AreaKind::Building).count();
    assert_eq!((data.areas.len(), buildings), (4, 3));
    let areas: BTreeSet<_> = data.areas.iter().map(|area| area.name.clone()).collect();
    let ids: BTreeSet<_> = data.points.iter().map(|point| point.own_id.clone()).collect();
    assert_eq!(ids.len(), data.points.len(), "ids are unique");
    assert!(data.points.iter().all(|point| areas.contains(&point.area)));
    assert!(data.installations.iter().all(|installation| ids.contains(&installation.point)));
    let meters: BTreeSet<_> = data.installations.iter().map(|installation| installation.meter).collect();
    assert_eq!(meters.len(), data.installations.len(), "meters are unique");
    let contacts: BTreeSet<_> = data.people.iter().map(|person| &person.contact).collect();
    assert_eq!(contacts.len(), data.people.len(), "addresses are unique");
    assert!(data.people.iter().all(|person| person.contact.ends_with("@example.org")));
    let people: BTreeSet<_> = data.people.iter().map(|person| &person.reference).collect();
    assert!(data.occupancies.iter().all(|occupancy| people.contains(&occupancy.subject)));
    assert!(
        data.occupancies.iter().all(|occupancy| occupancy.points.iter().all(|point| ids.contains(point)))
    );
}

#[test]
fn somebody_moves_out_and_somebody_else_moves_in() {
    let town = Town::build(&TownPlan::default());
    let fact = &town.facts.move_out;
    let flat = town.flats.iter().find(|flat| (&flat.area, &flat.unit) == (&fact.area, &fact.unit)).unwrap();
    let water = format!("{}/cold-water", flat.slug());
    let data = town.master_data();
    let stays: Vec<_> =
        data.occupancies.iter().filter(|occupancy| occupancy.points.contains(&water)).collect();
    let who: Vec<_> = stays.iter().map(|stay| stay.subject.clone()).collect();
    assert_eq!(who, [Town::person_reference(fact.leaver), Town::person_reference(fact.newcomer)]);
    assert_eq!(stays[0].days.end(), fact.vacant.start());
    assert_eq!(stays[1].days.start(), fact.vacant.end());
    assert_eq!(fact.vacant.start() + 5.days(), fact.vacant.end());

    for day in days(&town).into_iter().filter(|day| fact.vacant.contains(*day)) {
        // The meter's clock runs an hour behind in summer, so the first vacant day may hold the last hour.
        let litres = town.true_consumption(&water, day).unwrap();
        assert!(litres.in_steps_of(-6).unwrap() < 20_000, "{day}: {litres} m3");
    }
}

#[test]
fn faults_of_meters_are_where_the_facts_say() {
    let town = Town::build(&TownPlan::default());
    let silent = &town.facts.silent;
    assert!(town.true_register(&silent.point, silent.last_day).is_some());
    assert_eq!(town.true_register(&silent.point, silent.last_day + 1.day()), None);

    let exchange = &town.facts.exchange;
    let before = town.true_register(&exchange.point, exchange.day - 1.day()).unwrap();
    let after = town.true_register(&exchange.point, exchange.day).unwrap();
    assert!(before.in_steps_of(-3).unwrap() <= exchange.old_final_litres);
    assert!((exchange.new_start_litres..1000).contains(&after.in_steps_of(-3).unwrap()), "{after}");

    let burst = &town.facts.burst;
    assert!(town.true_consumption(&burst.point, burst.day).unwrap().in_steps_of(-6).unwrap() > 8_000_000);
    let key = town.facts.missing_key.meter.number.to_string();
    assert!(!town.keys_csv().contains(&key));
    assert_eq!(town.keys_csv().lines().count(), town.meters.len());
}

#[test]
fn intervals_are_complete_but_for_the_faults() {
    let town = Town::build(&TownPlan::default());
    let grid = &town.facts.grid;
    let mut delivered: BTreeMap<String, BTreeMap<String, (String, String)>> = BTreeMap::new();
    for [point, start, resolution, quantity, quality] in rows(&town) {
        assert_eq!(resolution, "PT1H");
        assert!(delivered.entry(point).or_default().insert(start, (quantity, quality)).is_none());
    }
    let hours = 40 * 24 - 1;
    let short = |hours: &Hours| delivered[&hours.gsrn.to_string()].len();
    assert_eq!((short(&grid.missing_absent), short(&grid.wrong_check_digit)), (hours - 5, hours - 1));
    assert_eq!(delivered[&grid.unknown_point.gsrn.to_string()].len(), 1);
    assert_eq!(delivered.len(), town.grid_points.len() + 2, "one unknown, one with a wrong check digit");

    let at = |hours: &Hours| {
        let rows = &delivered[&hours.gsrn.to_string()];
        starts(hours).iter().map(|start| rows[start].clone()).collect::<Vec<_>>()
    };
    assert!(at(&grid.missing_marked).iter().all(|row| *row == (String::new(), "missing".to_owned())));
    assert!(at(&grid.estimated).iter().all(|row| row.1 == "estimated"));
    assert!(at(&grid.negative).iter().all(|row| row.0.starts_with('-')));
    assert_eq!(at(&grid.spike)[0].0, "187.500");
    assert!(at(&grid.comma)[0].0.contains(','));
    let wrong = delivered.keys().filter(|id| Gsrn::parse(id.as_bytes(), CheckDigit::Required).is_err());
    assert_eq!(wrong.count(), 1);
}

#[test]
fn delivered_energy_is_the_true_energy() {
    let town = Town::build(&TownPlan::default());
    let point = &town.grid_points[town.grid_points.len() - 1];
    assert_eq!(point.kind, PointKind::Production);
    let id = point.gsrn.to_string();
    let delivered: i64 = rows(&town)
        .iter()
        .filter(|row| row[0] == id)
        .map(|row| Decimal::parse(row[3].as_bytes()).unwrap().in_steps_of(-3).unwrap())
        .sum();
    let truth: i64 = days(&town).iter().map(|day| town.true_energy_wh(point.gsrn, *day).unwrap()).sum();
    assert_eq!(delivered, truth);
    assert!(truth > 0);
}

#[test]
fn the_clock_change_day_has_23_rows() {
    let town = Town::build(&TownPlan::new(1, 24, 14));
    for (day, hours) in [(date(2026, 3, 28), 24), (date(2026, 3, 29), 23), (date(2026, 3, 30), 24)] {
        assert_eq!(town.true_hours_wh(town.grid_points[0].gsrn, day).unwrap().len(), hours);
    }
}

#[test]
fn loads_are_believable() {
    let town = Town::build(&TownPlan::default());
    let (mut night, mut evening, mut total) = (0, 0, 0);
    for point in town.grid_points.iter().filter(|point| point.kind == PointKind::Consumption) {
        let hours = town.true_hours_wh(point.gsrn, date(2026, 3, 10)).unwrap();
        night += hours[3];
        evening += hours[18];
        total += hours.iter().sum::<i64>();
    }
    let mean_day_kwh = total / 1000 / 200;
    assert!(evening > 2 * night, "{evening} {night}");
    assert!((5..30).contains(&mean_day_kwh), "{mean_day_kwh} kWh per household and day");
}

#[test]
fn exactly_one_household_changes_its_supplier() {
    let town = Town::build(&TownPlan::default());
    let mut periods: BTreeMap<String, Vec<_>> = BTreeMap::new();
    let homes: BTreeSet<_> = town.grid_points.iter().map(|point| point.gsrn.to_string()).collect();
    let supplies = town.master_data().supplies.into_iter();
    for period in supplies.filter(|period| homes.contains(&period.point)) {
        periods.entry(period.point.clone()).or_default().push(period);
    }
    let changed: Vec<_> = periods.values().filter(|periods| periods.len() > 1).collect();
    assert_eq!(changed.len(), 1);
    let change = &town.facts.grid.supplier_change;
    assert_eq!(changed[0].iter().map(|p| p.supplier).collect::<Vec<_>>(), [change.from, change.to]);
    assert_eq!((changed[0][0].days.end(), changed[0][1].days.start()), (change.day, change.day));
    assert!(days(&town).contains(&change.day));
}

#[test]
fn benchmark_files_have_the_same_form() {
    let file = String::from_utf8(bench_interval_file(3, 90, 1)).unwrap();
    let town = Town::build(&TownPlan::new(1, 24, 14));
    assert_eq!(file.lines().next(), String::from_utf8(town.interval_file()).unwrap().lines().next());
    // 90 days from 1 January 2026 hold the clock change.
    assert_eq!(file.lines().count(), 1 + 3 * (90 * 24 - 1));
    assert!(file.lines().nth(1).unwrap().contains(";2025-12-31T23:00:00Z;PT1H;"));
    assert_eq!(file, String::from_utf8(bench_interval_file(3, 90, 1)).unwrap());
    let part = BenchFile { first_point: 2, points: 1, first_day: date(2026, 3, 29), days: 1, seed: 1 };
    let part = String::from_utf8(bench_interval_part(&part)).unwrap();
    assert_eq!(part.lines().count(), 1 + 23, "the day of the clock change");
    let point = |text: &str, row: usize| text.lines().nth(row).unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(point(&part, 1), point(&file, 1 + 2 * 24), "the third point, in whichever part");
    let quarters = BenchFile { first_point: 0, points: 2, first_day: date(2026, 3, 29), days: 1, seed: 1 };
    let quarters = String::from_utf8(bench_quarter_part(&quarters)).unwrap();
    assert_eq!(quarters.lines().count(), 1 + 2 * 92);
    assert!(quarters.lines().nth(2).unwrap().contains(";2026-03-28T23:15:00Z;PT15M;0."));
}
