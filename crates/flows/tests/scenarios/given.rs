//! What a scenario gives, taken in through the public flows in the order of time.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use tidstro_flows::{IngestReport, ReleaseAsk, Workspace, release_days};
use tidstro_govern::{PartyId, Recipient};
use tidstro_metering::cycle::DayState;
use tidstro_model::{
    ActivityId, Area, AreaKind, Commodity, DayRange, Gln, GridArea, Gsrn, Installation, Manufacturer,
    MasterData, Medium, MeterId, MeterNumber, Mounting, Occupancy, Person, Point, PointState, PointType,
    Resolution, SettlementMethod, StatedPoint, Supply,
};
use tidstro_telegram::KeyRing;
use tidstro_world::encode::{Data, Envelope, Protection, Record, Vif, encode};

use crate::common;
use crate::tables::{Row, cell, day, instant, table};

/// The one grid area of every scenario.
pub(crate) const AREA: &str = "800";
/// The building of every water meter.
const BUILDING: &str = "Kornmarken 12";
/// The key of every radio meter.
const KEY: [u8; 16] = [7; 16];

/// A workspace that holds what a scenario gives.
pub(crate) struct Given {
    pub(crate) workspace: Workspace,
    /// Points by their names in the tables.
    points: BTreeMap<String, Gsrn>,
    /// An hour after the last thing that was given.
    pub(crate) end: Timestamp,
    /// Radio meters by their names, in the order they are written down.
    meters: Vec<(String, MeterId)>,
    /// What became of the files of head-end and gateway.
    reports: Vec<IngestReport>,
    /// Suppliers by their names.
    suppliers: BTreeMap<String, Gln>,
    /// Telegrams sent so far.
    sent: u8,
    /// Meters by their point, in the order they were heard first.
    heard_at: BTreeMap<String, Vec<String>>,
    _folder: tempfile::TempDir,
}

/// Something that happens at a time.
enum Step {
    Delivery(Vec<Row>),
    Telegrams(Vec<Row>),
    Release(Row),
    Supply(Row),
}

impl Given {
    pub(crate) async fn take_in(case: &Path) -> Self {
        let given = case.join("given");
        let steps = steps(&given);
        let (first, last) = (steps.first().unwrap().0, steps.last().unwrap().0);
        let begin = first - SignedDuration::from_hours(1);
        let folder = tempfile::tempdir().unwrap();
        let workspace = common::open(folder.path(), begin).await;
        let meters = meters(&given);
        let (points, data) = master_data(&given, &meters);
        common::register(&workspace, data, begin).await;
        let end = last + SignedDuration::from_hours(1);
        let reports = Vec::new();
        let mut taken = Self {
            workspace,
            points,
            end,
            meters,
            reports,
            sent: 0,
            suppliers: BTreeMap::new(),
            heard_at: BTreeMap::new(),
            _folder: folder,
        };
        for (at, step) in steps {
            match step {
                Step::Delivery(rows) => taken.deliver(&rows, at).await,
                Step::Telegrams(rows) => taken.hear(&rows, at).await,
                Step::Release(row) => taken.release(&row, at).await,
                Step::Supply(row) => taken.hear_of_supply(&row, at).await,
            }
        }
        taken
    }

    /// The GSRN of a point; a number that begins with a digit stands for itself.
    pub(crate) fn gsrn(&self, name: &str) -> String {
        self.points.get(name).map_or_else(|| name.to_owned(), Gsrn::to_string)
    }

    /// Ingests a file of the head-end.
    async fn deliver(&mut self, rows: &[Row], at: Timestamp) {
        let mut file = "metering_point;start;resolution;quantity_kwh;quality\n".to_owned();
        for row in rows {
            let resolution = cell(row, "resolution");
            let seconds = Resolution::from_code(resolution).and_then(Resolution::seconds).unwrap_or(3600);
            let start = instant(cell(row, "from")).as_second();
            let count: i64 = row["count"].parse().unwrap();
            for slot in 0..count {
                let start = Timestamp::from_second(start + slot * i64::from(seconds)).unwrap();
                let point = self.gsrn(cell(row, "point"));
                let (kwh, quality) = (cell(row, "kwh"), cell(row, "quality"));
                writeln!(file, "{point};{start};{resolution};{kwh};{quality}").unwrap();
            }
        }
        let report = common::ingest(&self.workspace, file.as_bytes(), &KeyRing::new(), at).await;
        self.reports.push(report);
    }

