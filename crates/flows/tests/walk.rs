//! The walk: one encrypted telegram all the way to a resident's view. Read this first.
//!
//! bytes → telegram → reading → series version → resident's page
//!          └──── every step that touches a person's data passes the gate ────┘

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod common;

use common::{actor, ask, given, ingest, open, refused_by, register};
use jiff::ToSpan;
use tidstro_flows::{resident_called, show_series, verify_log};
use tidstro_model::{DayRange, Resolution};
use tidstro_telegram::{DecodeOptions, KeyRing, Security, decode};
use tidstro_world::{Town, TownPlan};

#[tokio::test]
async fn from_an_encrypted_telegram_to_the_residents_view() {
    // A town knows the truth. Its first flat has a water meter that sends encrypted telegrams.
    let town = Town::build(&TownPlan::default());
    let keys = KeyRing::parse(&town.keys_csv()).unwrap();
    let (flat, neighbour) = (&town.flats[0], &town.flats[1]);
    let water = format!("{}/cold-water", flat.slug());
    let (first, second) = (town.plan.first_day, town.plan.first_day + 1.day());
    let telegrams = [town.telegrams(&water, first), town.telegrams(&water, second)].concat();

    // Bytes → telegram → reading: nothing without the key, the true value with it.
    assert_eq!(
        decode(&telegrams[0], &KeyRing::new(), &DecodeOptions::default()).unwrap_err().kind(),
        "key-missing"
    );
    let telegram = decode(&telegrams[0], &keys, &DecodeOptions::default()).unwrap();
    assert!(matches!(telegram.security, Security::Mode5 | Security::Mode7));

    // Reading → series version: kept raw and sealed first, decoded second, in the occupancy of its day.
    let folder = tempfile::tempdir().unwrap();
    let now = (second + 1.day()).at(9, 0, 0, 0).in_tz("Europe/Copenhagen").unwrap().timestamp();
    let workspace = open(folder.path(), now).await;
    register(&workspace, town.master_data(), now).await;
    let lines: String = telegrams.iter().map(|frame| hex(frame) + "\n").collect();
    let report = ingest(&workspace, lines.as_bytes(), &keys, now).await;
    assert_eq!((report.telegrams_decoded, report.refused_count()), (telegrams.len() as u64, 0));

    // Series version → resident's view: the day's consumption is the difference of the days' last readings.
    let resident =
        resident_called(&workspace, &Town::person_reference(flat.stays[0].tenant)).await.unwrap().unwrap();
    let days = DayRange::new(second, second + 1.day()).unwrap();
    let own = ask(&resident, "own-view", DayRange::new(first, days.end()).unwrap(), Resolution::P1D);
    let views = given(show_series(&workspace, &own, now).await.unwrap());
    let shown = views[0].values.last().unwrap();
    let [before, after] = [first, second].map(|day| town.true_register(&water, day).unwrap());
    assert_eq!(before.checked_add(shown.value.unwrap()), Some(after));

    // The neighbour asks for the same point and learns nothing, not even that it exists.
    let neighbour = resident_called(&workspace, &Town::person_reference(neighbour.stays[0].tenant))
        .await
        .unwrap()
        .unwrap();
    let mut theirs = ask(&neighbour, "own-view", days, Resolution::P1D);
    for point in [water.as_str(), "no-such-point"] {
        theirs.point = Some(point.to_owned());
        assert_eq!(refused_by(show_series(&workspace, &theirs, now).await.unwrap()), "not-own-data");
    }

    // Billing sees months, not days; and every question is in the log.
    let daily = ask(&actor("staff:anna"), "billing", days, Resolution::P1D);
    assert_eq!(refused_by(show_series(&workspace, &daily, now).await.unwrap()), "resolution-too-fine");
    assert!(verify_log(&workspace).await.unwrap().events() >= 8);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
