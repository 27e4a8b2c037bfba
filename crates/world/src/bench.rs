//! Large interval files for benchmarks.
//!
//! What comes in: how many points and days. What goes out: a file of the same form as the town's, without
//! faults, made fast enough to be ready before a benchmark loses patience.

use jiff::civil::date;
use tidstro_calendar::Zone;
use tidstro_model::{Gsrn, Resolution};

use crate::chance::{Chance, Topic};
use crate::climate::Weather;
use crate::grid::{HEADER, Profile, append_measured, consumption_wh, local_hour, slot_texts};
use crate::plan::day_after;

/// First 17 digits of the points; apart from those of any town.
const BENCH_BODY: u64 = 57_131_315_460_000_000;

/// An early spring day, so that seasons don't matter.
const WEATHER: Weather = Weather { demand_tenths: 130, sun_permille: 500 };

/// An interval file with hourly values of `points` metering points for `days` local days from 1 January 2026,
/// Danish time, every value measured. Rows are grouped by day, then point; each about 67 bytes.
#[must_use]
pub fn bench_interval_file(points: u32, days: u32, seed: u64) -> Vec<u8> {
    let zone = Zone::copenhagen();
    let points = bench_points(points, seed);
    let mut chance = Chance::new(seed, Topic::Bench, 0, 0);
    let mut out = Vec::with_capacity(points.len() * days as usize * 24 * 68 + HEADER.len());
    out.extend_from_slice(HEADER);
    for index in 0..days {
        let day = day_after(date(2026, 1, 1), index.into());
        let hours = zone.slots(day, Resolution::PT1H).unwrap_or(24);
        let starts = slot_texts(zone.day_start(day).as_second(), hours);
        for (gsrn, profile) in &points {
            for (start, slot) in starts.iter().zip(0..) {
                let wh = consumption_wh(profile, day, WEATHER, local_hour(slot, hours), chance.bits());
                append_measured(&mut out, gsrn, start, wh);
            }
        }
    }
    out
}

/// Number and load of each point.
fn bench_points(points: u32, seed: u64) -> Vec<(Vec<u8>, Profile)> {
    let point = |index: u32| {
        let gsrn = Gsrn::from_body(BENCH_BODY + u64::from(index)).to_string().into_bytes();
        let mut chance = Chance::new(seed, Topic::Bench, 1 + u64::from(index), 0);
        (gsrn, Profile::household(&mut chance))
    };
    (0..points).map(point).collect()
}
