//! Alarms of telegrams from gateway to answer: raised once, standing over restarts, cleared; seen by whom they concern.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

#[expect(dead_code, reason = "these tests read no series")]
mod common;

use common::{actor, given, ingest, open, open_by, refused_by, register};
use jiff::Timestamp;
use jiff::civil::date;
use tidstro_flows::{
    AlarmAsk, AlarmLine, AlarmReport, AlarmsView, FlowFault, IngestReport, Workspace, approve_register,
    decode_again, resident_called, show_alarms,
};
use tidstro_govern::{Register, RegisterFile};
use tidstro_model::{
    ActivityId, ActorId, Area, AreaKind, Commodity, DayRange, DeviceId, Gsrn, Installation, Manufacturer,
    MasterData, Medium, MeterId, MeterNumber, Mounting, Occupancy, Person, Point,
};
use tidstro_telegram::KeyRing;
use tidstro_world::encode::{Pushed, in_hdlc};

const BUILDING: &str = "Kornmarken 12";
/// Bits of the error flags of a Kamstrup water meter.
const DRY: u16 = 1;
const LEAK: u16 = 4;
/// A status byte: the battery is nearly empty.
const LOW_BATTERY: u8 = 0x04;

/// A water meter of the building; `flat` counts from 1.
fn meter(flat: u32) -> MeterId {
    MeterId {
        manufacturer: Manufacturer::parse("KAM").unwrap(),
        number: MeterNumber(0x1000_0000 + flat),
        version: 0x1b,
        medium: Medium(0x16),
    }
}

/// Two flats with a meter each. The first one has a new tenant from 1 March on.
fn building() -> MasterData {
    let person = |name: &str| Person {
        reference: name.to_owned(),
        name: format!("Name of {name}"),
        contact: format!("{name}@example.org"),
    };
    let point = |flat: u32| Point {
        own_id: format!("water-{flat}"),
        area: BUILDING.to_owned(),
        commodity: Commodity::ColdWater,
        flat: Some(format!("{flat}. tv")),
        room: None,
        interval: None,
        transformer: None,
    };
    let mounted = |flat: u32| Installation {
        mounting: Mounting::default(),
        meter: meter(flat).into(),
        point: format!("water-{flat}"),
        days: DayRange::from(date(2025, 1, 1)),
    };
    let lives = |name: &str, flat: u32, days| Occupancy {
        subject: name.to_owned(),
        points: vec![format!("water-{flat}")],
        days,
    };
    let until_march = DayRange::new(date(2025, 1, 1), date(2026, 3, 1)).unwrap();
    MasterData {
        areas: vec![Area { name: BUILDING.to_owned(), kind: AreaKind::Building }],
        points: vec![point(1), point(2)],
        installations: vec![mounted(1), mounted(2)],
        people: vec![person("leaver"), person("newcomer"), person("neighbour")],
        occupancies: vec![
            lives("leaver", 1, until_march),
            lives("newcomer", 1, DayRange::from(date(2026, 3, 1))),
            lives("neighbour", 2, DayRange::from(date(2025, 1, 1))),
        ],
        ..MasterData::default()
    }
}

/// A telegram in the clear: so many litres, a status byte, and error flags.
fn frame(meter: MeterId, litres: u8, status: u8, flags: u16) -> Vec<u8> {
    let mut frame = vec![0x44];
    frame.extend(meter.manufacturer.field().to_le_bytes());
    frame.extend(meter.number.0.to_le_bytes());
    frame.extend([meter.version, meter.medium.0, 0x7a, litres, status, 0, 0]);
    frame.extend([0x04, 0x13, litres, 0, 0, 0, 0x02, 0xfd, 0x17]);
    frame.extend(flags.to_le_bytes());
    let length = u8::try_from(frame.len()).unwrap();
    [vec![length], frame].concat()
}

/// A telegram of a flat as a gateway heard it.
#[derive(Clone, Copy)]
struct Sent {
    flat: u32,
    /// Hour of February 2026, from 0.
    hour: i64,
    status: u8,
    flags: u16,
}

