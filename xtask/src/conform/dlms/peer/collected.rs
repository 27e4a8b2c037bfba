//! A cycle of the product against another implementation's meter, over TCP on this machine: file of meters, stored keys, gate,
//! transport, store, report.

use std::{path::Path, process::Stdio};

use jiff::Timestamp;
use serde_json::json;
use tidstro_flows::{
    Answer, CollectOptions, FlowFault, Meters, Opening, TakeHow, Workspace, collect, parse_keys,
    register_master_data, take_keys,
};
use tidstro_govern::RegisterFile;
use tidstro_model::{
    ActorId, Area, AreaKind, Commodity, DayRange, DeviceId, Gsrn, Installation, MasterData, Mounting, Point,
    Resolution,
};

use super::super::super::checks::Checks;
use super::process::{Peer, config};
use super::{METER, NUMBER, PASSWORD, Way};
use crate::cargo::root;

const AREA: &str = "543";
/// The meter has 96 quarters of 2024-03-01 by standard time; this is its noon.
const CYCLE: Timestamp = Timestamp::constant(1_709_290_800, 0);

/// Collects one cycle from a meter.
pub(super) fn run(folder: &Path, way: &Way, checks: &mut Checks) -> Result<(), String> {
    let mut listening = config(way);
    if let Some(fields) = listening.as_object_mut() {
        fields.insert("listen".to_owned(), json!(true));
    }
    let mut peer = Peer::with(folder, "server.py", (way, &listening), Stdio::inherit())?;
    let port: u16 = peer.line()?.parse().map_err(|_| "the script names no port")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let cycle = runtime.map_err(|fault| fault.to_string())?.block_on(cycle(way, port))?;
    // Before noon there are 48 quarters; the start of the first one nobody has read.
    let is_right = cycle == (24, 23, 1, String::new());
    checks.holds(way.name, is_right, &format!("collecting: received, late, done and reasons are {cycle:?}"));
    Ok(())
}

/// Values of the cycle and of earlier ones, meters that were read, and reasons of others.
async fn cycle(way: &Way, port: u16) -> Result<(u64, u64, u64, String), String> {
    let folder = tempfile::tempdir().map_err(|fault| fault.to_string())?;
    let job = ActorId::parse("job:ingest").map_err(|fault| fault.to_string())?;
    let workspace = workspace(folder.path(), way, &job).await?;
    let meters = Meters::parse(&file(way, port), &mut no_table).map_err(|fault| fault.to_string())?;
    let options = CollectOptions {
        meters: &meters,
        cycle: CYCLE,
        is_once: true,
        passwords: &|_| Some(PASSWORD.to_owned()),
        news: &|news| {
            if let Some(fault) = news.fault {
                println!("{}: {fault}", way.name);
            }
        },
    };
    let report = given(collect(&workspace, &job, &options, &|| CYCLE).await)?;
    let area = report.areas.get(AREA).cloned().unwrap_or_default();
    let reasons: Vec<String> = area.reasons.into_keys().collect();
    Ok((area.received, area.late, area.done, reasons.join(", ")))
}

/// A data folder with the meter at a point of a grid area, and its keys if it has some.
async fn workspace(folder: &Path, way: &Way, job: &ActorId) -> Result<Workspace, String> {
    let text =
        std::fs::read_to_string(root().join("registers/town.toml")).map_err(|fault| fault.to_string())?;
    let register = [RegisterFile { name: "town.toml", text: &text }];
    let opening = Opening { folder, register: Some(&register), master_key: None };
    let workspace = Workspace::open(&opening, CYCLE).await.map_err(|fault| fault.to_string())?;
    let data = master_data(way)?;
    given(register_master_data(&workspace, job, data, CYCLE).await)?;
    if way.is_protected {
        let digits = if way.suite == 2 { 32 } else { 16 };
        let (key, other) = ("5a".repeat(digits), "a5".repeat(digits));
        let keys = parse_keys(&format!("system_title,encryption,authentication\n{METER},{key},{other}\n"));
        let keys = keys.map_err(|fault| fault.to_string())?;
        let keeper = ActorId::parse("staff:nadia").map_err(|fault| fault.to_string())?;
        given(take_keys(&workspace, &keeper, TakeHow::Import, &keys, CYCLE).await)?;
    }
    Ok(workspace)
}

fn device(way: &Way) -> String {
    if way.is_protected { format!("title {METER}") } else { format!("name {NUMBER}") }
}

fn file(way: &Way, port: u16) -> String {
    let security = match (way.is_protected, way.is_low) {
        (true, _) => "keys",
        (false, true) => "password",
        (false, false) => "none",
    };
    format!(
        "[client]\ntitle = \"544944636C6E7401\"\n[[meter]]\ndevice = \"{}\"\naddress = \"127.0.0.1:{port}\"\n\
         client = 16\ncarrier = \"{}\"\nsecurity = \"{security}\"\npassword_variable = \"PASSWORD\"\n\
         logs = [\"0-0:99.98.0\"]\n",
        device(way),
        way.framing.word().to_lowercase(),
    )
}

fn master_data(way: &Way) -> Result<MasterData, String> {
    let gsrn = Gsrn::from_body(57_131_315_439_035_946).to_string();
    let point = Point {
        own_id: gsrn.clone(),
        area: AREA.to_owned(),
        commodity: Commodity::ElectricityConsumption,
        flat: None,
        room: None,
        interval: Some(Resolution::PT15M),
        transformer: None,
    };
    let meter = DeviceId::parse(&device(way)).map_err(|fault| fault.to_string())?;
    let days = DayRange::from(jiff::civil::date(2024, 1, 1));
    Ok(MasterData {
        areas: vec![Area { name: AREA.to_owned(), kind: AreaKind::GridArea }],
        points: vec![point],
        installations: vec![Installation { mounting: Mounting::default(), meter, point: gsrn, days }],
        ..MasterData::default()
    })
}

fn given<T>(answer: Result<Answer<T>, FlowFault>) -> Result<T, String> {
    match answer {
        Ok(Answer::Given(value)) => Ok(value),
        Ok(Answer::Refused(refuse)) => Err(format!("refused: {}", refuse.detail)),
        Err(fault) => Err(fault.to_string()),
    }
}

/// The file names no table.
fn no_table(_: &str) -> std::io::Result<String> {
    Err(std::io::ErrorKind::NotFound.into())
}
