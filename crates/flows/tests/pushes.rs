//! Messages of electricity meters: pushes of DLMS and P1 telegrams, from their bytes to a series, and everything that gives none.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod common;

use common::{JOB, actor, ask, given, ingest, open, refused_by, register};
use jiff::{SignedDuration, Timestamp, civil};
use tidstro_flows::{
    Answer, IngestOptions, IngestReport, Intake, KeysOutcome, Message, Opening, TakeHow, Workspace,
    decode_again, decode_quarantined, parse_keys, quarantine, show_series, take_keys,
};
use tidstro_govern::RegisterFile;
use tidstro_model::{
    Area, AreaKind, Commodity, DayRange, DeviceId, Gsrn, Installation, MasterData, Mounting, Point,
    Resolution, SystemTitle,
};
use tidstro_telegram::KeyRing;
use tidstro_world::encode::{PushSecurity, Pushed, PushedRegister, in_hdlc, in_mbus, in_wrapper};

const METER: PushSecurity =
    PushSecurity { title: *b"TIDG\0\0\0\x01", encryption: [0x2b; 16], authentication: [0x4d; 16] };
const NAME: &str = "TID0000000000001";
const OTHER_NAME: &str = "TID0000000000002";
const DELIVERED: [u8; 6] = [1, 0, 1, 8, 0, 255];
const FED_IN: [u8; 6] = [1, 0, 2, 8, 0, 255];

/// A grid area with one point, and a meter there that is known by title or name.
struct Bench {
    workspace: Workspace,
    gsrn: Gsrn,
    now: Timestamp,
    folder: tempfile::TempDir,
}

impl Bench {
    async fn of(device: DeviceId) -> Self {
        let now = "2026-03-10T06:00:00Z".parse().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let workspace = open(folder.path(), now).await;
        let gsrn = Gsrn::from_body(57_131_315_439_036_000);
        register(&workspace, master_data(gsrn, device), now).await;
        Self { workspace, gsrn, now, folder }
    }

    /// A meter with a title, whose keys are known.
    async fn with_keys() -> Self {
        let bench = Self::of(title()).await;
        bench.take_keys(TakeHow::Import, &key_file(&METER)).await;
        bench
    }

    async fn take_keys(&self, how: TakeHow, text: &str) -> KeysOutcome {
        let file = parse_keys(text).unwrap();
        given(take_keys(&self.workspace, &actor("staff:nadia"), how, &file, self.now).await.unwrap())
    }

    async fn ingest(&self, lines: &[String]) -> IngestReport {
        ingest(&self.workspace, lines.join("\n").as_bytes(), &KeyRing::new(), self.now).await
    }

    /// What the meter's register says was used in each hour of 2 March, as far as it does.
    async fn hours(&self) -> Vec<(String, String)> {
        let days = DayRange::new(civil::date(2026, 3, 2), civil::date(2026, 3, 3)).unwrap();
        let mut asked = ask(&actor("staff:mikkel"), "correctness-control", days, Resolution::PT1H);
        asked.point = Some(self.gsrn.to_string());
        let views = given(show_series(&self.workspace, &asked, self.now).await.unwrap());
        let values = views.iter().flat_map(|view| &view.values);
        let used = values.filter_map(|value| Some((value.start.to_string(), value.value?.to_string())));
        used.collect()
    }

    async fn waiting(&self) -> Vec<(String, u64)> {
        let lines =
            quarantine(&self.workspace, &actor("staff:mikkel"), "validation", self.now).await.unwrap();
        given(lines).into_iter().map(|line| (line.reason, line.telegrams)).collect()
    }
}

fn title() -> DeviceId {
    DeviceId::Title(SystemTitle(METER.title))
}

fn master_data(gsrn: Gsrn, device: DeviceId) -> MasterData {
    let point = gsrn.to_string();
    MasterData {
        areas: vec![Area { name: "543".to_owned(), kind: AreaKind::GridArea }],
        points: vec![Point {
            own_id: point.clone(),
            area: "543".to_owned(),
            commodity: Commodity::ElectricityConsumption,
            flat: None,
            room: None,
            interval: None,
            transformer: None,
        }],
        installations: vec![Installation {
            mounting: Mounting::default(),
            meter: device,
            point,
            days: DayRange::from(civil::date(2026, 1, 1)),
        }],
        ..MasterData::default()
    }
}