impl Sent {
    fn at(self) -> Timestamp {
        hour(self.hour)
    }

    fn line(self) -> String {
        let litres = u8::try_from(self.hour % 100).unwrap();
        let frame = frame(meter(self.flat), litres, self.status, self.flags);
        let hex: String = frame.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{{\"telegram\":\"{hex}\",\"received\":\"{}\",\"gateway\":\"gw\"}}\n", self.at())
    }
}

fn hour(hour: i64) -> Timestamp {
    "2026-02-01T00:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_hours(hour)
}

fn sent(flat: u32, hour: i64, status: u8, flags: u16) -> Sent {
    Sent { flat, hour, status, flags }
}

/// The folder of the building, opened anew for each use, as commands do.
struct Bench {
    folder: tempfile::TempDir,
    now: Timestamp,
}

impl Bench {
    async fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap(), now: hour(24 * 60) };
        let workspace = open(bench.folder.path(), bench.now).await;
        register(&workspace, building(), bench.now).await;
        bench
    }

    async fn hear(&self, telegrams: &[Sent]) -> IngestReport {
        let lines: String = telegrams.iter().map(|sent| sent.line()).collect();
        let workspace = open(self.folder.path(), self.now).await;
        let report = ingest(&workspace, lines.as_bytes(), &KeyRing::new(), self.now).await;
        assert!(report.nothing_refused(), "{:?}", report.refused);
        report
    }

    /// Raised, cleared.
    async fn changes(&self, telegrams: &[Sent]) -> (u64, u64) {
        let AlarmReport { raised, cleared, .. } = self.hear(telegrams).await.alarms;
        (raised, cleared)
    }

    async fn seen_by(&self, who: &ActorId, purpose: &str) -> AlarmsView {
        let workspace = open(self.folder.path(), self.now).await;
        given(show_alarms(&workspace, &ask(who, purpose), self.now).await.unwrap())
    }

    async fn all(&self) -> Vec<AlarmLine> {
        self.seen_by(&actor("staff:mikkel"), "device-monitoring").await.alarms
    }

    /// Code and first hour of what stands, in the order shown.
    async fn standing(&self) -> Vec<(String, &'static str, i64)> {
        let lines = self.all().await.into_iter().filter(|line| line.until.is_none());
        lines.map(|line| (line.point, line.code.word(), hours(line.since))).collect()
    }

    async fn resident(&self, name: &str) -> ActorId {
        let workspace = open(self.folder.path(), self.now).await;
        resident_called(&workspace, name).await.unwrap().unwrap()
    }
}

fn hours(at: Timestamp) -> i64 {
    at.duration_since(hour(0)).as_hours()
}

fn ask(who: &ActorId, purpose: &str) -> AlarmAsk {
    AlarmAsk {
        actor: who.clone(),
        purpose: ActivityId::parse(purpose).unwrap(),
        point: None,
        area: None,
        days: DayRange::always(),
        standing: false,
    }
}

#[tokio::test]
async fn an_alarm_is_raised_once_stands_and_is_cleared() {
    let bench = Bench::new().await;
    assert_eq!(bench.changes(&[sent(1, 1, 0, 0)]).await, (0, 0));
    assert_eq!(bench.changes(&[sent(1, 2, 0, LEAK)]).await, (1, 0));
    // The folder was closed and opened again between any two of these.
    assert_eq!(bench.changes(&[sent(1, 3, 0, LEAK)]).await, (0, 0), "it stands already");
    assert_eq!(bench.standing().await, [("water-1".to_owned(), "leak", 2)]);
    assert_eq!(bench.changes(&[sent(1, 4, LOW_BATTERY, LEAK | DRY)]).await, (2, 0));
    assert_eq!(bench.changes(&[sent(1, 5, LOW_BATTERY, 0)]).await, (0, 2));
    assert_eq!(bench.standing().await, [("water-1".to_owned(), "low-battery", 4)]);
    // The same file again, and the same telegram by another gateway.
    let again = [sent(1, 2, 0, LEAK), sent(1, 4, LOW_BATTERY, LEAK | DRY), sent(1, 5, LOW_BATTERY, 0)];
    assert_eq!(bench.changes(&again).await, (0, 0));
    let lines = bench.all().await;
    let ended = lines.iter().find(|line| line.code.word() == "leak").unwrap();
    assert_eq!((hours(ended.since), ended.until.map(hours), ended.raw), (2, Some(5), u64::from(LEAK)));
    assert_eq!((ended.area.as_str(), ended.flat.as_deref()), (BUILDING, Some("1. tv")));
}

