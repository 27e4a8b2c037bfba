//! The client and the push decoder against another implementation: `gurux-dlms`, in processes of their own.
//!
//! What comes in: the folder of the scripts that make a meter and a pusher of it. What goes out: one check for each
//! answer. Frames go through pipes, so there is no port and no network.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio},
};

use serde_json::json;
use tidstro_dlms::{
    Authentication, Client, ClientConfig, ClientFault, Column, Data, DateTime, Definition, Framing, Get, Key,
    Keys, Options, Password, Profile, Protection, Scale, Selection, Step, SystemTitle, decode, logged_alarms,
    unwrapped, wrap,
};
use tidstro_model::Obis;

use super::super::checks::Checks;
use super::{hex, to_hex};

const CLIENT: SystemTitle = SystemTitle(*b"TIDclnt\x01");
const METER: &str = "4755524D45544552";
const PASSWORD: &str = "12345678";
const TOTAL: Obis = Obis([1, 0, 1, 8, 0, 255]);
const LOAD_PROFILE: Obis = Obis([1, 0, 99, 1, 0, 255]);
const EVENT_LOG: Obis = Obis([0, 0, 99, 98, 0, 255]);

/// The interpreter that has the library: `TIDSTRO_PYTHON`, or `python3`.
pub(crate) fn python() -> String {
    env::var("TIDSTRO_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// How a meter and its client speak.
struct Way {
    name: &'static str,
    suite: u8,
    is_protected: bool,
    is_low: bool,
}

const WAYS: [Way; 4] = [
    Way { name: "public", suite: 0, is_protected: false, is_low: false },
    Way { name: "password", suite: 0, is_protected: false, is_low: true },
    Way { name: "GMAC, suite 0", suite: 0, is_protected: true, is_low: false },
    Way { name: "GMAC, suite 2", suite: 2, is_protected: true, is_low: false },
];

/// Runs every story; exit code 1 if a check failed.
pub(crate) fn run(folder: &Path) -> ExitCode {
    let mut checks = Checks::default();
    for way in &WAYS {
        if let Err(fault) = read_all(folder, way, &mut checks) {
            checks.fail(way.name, &fault);
        }
    }
    for (what, client) in [("wrong password", wrong_password as fn(&Way) -> Client), ("wrong key", wrong_key)]
    {
        let way = if what == "wrong key" { &WAYS[2] } else { &WAYS[1] };
        if let Err(fault) = refused(folder, way, client(way), what, &mut checks) {
            checks.fail(what, &fault);
        }
    }
    for framing in [Framing::Wrapper, Framing::Hdlc] {
        for way in WAYS.iter().filter(|way| !way.is_low) {
            if let Err(fault) = pushed(folder, framing, way, &mut checks) {
                checks.fail(way.name, &fault);
            }
        }
    }
    checks.finish()
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

/// A script with its pipes.
struct Peer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Peer {
    fn start(folder: &Path, script: &str, way: &Way, framing: Framing, words: Stdio) -> Result<Self, String> {
        let mut child = Command::new(python())
            .arg(folder.join(script))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(words)
            .spawn()
            .map_err(|fault| format!("`{}` cannot be started: {fault}", python()))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the script has no pipes".to_owned());
        };
        let mut peer = Self { child, input, output: BufReader::new(output) };
        let digits = if way.suite == 2 { 32 } else { 16 };
        let config = json!({
            "password": PASSWORD, "title": METER, "suite": way.suite, "protected": way.is_protected,
            "key": "5a".repeat(digits), "auth_key": "a5".repeat(digits), "framing": framing.word().to_lowercase(),
        });
        peer.say(&config.to_string())?;
        Ok(peer)
    }

    fn say(&mut self, line: &str) -> Result<(), String> {
        writeln!(self.input, "{line}").map_err(|fault| format!("the script does not listen: {fault}"))
    }

    /// One line of hexadecimal digits.
    fn hear(&mut self) -> Result<Vec<u8>, String> {
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(|fault| fault.to_string())?;
        let bytes = hex(line.trim()).filter(|bytes| !bytes.is_empty());
        bytes.ok_or("the script gave no answer; its own words are above".to_owned())
    }

    /// Sends an APDU of the client and takes what the meter answers, until the client has what it wants.
    fn run(&mut self, client: &mut Client, apdu: &[u8]) -> Result<Result<Step, ClientFault>, String> {
        let mut apdu = apdu.to_vec();
        loop {
            let frame = wrap(16, 1, &apdu).ok_or("the APDU is too long")?;
            self.say(&to_hex(&frame))?;
            let answer = self.hear()?;
            let (_, answer, _) = unwrapped(&answer).map_err(|refusal| refusal.to_string())?;
            match client.receive(answer) {
                Ok(Step::Send(next)) => apdu = next,
                other => return Ok(other),
            }
        }
    }

    fn read(&mut self, client: &mut Client, get: &Get) -> Result<Result<Data, ClientFault>, String> {
        let request = client.get(get).map_err(|fault| fault.to_string())?;
        match self.run(client, &request)? {
            Ok(Step::Value(data)) => Ok(Ok(data)),
            Ok(step) => Err(format!("expected a value, got {step:?}")),
            Err(fault) => Ok(Err(fault)),
        }
    }
}

fn get(class: u16, obis: Obis, attribute: i8) -> Get {
    Get { class, obis, attribute, selection: None }
}

/// Associate, read everything, release.
fn read_all(folder: &Path, way: &Way, checks: &mut Checks) -> Result<(), String> {
    let mut peer = Peer::start(folder, "server.py", way, Framing::Wrapper, Stdio::inherit())?;
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
    Ok(())
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
    let mut peer = Peer::start(folder, "server.py", way, Framing::Wrapper, Stdio::null())?;
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
fn pushed(folder: &Path, framing: Framing, way: &Way, checks: &mut Checks) -> Result<(), String> {
    let mut frame = Peer::start(folder, "pusher.py", way, framing, Stdio::inherit())?.hear()?;
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
