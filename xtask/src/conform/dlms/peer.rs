//! Client, push decoder, collecting and the world's meter against other implementations: `gurux-dlms` and `dlms-cosem`, in
//! processes of their own.
//!
//! What comes in: the folder of the scripts that make a meter, a pusher and a client of them. What goes out: one check for
//! each answer. Frames go through pipes, or over TCP on this machine where the whole way of the product is checked.

mod collected;
mod process;
mod simulated;

use std::{
    path::Path,
    process::{ExitCode, Stdio},
    time::Duration,
};

use tidstro_dlms::{
    Authentication, Carrier, Client, ClientConfig, ClientFault, Column, Data, DateTime, Definition, Framing,
    Get, HdlcConfig, HdlcLink, Key, Keys, Options, Password, Profile, Protection, Scale, Selection,
    ServerAddress, Step, SystemTitle, WrapperLink, decode, logged_alarms,
};
use tidstro_model::Obis;

use super::super::checks::Checks;
use crate::python;
use process::Peer;

const CLIENT: SystemTitle = SystemTitle(*b"TIDclnt\x01");
const METER: SystemTitle = SystemTitle(*b"GURMETER");
/// What the meter calls itself.
const NUMBER: &str = "GUR0000001";
const PASSWORD: &str = "12345678";
const TOTAL: Obis = Obis([1, 0, 1, 8, 0, 255]);
const LOAD_PROFILE: Obis = Obis([1, 0, 99, 1, 0, 255]);
const EVENT_LOG: Obis = Obis([0, 0, 99, 98, 0, 255]);

/// How a meter and its client speak.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    framing: Framing,
    suite: u8,
    is_protected: bool,
    is_low: bool,
}

const fn way(name: &'static str, framing: Framing, suite: u8, is_protected: bool, is_low: bool) -> Way {
    Way { name, framing, suite, is_protected, is_low }
}

const WAYS: [Way; 8] = [
    way("public", Framing::Wrapper, 0, false, false),
    way("password", Framing::Wrapper, 0, false, true),
    way("GMAC, suite 0", Framing::Wrapper, 0, true, false),
    way("GMAC, suite 2", Framing::Wrapper, 2, true, false),
    way("public, HDLC", Framing::Hdlc, 0, false, false),
    way("password, HDLC", Framing::Hdlc, 0, false, true),
    way("GMAC, suite 0, HDLC", Framing::Hdlc, 0, true, false),
    way("GMAC, suite 2, HDLC", Framing::Hdlc, 2, true, false),
];

/// Runs every story; exit code 1 if a check failed.
pub(crate) fn run(folder: &Path) -> ExitCode {
    if let Err(why) = python::prepare() {
        eprintln!("there is no other implementation to compare with: {why}");
        return ExitCode::FAILURE;
    }
    let mut checks = Checks::default();
    for way in &WAYS {
        if let Err(fault) = read_all(folder, way, &mut checks) {
            checks.fail(way.name, &fault);
        }
    }
    for way in WAYS.iter().filter(|way| way.is_low || way.is_protected) {
        let (what, client) =
            if way.is_low { ("wrong password", wrong_password(way)) } else { ("wrong key", wrong_key(way)) };
        if let Err(fault) = refused(folder, way, client, what, &mut checks) {
            checks.fail(what, &fault);
        }
    }
    for way in WAYS.iter().filter(|way| !way.is_low) {
        if let Err(fault) = pushed(folder, way, &mut checks) {
            checks.fail(way.name, &fault);
        }
    }
    for way in &WAYS {
        if let Err(fault) = collected::run(folder, way, &mut checks) {
            checks.fail(way.name, &format!("collecting: {fault}"));
        }
    }
    simulated::run(folder, &mut checks);
    checks.finish()
}

/// What carries APDUs to the meter; every answer is there at once, or never.
fn carrier(way: &Way) -> Result<Carrier, String> {
    if way.framing == Framing::Wrapper {
        return Ok(Carrier::Wrapper(WrapperLink::new(16, 1, Duration::ZERO)));
    }
    let address = ServerAddress::new(1, None).ok_or("no address")?;
    Ok(Carrier::Hdlc(HdlcLink::new(HdlcConfig::new(16, address))))
}