#[tokio::test]
async fn what_comes_late_is_of_the_past() {
    let bench = Bench::new().await;
    bench.hear(&[sent(1, 10, 0, 0)]).await;
    // An alarm of before, over by now: it is told, with its time, and does not stand.
    assert_eq!(bench.changes(&[sent(1, 4, 0, LEAK)]).await, (1, 1));
    assert_eq!(bench.standing().await, []);
    let line = &bench.all().await[0];
    assert_eq!((hours(line.since), line.until.map(hours)), (4, Some(10)));
    // All well, of before an alarm that stands.
    bench.hear(&[sent(1, 12, 0, LEAK), sent(1, 14, 0, LEAK)]).await;
    bench.hear(&[sent(1, 13, 0, 0)]).await;
    assert_eq!(bench.standing().await, [("water-1".to_owned(), "leak", 14)]);
}

#[tokio::test]
async fn the_order_of_arrival_does_not_matter_in_the_end() {
    let states =
        [(0, 0), (0, LEAK), (LOW_BATTERY, LEAK), (LOW_BATTERY, 0), (0, DRY), (0, 0), (0, LEAK), (0, DRY)];
    let telegrams: Vec<Sent> =
        (1..).zip(states).map(|(hour, (status, flags))| sent(1, hour, status, flags)).collect();
    let expected = [("water-1".to_owned(), "dry")];
    for turn in 0..6 {
        let bench = Bench::new().await;
        // Each order is another one: by steps that share no divisor with the nine places of a cycle.
        let step = [1, 2, 4, 5, 7, 8][turn];
        for place in 1..9 {
            if let Some(telegram) = telegrams.get(place * step % 9).or(telegrams.first()) {
                bench.hear(&[*telegram]).await;
            }
        }
        bench.hear(&telegrams).await;
        let standing: Vec<_> =
            bench.standing().await.into_iter().map(|(point, code, _)| (point, code)).collect();
        assert_eq!(standing, expected, "in steps of {step}");
    }
}

#[tokio::test]
async fn residents_see_their_own_and_strangers_nothing() {
    let bench = Bench::new().await;
    bench.hear(&[sent(1, 5, 0, LEAK), sent(2, 6, LOW_BATTERY, 0)]).await;
    bench.hear(&[sent(1, 24 * 30, 0, 0), sent(1, 24 * 31, 0, DRY)]).await;
    let mut seen = Vec::new();
    for name in ["leaver", "newcomer", "neighbour"] {
        let view = bench.seen_by(&bench.resident(name).await, "own-alarms").await;
        seen.push(view.alarms.iter().map(|line| line.code.word()).collect::<Vec<_>>());
    }
    // The leak was the leaver's; that it is over was told in the newcomer's time, and is no alarm of theirs.
    assert_eq!(seen, [vec!["leak"], vec!["dry"], vec!["low-battery"]]);
    let workspace = open(bench.folder.path(), bench.now).await;
    let nobody = ask(&actor("staff:nobody"), "device-monitoring");
    assert_eq!(refused_by(show_alarms(&workspace, &nobody, bench.now).await.unwrap()), "unknown-actor");
    let neighbour = bench.resident("neighbour").await;
    let of_another = AlarmAsk { point: Some("water-1".to_owned()), ..ask(&neighbour, "own-alarms") };
    let refused = show_alarms(&workspace, &of_another, bench.now).await.unwrap();
    assert_eq!(refused_by(refused), "not-own-data");
}

