//! Pushes of electricity meters against the values published beside them.
//!
//! What comes in: a row of the corpus, with its class. What goes out: whether the row was answered as its class
//! asks: header fields, value tree, codes and published values equal; or the header alone and no value; or a
//! refusal. A row of an unknown class fails.

pub(crate) mod peer;
mod published;
mod tree;

use serde_json::Value as Json;
use tidstro_dlms::{CipherHeader, Framing, Key, Keys, Options, Push, Refusal, Security, decode};

use super::Outcome;

/// What became of one row.
pub(super) fn row(line: &str) -> (String, Outcome) {
    let Ok(row) = serde_json::from_str::<Json>(line) else {
        return (String::new(), Outcome::Failed(vec!["the line is no JSON".to_owned()]));
    };
    let name = row.get("n").and_then(Json::as_str).unwrap_or_default().to_owned();
    let outcome = match answer(&row) {
        Ok(equal) => Outcome::Passed { equal, apart: vec![] },
        Err(faults) => Outcome::Failed(faults),
    };
    (name, outcome)
}

/// What was found equal, or what was not.
fn answer(row: &Json) -> Result<Vec<&'static str>, Vec<String>> {
    let pushes = pushes(row).map_err(|fault| vec![fault])?;
    match text(row, "class") {
        "decoded" => decoded(row, &pushes),
        "vendor-layout" => {
            let push = whole(&pushes)?;
            finished(published::values(push, row))
        }
        "encrypted-nokey" => header_alone(row, &pushes),
        "bad-checksum" | "truncated" => refused(&pushes),
        class => Err(vec![format!("class `{class}` is not known")]),
    }
}

type Pushes = Vec<Result<Push, Refusal>>;

fn pushes(row: &Json) -> Result<Pushes, String> {
    let framing = match text(row, "framing") {
        "hdlc" => Framing::Hdlc,
        "mbus" => Framing::Mbus,
        "raw" => Framing::Raw,
        other => return Err(format!("framing `{other}` is not known")),
    };
    let bytes = hex(text(row, "frame")).ok_or("the frame is no hexadecimal text")?;
    let key = |field| Key::parse_hex(text(row, field)).ok();
    let keys = key("key").map(|encryption| Keys { encryption, authentication: key("auth_key") });
    Ok(decode(&bytes, framing, &keys, &Options::default()))
}

/// The one push of a row. What follows it in the capture may be no frame, but nothing whole.
fn whole(pushes: &Pushes) -> Result<&Push, Vec<String>> {
    let (first, rest) = pushes.split_first().ok_or(vec!["got nothing".to_owned()])?;
    let is_more =
        |other: &Result<Push, Refusal>| !matches!(other, Err(refusal) if refusal.header().is_none());
    match first {
        Ok(_) if rest.iter().any(is_more) => Err(vec!["got more than one push".to_owned()]),
        Ok(push) => Ok(push),
        Err(refusal) => Err(vec![format!("refused: {refusal}")]),
    }
}

fn decoded(row: &Json, pushes: &Pushes) -> Result<Vec<&'static str>, Vec<String>> {
    let push = whole(pushes)?;
    let expected = row.get("expected").unwrap_or(&Json::Null);
    let mut checks = header(push, expected);
    checks.push(match expected.get("body") {
        Some(body) => same("as value tree", "body", body, &tree::of(&push.body)),
        None => Err("the row has no body".to_owned()),
    });
    checks.extend(tree::items(push, expected));
    checks.extend(published::values(push, row));
    checks.extend(published::names(push, row));
    finished(checks)
}

/// What was equal and how, or what was not.
type Check = Result<&'static str, String>;

fn finished(checks: Vec<Check>) -> Result<Vec<&'static str>, Vec<String>> {
    let (equal, faults): (Vec<_>, Vec<_>) = checks.into_iter().partition(Result::is_ok);
    let faults: Vec<String> = faults.into_iter().filter_map(Result::err).collect();
    if faults.is_empty() { Ok(equal.into_iter().flatten().collect()) } else { Err(faults) }
}

fn same(how: &'static str, what: &str, expected: &Json, got: &Json) -> Check {
    if expected == got { Ok(how) } else { Err(format!("{what}: expected {expected}, got {got}")) }
}

fn header(push: &Push, expected: &Json) -> Vec<Check> {
    let moment = push.moment.map(|moment| to_hex(moment.bytes())).unwrap_or_default();
    let mut got = vec![
        ("apdu", Json::from(push.service.word())),
        ("invoke_id", Json::from(push.invoke_id)),
        ("datetime", Json::from(moment)),
    ];
    if let Security::Ciphered(header) = push.security {
        got.extend(protection(header));
        got.push(("tag_verified", Json::from(header.is_authenticated())));
    }
    let stated = |(field, got): (&str, Json)| {
        let expected = expected.get(field)?;
        Some(same("as header field", field, expected, &got))
    };
    got.into_iter().filter_map(stated).collect()
}

fn protection(header: CipherHeader) -> [(&'static str, Json); 4] {
    [
        ("system_title", Json::from(header.title.to_string())),
        ("security", Json::from(header.control)),
        ("frame_counter", Json::from(header.invocation_counter)),
        ("ciphertext_len", Json::from(header.protected_len)),
    ]
}

/// Without a key: what the header says, and no value.
fn header_alone(row: &Json, pushes: &Pushes) -> Result<Vec<&'static str>, Vec<String>> {
    if pushes.iter().any(Result::is_ok) {
        return Err(vec!["values were given without a key".to_owned()]);
    }
    let header = match pushes.first() {
        Some(Err(Refusal::KeyMissing { header })) => *header,
        other => return Err(vec![format!("expected a missing key, got {other:?}")]),
    };
    let expected = row.get("expected").unwrap_or(&Json::Null);
    let fields = protection(header)
        .map(|(field, got)| same("as header field", field, expected.get(field).unwrap_or(&Json::Null), &got));
    finished(fields.into())
}

/// No value, and the damage named. A whole push before it may lack its key.
fn refused(pushes: &Pushes) -> Result<Vec<&'static str>, Vec<String>> {
    let refusals: Vec<_> = pushes.iter().flat_map(|push| push.as_ref().err()).collect();
    if refusals.len() < pushes.len() {
        return Err(vec!["expected a refusal, got values".to_owned()]);
    }
    match refusals.iter().find(|refusal| refusal.header().is_none()) {
        Some(_) => Ok(vec!["as refusal"]),
        None => Err(vec![format!("expected a refusal of the frame, got {refusals:?}")]),
    }
}

fn text<'a>(row: &'a Json, field: &str) -> &'a str {
    row.get(field).and_then(Json::as_str).unwrap_or_default()
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().as_chunks::<2>();
    let pair = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    if pairs.1.is_empty() { pairs.0.iter().map(pair).collect() } else { None }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