fn key_file(meter: &PushSecurity) -> String {
    let title = SystemTitle(meter.title);
    let (encryption, authentication) = (hex(&meter.encryption), hex(&meter.authentication));
    format!("system_title,encryption,authentication\n{title},{encryption},{authentication}\n")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// What the meter shows at a quarter of 2 March, 12:00 being 0: 100 Wh more each quarter.
fn shown(quarter: u32) -> [PushedRegister; 2] {
    [(DELIVERED, 500_000 + 100 * quarter, 0, 30), (FED_IN, 7, 0, 30)]
}

fn clock(quarter: u32) -> civil::DateTime {
    civil::date(2026, 3, 2).at(12, 0, 0, 0) + SignedDuration::from_mins(15 * i64::from(quarter))
}

fn pushed<'a>(quarter: u32, name: Option<&'a str>, registers: &'a [PushedRegister]) -> Pushed<'a> {
    Pushed { clock: clock(quarter), deviation_minutes: -60, name, registers }
}

/// The protected push of a quarter.
fn apdu(quarter: u32, counter: u32) -> Vec<u8> {
    pushed(quarter, Some(NAME), &shown(quarter)).protected(&METER, counter).unwrap()
}

/// A line of hexadecimal digits in HDLC.
fn line(quarter: u32, counter: u32) -> String {
    hex(&in_hdlc(&apdu(quarter, counter), 1000).concat())
}

fn lines(quarters: std::ops::Range<u32>) -> Vec<String> {
    quarters.map(|quarter| line(quarter, quarter + 1)).collect()
}

/// The use of nine quarters: what a register shows at the start of an hour belongs to that hour.
fn two_hours() -> Vec<(String, String)> {
    let hours =
        [("2026-03-02T11:00:00Z", "300"), ("2026-03-02T12:00:00Z", "400"), ("2026-03-02T13:00:00Z", "100")];
    hours.map(|(start, used)| (start.to_owned(), used.to_owned())).to_vec()
}

#[tokio::test]
async fn protected_pushes_become_the_register_series_of_the_point() {
    let bench = Bench::with_keys().await;
    let report = bench.ingest(&lines(0..9)).await;
    assert!(report.nothing_refused(), "{:?}", report.refused);
    // Delivered and fed in.
    assert_eq!((report.telegrams_new, report.telegrams_decoded, report.readings), (9, 9, 18));
    let hours: Vec<_> = bench.hours().await.into_iter().filter(|(_, used)| used != "0").collect();
    assert_eq!(hours, two_hours());
    // The same file once more, and the same pushes in other frames.
    let again = bench.ingest(&lines(0..9)).await;
    assert_eq!((again.telegrams_again, again.readings, again.telegrams_waiting), (9, 0, 0));
    let wrapped: Vec<_> = (0..9).map(|quarter| hex(&in_wrapper(&apdu(quarter, quarter + 1)))).collect();
    let again = bench.ingest(&wrapped).await;
    assert_eq!((again.telegrams_again, again.telegrams_new, again.readings), (9, 0, 0));
}

#[tokio::test]
async fn a_key_that_comes_later_opens_what_waited() {
    let bench = Bench::of(title()).await;
    let blind = bench.ingest(&lines(0..9)).await;
    assert_eq!(blind.quarantined.get("key-missing"), Some(&9));
    assert!(blind.refused["key-missing"].first.contains("5449444700000001"), "{:?}", blind.refused);
    let taken = bench.take_keys(TakeHow::Import, &key_file(&METER)).await;
    assert_eq!(taken, KeysOutcome::Taken { added: 2, followed: 0, unchanged: 0 });
    let now = bench.now;
    let clock = move || now;
    let opened = given(decode_quarantined(&bench.workspace, &actor(JOB), &clock).await.unwrap());
    assert_eq!(opened, 9);
    assert_eq!(
        bench.hours().await.into_iter().filter(|(_, used)| used != "0").collect::<Vec<_>>(),
        two_hours()
    );
    assert_eq!(given(decode_quarantined(&bench.workspace, &actor(JOB), &clock).await.unwrap()), 0);
    // Decoded once more, they say nothing new.
    let none = KeyRing::new();
    let since = (civil::date(2026, 3, 1), &none);
    let again = decode_again(&bench.workspace, &actor(JOB), since, &clock, &|_| ()).await.unwrap();
    let again = given(again);
    assert_eq!((again.telegrams, again.decoded, again.no_longer), (9, 9, 0));
    assert_eq!((again.days_added, again.days_changed), (0, 0));
}

#[tokio::test]
async fn a_wrong_key_or_a_changed_byte_gives_nothing() {
    let bench = Bench::of(title()).await;
    let wrong = PushSecurity { encryption: [0x2c; 16], ..METER };
    bench.take_keys(TakeHow::Import, &key_file(&wrong)).await;
    let report = bench.ingest(&lines(0..2)).await;
    assert_eq!((report.quarantined.get("tag"), report.readings), (Some(&2), 0));
    assert!(report.refused["tag"].first.contains("the tag does not fit"), "{:?}", report.refused);

    let bench = Bench::with_keys().await;
    let check = |bytes: Vec<u8>, kind: &'static str, says: &'static str| (hex(&bytes), kind, says);
    let frame = in_hdlc(&apdu(0, 1), 1000).concat();
    let changed = |at: usize| {
        let mut bytes = frame.clone();
        bytes[at] ^= 1;
        bytes
    };
    let mut tag = apdu(0, 1);
    let last = tag.len() - 1;
    tag[last] ^= 1;
    let cases = [
        check(changed(6), "crc", "frame check is"),
        check(changed(frame.len() - 2), "crc", "frame check is"),
        check(in_hdlc(&tag, 1000).concat(), "tag", "the tag does not fit"),
        check(frame[..frame.len() / 2].to_vec(), "unfinished", "is not finished"),
        check(in_wrapper(&apdu(0, 1))[..40].to_vec(), "unfinished", "is not finished"),
    ];
    for (text, kind, says) in cases {
        let report = bench.ingest(&[text]).await;
        assert_eq!((report.readings, report.refused_count()), (0, 1), "{kind}: {:?}", report.refused);
        assert!(report.refused[kind].first.contains(says), "{:?}", report.refused);
    }
}

#[tokio::test]
async fn counters_that_do_not_rise_and_payloads_that_contradict_are_findings() {
    let bench = Bench::with_keys().await;
    bench.ingest(&[line(0, 20), line(1, 21)]).await;
    for (sent, kind) in [
        (line(2, 3), "older"),
        (line(3, 21), "counter-reused"),
        (hex(&in_hdlc(&pushed(4, Some(NAME), &shown(4)).notification(), 1000).concat()), "downgrade"),
    ] {
        let report = bench.ingest(&[sent]).await;
        assert_eq!((report.quarantined.get(kind), report.readings), (Some(&1), 0), "{:?}", report.refused);
    }
    // What was heard is remembered by the next program that opens the folder.
    let Bench { workspace, gsrn, now, folder } = bench;
    drop(workspace);
    let bench = Bench { workspace: open(folder.path(), now).await, gsrn, now, folder };
    let report = bench.ingest(&[line(5, 4)]).await;
    assert_eq!(report.quarantined.get("older"), Some(&1));
    // The next one counts, and one that was late counts once.
    let report = bench.ingest(&[line(7, 24), line(6, 23), line(6, 23)]).await;
    assert_eq!((report.telegrams_decoded, report.readings), (2, 4), "{:?}", report.refused);
}

#[tokio::test]
async fn a_key_that_follows_opens_what_comes_then() {
    let bench = Bench::with_keys().await;
    bench.ingest(&lines(0..5)).await;
    let next = PushSecurity { encryption: [0x3c; 16], authentication: [0x5e; 16], ..METER };
    let title = SystemTitle(METER.title);
    let (encryption, authentication) = (hex(&next.encryption), hex(&next.authentication));
    let header = "system_title,encryption,authentication,broadcast,from,to\n";
    let text = format!("{header}{title},{encryption},{authentication},,2026-03-05,\n");
    let rotated = bench.take_keys(TakeHow::Rotate, &text).await;
    assert_eq!(rotated, KeysOutcome::Taken { added: 0, followed: 2, unchanged: 0 });
    // The counter of the new key begins anew; the old key's stays closed.
    let push = pushed(5, Some(NAME), &shown(5)).protected(&next, 1).unwrap();
    let report = bench.ingest(&[hex(&in_hdlc(&push, 1000).concat()), line(6, 2)]).await;
    assert_eq!(report.telegrams_decoded, 2, "{:?}", report.refused);
    assert_eq!((report.readings, report.quarantined.get("older")), (2, None), "{:?}", report.refused);
}

#[tokio::test]
async fn pieces_in_lines_of_their_own_are_one_push() {
    let bench = Bench::with_keys().await;
    let mut sent = Vec::new();
    for quarter in 0..9 {
        let frames = match quarter % 2 {
            0 => in_mbus(&apdu(quarter, quarter + 1), 60),
            _ => in_hdlc(&apdu(quarter, quarter + 1), 60),
        };
        assert!(frames.len() > 2);
        sent.extend(frames.iter().map(|frame| hex(frame)));
    }
    // Cut in the middle of a push: the next input brings the rest.
    let (first, rest) = sent.split_at(4);
    let mut intake = given_intake(&bench).await;
    let message =
        |lines: &[String]| Message { channel: "g".to_owned(), lines: lines.join("\n").into_bytes() };
    let report = given(intake.take_messages("mqtt", &[message(first)]).await.unwrap());
    assert_eq!(report.telegrams_decoded, 1);
    let report = given(intake.take_messages("mqtt", &[message(rest)]).await.unwrap());
    assert_eq!((report.telegrams_decoded, report.refused_count()), (8, 0), "{:?}", report.refused);
    assert_eq!(
        bench.hours().await.into_iter().filter(|(_, used)| used != "0").collect::<Vec<_>>(),
        two_hours()
    );
    // The other gateway's pieces are the same ones.
    let other = Message { channel: "h".to_owned(), lines: sent.join("\n").into_bytes() };
    let again = given(intake.take_messages("mqtt", &[other]).await.unwrap());
    assert_eq!((again.telegrams_new, again.readings, again.telegrams_waiting), (0, 0, 0));
}

async fn given_intake(bench: &Bench) -> Intake<'_> {
    let now = bench.now;
    let clock: &'static (dyn Fn() -> Timestamp + Sync) = Box::leak(Box::new(move || now));
    let keys: &'static KeyRing = Box::leak(Box::new(KeyRing::new()));
    let who = Box::leak(Box::new(actor(JOB)));
    match Intake::begin(&bench.workspace, who, keys, "mqtt", clock).await.unwrap() {
        Answer::Given((intake, _)) => intake,
        Answer::Refused(refuse) => panic!("refused by {}", refuse.rule),
    }
}