#[tokio::test]
async fn purposes_of_the_grid_see_nothing_of_a_building() {
    let bench = Bench::new().await;
    bench.hear(&[sent(1, 5, 0, LEAK)]).await;
    let grid = bench.seen_by(&actor("staff:mikkel"), "technical-monitoring").await;
    assert!(grid.alarms.is_empty());
    let workspace = open(bench.folder.path(), bench.now).await;
    let billing = ask(&actor("staff:anna"), "device-monitoring");
    assert_eq!(
        refused_by(show_alarms(&workspace, &billing, bench.now).await.unwrap()),
        "role-not-in-purpose"
    );
    let one_day = AlarmAsk {
        days: DayRange::new(date(2026, 2, 2), date(2026, 2, 3)).unwrap(),
        ..ask(&actor("staff:mikkel"), "device-monitoring")
    };
    assert!(given(show_alarms(&workspace, &one_day, bench.now).await.unwrap()).alarms.is_empty());
}

#[tokio::test]
async fn a_meter_that_is_placed_late_brings_its_alarms() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench { folder, now: hour(24 * 60) };
    bench.hear(&[sent(1, 5, 0, LEAK), sent(1, 24 * 30, 0, DRY)]).await;
    let before = bench.all().await;
    assert_eq!(before.len(), 2, "nobody has placed it");
    let workspace = open(bench.folder.path(), bench.now).await;
    register(&workspace, building(), bench.now).await;
    drop(workspace);
    assert_eq!(bench.standing().await, [("water-1".to_owned(), "dry", 24 * 30)]);
    let leaver = bench.seen_by(&bench.resident("leaver").await, "own-alarms").await;
    assert_eq!(leaver.alarms.iter().map(|line| line.code.word()).collect::<Vec<_>>(), ["leak"]);
    // It goes on where it was: the leak was cleared with the flags that said `dry`.
    assert_eq!(bench.changes(&[sent(1, 24 * 30 + 1, 0, DRY)]).await, (0, 0));
}

/// The town's register as one that knows nothing of alarms.
fn register_without_alarms() -> String {
    let text = include_str!("../../../registers/town.toml");
    let is_of_alarms = |block: &&str| {
        let is_category = block.contains("[[category]]\nid = \"technical-status\"");
        let is_activity = block.contains("[[activity]]") && block.contains("data = { technical-status");
        is_category || is_activity
    };
    let blocks: Vec<&str> = text.split("\n\n").filter(|block| !is_of_alarms(block)).collect();
    blocks.join("\n\n").replace("technical-status = \"full\", ", "")
}

#[tokio::test]
async fn without_a_purpose_nothing_is_kept_and_it_is_said() {
    let text = register_without_alarms();
    assert!(!text.contains("technical-status"));
    let files = [RegisterFile { name: "town.toml", text: &text }];
    let folder = tempfile::tempdir().unwrap();
    let now = hour(24 * 60);
    let workspace = open_by(folder.path(), Some(&files), now).await.unwrap();
    register(&workspace, building(), now).await;
    let lines = [sent(1, 1, 0, LEAK).line(), sent(1, 2, 0, 0).line()].concat();
    let report = ingest(&workspace, lines.as_bytes(), &KeyRing::new(), now).await;
    assert_eq!((report.readings, report.alarms.raised, report.alarms.not_permitted), (2, 0, 1));
    let asked = show_alarms(&workspace, &ask(&actor("staff:mikkel"), "validation"), now).await;
    assert!(matches!(asked, Err(FlowFault::NoCategory { .. })));
}

