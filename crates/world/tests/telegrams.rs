//! Every telegram of the town, read with the decoder: two implementations of the same standards must agree,
//! and what is read must be what the world knows to be true.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use tidstro_calendar::Zone;
use tidstro_model::{Decimal, MeterId, QuantityKind, Reading, Unit, Value};
use tidstro_telegram::{DecodeOptions, KeyRing, Refusal, Telegram, decode, uplink};
use tidstro_world::{PointKind, Security, Town, TownPlan};

/// Everything the gateways delivered, decoded.
struct Heard {
    telegrams: Vec<(usize, Telegram)>,
    refusals: Vec<(usize, Refusal)>,
    unreadable_lines: usize,
}

fn hear(town: &Town, keys: &KeyRing) -> Heard {
    let mut heard = Heard { telegrams: Vec::new(), refusals: Vec::new(), unreadable_lines: 0 };
    for (gateway, (_, days)) in town.gateway_files().into_iter().enumerate() {
        for line in days.flat_map(|day| day.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>()) {
            match uplink::parse_line(&line) {
                Ok(None) => {}
                Ok(Some(uplink)) => match decode(&uplink.frame, keys, &DecodeOptions::default()) {
                    Ok(telegram) => heard.telegrams.push((gateway, telegram)),
                    Err(refusal) => heard.refusals.push((gateway, refusal)),
                },
                Err(_) => heard.unreadable_lines += 1,
            }
        }
    }
    heard
}

fn keys(town: &Town) -> KeyRing {
    KeyRing::parse(&town.keys_csv()).unwrap()
}

/// The metering point of each meter; at an exchange two meters have the same one.
fn points(town: &Town) -> BTreeMap<MeterId, (String, PointKind)> {
    let of = |place: usize| (town.places[place].id.clone(), town.places[place].kind);
    town.meters.iter().map(|meter| (meter.id, of(meter.place))).collect()
}

/// The plain reading of a quantity: now, tariff 0.
fn now(telegram: &Telegram, quantity: QuantityKind) -> Option<&Reading> {
    telegram.readings.iter().find(|reading| reading.quantity == quantity && reading.storage == 0)
}

fn main_value(telegram: &Telegram, kind: PointKind) -> Option<(Decimal, Unit)> {
    let quantity = match kind {
        PointKind::Allocator => QuantityKind::HcaUnits,
        PointKind::ColdWater | PointKind::HotWater => QuantityKind::Volume,
        PointKind::RoomSensor => QuantityKind::ExternalTemperature,
        _ => QuantityKind::Energy,
    };
    let reading = now(telegram, quantity)?;
    match reading.value {
        Value::Number(number) => Some((number, reading.unit)),
        _ => None,
    }
}

/// The local day in which the meter's clock, UTC+1 all year, shows this.
fn local_day(zone: &Zone, moment: DateTime) -> Date {
    zone.day_of(Offset::constant(1).to_timestamp(moment).unwrap())
}

#[test]
fn only_what_is_meant_to_fail_fails() {
    for plan in [TownPlan::default(), TownPlan::new(2, 24, 14), TownPlan::new(7, 31, 20)] {
        check_failures(&Town::build(&plan));
    }
}

fn check_failures(town: &Town) {
    let heard = hear(town, &keys(town));

    assert_eq!(heard.unreadable_lines, 1, "the rubbish");
    let mut kinds: BTreeMap<&str, BTreeSet<Option<MeterId>>> = BTreeMap::new();
    for (_, refusal) in &heard.refusals {
        kinds.entry(refusal.kind()).or_default().insert(refusal.meter());
    }
    let silent_about_key = BTreeSet::from([Some(town.facts.missing_key.meter)]);
    assert_eq!(kinds.remove("key-missing"), Some(silent_about_key));
    assert_eq!(kinds.len(), 2, "truncated and wrong checksum: {kinds:?}");
    let damaged = heard.refusals.iter().filter(|(_, refusal)| refusal.kind() != "key-missing");
    assert_eq!(damaged.map(|(gateway, _)| *gateway).collect::<Vec<_>>(), [0, 1]);
    for (_, telegram) in &heard.telegrams {
        assert_eq!(telegram.faults, [], "{}", telegram.meter);
    }
}

