//! What was stored under an older schema is there after the steps.

use super::{DATA, Database, steps_between};

/// A database with the data's schema up to a step.
fn up_to(number: i64) -> Database {
    let cluster = tidstro_cluster::shared().unwrap();
    let database = Database { cluster, url: cluster.database().unwrap() };
    database.ask(&format!("CREATE SCHEMA {};\n{}", DATA.name, steps_between(&DATA, 1..=number)));
    database
}

#[test]
fn alarms_of_schema_32_stay_and_a_series_may_have_one_too() {
    let database = up_to(32);
    database.ask(
        "INSERT INTO area (area_no, name, kind) VALUES (1, 'Kornmarken 12', 'building');
         INSERT INTO point (point_no, area_no, own_id, commodity, premises_key_no) VALUES (3, 1, 'tap', 'cold-water', 9);
         INSERT INTO device (device_no, title) VALUES (7, '\\x0000000000000001');
         INSERT INTO alarm (alarm_no, point_no, device_no, day, key_no, sealed)
         VALUES (5, 3, 7, 20500, 9, '\\x01'), (6, 3, 7, 20501, 9, '\\x02');",
    );
    database.ask(&steps_between(&DATA, 33..=i64::MAX));
    let alarms = database.rows(
        "SELECT concat_ws(' ', a.alarm_no, a.point_no, a.device_no, a.day, a.key_no, encode(a.sealed, 'hex'), a.series_no)
         FROM alarm a ORDER BY a.alarm_no",
    );
    assert_eq!(alarms, ["5 3 7 20500 9 01 0", "6 3 7 20501 9 02 0"]);
    let insert = |device: i64, series: i64| {
        format!(
            "INSERT INTO alarm (alarm_no, point_no, device_no, day, key_no, sealed, series_no)
             VALUES (8, 3, {device}, 20502, 9, '\\x03', {series})"
        )
    };
    for (device, series) in [(7, 1), (0, 0)] {
        assert!(database.refusal(&insert(device, series)).contains("check constraint"), "of one of the two");
    }
    database.ask(&insert(0, 1));
}