/// Alarms raised and cleared by decoding everything kept once more.
async fn again(workspace: &Workspace, now: Timestamp) -> (u64, u64) {
    let clock = move || now;
    let (job, keys) = (actor(common::JOB), KeyRing::new());
    let answer = decode_again(workspace, &job, (date(2025, 1, 1), &keys), &clock, &|_| ()).await;
    let AlarmReport { raised, cleared, .. } = given(answer.unwrap()).alarms;
    (raised, cleared)
}

#[tokio::test]
async fn decoding_again_brings_alarms_that_nobody_collected_and_raises_none_twice() {
    let (folder, now) = (tempfile::tempdir().unwrap(), hour(24 * 60));
    let text = register_without_alarms();
    let files = [RegisterFile { name: "town.toml", text: &text }];
    let without = open_by(folder.path(), Some(&files), now).await.unwrap();
    register(&without, building(), now).await;
    let lines: String = [sent(1, 1, 0, LEAK), sent(1, 2, 0, 0), sent(1, 3, 0, DRY)].map(Sent::line).concat();
    ingest(&without, lines.as_bytes(), &KeyRing::new(), now).await;
    let town = Register::parse(common::TOWN[0].text, "town.toml").unwrap();
    approve_register(&without, town, &actor("staff:dpo"), now).await.unwrap();
    drop(without);
    let with = open(folder.path(), now).await;
    assert_eq!(again(&with, now).await, (2, 1), "a leak that ended, and a dry meter");
    assert_eq!(again(&with, now).await, (0, 0));
    let bench = Bench { folder, now };
    assert_eq!(bench.standing().await, [("water-1".to_owned(), "dry", 3)]);
}

#[tokio::test]
async fn a_register_may_not_forget_alarms_that_are_kept() {
    let bench = Bench::new().await;
    bench.hear(&[sent(1, 2, 0, LEAK)]).await;
    let text = register_without_alarms();
    let files = [RegisterFile { name: "town.toml", text: &text }];
    let Err(fault) = open_by(bench.folder.path(), Some(&files), bench.now).await else { panic!("opened") };
    assert!(fault.to_string().contains("no category for `alarm.sealed`"), "{fault}");
}

/// Event 1 of the IDIS profile: the supply is gone; 2: it is back.
const POWER_DOWN: u32 = 1;
const POWER_UP: u32 = 2;

fn name_of(number: u32) -> String {
    format!("TID{number:013}")
}

fn gsrn_of(number: u32) -> String {
    Gsrn::from_body(57_131_315_430_000_000 + u64::from(number)).to_string()
}

/// Electricity meters of a grid area: 200 behind the first transformer, two behind the second.
fn grid() -> MasterData {
    let point = |number: u32| Point {
        own_id: gsrn_of(number),
        area: "543".to_owned(),
        commodity: Commodity::ElectricityConsumption,
        flat: None,
        room: None,
        interval: None,
        transformer: Some(if number < 200 { "T001" } else { "T002" }.to_owned()),
    };
    let mounted = |number: u32| Installation {
        mounting: Mounting::default(),
        meter: DeviceId::parse(&format!("name {}", name_of(number))).unwrap(),
        point: gsrn_of(number),
        days: DayRange::from(date(2025, 1, 1)),
    };
    MasterData {
        areas: vec![Area { name: "543".to_owned(), kind: AreaKind::GridArea }],
        points: (0..202).map(point).collect(),
        installations: (0..202).map(mounted).collect(),
        ..MasterData::default()
    }
}

/// A push of a meter in the clear, with an event code, at a second after 2 March 12:00 UTC.
fn event(number: u32, second: i64, code: u32) -> String {
    let name = name_of(number);
    let clock = date(2026, 3, 2).at(13, 0, 0, 0) + jiff::SignedDuration::from_secs(second);
    // The unit 255 stands for none.
    let registers = [([0, 0, 96, 11, 4, 255], code, 0, 255)];
    let push = Pushed { clock, deviation_minutes: -60, name: Some(&name), registers: &registers };
    let frames = in_hdlc(&push.notification(), 1_000).concat();
    frames.iter().map(|byte| format!("{byte:02X}")).chain(["\n".to_owned()]).collect()
}

