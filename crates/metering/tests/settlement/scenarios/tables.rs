//! The tables of a scenario.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::Zone;
use tidstro_metering::{
    IntervalBlock,
    settlement::{GridArea, Parties, PointPeriod, PointType, QualitySet, Readings, SettlementMethod},
};
use tidstro_model::{Decimal, Gln, Gsrn, Interval, Quality, Resolution};

pub(super) type Row = BTreeMap<String, String>;
pub(super) type Table = Vec<Row>;

/// The rows of a file; lines that begin with `#` are remarks.
pub(super) fn table(path: &Path) -> Table {
    let text = std::fs::read_to_string(path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
    let mut lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let header: Vec<String> = lines.next().unwrap().split(';').map(str::to_owned).collect();
    let row = |line: &str| {
        let values: Vec<String> = line.split(';').map(str::to_owned).collect();
        assert_eq!(values.len(), header.len(), "{}: {line}", path.display());
        header.iter().cloned().zip(values).collect()
    };
    lines.map(row).collect()
}

/// Numbers for names, in the order they are first read.
#[derive(Default)]
pub(super) struct Names(RefCell<Vec<String>>);

impl Names {
    fn number(&self, name: &str) -> u64 {
        let mut names = self.0.borrow_mut();
        let known = names.iter().position(|known| known == name);
        let at = known.unwrap_or_else(|| {
            names.push(name.to_owned());
            names.len() - 1
        });
        at as u64 + 1
    }

    pub(super) fn point(&self, name: &str) -> Gsrn {
        Gsrn::from_body(self.number(name))
    }

    pub(super) fn party(&self, name: &str) -> Option<Gln> {
        (!name.is_empty()).then(|| Gln::from_body(self.number(name)))
    }

    pub(super) fn of_party(&self, party: Option<Gln>) -> String {
        let names = self.0.borrow();
        let is_it = |(_, number): &(&String, u64)| Some(Gln::from_body(*number)) == party;
        names.iter().zip(1..).find(is_it).map(|(name, _)| name.clone()).unwrap_or_default()
    }
}

/// What a scenario gives.
pub(super) struct Given {
    pub(super) names: Names,
    pub(super) area: GridArea,
    pub(super) points: Vec<PointPeriod>,
    pub(super) grid_loss: BTreeSet<Gsrn>,
    pub(super) readings: Readings,
    /// Local days with values.
    pub(super) days: BTreeSet<Date>,
    pub(super) folder: std::path::PathBuf,
}

impl Given {
    pub(super) fn read(folder: &Path) -> Self {
        let names = Names::default();
        let area = GridArea::parse("800").unwrap();
        let rows = table(&folder.join("points.csv"));
        let points: Vec<PointPeriod> = rows.iter().map(|row| point(&names, area, row)).collect();
        let is_loss = |row: &&Row| row["is_grid_loss"] == "yes";
        let grid_loss = rows.iter().filter(is_loss).map(|row| names.point(&row["point"])).collect();
        let (readings, days) = readings(&names, &points, &table(&folder.join("values.csv")));
        Self { names, area, points, grid_loss, readings, days, folder: folder.to_owned() }
    }
}

fn point(names: &Names, area: GridArea, row: &Row) -> PointPeriod {
    let kind = match row["type"].as_str() {
        "flex" => PointType::Consumption(SettlementMethod::Flex),
        "non_profiled" => PointType::Consumption(SettlementMethod::NonProfiled),
        "production" => PointType::Production,
        "import" => PointType::Exchange { from: GridArea::parse("801").unwrap(), to: area },
        other => panic!("type `{other}`"),
    };
    PointPeriod {
        point: names.point(&row["point"]),
        kind,
        area,
        resolution: resolution(&row["resolution"]),
        parent: None,
        parties: Parties { supplier: names.party(&row["supplier"]), balance_responsible: None },
        valid: days(&row["from_day"], &row["to_day"]),
    }
}

fn resolution(text: &str) -> Resolution {
    if text == "PT1H" { Resolution::PT1H } else { Resolution::PT15M }
}

/// Local days, the second outside.
pub(super) fn days(from: &str, to: &str) -> Interval {
    let at = |day: &str| Zone::copenhagen().day_start(day.parse().unwrap());
    Interval::new(at(from), at(to)).unwrap()
}

fn readings(names: &Names, points: &[PointPeriod], rows: &Table) -> (Readings, BTreeSet<Date>) {
    let zone = Zone::copenhagen();
    let mut blocks: BTreeMap<(Gsrn, Date), (Resolution, IntervalBlock)> = BTreeMap::new();
    for row in rows {
        let point = names.point(&row["point"]);
        let mut at: Timestamp = row["from"].parse().unwrap();
        for _ in 0..row["count"].parse::<u32>().unwrap() {
            let is_valid = |period: &&PointPeriod| period.point == point && period.valid.contains(at);
            let resolution = points.iter().find(is_valid).unwrap().resolution;
            let (day, slot) = zone.slot_of(at, resolution).unwrap();
            let missing = || IntervalBlock::all_missing(-3, zone.slots(day, resolution).unwrap()).unwrap();
            let (_, block) = blocks.entry((point, day)).or_insert_with(|| (resolution, missing()));
            block.set(slot, thousandths(&row["kwh"]), Quality::from_word(&row["quality"]).unwrap()).unwrap();
            at += jiff::Span::new().seconds(resolution.seconds().unwrap());
        }
    }
    let days = blocks.keys().map(|(_, day)| *day).collect();
    let mut readings = Readings::default();
    for ((point, day), (resolution, block)) in blocks {
        readings.insert(point, day, resolution, block);
    }
    (readings, days)
}

fn thousandths(kwh: &str) -> i64 {
    Decimal::parse(kwh.as_bytes()).unwrap().in_steps_of(-3).unwrap()
}

pub(super) fn qualities(text: &str) -> QualitySet {
    text.split('+').map(|word| Quality::from_word(word).unwrap()).fold(QualitySet::EMPTY, QualitySet::with)
}