    /// Ingests what a gateway heard: telegrams of water meters, encrypted as they send them.
    async fn hear(&mut self, rows: &[Row], at: Timestamp) {
        let mut lines = String::new();
        for row in rows {
            let (_, meter) = *self.meters.iter().find(|(name, _)| *name == row["meter"]).unwrap();
            self.sent = self.sent.wrapping_add(1);
            let heard = self.heard_at.entry(row["point"].clone()).or_default();
            if !heard.contains(&row["meter"]) {
                heard.push(row["meter"].clone());
            }
            let envelope = Envelope { meter, converter: None, access_number: self.sent, status: 0 };
            let records = [Record::now(Vif::VolumeLitre, Data::Bcd6(row["litres"].parse().unwrap()))];
            let frame = encode(&envelope, &Protection::Mode5 { key: &KEY }, &records).unwrap();
            let received = instant(&row["at"]);
            writeln!(lines, "{{\"telegram\":\"{}\",\"received\":\"{received}\"}}", hex(&frame)).unwrap();
        }
        let report = common::ingest(&self.workspace, lines.as_bytes(), &self.keys(), at).await;
        assert_eq!(report.telegrams_decoded, rows.len() as u64, "{:?}", report.refused);
        self.reports.push(report);
    }

    fn keys(&self) -> KeyRing {
        let mut file = "manufacturer,id,version,type,key\n".to_owned();
        for (_, meter) in &self.meters {
            writeln!(file, "TDA,{:08x},01,16,{}", meter.number.0, hex(&KEY)).unwrap();
        }
        KeyRing::parse(&file).unwrap()
    }

    /// Takes in who supplies a point, when somebody hears of it.
    async fn hear_of_supply(&mut self, row: &Row, at: Timestamp) {
        let supply = Supply {
            point: self.gsrn(&row["point"]),
            supplier: self.supplier(&row["supplier"]),
            balance_responsible: None,
            days: DayRange::new(day(&row["from_day"]), day(&row["to_day"])).unwrap(),
        };
        let data = MasterData { supplies: vec![supply], ..MasterData::default() };
        assert!(common::register(&self.workspace, data, at).await > 0, "{row:?} says nothing new");
    }

    /// The number of a supplier, given when it is first named.
    fn supplier(&mut self, name: &str) -> Gln {
        let next = Gln::from_body(579_000_000_000 + self.suppliers.len() as u64 + 1);
        *self.suppliers.entry(name.to_owned()).or_insert(next)
    }

    /// What the tables call a supplier.
    pub(crate) fn supplier_called(&self, gln: Gln) -> String {
        let found = self.suppliers.iter().find(|(_, known)| **known == gln);
        found.map_or_else(|| gln.to_string(), |(name, _)| name.clone())
    }

    /// How many meters were heard at a point before this one.
    pub(crate) fn meters_before(&self, point: &str, meter: &str) -> usize {
        self.heard_at.get(point).and_then(|heard| heard.iter().position(|name| name == meter)).unwrap_or(0)
    }

    /// Whether a point is one of the grid.
    pub(crate) fn is_of_grid(&self, name: &str) -> bool {
        self.points.contains_key(name)
    }

    /// Releases days as the one who reports to the hub.
    async fn release(&self, row: &Row, at: Timestamp) {
        let also = cell(row, "also").split(' ').filter(|word| !word.is_empty());
        let asked = ReleaseAsk {
            actor: common::actor(common::JOB),
            purpose: ActivityId::parse("grid-reading").unwrap(),
            area: AREA.to_owned(),
            days: DayRange::new(day(&row["from_day"]), day(&row["to_day"])).unwrap(),
            also: also.map(|word| DayState::from_code(word).unwrap()).collect(),
            recipient: Recipient { party: PartyId::parse("market-hub").unwrap(), country: None },
            factors: 1,
        };
        let released = common::given(release_days(&self.workspace, &asked, at).await.unwrap());
        assert_eq!((released.first + released.corrections).to_string(), row["released"], "released at {at}");
    }

    /// Compares what was refused with `then/refused.csv`; without that file nothing may be. Returns the rows compared.
    pub(crate) fn check_refused(&self, case: &Path) -> usize {
        let expected = table(&case.join("then/refused.csv"));
        let mut refused: BTreeMap<&str, (u64, String)> = BTreeMap::new();
        for (kind, found) in self.reports.iter().flat_map(|report| &report.refused) {
            let known = refused.entry(kind).or_insert_with(|| (0, found.first.clone()));
            known.0 += found.count;
        }
        assert_eq!(refused.len(), expected.len(), "{}: refused {refused:?}", case.display());
        for row in &expected {
            let (count, first) =
                refused.get(row["kind"].as_str()).unwrap_or_else(|| panic!("{row:?}: {refused:?}"));
            assert_eq!(count.to_string(), row["count"], "{first}");
            assert!(first.contains(&row["says"]), "`{}` is not in: {first}", row["says"]);
        }
        expected.len()
    }
}

