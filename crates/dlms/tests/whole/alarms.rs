//! Codes of event logs and bits of alarm registers, as they come.

use tidstro_dlms::{
    AlarmSource, Column, Data, Definition, Framing, KeyRing, Options, Profile, decode, logged_alarms,
    pushed_alarms,
};
use tidstro_model::Obis;

use crate::encode::{clock, notification, octets};

#[test]
fn pushed_alarm_registers_keep_their_bits() {
    let bits = Data::BitString { len: 10, bytes: vec![0b0100_0000, 0b0100_0000].into() };
    let body = Data::Structure(vec![
        octets(&[0, 0, 97, 98, 0, 255]),
        Data::DoubleLongUnsigned(0x0200_0001),
        octets(&[0, 0, 97, 98, 20, 255]),
        bits,
        octets(&[0, 0, 97, 98, 10, 255]),
        Data::DoubleLongUnsigned(u32::MAX),
    ]);
    let apdu = notification(&body);
    let push = decode(&apdu, Framing::Raw, &KeyRing::new(), &Options::default()).pop().unwrap().unwrap();
    let alarms = pushed_alarms(&push.items, push.moment);
    let shown: Vec<_> = alarms.iter().map(|alarm| (alarm.source, alarm.code)).collect();
    // The filter (97.98.10) says what may alarm, and is no alarm.
    assert_eq!(
        shown,
        [(AlarmSource::AlarmRegister, 0x0200_0001), (AlarmSource::AlarmDescriptor, 0b10_0000_0010)]
    );
    assert_eq!(alarms[0].moment, Some(clock()));
}

#[test]
fn an_event_log_gives_each_code_with_its_moment() {
    let column = |class, obis| Column {
        definition: Definition { class, obis: Obis(obis), attribute: 2, data_index: 0 },
        scale: None,
    };
    let log = Profile {
        obis: Obis([0, 0, 99, 98, 4, 255]),
        columns: vec![column(8, [0, 0, 1, 0, 0, 255]), column(1, [0, 0, 96, 11, 4, 255])],
        period_seconds: 0,
    };
    let row = |code| Data::Structure(vec![octets(clock().bytes()), Data::Unsigned(code)]);
    let rows = log.rows(&Data::Array(vec![row(89), row(90)]), None).unwrap();
    let alarms = logged_alarms(&log, &rows);
    assert_eq!(alarms.iter().map(|alarm| alarm.code).collect::<Vec<_>>(), [89, 90]);
    assert_eq!((alarms[0].obis, alarms[0].log), (Obis([0, 0, 96, 11, 4, 255]), Some(log.obis)));
    assert_eq!((alarms[0].source, alarms[0].moment), (AlarmSource::EventCode, Some(clock())));
    assert_eq!(log.values(&rows), []);
}
