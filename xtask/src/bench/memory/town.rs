//! The town of the jobs: points of one grid area, their customers, suppliers and charges, and a day of hours.
//!
//! Every point lacks one hour of the day, so that rules find something and estimates have something to do.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use tidstro_metering::master_file::{occupancy_lines, people_lines, point_lines};
use tidstro_model::{
    ChargeData, ChargeKey, ChargeKind, ChargeResolution, ChargeTerms, CheckDigit, DayRange, Gln, Gsrn,
    MasterData, Parties, StatedCharge, StatedLink, StatedPrice,
};
use tidstro_world::{BenchFile, bench_interval_part};

use crate::bench::BenchFault;
use crate::bench::workspace::{master_data, points_of, without_an_hour};

/// The day of the town's values.
pub(super) const DAY: Date = date(2026, 1, 1);
/// Points of one file of values, and of what is registered at once.
pub(super) const PART: u32 = 5_000;

/// A part of the town: a file of values, and the master data of its points.
pub(super) fn part(first_point: u32, points: u32) -> (Vec<u8>, MasterData) {
    let whole = bench_interval_part(&BenchFile { first_point, points, first_day: DAY, days: 1, seed: 1 });
    let ids = points_of(&whole, points);
    let master = MasterData { charges: charges_of(&ids), ..master_data(&ids) };
    (without_an_hour(&whole), master)
}

/// Each point pays a tariff of the hour and a subscription.
fn charges_of(points: &[String]) -> ChargeData {
    let days = DayRange::from(date(2025, 1, 1));
    let at = jiff::Timestamp::UNIX_EPOCH;
    let charges = [key(ChargeKind::Tariff), key(ChargeKind::Subscription)];
    let links = points.iter().filter_map(|id| Gsrn::parse(id.as_bytes(), CheckDigit::Ignored).ok());
    ChargeData {
        charges: charges
            .iter()
            .map(|key| StatedCharge { key: key.clone(), terms: terms(key), days })
            .collect(),
        links: links
            .flat_map(|point| charges.iter().map(move |key| (key.clone(), point)))
            .map(|(key, point)| StatedLink { key, point, quantity: 1, days })
            .collect(),
        prices: charges
            .iter()
            .map(|key| StatedPrice { key: key.clone(), millionths: Some(1_000), at })
            .collect(),
    }
}

fn key(kind: ChargeKind) -> ChargeKey {
    ChargeKey { code: "net".to_owned(), kind, owner: Gln::from_body(579_000_200_000) }
}

const fn terms(key: &ChargeKey) -> ChargeTerms {
    let resolution = match key.kind {
        ChargeKind::Tariff => ChargeResolution::Hour,
        ChargeKind::Subscription | ChargeKind::Fee => ChargeResolution::Month,
    };
    ChargeTerms { resolution, is_tax: false }
}

/// Files of the master data of so many points, as a grid company would send them: points with suppliers, people, occupancies.
pub(super) fn master_files(folder: &Path, points: u32) -> Result<Vec<PathBuf>, BenchFault> {
    let names = ["points.csv", "people.csv", "occupancies.csv"];
    let paths = names.map(|name| folder.join(name));
    let mut files = Vec::with_capacity(paths.len());
    for path in &paths {
        files.push(BufWriter::new(File::create(path)?));
    }
    for first in (0..points).step_by(PART as usize) {
        let data = part(first, PART.min(points - first)).1;
        for (file, lines) in files.iter_mut().zip(lines_of(data)) {
            // A file has one header.
            lines.iter().skip(usize::from(first > 0)).try_for_each(|line| file.write_all(line.as_bytes()))?;
        }
    }
    files.iter_mut().try_for_each(Write::flush)?;
    Ok(paths.to_vec())
}

fn lines_of(data: MasterData) -> [Vec<String>; 3] {
    let zone = tidstro_calendar::Zone::copenhagen();
    let periods = data.stated_points.iter().zip(&data.supplies).map(|(stated, supply)| {
        let parties =
            Parties { supplier: Some(supply.supplier), balance_responsible: supply.balance_responsible };
        (stated.point, stated.state, parties, stated.days)
    });
    [
        point_lines(periods, &zone).collect(),
        people_lines(data.people).collect(),
        occupancy_lines(data.occupancies, &zone).collect(),
    ]
}