#[tokio::test]
async fn half_a_push_waits_and_the_next_run_brings_the_rest() {
    let bench = Bench::with_keys().await;
    let frames: Vec<_> = in_mbus(&apdu(0, 1), 60).iter().map(|frame| hex(frame)).collect();
    let report = bench.ingest(&frames[..1]).await;
    assert_eq!((report.pieces_waiting, report.readings, report.refused_count()), (1, 0, 0));
    assert_eq!(bench.waiting().await, [("push-piece".to_owned(), 1)]);
    let report = bench.ingest(&frames[1..2]).await;
    assert_eq!((report.pieces_waiting, report.refused_count()), (1, 0), "{:?}", report.refused);
    let report = bench.ingest(&frames[2..]).await;
    assert_eq!((report.telegrams_decoded, report.refused_count()), (1, 0), "{:?}", report.refused);
    assert!(report.readings > 0);
    assert_eq!(bench.waiting().await, []);
    // Nothing is left that a later piece could be joined to.
    let report = bench.ingest(&frames[1..2]).await;
    assert_eq!(report.refused_count(), 1);
}

#[tokio::test]
async fn a_piece_without_its_beginning_is_refused() {
    let bench = Bench::with_keys().await;
    let frames: Vec<_> = in_mbus(&apdu(0, 1), 60).iter().map(|frame| hex(frame)).collect();
    let report = bench.ingest(&frames[1..2]).await;
    assert!(report.refused["incomplete"].first.contains("did not begin before it"), "{:?}", report.refused);
}