#[test]
fn every_local_day_ends_with_the_true_register() {
    let town = Town::build(&TownPlan::default());
    let (zone, points) = (Zone::copenhagen(), points(&town));
    let mut last: BTreeMap<(String, Date), (DateTime, Decimal)> = BTreeMap::new();
    let mut sent: BTreeMap<(String, Date), BTreeSet<DateTime>> = BTreeMap::new();
    for (_, telegram) in hear(&town, &keys(&town)).telegrams {
        let (point, kind) = &points[&telegram.meter];
        let (value, unit) = main_value(&telegram, *kind).unwrap();
        assert_eq!(unit, unit_of(*kind));
        let moment = telegram.moment().unwrap();
        let key = (point.clone(), local_day(&zone, moment));
        sent.entry(key.clone()).or_default().insert(moment);
        let entry = last.entry(key).or_insert((moment, value));
        *entry = if entry.0 < moment { (moment, value) } else { *entry };
    }
    let mut compared = 0;
    for place in town.places.iter().filter(|place| place.id != town.facts.missing_key.point) {
        for day in town.plan.first_day.series(jiff::Span::new().days(1)).take(town.plan.days as usize) {
            let key = (place.id.clone(), day);
            let truth = town.true_register(&place.id, day);
            assert_eq!(last.get(&key).map(|(_, value)| *value), truth, "{key:?}");
            assert_eq!(sent.get(&key).map_or(0, BTreeSet::len), town.telegrams_sent(&place.id, day).unwrap());
            compared += usize::from(truth.is_some());
        }
    }
    assert!(compared > 5000, "{compared}");
}

fn unit_of(kind: PointKind) -> Unit {
    match kind {
        PointKind::Allocator => Unit::Hca,
        PointKind::ColdWater | PointKind::HotWater => Unit::CubicMetre,
        PointKind::RoomSensor => Unit::Celsius,
        _ => Unit::WattHour,
    }
}

#[test]
fn both_modes_and_the_long_header_arrive_as_meant() {
    let town = Town::build(&TownPlan::new(3, 24, 14));
    let mut seen = BTreeSet::new();
    for (_, telegram) in hear(&town, &keys(&town)).telegrams {
        let meter = town.meters.iter().find(|meter| meter.id == telegram.meter).unwrap();
        let expected = match meter.security {
            Security::Mode5 => tidstro_telegram::Security::Mode5,
            Security::Mode7 => tidstro_telegram::Security::Mode7,
        };
        assert_eq!(telegram.security, expected);
        assert_eq!(telegram.link_address, meter.converter.unwrap_or(meter.id));
        assert_eq!(telegram.message_counter.is_some(), meter.security == Security::Mode7);
        seen.insert((meter.id.medium, telegram.security.word(), meter.converter.is_some()));
    }
    // Allocators and both waters in both modes, room sensors in mode 5, the heat meter through its converter.
    assert_eq!(seen.len(), 8, "{seen:?}");
}

#[test]
fn all_values_of_a_telegram_are_read() {
    let town = Town::build(&TownPlan::new(1, 24, 14));
    let (points, heard) = (points(&town), hear(&town, &keys(&town)));
    let quantities = |wanted: PointKind| {
        let of_kind = |(_, telegram): &&(usize, Telegram)| points[&telegram.meter].1 == wanted;
        let (_, telegram) = heard.telegrams.iter().find(of_kind).unwrap();
        telegram.readings.iter().map(|r| (r.quantity.code(), r.storage)).collect::<Vec<_>>()
    };
    let allocator = [("date-time", 0), ("hca-units", 0), ("date-time", 1), ("hca-units", 1)];
    assert_eq!(quantities(PointKind::Allocator), allocator);
    assert_eq!(
        quantities(PointKind::RoomSensor),
        [("date-time", 0), ("external-temperature", 0), ("humidity", 0)]
    );
    let heat = quantities(PointKind::HeatMeter);
    let expected = ["volume", "power", "volume-flow", "flow-temperature", "return-temperature", "on-time"];
    assert_eq!(heat[4..], expected.map(|quantity| (quantity, 0)));
}

#[test]
fn about_one_in_seven_is_heard_twice() {
    let town = Town::build(&TownPlan::default());
    let mut times: BTreeMap<(MeterId, DateTime), usize> = BTreeMap::new();
    for (_, telegram) in hear(&town, &keys(&town)).telegrams {
        *times.entry((telegram.meter, telegram.moment().unwrap())).or_default() += 1;
    }
    let twice = times.values().filter(|count| **count == 2).count();
    assert!(times.values().all(|count| *count <= 2));
    let permille = twice * 1000 / times.len();
    assert!((130..170).contains(&permille), "{permille}");
}

#[test]
fn a_wrong_key_gives_nothing() {
    let town = Town::build(&TownPlan::new(1, 24, 14));
    let other = Town::build(&TownPlan::new(1, 24, 14));
    let wrong: String = other.keys_csv().lines().map(wrong_key).collect();
    let heard = hear(&town, &KeyRing::parse(&wrong).unwrap());
    assert!(heard.telegrams.is_empty());
    let kinds: BTreeSet<_> = heard.refusals.iter().map(|(_, refusal)| refusal.kind()).collect();
    assert!(kinds.contains("wrong-key") && kinds.contains("mac"), "{kinds:?}");
}

/// A line of the key file with another last digit.
fn wrong_key(line: &str) -> String {
    let (rest, last) = line.split_at(line.len() - 1);
    let changed = match last {
        "y" => "y",
        "0" => "1",
        _ => "0",
    };
    format!("{rest}{changed}\n")
}
