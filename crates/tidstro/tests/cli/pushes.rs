//! Messages of electricity meters: pushes of DLMS and P1 telegrams, decoded and kept.

use jiff::civil;
use tidstro_world::encode::{PushSecurity, Pushed, PushedRegister, in_hdlc, in_mbus};

use crate::common::{Place, hex, ran, recent_town, tidstro};

const METER: PushSecurity =
    PushSecurity { title: *b"TIDG\0\0\0\x01", encryption: [0x2b; 16], authentication: [0x4d; 16] };
const TITLE: &str = "5449444700000001";
const REGISTERS: [PushedRegister; 2] =
    [([1, 0, 1, 8, 0, 255], 500_123, 0, 30), ([1, 0, 21, 7, 0, 255], 230, 0, 27)];

fn pushed(minute: i8) -> Pushed<'static> {
    Pushed {
        clock: civil::date(2026, 3, 2).at(12, minute, 0, 0),
        deviation_minutes: -60,
        name: Some("TID0000000000001"),
        registers: &REGISTERS,
    }
}

fn protected(minute: i8) -> Vec<u8> {
    pushed(minute).protected(&METER, u32::from(minute.unsigned_abs()) + 1).unwrap()
}

fn key_file(encryption: u8) -> String {
    let (encryption, authentication) = (hex(&[encryption; 16]), hex(&[0x4d; 16]));
    format!("system_title,encryption,authentication\n{TITLE},{encryption},{authentication}\n")
}

#[test]
fn decode_shows_what_a_push_says_and_whose_it_is() {
    let place = Place::new();
    let line = place.write("push.txt", hex(&in_hdlc(&protected(0), 1000).concat()));
    let keys = place.write("keys.csv", key_file(0x2b));
    ran(tidstro(&["decode", &line])).exits(1).says(&[
        "refused key-missing: 1",
        TITLE,
        "add its keys to the key file",
    ]);
    ran(tidstro(&["decode", &line, "--keys", &keys])).exits(0).says(&[
        &format!("title {TITLE}, name TID0000000000001, HDLC, data-notification"),
        "meter clock 2026-03-02T11:00:00Z, gcm, counter 1",
        "500.123 kWh",
        "1-0:1.8.0",
    ]);
    let json = ran(tidstro(&["decode", "--json", &line, "--keys", &keys])).exits(0);
    let energy = json.json_lines().into_iter().find(|reading| reading["obis"] == "1-0:1.8.0").unwrap();
    assert_eq!((energy["value"].to_string().as_str(), &energy["unit"]), ("500123", &"Wh".into()));
    assert_eq!((&energy["system_title"], &energy["counter"]), (&TITLE.into(), &1.into()));
    let wrong = place.write("wrong.csv", key_file(0x2c));
    ran(tidstro(&["decode", &line, "--keys", &wrong]))
        .exits(1)
        .says(&["the tag does not fit", "refused tag: 1"]);
    let bad = place.write("bad.csv", "system_title,encryption,authentication\n4B46,00,\n");
    ran(tidstro(&["decode", &line, "--keys", &bad])).exits(1).says(&["line 2: `4B46` is not a system title"]);
}

#[test]
fn one_key_file_serves_both_kinds_of_meters() {
    let (place, town) = (Place::new(), recent_town(1));
    let point = format!("{}/cold-water", town.flats[0].slug());
    let telegram = hex(&town.telegrams(&point, town.plan.first_day)[0]);
    let push = hex(&in_hdlc(&protected(0), 1000).concat());
    let both = place.write("both.csv", format!("{}{}", town.keys_csv(), key_file(0x2b)));
    let lines = place.write("lines.txt", format!("{telegram}\n{push}\n"));
    ran(tidstro(&["decode", &lines, "--keys", &both])).exits(0).says(&["2 lines: 2 telegrams", TITLE]);
}

#[test]
fn pieces_and_p1_telegrams_have_several_lines() {
    let place = Place::new();
    let keys = place.write("keys.csv", key_file(0x2b));
    let pieces: Vec<_> = in_mbus(&protected(0), 60).iter().map(|frame| hex(frame)).collect();
    let whole = place.write("pieces.txt", pieces.join("\n"));
    ran(tidstro(&["decode", &whole, "--keys", &keys])).exits(0).says(&["M-Bus", "500.123 kWh"]);
    let half = place.write("half.txt", &pieces[0]);
    ran(tidstro(&["decode", &half, "--keys", &keys])).exits(1).says(&["other fragments did not come: 1"]);
    let text = pushed(0).p1("TID5\\1");
    let p1 = place.write("p1.txt", text.replace("\r\n", "\n"));
    ran(tidstro(&["decode", &p1])).exits(0).says(&["name TID0000000000001, P1", "500.123 kWh"]);
    let changed = place.write("changed.txt", text.replace("500.123", "500.124"));
    ran(tidstro(&["decode", &changed])).exits(1).says(&["CRC is", "the telegram was damaged"]);
    let cut = place.write("cut.txt", text.split('!').next().unwrap());
    ran(tidstro(&["decode", &cut])).exits(1).says(&["other fragments did not come: 1"]);
}

#[test]
fn pushes_wait_for_their_keys_and_count_once() {
    let place = Place::with_master_data(&recent_town(1));
    let lines: Vec<_> =
        (0..4).map(|quarter| hex(&in_hdlc(&protected(15 * quarter), 1000).concat())).collect();
    place.write("pushes.txt", lines.join("\n"));
    let text = key_file(0x2b);
    let keys = place.write("keys.csv", &text);
    place.run(&["ingest", "pushes.txt"]).exits(1).says(&["key-missing", TITLE]);
    place.run(&["quarantine", "--actor", "staff:mikkel"]).exits(0).says(&["TID", "key-missing"]);
    let refused = place.run(&["ingest", "pushes.txt", "--keys", &keys]).exits(1);
    refused.says(&["line 2: has keys of DLMS meters", "bring them with `keys import`"]);
    let import = ["keys", "import", &keys, "--actor", "staff:nadia"];
    let told =
        place.run(&import).exits(0).says(&["2 keys added", "4 telegrams that waited for a key decoded now"]);
    let secret = hex(&METER.encryption);
    assert!(!told.out.contains(&secret) && !told.err.contains(&secret));
    let listed = place.run(&["keys", "list", "--actor", "staff:nadia"]).exits(0);
    listed.says(&[&format!("title {TITLE}"), "encryption", "authentication"]);
    place.run(&["ingest", "pushes.txt"]).exits(0).says(&["4  known already", "0  decoded"]);
    let json = place.run(&["keys", "list", "--json", "--actor", "staff:nadia"]).exits(0).json_lines();
    let used = json.iter().filter(|key| key["system_title"] == TITLE && key["uses"] == 4).count();
    assert_eq!(used, 2, "{json:?}");
}