#[tokio::test]
async fn raw_bytes_of_a_broker_are_a_push_too() {
    let bench = Bench::with_keys().await;
    let mut intake = given_intake(&bench).await;
    let messages: Vec<_> = (0..9)
        .map(|quarter| Message {
            channel: "g".to_owned(),
            lines: in_hdlc(&apdu(quarter, quarter + 1), 1000).concat(),
        })
        .collect();
    let report = given(intake.take_messages("mqtt", &messages).await.unwrap());
    assert_eq!((report.telegrams_decoded, report.refused_count()), (9, 0), "{:?}", report.refused);
    assert_eq!(
        bench.hours().await.into_iter().filter(|(_, used)| used != "0").collect::<Vec<_>>(),
        two_hours()
    );
}

#[tokio::test]
async fn p1_telegrams_of_a_file_and_pushes_in_the_clear_are_known_by_name() {
    let name = DeviceId::parse(&format!("name {OTHER_NAME}")).unwrap();
    let p1 = |quarter| pushed(quarter, Some(OTHER_NAME), &shown(quarter)).p1("TID5\\1").replace("\r\n", "\n");
    let clear = |quarter| {
        hex(&in_hdlc(&pushed(quarter, Some(OTHER_NAME), &shown(quarter)).notification(), 1000).concat())
    };
    for sent in [(0..9).map(p1).collect::<Vec<_>>(), (0..9).map(clear).collect()] {
        let bench = Bench::of(name).await;
        let report = bench.ingest(&sent).await;
        assert_eq!((report.telegrams_decoded, report.refused_count()), (9, 0), "{:?}", report.refused);
        let hours: Vec<_> = bench.hours().await.into_iter().filter(|(_, used)| used != "0").collect();
        assert_eq!(hours, two_hours());
    }
    // A changed digit, a telegram that never ends, and one that names nobody.
    let bench = Bench::of(name).await;
    let broken = p1(0).replace("500", "501");
    let report = bench.ingest(&[broken]).await;
    assert!(report.refused["crc"].first.contains("CRC is"), "{:?}", report.refused);
    let report =
        bench.ingest(&["/TID5\\1".to_owned(), String::new(), "1-0:1.8.0(000001.000*kWh)".to_owned()]).await;
    assert!(report.refused["unfinished"].first.contains("is not finished"), "{:?}", report.refused);
    let report = bench.ingest(&[pushed(0, None, &shown(0)).p1("TID5\\1")]).await;
    assert!(report.refused["nameless"].first.contains("no name of a meter"), "{:?}", report.refused);
}

