//! A data folder for a benchmark: opened, filled and asked as the program does it.

use std::path::Path;

use jiff::{Timestamp, civil::date};
use tidstro_flows::{Answer, IngestOptions, IngestReport, Opening, Workspace};
use tidstro_govern::RegisterFile;
use tidstro_model::{
    ActorId, Area, AreaKind, CheckDigit, Commodity, DayRange, Gln, GridArea, Gsrn, MasterData, Occupancy,
    Person, Point, PointState, PointType, Resolution, SettlementMethod, StatedPoint, Supply,
};
use tidstro_telegram::KeyRing;
use tokio::runtime::Runtime;

use super::BenchFault;

/// The register of the demo town.
const TOWN: &[RegisterFile<'_>] =
    &[RegisterFile { name: "town.toml", text: include_str!("../../../registers/town.toml") }];
/// The benchmarks' present: 2 January 2027, after all their data.
pub(super) const NOW: Timestamp = Timestamp::constant(1_798_848_000, 0);
const AREA: &str = "543";
/// Opens the keys of the benchmarks' databases.
const MASTER_KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// An opened data folder, with what runs its flows.
pub(super) struct Bench {
    pub(super) runtime: Runtime,
    pub(super) workspace: Workspace,
}

impl Bench {
    /// Opens a new folder.
    pub(super) fn open(folder: &Path) -> Result<Self, BenchFault> {
        Self::open_with(folder, None)
    }

    /// Opens a database of a server.
    pub(super) fn open_server(url: &str) -> Result<Self, BenchFault> {
        Self::open_with(Path::new(url), Some(MASTER_KEY))
    }

    fn open_with(folder: &Path, master_key: Option<&str>) -> Result<Self, BenchFault> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let opening = Opening { folder, register: Some(TOWN), master_key };
        let workspace = runtime.block_on(Workspace::open(&opening, NOW))?;
        Ok(Self { runtime, workspace })
    }

    /// Registers master data.
    pub(super) fn register(&self, data: MasterData) -> Result<u64, BenchFault> {
        let job = ActorId::parse("job:ingest")?;
        let registering = tidstro_flows::register_master_data(&self.workspace, &job, data, NOW);
        given(self.runtime.block_on(registering)?)
    }

    /// Ingests a file to its end.
    pub(super) fn ingest(&self, file: &Path, keys: &KeyRing) -> Result<IngestReport, BenchFault> {
        let job = ActorId::parse("job:ingest")?;
        let mut input = std::fs::File::open(file)?;
        let options = IngestOptions { source: "bench", keys, progress: &|_| () };
        let ingesting = tidstro_flows::ingest(&self.workspace, &job, &mut input, &options, &|| NOW);
        given(self.runtime.block_on(ingesting)?)
    }
}

/// Makes a data folder with these metering points in it, at a moment.
pub(crate) fn make_place(
    folder: &Path,
    master_key: &str,
    points: &[String],
    now: Timestamp,
) -> Result<(), BenchFault> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let opening = Opening { folder, register: Some(TOWN), master_key: Some(master_key) };
    let workspace = runtime.block_on(Workspace::open(&opening, now))?;
    let job = ActorId::parse("job:ingest")?;
    let registering = tidstro_flows::register_master_data(&workspace, &job, master_data(points), now);
    given(runtime.block_on(registering)?).map(|_| ())
}

/// The answer, or the refusal as a fault: benchmarks ask only for what they may.
pub(super) fn given<T>(answer: Answer<T>) -> Result<T, BenchFault> {
    match answer {
        Answer::Given(value) => Ok(value),
        Answer::Refused(refuse) => {
            Err(BenchFault::Refused { rule: refuse.rule.code(), detail: refuse.detail })
        }
    }
}

/// Fails unless the benchmark measured what it says.
pub(super) fn expect(what: &'static str, expected: u64, got: u64) -> Result<(), BenchFault> {
    if expected == got { Ok(()) } else { Err(BenchFault::Other { what, expected, got }) }
}

/// Metering points of an interval file whose first day has 24 hours a point.
pub(super) fn points_of(file: &[u8], points: u32) -> Vec<String> {
    let rows = file.split(|byte| *byte == b'\n').skip(1).step_by(24).take(points as usize);
    let first = |row: &[u8]| row.split(|byte| *byte == b';').next().map(<[u8]>::to_vec);
    rows.filter_map(first).filter_map(|id| String::from_utf8(id).ok()).collect()
}

/// The hour that [`without_an_hour`] leaves out.
const LACKING: usize = 5;

/// An interval file of days of 24 hours, but for one hour of each.
pub(super) fn without_an_hour(file: &[u8]) -> Vec<u8> {
    let mut rows = file.split_inclusive(|byte| *byte == b'\n');
    let mut left = rows.next().unwrap_or_default().to_vec();
    left.reserve(file.len());
    let there = rows.enumerate().filter(|(row, _)| row % 24 != LACKING);
    there.for_each(|(_, row)| left.extend_from_slice(row));
    left
}

/// Suppliers of the area, by which energy is settled.
pub(super) const SUPPLIERS: u64 = 10;

/// One grid area, one customer for each point, settled flex under one of a few suppliers, all of it since 2025.
pub(super) fn master_data(points: &[String]) -> MasterData {
    let days = DayRange::from(date(2025, 1, 1));
    let point = |own_id: &String| Point {
        own_id: own_id.clone(),
        area: AREA.to_owned(),
        commodity: Commodity::ElectricityConsumption,
        flat: None,
        room: None,
        interval: Some(Resolution::PT1H),
        transformer: None,
    };
    let person = |id: &String| Person {
        reference: format!("customer-{id}"),
        name: format!("Kunde {id}"),
        contact: format!("{id}@example.org"),
    };
    let stated = |id: &String| {
        let (area, gsrn) = (GridArea::parse(AREA)?, Gsrn::parse(id.as_bytes(), CheckDigit::Ignored).ok()?);
        let flex = PointType::Consumption(SettlementMethod::Flex);
        let state = PointState::measured(flex, area, Resolution::PT1H);
        Some(StatedPoint { point: gsrn, state, days })
    };
    let supply = |(id, number): (&String, u64)| Supply {
        point: id.clone(),
        supplier: Gln::from_body(579_000_000_000 + number % SUPPLIERS),
        balance_responsible: Some(Gln::from_body(579_000_100_000)),
        days,
    };
    let occupancy =
        |id: &String| Occupancy { subject: format!("customer-{id}"), points: vec![id.clone()], days };
    MasterData {
        areas: vec![Area { name: AREA.to_owned(), kind: AreaKind::GridArea }],
        points: points.iter().map(point).collect(),
        stated_points: points.iter().filter_map(stated).collect(),
        supplies: points.iter().zip(0..).map(supply).collect(),
        people: points.iter().map(person).collect(),
        occupancies: points.iter().map(occupancy).collect(),
        ..MasterData::default()
    }
}

/// Bytes of the files directly in a folder.
pub(super) fn bytes_in(folder: &Path) -> Result<u64, BenchFault> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}
