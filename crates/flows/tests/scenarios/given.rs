//! What a scenario gives, taken in through the public flows in the order of time.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use tidstro_flows::{IngestReport, ReleaseAsk, Workspace, release_days};
use tidstro_govern::{PartyId, Recipient};
use tidstro_metering::cycle::DayState;
use tidstro_model::{
    ActivityId, Area, AreaKind, Commodity, DayRange, Factor, Gln, GridArea, Gsrn, Installation, Manufacturer,
    MasterData, Medium, MeterId, MeterNumber, Mounting, NetSettlementGroup, Occupancy, Person, Point,
    PointState, PointType, Resolution, SettlementMethod, SettlementMonth, StatedPoint, SubType, Supply,
};
use tidstro_telegram::KeyRing;
use tidstro_world::encode::{Data, Envelope, Protection, Record, Vif, encode};

use crate::charges::{self, Run};
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
    /// Calculations by their names.
    pub(crate) runs: BTreeMap<String, Run>,
    _folder: tempfile::TempDir,
}

/// Something that happens at a time.
enum Step {
    Delivery(Vec<Row>),
    Telegrams(Vec<Row>),
    Release(Row),
    Supply(Row),
    Price(Row),
    Run(Row),
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
            runs: BTreeMap::new(),
            _folder: folder,
        };
        if given.join("charges.csv").exists() {
            charges::take(&taken, charges::files(&taken, case), begin).await;
        }
        for (at, step) in steps {
            match step {
                Step::Delivery(rows) => taken.deliver(&rows, at).await,
                Step::Telegrams(rows) => taken.hear(&rows, at).await,
                Step::Release(row) => taken.release(&row, at).await,
                Step::Supply(row) => taken.hear_of_supply(&row, at).await,
                Step::Price(row) => charges::take(&taken, vec![charges::prices(case, &row)], at).await,
                Step::Run(row) => {
                    let run = charges::run(&taken, &row, at).await;
                    taken.runs.insert(row["run"].clone(), run);
                }
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

    /// Ingests what a gateway heard: telegrams of water meters (litres) and electricity meters (kWh), encrypted as they send
    /// them.
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
            let records = match row.get("litres") {
                Some(litres) => [Record::now(Vif::VolumeLitre, Data::Bcd6(litres.parse().unwrap()))],
                None => [Record::now(Vif::EnergyKwh, Data::Bcd8(row["kwh"].parse().unwrap()))],
            };
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
        let meters: BTreeMap<&str, &MeterId> =
            self.meters.iter().map(|(name, meter)| (name.as_str(), meter)).collect();
        for meter in meters.values() {
            writeln!(file, "TDA,{:08x},01,{:02x},{}", meter.number.0, meter.medium.0, hex(&KEY)).unwrap();
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
    let prices = table(&given.join("prices.csv")).into_iter();
    steps.extend(prices.map(|row| (instant(&row["heard"]), Step::Price(row))));
    let runs = table(&given.join("runs.csv")).into_iter();
    steps.extend(runs.map(|row| (instant(&row["at"]), Step::Run(row))));
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

/// Radio meters, one for each row, numbered in the order of their first rows. A meter may have several rows: it was
/// connected in another way, or hung elsewhere.
fn meters(given: &Path) -> Vec<(String, MeterId)> {
    let manufacturer = Manufacturer::parse("TDA").unwrap();
    let rows = table(&given.join("meters.csv"));
    let mut names: Vec<&str> = Vec::new();
    rows.iter()
        .map(|row| {
            let name = row["meter"].as_str();
            if !names.contains(&name) {
                names.push(name);
            }
            let place = names.iter().position(|known| *known == name).unwrap();
            let number = MeterNumber(0x4000_0001 + u32::try_from(place).unwrap());
            let medium = if is_electric(row) { Medium::ELECTRICITY } else { Medium::COLD_WATER };
            (name.to_owned(), MeterId { manufacturer, number, version: 1, medium })
        })
        .collect()
}

/// Whether a meter counts electricity; without the column it counts water.
fn is_electric(row: &Row) -> bool {
    row.get("measures").is_some_and(|measures| measures == "electricity")
}

/// Where a radio meter hangs, and how.
fn installation(row: &Row, meter: MeterId) -> Installation {
    let digits = row["digits"].parse().ok();
    let factor = |column| Some(cell(row, column)).filter(|text| !text.is_empty());
    let factor = |column| factor(column).map_or(Factor::ONE, |text| Factor::parse(text).unwrap());
    Installation {
        meter: meter.into(),
        point: row["point"].clone(),
        days: DayRange::new(day(&row["from_day"]), day(&row["to_day"])).unwrap(),
        mounting: Mounting { digits, factor: factor("factor"), multiplier: factor("multiplier") },
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A point that only radio meters hang at.
fn radio_point(row: &Row) -> Point {
    let is_electric = is_electric(row);
    Point {
        own_id: row["point"].clone(),
        area: BUILDING.to_owned(),
        commodity: if is_electric { Commodity::ElectricityConsumption } else { Commodity::ColdWater },
        flat: None,
        room: None,
        interval: None,
        transformer: None,
    }
}

fn master_data(given: &Path, meters: &[(String, MeterId)]) -> (BTreeMap<String, Gsrn>, MasterData) {
    let rows = table(&given.join("points.csv"));
    let mut names: BTreeMap<String, Gsrn> = BTreeMap::new();
    for (row, number) in rows.iter().zip(1_u64..) {
        // A point may have several rows: it became another one.
        let new = Gsrn::from_body(57_131_315_400_000_000 + number);
        names.entry(row["point"].clone()).or_insert(new);
    }
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
        points: names
            .keys()
            .filter_map(|name| rows.iter().find(|row| row["point"] == *name))
            .map(point)
            .collect(),
        stated_points: rows.iter().map(|row| stated(&names, row)).collect(),
        ..MasterData::default()
    };
    for (row, (_, meter)) in table(&given.join("meters.csv")).iter().zip(meters) {
        if data.points.iter().all(|point| point.own_id != row["point"]) {
            data.points.push(radio_point(row));
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

/// A point that is connected from its first day on, without one since 2020, and to its last, if it has one.
fn stated(names: &BTreeMap<String, Gsrn>, row: &Row) -> StatedPoint {
    let point = names[&row["point"]];
    let kind = kind(&row["type"]);
    let resolution = Resolution::from_code(&row["resolution"]).unwrap();
    let state = PointState::measured(kind, GridArea::parse(AREA).unwrap(), resolution);
    let factor = Some(cell(row, "factor")).filter(|factor| !factor.is_empty());
    let state =
        PointState { factor: factor.map_or(Factor::ONE, |text| Factor::parse(text).unwrap()), ..state };
    let parent = names.get(cell(row, "parent")).copied();
    let sub_type = if parent.is_some() { SubType::Calculated } else { state.sub_type };
    let is_electrically_heated = cell(row, "electrical_heating") == "yes";
    let net_settlement = net_settlement(row);
    let state = PointState { parent, sub_type, net_settlement, is_electrically_heated, ..state };
    let from = Some(cell(row, "from_day")).filter(|from| !from.is_empty()).unwrap_or("2020-01-01");
    let to = Some(cell(row, "to_day")).filter(|to| !to.is_empty());
    let days = to.map_or(DayRange::from(day(from)), |to| DayRange::new(day(from), day(to)).unwrap());
    StatedPoint { point, state, days }
}

fn person(reference: &str) -> Person {
    Person {
        reference: reference.to_owned(),
        name: format!("Name of {reference}"),
        contact: format!("{reference}@example.org"),
    }
}

/// The net settlement group of a point, with its settlement month if it has one.
fn net_settlement(row: &Row) -> Option<NetSettlementGroup> {
    let group: i64 =
        Some(cell(row, "net_settlement_group")).filter(|text| !text.is_empty())?.parse().unwrap();
    let month = Some(cell(row, "settlement_month")).filter(|text| !text.is_empty());
    let month = month.map(|text| SettlementMonth::parse(text).unwrap());
    Some(NetSettlementGroup::of_number(group, month).unwrap())
}

/// The type of a point by its word: a child's is the market's.
fn kind(word: &str) -> PointType {
    let child = |word: &str| PointType::CHILDREN.iter().find(|(_, known, _)| *known == word);
    match (word, child(word)) {
        ("consumption", _) => PointType::Consumption(SettlementMethod::Flex),
        ("production", _) => PointType::Production,
        (_, Some((code, ..))) => PointType::child(code).unwrap(),
        (other, None) => {
            panic!("`{other}` is no type of a point; write consumption, production or a child's word")
        }
    }
}

fn commodity(word: &str) -> Commodity {
    PointState::measured(kind(word), GridArea::parse(AREA).unwrap(), Resolution::PT1H).commodity()
}