#[tokio::test]
async fn one_reading_a_quarter_is_kept_however_often_a_meter_speaks() {
    let bench = Bench::with_keys().await;
    let every_minute = |minute: u32| {
        let clock = clock(0) + SignedDuration::from_mins(i64::from(minute));
        let registers = [(DELIVERED, 500_000 + minute, 0, 30)];
        let push = Pushed { clock, deviation_minutes: -60, name: None, registers: &registers };
        hex(&in_hdlc(&push.protected(&METER, minute + 1).unwrap(), 1000).concat())
    };
    let report = bench.ingest(&(0..60).map(every_minute).collect::<Vec<_>>()).await;
    assert_eq!((report.telegrams_decoded, report.readings), (60, 4), "{:?}", report.refused);
}

#[tokio::test]
async fn a_meter_nobody_placed_is_kept_apart_and_placed_later() {
    let bench = Bench::of(DeviceId::parse("name ANOTHER").unwrap()).await;
    bench.take_keys(TakeHow::Import, &key_file(&METER)).await;
    let report = bench.ingest(&lines(0..9)).await;
    assert_eq!((report.telegrams_decoded, report.readings), (9, 18), "{:?}", report.refused);
    assert_eq!(bench.hours().await, []);
    let place = Installation {
        mounting: Mounting::default(),
        meter: title(),
        point: bench.gsrn.to_string(),
        days: DayRange::from(civil::date(2026, 1, 1)),
    };
    let data = MasterData { installations: vec![place], ..MasterData::default() };
    register(&bench.workspace, data, bench.now).await;
    assert_eq!(
        bench.hours().await.into_iter().filter(|(_, used)| used != "0").collect::<Vec<_>>(),
        two_hours()
    );
}

