//! A script of another implementation, as a process with pipes.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use serde_json::{Value as Json, json};
use tidstro_dlms::{Carried, Carrier, Client, ClientFault, Data, Get, Step};

use super::super::{hex, to_hex};
use super::{METER, NUMBER, PASSWORD, Way, carrier};
use crate::python;

/// A script with its pipes, and the carrier of what goes through them.
pub(super) struct Peer {
    carrier: Carrier,
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
    /// Starts a script that is given the way it speaks.
    pub(super) fn start(folder: &Path, script: &str, way: &Way, words: Stdio) -> Result<Self, String> {
        Self::with(folder, script, (way, &config(way)), words)
    }

    /// Starts a script with a configuration of its own.
    pub(super) fn with(
        folder: &Path,
        script: &str,
        (way, config): (&Way, &Json),
        words: Stdio,
    ) -> Result<Self, String> {
        let interpreter = python::interpreter();
        let mut child = Command::new(&interpreter)
            .arg(folder.join(script))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(words)
            .spawn()
            .map_err(|fault| format!("`{interpreter}` cannot be started: {fault}"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the script has no pipes".to_owned());
        };
        let mut peer = Self { carrier: carrier(way)?, child, input, output: BufReader::new(output) };
        peer.say(&config.to_string())?;
        Ok(peer)
    }

    fn say(&mut self, line: &str) -> Result<(), String> {
        writeln!(self.input, "{line}").map_err(|fault| format!("the script does not listen: {fault}"))
    }

    /// One line.
    pub(super) fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(|fault| fault.to_string())?;
        let line = line.trim().to_owned();
        if line.is_empty() {
            Err("the script gave no answer; its own words are above".to_owned())
        } else {
            Ok(line)
        }
    }

    /// One line of hexadecimal digits.
    pub(super) fn hear(&mut self) -> Result<Vec<u8>, String> {
        hex(&self.line()?).ok_or("the script's answer is no hexadecimal number".to_owned())
    }

    /// Opens the link below the association.
    pub(super) fn open(&mut self) -> Result<(), String> {
        let first = self.carrier.open(Duration::ZERO).map_err(|fault| fault.to_string())?;
        self.carried(first).map(|_| ())
    }

    /// Closes it.
    pub(super) fn close(&mut self) -> Result<(), String> {
        let last = self.carrier.close(Duration::ZERO).map_err(|fault| fault.to_string())?;
        self.carried(last).map(|_| ())
    }

    /// Frames to and fro, until the link stands, an APDU came or the link is closed.
    fn carried(&mut self, first: Carried) -> Result<Carried, String> {
        let mut step = first;
        while let Carried::Send(bytes) = step {
            self.say(&to_hex(&bytes))?;
            let answer = self.hear()?;
            step = self.carrier.receive(&answer, Duration::ZERO).map_err(|fault| fault.to_string())?;
        }
        if step == Carried::Wait { Err("the answer is no whole frame".to_owned()) } else { Ok(step) }
    }

    /// Sends an APDU of the client and takes what the meter answers, until the client has what it wants.
    pub(super) fn run(
        &mut self,
        client: &mut Client,
        apdu: &[u8],
    ) -> Result<Result<Step, ClientFault>, String> {
        let mut apdu = apdu.to_vec();
        loop {
            let frame = self.carrier.send(&apdu, Duration::ZERO).map_err(|fault| fault.to_string())?;
            let Carried::Apdu(answer) = self.carried(Carried::Send(frame))? else {
                return Err("the link was closed".to_owned());
            };
            match client.receive(&answer) {
                Ok(Step::Send(next)) => apdu = next,
                other => return Ok(other),
            }
        }
    }

    pub(super) fn read(
        &mut self,
        client: &mut Client,
        get: &Get,
    ) -> Result<Result<Data, ClientFault>, String> {
        let request = client.get(get).map_err(|fault| fault.to_string())?;
        match self.run(client, &request)? {
            Ok(Step::Value(data)) => Ok(Ok(data)),
            Ok(step) => Err(format!("expected a value, got {step:?}")),
            Err(fault) => Ok(Err(fault)),
        }
    }
}

/// What a script is told of the way it speaks.
pub(super) fn config(way: &Way) -> Json {
    let digits = if way.suite == 2 { 32 } else { 16 };
    json!({
        "password": PASSWORD, "title": METER.to_string(), "number": NUMBER, "suite": way.suite,
        "protected": way.is_protected, "key": "5a".repeat(digits), "auth_key": "a5".repeat(digits),
        "framing": way.framing.word().to_lowercase(),
    })
}
