//! The world's meter, read by another implementation's client over TCP on this machine: what the tests of the product rely
//! on speaks the protocol.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Stdio,
    thread::{self, JoinHandle},
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use tidstro_dlms::{Data, Framing};
use tidstro_world::meter_server::{Access, MeterPlan, MeterServer};

use super::super::super::checks::Checks;
use super::super::hex;
use super::Way;
use super::process::Peer;

/// When the meter began, and its present.
const SINCE: Timestamp = Timestamp::constant(1_709_247_600, 0);
const NOW: Timestamp = Timestamp::constant(1_709_334_000, 0);
const NUMBER: &str = "TDB0000001";

/// Reads the meter in each way.
pub(super) fn run(folder: &Path, checks: &mut Checks) {
    let keys = Access::Keys { encryption: [0x5a; 16], authentication: [0xa5; 16] };
    for framing in [Framing::Wrapper, Framing::Hdlc] {
        for (name, access) in [
            ("simulated meter, public", Access::Open),
            ("simulated meter, password", Access::Password(super::PASSWORD.as_bytes().to_vec())),
            ("simulated meter, GMAC", keys.clone()),
        ] {
            let name = format!("{name}, {}", framing.word());
            if let Err(fault) = read(folder, &name, framing, access, checks) {
                checks.fail(&name, &fault);
            }
        }
    }
}

fn read(
    folder: &Path,
    name: &str,
    framing: Framing,
    access: Access,
    checks: &mut Checks,
) -> Result<(), String> {
    let way = Way {
        name: "",
        framing,
        suite: 0,
        is_protected: matches!(access, Access::Keys { .. }),
        is_low: false,
    };
    let plan = MeterPlan { access, pdu_max: 400, ..MeterPlan::new(NUMBER, 1, SINCE) };
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|fault| fault.to_string())?;
    let port = listener.local_addr().map_err(|fault| fault.to_string())?.port();
    let serving = serve(listener, MeterServer::new(plan.clone()));
    let answered =
        Peer::with(folder, "client.py", (&way, &config(&plan, framing, port)), Stdio::inherit())?.line();
    let repeated = serving.join().map_err(|_| "the meter broke down")?;
    let values: Json = serde_json::from_str(&answered?).map_err(|fault| fault.to_string())?;
    check(name, &plan, &values, checks);
    checks.holds(name, repeated == 0, "the client used a counter twice");
    Ok(())
}

fn config(plan: &MeterPlan, framing: Framing, port: u16) -> Json {
    let mut config = json!({
        "port": port, "framing": framing.word().to_lowercase(),
        "from": "2024-03-01T10:00:00+01:00", "to": "2024-03-01T11:00:00+01:00",
    });
    let Some(fields) = config.as_object_mut() else { return config };
    match &plan.access {
        Access::Open => {}
        Access::Password(password) => {
            fields.insert("password".to_owned(), json!(String::from_utf8_lossy(password)));
        }
        Access::Keys { .. } => {
            fields.insert("key".to_owned(), json!("5a".repeat(16)));
            fields.insert("auth_key".to_owned(), json!("a5".repeat(16)));
            fields.insert("client_title".to_owned(), json!("544944636C6E7401"));
            fields.insert("counter".to_owned(), json!(1000));
        }
    }
    config
}

/// One connection of one client; gives how many counters were used twice.
fn serve(listener: TcpListener, mut meter: MeterServer) -> JoinHandle<u32> {
    thread::spawn(move || {
        if let Ok((stream, _)) = listener.accept() {
            // The client's own words tell what went wrong.
            let _ = talk(stream, &mut meter);
        }
        meter.repeated_counters()
    })
}

fn talk(mut stream: TcpStream, meter: &mut MeterServer) -> std::io::Result<()> {
    let mut session = meter.connect();
    let mut buffer = [0; 2048];
    loop {
        let len = stream.read(&mut buffer)?;
        if len == 0 {
            return Ok(());
        }
        let reaction = session.receive(meter, buffer.get(..len).unwrap_or_default(), NOW);
        stream.write_all(&reaction.bytes)?;
    }
}

fn check(name: &str, plan: &MeterPlan, values: &Json, checks: &mut Checks) {
    let value =
        |field: &str| values.get(field)?.as_str().and_then(hex).and_then(|bytes| Data::read(&bytes).ok());
    let number = value("number");
    let is_right = number.as_ref().and_then(Data::text) == Some(NUMBER);
    checks.holds(name, is_right, &format!("expected its number, got {number:?}"));
    let total = value("total").as_ref().and_then(Data::integer);
    let expected = i64::from(plan.register_wh(NOW));
    checks.holds(name, total == Some(expected), &format!("expected {expected} Wh, got {total:?}"));
    checks.holds(
        name,
        value("columns").is_some_and(|columns| columns.elements().len() == 3),
        "three columns",
    );
    let quarter = |number: i64| SINCE + SignedDuration::from_mins(15 * number);
    for (field, first, count) in [("range", 40, 5), ("buffer", 1, 96)] {
        let rows = value(field);
        let shown: Vec<Option<i64>> = rows.iter().flat_map(Data::elements).map(last_number).collect();
        let expected: Vec<Option<i64>> =
            (first..first + count).map(|number| Some(plan.register_wh(quarter(number)).into())).collect();
        checks.holds(name, shown == expected, &format!("{field}: got {} rows of {count}", shown.len()));
    }
}

fn last_number(row: &Data) -> Option<i64> {
    row.elements().last().and_then(Data::integer)
}
