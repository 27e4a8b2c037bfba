//! `collect`: a meter behind a real socket is read into the data folder; what is wrong with the file is said with its line.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use tidstro_flows::{Answer, KeysOutcome, TakeHow, parse_keys, register_master_data, take_keys};
use tidstro_model::{
    ActorId, Area, AreaKind, Commodity, DayRange, DeviceId, Gsrn, Installation, MasterData, Mounting, Point,
    Resolution, SystemTitle,
};
#[cfg(unix)]
use tidstro_world::encode::{PushSecurity, Pushed, in_hdlc};
use tidstro_world::meter_server::{Access, MeterPlan, MeterServer};

use crate::common::{Place, now, open};
#[cfg(unix)]
use crate::live::Running;

const HEAD: &str = "[client]\ntitle = \"5444430000000001\"\n";

/// A meter that listens until the test ends.
fn listening(plan: MeterPlan) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let mut meter = MeterServer::new(plan);
        for stream in listener.incoming().flatten() {
            serve(stream, &mut meter);
        }
    });
    port
}

fn serve(mut stream: TcpStream, meter: &mut MeterServer) {
    let (mut session, mut buffer) = (meter.connect(), [0; 2048]);
    while let Ok(len) = stream.read(&mut buffer)
        && len > 0
    {
        let reaction = session.receive(meter, &buffer[..len], now());
        if stream.write_all(&reaction.bytes).is_err() {
            return;
        }
    }
}

/// The end of the last whole cycle.
fn cycle() -> Timestamp {
    let second = now().as_second();
    Timestamp::from_second(second - second.rem_euclid(6 * 3600)).unwrap()
}

fn keyed() -> MeterPlan {
    let access = Access::Keys { encryption: [0x31; 16], authentication: [0x32; 16] };
    MeterPlan { access, ..MeterPlan::new("A1", 7, cycle() - SignedDuration::from_hours(24)) }
}

/// A place with the meter at a point of a grid area, and its keys.
fn placed(plan: &MeterPlan) -> Place {
    let place = Place::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let workspace = open(&place.data()).await;
        let job = ActorId::parse("job:ingest").unwrap();
        let title = SystemTitle(plan.title);
        let data = register_master_data(&workspace, &job, master_data(title), now()).await;
        assert!(matches!(data, Ok(Answer::Given(rows)) if rows > 0));
        let (key, other) = ("31".repeat(16), "32".repeat(16));
        let keys = format!("system_title,encryption,authentication\n{title},{key},{other}\n");
        let keeper = ActorId::parse("staff:nadia").unwrap();
        let taken = take_keys(&workspace, &keeper, TakeHow::Import, &parse_keys(&keys).unwrap(), now()).await;
        assert!(matches!(taken, Ok(Answer::Given(KeysOutcome::Taken { added: 2, .. }))));
    });
    place
}

fn master_data(title: SystemTitle) -> MasterData {
    let gsrn = Gsrn::from_body(57_131_315_439_035_946).to_string();
    let point = Point {
        own_id: gsrn.clone(),
        area: "543".to_owned(),
        commodity: Commodity::ElectricityConsumption,
        flat: None,
        room: None,
        interval: Some(Resolution::PT15M),
        transformer: None,
    };
    let days = DayRange::from(date(2020, 1, 1));
    MasterData {
        areas: vec![Area { name: "543".to_owned(), kind: AreaKind::GridArea }],
        points: vec![point],
        installations: vec![Installation {
            mounting: Mounting::default(),
            meter: DeviceId::Title(title),
            point: gsrn,
            days,
        }],
        ..MasterData::default()
    }
}