/// The same keys on both sides: bytes that are easy to see in a trace.
fn key(suite: u8, byte: u8) -> Key {
    if suite == 2 { Key::Aes256([byte; 32]) } else { Key::Aes128([byte; 16]) }
}

fn keys(suite: u8) -> Keys {
    Keys { encryption: key(suite, 0x5a), authentication: Some(key(suite, 0xa5)) }
}

fn client(way: &Way, keys: Keys, password: &str) -> Client {
    let protection = Protection { keys, control: 0x30 | way.suite, counter: 1, meter_counter: None };
    let authentication = match (way.is_protected, way.is_low) {
        (true, _) => Authentication::Gmac,
        (false, true) => Authentication::Low(Password::new(password.as_bytes())),
        (false, false) => Authentication::None,
    };
    let protection = way.is_protected.then_some(protection);
    let config = ClientConfig { title: CLIENT, authentication, protection, max_apdu: 300 };
    Client::new(config, b"sixteen random b")
}

fn wrong_password(way: &Way) -> Client {
    client(way, keys(way.suite), "87654321")
}

fn wrong_key(way: &Way) -> Client {
    client(way, Keys { encryption: key(way.suite, 0x5b), ..keys(way.suite) }, PASSWORD)
}

fn get(class: u16, obis: Obis, attribute: i8) -> Get {
    Get { class, obis, attribute, selection: None }
}

/// Associate, read everything, release.
fn read_all(folder: &Path, way: &Way, checks: &mut Checks) -> Result<(), String> {
    let mut peer = Peer::start(folder, "server.py", way, Stdio::inherit())?;
    peer.open()?;
    let mut client = client(way, keys(way.suite), PASSWORD);
    let request = client.associate().map_err(|fault| fault.to_string())?;
    let step = peer.run(&mut client, &request)?;
    checks.holds(way.name, step == Ok(Step::Associated), &format!("expected an association, got {step:?}"));
    register(&mut peer, &mut client, way, checks)?;
    load_profile(&mut peer, &mut client, way, checks)?;
    event_log(&mut peer, &mut client, way, checks)?;
    let missing = peer.read(&mut client, &get(3, Obis([1, 0, 77, 7, 0, 255]), 2))?;
    let is_missing = missing == Err(ClientFault::Access { result: 4 });
    checks.holds(way.name, is_missing, &format!("expected no such object, got {missing:?}"));
    let request = client.release().map_err(|fault| fault.to_string())?;
    let step = peer.run(&mut client, &request)?;
    checks.holds(way.name, step == Ok(Step::Released), &format!("expected a release, got {step:?}"));
    peer.close()
}

fn register(peer: &mut Peer, client: &mut Client, way: &Way, checks: &mut Checks) -> Result<(), String> {
    let total = peer.read(client, &get(3, TOTAL, 2))?;
    let is_right = total.as_ref().ok().and_then(Data::integer) == Some(123_456);
    checks.holds(way.name, is_right, &format!("expected 123456, got {total:?}"));
    let scale = peer.read(client, &get(3, TOTAL, 3))?.ok().as_ref().and_then(Scale::read);
    let is_right = scale == Some(Scale { scaler: -1, unit: 30 });
    checks.holds(way.name, is_right, &format!("expected tenths of Wh, got {scale:?}"));
    Ok(())
}

/// The profile with its columns and their scales, as a reader of any meter asks for it.
fn profile(peer: &mut Peer, client: &mut Client, obis: Obis) -> Result<Profile, String> {
    let mut value = |class, obis, attribute| {
        peer.read(client, &get(class, obis, attribute))?.map_err(|fault| fault.to_string())
    };
    let definitions = Definition::list(&value(7, obis, 3)?).ok_or("the capture objects are no list")?;
    let period = value(7, obis, 4)?.integer().and_then(|period| u32::try_from(period).ok());
    let mut columns = Vec::new();
    for definition in definitions {
        let scale = match definition.scale_attribute() {
            Some(attribute) => Scale::read(&value(definition.class, definition.obis, attribute)?),
            None => None,
        };
        columns.push(Column { definition, scale });
    }
    Ok(Profile { obis, columns, period_seconds: period.ok_or("the capture period is no number")? })
}

