//! Large interval files for benchmarks.
//!
//! What comes in: how many points and days. What goes out: a file of the same form as the town's, without
//! faults, made fast enough to be ready before a benchmark loses patience.

use jiff::civil::{Date, date};
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

/// Which points and days an interval file has, so that a large one can be made in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BenchFile {
    /// The first point, counted from 0.
    pub first_point: u32,
    /// How many points.
    pub points: u32,
    /// The first local day, Danish time.
    pub first_day: Date,
    /// How many days.
    pub days: u32,
    /// Same seed, same values.
    pub seed: u64,
}

/// An interval file with hourly values of `points` metering points for `days` local days from 1 January 2026,
/// Danish time, every value measured. Rows are grouped by day, then point; each about 67 bytes.
#[must_use]
pub fn bench_interval_file(points: u32, days: u32, seed: u64) -> Vec<u8> {
    bench_interval_part(&BenchFile { first_point: 0, points, first_day: date(2026, 1, 1), days, seed })
}

/// The same for any points and days.
#[must_use]
pub fn bench_interval_part(file: &BenchFile) -> Vec<u8> {
    part(file, Resolution::PT1H)
}

/// The same in quarters of an hour.
#[must_use]
pub fn bench_quarter_part(file: &BenchFile) -> Vec<u8> {
    part(file, Resolution::PT15M)
}

fn part(file: &BenchFile, resolution: Resolution) -> Vec<u8> {
    let zone = Zone::copenhagen();
    let points = bench_points(file);
    let mut chance = Chance::new(file.seed, Topic::Bench, 0, 0);
    let per_hour = 3600 / resolution.seconds().unwrap_or(3600).max(1);
    let rows = points.len() * file.days as usize * 24 * per_hour as usize;
    let mut out = Vec::with_capacity(rows * 69 + HEADER.len());
    out.extend_from_slice(HEADER);
    for index in 0..file.days {
        let day = day_after(file.first_day, index.into());
        let slots = zone.slots(day, resolution).unwrap_or(24);
        let starts = slot_texts(zone.day_start(day).as_second(), slots, resolution);
        for (gsrn, profile) in &points {
            for (start, slot) in starts.iter().zip(0..) {
                let hour = local_hour(slot / per_hour, slots / per_hour);
                let wh = consumption_wh(profile, day, WEATHER, hour, chance.bits());
                append_measured(&mut out, gsrn, start, wh / i64::from(per_hour));
            }
        }
    }
    out
}

/// Number and load of each point.
fn bench_points(file: &BenchFile) -> Vec<(Vec<u8>, Profile)> {
    let point = |index: u32| {
        let gsrn = Gsrn::from_body(BENCH_BODY + u64::from(index)).to_string().into_bytes();
        let mut chance = Chance::new(file.seed, Topic::Bench, 1 + u64::from(index), 0);
        (gsrn, Profile::household(&mut chance))
    };
    (file.first_point..file.first_point + file.points).map(point).collect()
}