#[test]
fn a_cycle_is_read_and_told() {
    // One cycle for the whole test, also if another one ends while it runs.
    let cycle = cycle();
    let plan = MeterPlan { since: cycle - SignedDuration::from_hours(24), ..keyed() };
    let (place, named) = (placed(&plan), cycle.to_string());
    place.write("meters.toml", file(&plan, listening(plan.clone())));
    let ran = place.run(&["collect", "meters.toml", "--once", "--cycle", &named, "--json"]).exits(0);
    let report = &ran.json_lines()[0];
    let area = &report["areas"][0];
    assert_eq!(report["cycle"], named);
    assert_eq!(
        (&area["area"], &area["expected"], &area["received"], &area["late"], &area["missing"]),
        (&"543".into(), &24.into(), &24.into(), &71.into(), &0.into())
    );
    // Nothing is left to do, and nothing new.
    let again = place.run(&["collect", "meters.toml", "--once", "--cycle", &named]).exits(0);
    again.says(&["543", "24", "cycle "]);
    place.run(&["collect", "meters.toml", "--cycle", &named, "--json"]).exits(0).says(&["\"blocks\":0"]);
}

/// The file of meters with this one meter.
fn file(plan: &MeterPlan, port: u16) -> String {
    let title = SystemTitle(plan.title);
    format!("{HEAD}[[meter]]\ndevice = \"title {title}\"\naddress = \"127.0.0.1:{port}\"\n")
}

#[cfg(unix)]
#[test]
fn it_goes_on_with_the_next_cycle_until_it_is_asked_to_stop() {
    let plan = keyed();
    let place = placed(&plan);
    place.write("meters.toml", file(&plan, listening(plan.clone())));
    let running = Running::start(&place, &["collect", "meters.toml", "--json"]);
    assert_eq!(running.next()["areas"][0]["done"], 1);
    running.says("next cycle in");
    assert_eq!(running.stopped_by("-TERM"), Some(0));
}

#[cfg(unix)]
#[test]
fn what_meters_push_is_taken_until_it_is_asked_to_stop() {
    let plan = keyed();
    let meter = PushSecurity { title: plan.title, encryption: [0x31; 16], authentication: [0x32; 16] };
    let place = placed(&plan);
    let running = Running::start(&place, &["ingest", "--listen-dlms", "127.0.0.1:0", "--json"]);
    let said = running.says("listening at ");
    let address = said.split_whitespace().nth(2).unwrap();
    let clock = jiff::tz::Offset::UTC.to_datetime(cycle());
    let registers = [([1, 0, 1, 8, 0, 255], 500_000, 0, 30)];
    let pushed = Pushed { clock, deviation_minutes: 0, name: None, registers: &registers };
    let frames = in_hdlc(&pushed.protected(&meter, 1).unwrap(), 64).concat();
    TcpStream::connect(address).unwrap().write_all(&frames).unwrap();
    let report = running.next();
    assert_eq!(
        (&report["input"], &report["telegrams_decoded"]),
        (&"dlms-push".into(), &1.into()),
        "{report}"
    );
    assert_eq!(running.stopped_by("-TERM"), Some(0));
    place.run(&["ingest", "--listen-dlms", "0.0.0.0:0"]).exits(2).says(&["--behind-proxy"]);
}

#[test]
fn a_meter_that_is_away_is_named_with_what_to_do() {
    let plan = keyed();
    let place = placed(&plan);
    // Nobody listens at a port that was just given back.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    place.write("meters.toml", file(&plan, port));
    place.run(&["collect", "meters.toml", "--once"]).exits(1).says(&[
        "cannot be reached",
        "again in 60 s",
        "1 unreachable",
    ]);
}

#[test]
fn a_faulty_file_of_meters_is_refused_with_its_line() {
    let place = Place::new();
    place.write(
        "meters.toml",
        format!("{HEAD}[[meter]]\ndevice = \"KAM 12345678 v1B t07\"\naddress = \"x:1\"\n"),
    );
    place.run(&["collect", "meters.toml"]).exits(1).says(&[
        "meters.toml",
        "line 4: `device`",
        "16 hexadecimal digits",
    ]);
    place.run(&["collect", "missing.toml"]).exits(1).says(&["missing.toml"]);
    place.write(
        "good.toml",
        format!("{HEAD}[[meter]]\ndevice = \"name A1\"\nsecurity = \"none\"\naddress = \"x:1\"\n"),
    );
    place.run(&["collect", "good.toml", "--once"]).says(&["data"]);
}