fn load_profile(peer: &mut Peer, client: &mut Client, way: &Way, checks: &mut Checks) -> Result<(), String> {
    let profile = profile(peer, client, LOAD_PROFILE)?;
    let clock = |hour| DateTime::new([0x07, 0xe8, 3, 1, 0xff, hour, 0, 0, 0, 0xff, 0xc4, 0]);
    let (Some(from), Some(to)) = (clock(10), clock(11)) else { return Err("no such clock time".to_owned()) };
    for (selection, count, first) in [
        (None, 96, "2024-02-29T23:00:00Z 100.0 Wh"),
        (Some(Selection::Range { from, to }), 5, "2024-03-01T08:45:00Z 103.9 Wh"),
        (Some(Selection::Entries { from: 2, to: 3 }), 2, "2024-02-29T23:15:00Z 100.1 Wh"),
    ] {
        let buffer = peer.read(client, &Get { selection, ..get(7, LOAD_PROFILE, 2) })?;
        let buffer = buffer.map_err(|fault| fault.to_string())?;
        let rows = profile.rows(&buffer, None).map_err(|fault| fault.to_string())?;
        let values = profile.values(&rows);
        let shown = values.first().map(|value| format!("{} {}", value.interval.start(), value.quantity));
        let is_right = values.len() == count && shown.as_deref() == Some(first);
        let got = format!("expected {count} values from {first}, got {} from {shown:?}", values.len());
        checks.holds(way.name, is_right, &got);
    }
    Ok(())
}

fn event_log(peer: &mut Peer, client: &mut Client, way: &Way, checks: &mut Checks) -> Result<(), String> {
    let log = profile(peer, client, EVENT_LOG)?;
    let buffer = peer.read(client, &get(7, EVENT_LOG, 2))?.map_err(|fault| fault.to_string())?;
    let rows = log.rows(&buffer, None).map_err(|fault| fault.to_string())?;
    let codes: Vec<u64> = logged_alarms(&log, &rows).iter().map(|alarm| alarm.code).collect();
    checks.holds(way.name, codes == [89, 90], &format!("expected the codes 89 and 90, got {codes:?}"));
    Ok(())
}

/// An association that must not come to be.
fn refused(
    folder: &Path,
    way: &Way,
    mut client: Client,
    what: &str,
    checks: &mut Checks,
) -> Result<(), String> {
    // Its words about what it refuses are no news.
    let mut peer = Peer::start(folder, "server.py", way, Stdio::null())?;
    peer.open()?;
    let request = client.associate().map_err(|fault| fault.to_string())?;
    // A meter that cannot open the request may also say nothing at all.
    if let Ok(step) = peer.run(&mut client, &request) {
        checks.holds(what, step.is_err(), &format!("expected a refusal, got {step:?}"));
    }
    let fault = client.get(&get(3, TOTAL, 2)).err();
    checks.holds(what, fault.is_some(), "a request could be made after the refusal");
    Ok(())
}

/// A push of the other implementation, decoded; and with one bit changed, refused.
fn pushed(folder: &Path, way: &Way, checks: &mut Checks) -> Result<(), String> {
    let framing = way.framing;
    let mut frame = Peer::start(folder, "pusher.py", way, Stdio::inherit())?.hear()?;
    let keys = keys(way.suite);
    let read = |frame: &[u8]| decode(frame, framing, &keys, &Options::default()).pop().and_then(Result::ok);
    let push = read(&frame);
    let readings = push.iter().flat_map(|push| &push.readings);
    let shown: Vec<String> =
        readings.map(|reading| format!("{:?} {}", reading.value, reading.unit)).collect();
    let is_right = shown == ["Number(12345.6) Wh", "Number(230.7) V"];
    checks.holds(way.name, is_right, &format!("{} push: got {shown:?}", framing.word()));
    let proven = push.is_some_and(|push| push.security.is_authenticated() == way.is_protected);
    checks.holds(way.name, proven, "the push is not protected as it was made");
    if let Some(byte) = frame.iter_mut().rev().nth(20) {
        *byte ^= 1;
    }
    let is_checked = way.is_protected || framing == Framing::Hdlc;
    checks.holds(way.name, !is_checked || read(&frame).is_none(), "a changed push was read");
    Ok(())
}
