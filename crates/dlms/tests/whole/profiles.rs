//! Load profiles: rows in time, and values with their intervals.

use tidstro_dlms::{Column, Data, DateTime, Definition, Profile, ProfileFault, ProfileKind, Scale};
use tidstro_model::{Obis, Resolution};

use crate::encode::octets;

fn column(class: u16, obis: [u8; 6], scale: Option<Scale>) -> Column {
    Column { definition: Definition { class, obis: Obis(obis), attribute: 2, data_index: 0 }, scale }
}

/// Clock, status, import in the interval (Wh), register (10 Wh).
fn profile() -> Profile {
    let scale = |scaler| Some(Scale { scaler, unit: 30 });
    Profile {
        obis: Obis([1, 0, 99, 1, 0, 255]),
        columns: vec![
            column(8, [0, 0, 1, 0, 0, 255], None),
            column(1, [0, 0, 96, 10, 1, 255], None),
            column(3, [1, 0, 1, 29, 0, 255], scale(0)),
            column(3, [1, 0, 1, 8, 0, 255], scale(1)),
        ],
        period_seconds: 900,
    }
}

/// 31 March 2024, local time; deviation in minutes.
fn at(hour: u8, minute: u8, deviation: i16) -> Data {
    let [far, near] = deviation.to_be_bytes();
    octets(DateTime::new([0x07, 0xe8, 3, 31, 7, hour, minute, 0, 0, far, near, 0]).unwrap().bytes())
}

fn row(clock: Data, status: Data, values: [Data; 2]) -> Data {
    let [interval, register] = values;
    Data::Structure(vec![clock, status, interval, register])
}

fn numbers(interval: u32, register: u32) -> [Data; 2] {
    [Data::DoubleLongUnsigned(interval), Data::DoubleLongUnsigned(register)]
}

#[test]
fn intervals_end_when_the_row_was_captured() {
    // Clocks go forward: 01:45 is followed by 03:00. The second row leaves time and status out.
    let buffer = Data::Array(vec![
        row(at(1, 45, -60), Data::Unsigned(8), numbers(250, 1000)),
        row(Data::Null, Data::Null, numbers(260, 1026)),
        row(at(3, 15, -120), Data::Unsigned(0), [Data::Null, Data::DoubleLongUnsigned(1052)]),
    ]);
    let profile = profile();
    let rows = profile.rows(&buffer, None).unwrap();
    let values = profile.values(&rows);
    let shown: Vec<String> = values
        .iter()
        .map(|value| {
            let (start, end) = (value.interval.start(), value.interval.end());
            format!("{} {start} {end} {} {:?}", value.obis, value.quantity, value.status.unwrap())
        })
        .collect();
    assert_eq!(
        shown,
        [
            "1-0:1.29.0 2024-03-31T00:30:00Z 2024-03-31T00:45:00Z 250 Wh 8",
            "1-0:1.8.0 2024-03-31T00:30:00Z 2024-03-31T00:45:00Z 10000 Wh 8",
            "1-0:1.29.0 2024-03-31T00:45:00Z 2024-03-31T01:00:00Z 260 Wh 8",
            "1-0:1.8.0 2024-03-31T00:45:00Z 2024-03-31T01:00:00Z 10260 Wh 8",
            "1-0:1.8.0 2024-03-31T01:00:00Z 2024-03-31T01:15:00Z 10520 Wh 0",
        ]
    );
    assert_eq!((values[0].kind, values[1].kind), (ProfileKind::OfInterval, ProfileKind::Register));
    assert_eq!(profile.resolution(), Some(Resolution::PT15M));
}

#[test]
fn a_row_after_a_power_failure_has_a_short_interval() {
    let buffer = Data::Array(vec![
        row(at(10, 0, -120), Data::Unsigned(0), numbers(1, 1)),
        row(at(10, 7, -120), Data::Unsigned(0x80), numbers(2, 2)),
        row(at(12, 0, -120), Data::Unsigned(0), numbers(3, 3)),
    ]);
    let profile = profile();
    let values = profile.values(&profile.rows(&buffer, None).unwrap());
    let minutes =
        |at: usize| values[at].interval.start().until(values[at].interval.end()).unwrap().get_seconds() / 60;
    assert_eq!([minutes(0), minutes(2), minutes(4)], [15, 7, 15]);
}

#[test]
fn a_clock_without_deviation_needs_the_callers() {
    let open = octets(&[0x07, 0xe8, 3, 31, 7, 10, 0, 0, 0, 0x80, 0, 0xff]);
    let buffer = Data::Array(vec![row(open, Data::Null, numbers(1, 1))]);
    assert_eq!(profile().rows(&buffer, None), Err(ProfileFault::NoDeviation { row: 1 }));
    let rows = profile().rows(&buffer, Some(-60)).unwrap();
    assert_eq!(rows[0].instant.to_string(), "2024-03-31T09:00:00Z");
}

#[test]
fn buffers_that_cannot_be_placed_are_refused() {
    let rows = |buffer: Data| profile().rows(&buffer, None).unwrap_err();
    assert_eq!(rows(Data::Null), ProfileFault::NoRows);
    let first = Data::Array(vec![row(Data::Null, Data::Null, numbers(1, 1))]);
    assert_eq!(rows(first), ProfileFault::NoTime { row: 1 });
    let short = Data::Array(vec![Data::Structure(vec![at(1, 0, -60)])]);
    assert_eq!(rows(short), ProfileFault::Cells { row: 1, expected: 4, got: 1 });
    let mut without = profile();
    without.columns.remove(0);
    assert_eq!(without.rows(&Data::Array(vec![]), None), Err(ProfileFault::NoClock));
    let event_log = Profile { period_seconds: 0, ..profile() };
    let second = Data::Array(vec![
        row(at(1, 0, -60), Data::Unsigned(0), numbers(1, 1)),
        row(Data::Null, Data::Null, numbers(1, 1)),
    ]);
    assert_eq!(event_log.rows(&second, None), Err(ProfileFault::NoTime { row: 2 }));
}