#[tokio::test]
async fn a_meter_placed_by_its_name_stays_there_when_it_is_protected() {
    let name = DeviceId::parse(&format!("name {NAME}")).unwrap();
    let bench = Bench::of(name).await;
    bench.take_keys(TakeHow::Import, &key_file(&METER)).await;
    // The first pushes do not say the name, so that nobody knows where the meter hangs.
    let nameless = |quarter| {
        let push = pushed(quarter, None, &shown(quarter)).protected(&METER, quarter + 1).unwrap();
        hex(&in_hdlc(&push, 1000).concat())
    };
    bench.ingest(&(0..4).map(nameless).collect::<Vec<_>>()).await;
    assert_eq!(bench.hours().await, []);
    let report = bench.ingest(&lines(4..9)).await;
    assert!(report.nothing_refused(), "{:?}", report.refused);
    let hours: Vec<_> = bench.hours().await.into_iter().filter(|(_, used)| used != "0").collect();
    assert_eq!(hours, two_hours());
}

#[tokio::test]
async fn who_may_not_read_meters_brings_no_push() {
    let bench = Bench::with_keys().await;
    let (text, keys, now) = (line(0, 1), KeyRing::new(), bench.now);
    let options = IngestOptions { source: "test", keys: &keys, progress: &|_| () };
    let mut input = text.as_bytes();
    let clock = move || now;
    let who = actor("staff:sofie");
    let answer = tidstro_flows::ingest(&bench.workspace, &who, &mut input, &options, &clock);
    assert_eq!(refused_by(answer.await.unwrap()), "role-not-in-purpose");
    let report = bench.ingest(&[text]).await;
    assert_eq!(report.telegrams_new, 1);
}

/// The register of a company that reads electricity only: it has no purpose `reading`.
const GRID_COMPANY: &[RegisterFile<'_>] = &[
    RegisterFile { name: "1", text: include_str!("../../../registers/grid-company/1-register.toml") },
    RegisterFile { name: "2", text: include_str!("../../../registers/grid-company/2-categories.toml") },
    RegisterFile { name: "3", text: include_str!("../../../registers/grid-company/3-activities.toml") },
    RegisterFile { name: "4", text: include_str!("../../../registers/grid-company/4-obligations.toml") },
    RegisterFile { name: "5", text: include_str!("../../../registers/grid-company/5-controls.toml") },
    RegisterFile { name: "6", text: include_str!("../../../registers/grid-company/6-open.toml") },
];

#[tokio::test]
async fn a_company_that_reads_electricity_only_ingests_under_its_own_purpose() {
    let now = "2026-03-10T06:00:00Z".parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let opening = Opening { folder: folder.path(), register: Some(GRID_COMPANY), master_key: None };
    let workspace = Workspace::open(&opening, now).await.unwrap();
    let gsrn = Gsrn::from_body(57_131_315_439_036_000);
    register(&workspace, master_data(gsrn, title()), now).await;
    let bench = Bench { workspace, gsrn, now, folder };
    bench.take_keys(TakeHow::Import, &key_file(&METER)).await;
    let report = bench.ingest(&lines(0..9)).await;
    assert_eq!((report.telegrams_decoded, report.readings, report.not_permitted), (9, 18, 0));
    assert_eq!(report.days_added, 2, "{:?}", report.refused);
    // A meter nobody placed is none of its business: kept as received, and no series.
    let stranger = PushSecurity { title: *b"TIDG\0\0\0\x09", ..METER };
    bench.take_keys(TakeHow::Import, &key_file(&stranger)).await;
    let push = pushed(0, None, &shown(0)).protected(&stranger, 1).unwrap();
    let report = bench.ingest(&[hex(&in_hdlc(&push, 1000).concat())]).await;
    assert_eq!((report.telegrams_new, report.not_permitted, report.days_added), (1, 2, 0));
}