#[tokio::test]
async fn last_gasps_behind_a_transformer_are_one_storm() {
    let folder = tempfile::tempdir().unwrap();
    let now = "2026-03-02T14:00:00Z".parse().unwrap();
    let bench = Bench { folder, now };
    let hear = async |lines: String| {
        let workspace = open(bench.folder.path(), now).await;
        ingest(&workspace, lines.as_bytes(), &KeyRing::new(), now).await.alarms
    };
    register(&open(bench.folder.path(), now).await, grid(), now).await;
    // Many say it twice, and those of the second transformer are two: no storm.
    let gasps: Vec<String> = (0..202).map(|meter| event(meter, i64::from(meter % 60), POWER_DOWN)).collect();
    let twice = [&gasps[..], &gasps[..50]].concat().concat();
    assert_eq!(hear(twice).await.raised, 202);
    let grid = bench.seen_by(&actor("staff:mikkel"), "technical-monitoring").await;
    assert_eq!((grid.storms.len(), grid.alarms.len()), (1, 2));
    let storm = &grid.storms[0];
    assert_eq!((storm.transformer.as_str(), storm.meters, storm.behind), ("T001", 200, 200));
    assert_eq!((storm.began, storm.until), ("2026-03-02T12:00:00Z".parse().unwrap(), None));
    // Light again, out of order: over when the last one has it.
    let again = (0..200).rev().map(|meter| event(meter, 1_800 + i64::from(meter), POWER_UP)).collect();
    assert_eq!(hear(again).await.cleared, 200);
    let grid = bench.seen_by(&actor("staff:mikkel"), "technical-monitoring").await;
    assert_eq!(grid.storms[0].until, Some("2026-03-02T12:33:19Z".parse().unwrap()));
    assert!(bench.seen_by(&actor("staff:mikkel"), "device-monitoring").await.storms.is_empty());
}

/// A push with the voltages of three phases, in volts.
fn voltages(second: i64, volts: [u32; 3]) -> String {
    let name = name_of(0);
    let clock = date(2026, 3, 2).at(13, 0, 0, 0) + jiff::SignedDuration::from_secs(second);
    // Unit 35: volts.
    let phase = |c: u8, volts: u32| ([1, 0, c, 7, 0, 255], volts * 10, -1, 35);
    let [l1, l2, l3] = volts;
    let registers = [phase(32, l1), phase(52, l2), phase(72, l3)];
    let push = Pushed { clock, deviation_minutes: -60, name: Some(&name), registers: &registers };
    let frames = in_hdlc(&push.notification(), 1_000).concat();
    frames.iter().map(|byte| format!("{byte:02X}")).chain(["\n".to_owned()]).collect()
}

#[tokio::test]
async fn a_missing_neutral_is_seen_in_the_voltages() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench { folder, now: "2026-03-02T14:00:00Z".parse().unwrap() };
    register(&open(bench.folder.path(), bench.now).await, grid(), bench.now).await;
    let mut changes = Vec::new();
    for (second, volts) in
        [(0, [230, 231, 229]), (900, [268, 190, 231]), (1_800, [262, 199, 230]), (2_700, [229, 230, 231])]
    {
        let workspace = open(bench.folder.path(), bench.now).await;
        let report = ingest(&workspace, voltages(second, volts).as_bytes(), &KeyRing::new(), bench.now).await;
        changes.push((report.alarms.raised, report.alarms.cleared));
    }
    assert_eq!(changes, [(0, 0), (1, 0), (0, 0), (0, 1)]);
    let grid = bench.seen_by(&actor("staff:mikkel"), "technical-monitoring").await;
    let lines: Vec<_> =
        grid.alarms.iter().map(|line| (line.code.word(), line.source.word(), line.raw)).collect();
    // L1 was high and L2 low.
    assert_eq!(lines, [("missing-neutral", "derived", 0b010_001)]);
}