/// What happens, in the order of time. Rows of the head-end that arrive together are one file.
fn steps(given: &Path) -> Vec<(Timestamp, Step)> {
    let mut deliveries: BTreeMap<Timestamp, Vec<Row>> = BTreeMap::new();
    for mut row in table(&given.join("values.csv")) {
        let resolution = resolution_of(given, cell(&row, "point"));
        row.entry("resolution".to_owned()).or_insert(resolution);
        deliveries.entry(instant(&row["arrives"])).or_default().push(row);
    }
    let mut steps: Vec<(Timestamp, Step)> =
        deliveries.into_iter().map(|(at, rows)| (at, Step::Delivery(rows))).collect();
    let mut heard: BTreeMap<Timestamp, Vec<Row>> = BTreeMap::new();
    for row in table(&given.join("readings.csv")) {
        heard.entry(instant(&row["arrives"])).or_default().push(row);
    }
    steps.extend(heard.into_iter().map(|(at, rows)| (at, Step::Telegrams(rows))));
    let supplies = table(&given.join("suppliers.csv")).into_iter();
    steps.extend(supplies.map(|row| (instant(&row["heard"]), Step::Supply(row))));
    let releases = table(&given.join("releases.csv")).into_iter();
    steps.extend(releases.map(|row| (instant(&row["at"]), Step::Release(row))));
    steps.sort_by_key(|(at, _)| *at);
    steps
}

fn resolution_of(given: &Path, point: &str) -> String {
    let points = table(&given.join("points.csv"));
    points
        .iter()
        .find(|row| row["point"] == point)
        .map_or_else(|| "PT1H".to_owned(), |row| row["resolution"].clone())
}

/// Radio meters, numbered in the order of their first rows.
fn meters(given: &Path) -> Vec<(String, MeterId)> {
    let manufacturer = Manufacturer::parse("TDA").unwrap();
    let rows = table(&given.join("meters.csv"));
    let numbered = rows.into_iter().zip(0x4000_0001_u32..);
    numbered
        .map(|(row, number)| {
            let number = MeterNumber(number);
            (row["meter"].clone(), MeterId { manufacturer, number, version: 1, medium: Medium::COLD_WATER })
        })
        .collect()
}

/// Where a radio meter hangs.
fn installation(row: &Row, meter: MeterId) -> Installation {
    let digits = row["digits"].parse().ok();
    Installation {
        meter: meter.into(),
        point: row["point"].clone(),
        days: DayRange::new(day(&row["from_day"]), day(&row["to_day"])).unwrap(),
        mounting: Mounting { digits, ..Mounting::default() },
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A point that only radio meters hang at.
fn water_point(name: &str) -> Point {
    Point {
        own_id: name.to_owned(),
        area: BUILDING.to_owned(),
        commodity: Commodity::ColdWater,
        flat: None,
        room: None,
        interval: None,
        transformer: None,
    }
}

fn master_data(given: &Path, meters: &[(String, MeterId)]) -> (BTreeMap<String, Gsrn>, MasterData) {
    let rows = table(&given.join("points.csv"));
    let numbered = rows.iter().zip(1_u64..);
    let names: BTreeMap<String, Gsrn> = numbered
        .map(|(row, number)| (row["point"].clone(), Gsrn::from_body(57_131_315_400_000_000 + number)))
        .collect();
    let point = |row: &Row| Point {
        own_id: names[&row["point"]].to_string(),
        area: AREA.to_owned(),
        commodity: commodity(&row["type"]),
        flat: None,
        room: None,
        interval: None,
        transformer: None,
    };
    let people = table(&given.join("people.csv"));
    let mut data = MasterData {
        areas: vec![
            Area { name: AREA.to_owned(), kind: AreaKind::GridArea },
            Area { name: BUILDING.to_owned(), kind: AreaKind::Building },
        ],
        points: rows.iter().map(point).collect(),
        stated_points: rows.iter().map(|row| stated(names[&row["point"]], row)).collect(),
        ..MasterData::default()
    };
    for (row, (_, meter)) in table(&given.join("meters.csv")).iter().zip(meters) {
        if data.points.iter().all(|point| point.own_id != row["point"]) {
            data.points.push(water_point(&row["point"]));
        }
        data.installations.push(installation(row, *meter));
    }
    for row in &people {
        if data.people.iter().all(|person| person.reference != row["person"]) {
            data.people.push(person(&row["person"]));
        }
        data.occupancies.push(Occupancy {
            subject: row["person"].clone(),
            points: vec![names[&row["point"]].to_string()],
            days: DayRange::new(day(&row["from_day"]), day(&row["to_day"])).unwrap(),
        });
    }
    (names, data)
}

/// A point that is connected from its first day on; without one since 2020.
fn stated(point: Gsrn, row: &Row) -> StatedPoint {
    let kind = match row["type"].as_str() {
        "production" => PointType::Production,
        _ => PointType::Consumption(SettlementMethod::Flex),
    };
    let resolution = Resolution::from_code(&row["resolution"]).unwrap();
    let state = PointState::measured(kind, GridArea::parse(AREA).unwrap(), resolution);
    let from = Some(cell(row, "from_day")).filter(|from| !from.is_empty()).unwrap_or("2020-01-01");
    StatedPoint { point, state, days: DayRange::from(day(from)) }
}

fn person(reference: &str) -> Person {
    Person {
        reference: reference.to_owned(),
        name: format!("Name of {reference}"),
        contact: format!("{reference}@example.org"),
    }
}

fn commodity(kind: &str) -> Commodity {
    match kind {
        "consumption" => Commodity::ElectricityConsumption,
        "production" => Commodity::ElectricityProduction,
        other => panic!("`{other}` is no type of a point; write consumption or production"),
    }
}
