//! `ingest` of what has no end: it goes on until asked to stop, and a kill at any moment loses and doubles nothing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;
use tidstro_world::Town;

use crate::common::{Place, assert_same, clear_telegram, hex, recent_town};
use crate::mosquitto::Mosquitto;

/// How long anything here may take on a slow machine.
const LIMIT: Duration = Duration::from_secs(60);
const ASKED: [&str; 6] = ["--actor", "staff:mikkel", "--purpose", "validation", "--resolution", "raw"];

/// A run that goes on, and what it says. It is killed when the test ends, whichever way.
pub(crate) struct Running {
    child: Child,
    out: Receiver<String>,
    err: Receiver<String>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    pub(crate) fn start(place: &Place, arguments: &[&str]) -> Self {
        let mut command = place.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        Self { child, out, err }
    }

    /// The next line of standard output as JSON.
    pub(crate) fn next(&self) -> Value {
        serde_json::from_str(&self.out.recv_timeout(LIMIT).unwrap()).unwrap()
    }

    /// Standard error up to a line with this text.
    pub(crate) fn says(&self, text: &str) -> String {
        loop {
            let line = self.err.recv_timeout(LIMIT).unwrap();
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Asks it to stop as the system does; the exit code.
    pub(crate) fn stopped_by(mut self, signal: &str) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

fn lines(from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

/// Waits until something holds, without sleeping.
fn until(mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < LIMIT, "waited too long");
        std::thread::yield_now();
    }
}

/// Lines of one gateway of the town, and its keys.
fn gateway(files: &Place, town: &Town) -> (Vec<String>, String) {
    let mut lines = Vec::new();
    town.write_gateway(1, &mut lines);
    let lines = String::from_utf8(lines).unwrap();
    (lines.lines().map(str::to_owned).collect(), files.write("keys.csv", town.keys_csv()))
}

/// A place that was given everything in one file.
fn whole(town: &Town, lines: &[String], keys: &str) -> Vec<Value> {
    let place = Place::with_master_data(town);
    let file = place.write("all.jsonl", lines.join("\n") + "\n");
    place.run(&["ingest", &file, "--keys", keys]);
    place.values(&ASKED)
}

#[test]
fn a_watched_folder_is_read_until_it_is_asked_to_stop() {
    let place = Place::new();
    let folder = place.path("uploads");
    std::fs::create_dir(&folder).unwrap();
    let line = hex(&clear_telegram(&[0x0c, 0x13, 0x56, 0x34, 0x12, 0x00]));
    std::fs::write(folder.join("first.txt"), format!("{line}\n")).unwrap();
    std::fs::write(folder.join("second.txt.part"), format!("{line}\nrubbish\n")).unwrap();
    let watch = ["ingest", "--watch", "uploads", "--settle", "1", "--json"];
    let running = Running::start(&place, &watch);
    let first = running.next();
    assert_eq!((&first["input"], &first["telegrams_new"]), (&"first.txt".into(), &1.into()));
    std::fs::rename(folder.join("second.txt.part"), folder.join("second.txt")).unwrap();
    let second = running.next();
    assert_eq!((&second["input"], &second["telegrams_again"]), (&"second.txt".into(), &1.into()));
    assert_eq!(second["refused"]["not-hex"]["count"], 1);
    assert_eq!(running.stopped_by("-TERM"), Some(0));
    // Files stay where they are, and are known the next time.
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2);
    let running = Running::start(&place, &watch);
    running.says("first.txt: known already");
    running.says("second.txt: known already");
    assert_eq!(running.stopped_by("-INT"), Some(0));
}

#[test]
fn a_watched_folder_survives_a_kill_at_any_moment() {
    let (town, files) = (recent_town(10), Place::new());
    let (lines, keys) = gateway(&files, &town);
    let place = Place::with_master_data(&town);
    let folder = place.path("uploads");
    std::fs::create_dir(&folder).unwrap();
    let uploads: Vec<_> = lines.chunks(lines.len() / 5 + 1).collect();
    for (number, part) in uploads.iter().enumerate() {
        std::fs::write(folder.join(format!("{number}.jsonl")), part.join("\n") + "\n").unwrap();
    }
    let watch = ["ingest", "--watch", "uploads", "--settle", "1", "--keys", &keys, "--json"];
    for at in [1_050, 1_200, 1_500, 2_000] {
        let running = Running::start(&place, &watch);
        let begun = Instant::now();
        until(|| begun.elapsed() > Duration::from_millis(at));
        assert_eq!(running.stopped_by("-KILL"), None);
    }
    let running = Running::start(&place, &watch);
    let mut done = std::collections::BTreeSet::new();
    until(|| {
        done.extend(running.out.try_recv().ok().map(|line| {
            let report: Value = serde_json::from_str(&line).unwrap();
            report["input"].as_str().unwrap().to_owned()
        }));
        let known = running.err.try_recv().ok();
        done.extend(known.and_then(|line| line.strip_suffix(": known already").map(str::to_owned)));
        done.len() == uploads.len()
    });
    assert_eq!(running.stopped_by("-TERM"), Some(0));
    assert_same(&place.values(&ASKED), &whole(&town, &lines, &keys));
    place.run(&["log", "verify"]).exits(0);
}

#[test]
fn messages_of_a_broker_survive_a_kill_at_any_moment() {
    let Some(mosquitto) = Mosquitto::start() else { return };
    let (town, files) = (recent_town(4), Place::new());
    let (lines, keys) = gateway(&files, &town);
    let lines = &lines[..lines.len().min(900)];
    let place = Place::with_master_data(&town);
    let address = mosquitto.address("meters/#");
    let listen = ["ingest", &address, "--keys", &keys, "--json"];
    let running = Running::start(&place, &listen);
    running.says("connected to the broker");
    assert_eq!(running.stopped_by("-KILL"), None);
    mosquitto.publish(lines);
    for at in [100, 150, 250, 400] {
        let running = Running::start(&place, &listen);
        let begun = Instant::now();
        until(|| begun.elapsed() > Duration::from_millis(at));
        assert_eq!(running.stopped_by("-KILL"), None);
    }
    let expected = whole(&town, lines, &keys);
    let running = Running::start(&place, &listen);
    until(|| place.values(&ASKED).len() == expected.len());
    assert_eq!(running.stopped_by("-TERM"), Some(0));
    assert_same(&place.values(&ASKED), &expected);
}

const TOKEN: &str = "a-token-nobody-guesses";
/// SHA-256 of it.
const HASH: &str = "261077536b06c8d9ce22fbdfc0dd747dbb65ec28cd348fe72506bd970907126b";

/// Posts lines; the whole answer.
fn post(to: &str, token: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(to).unwrap();
    let head = format!(
        "POST /lines HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n"
    );
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn what_was_answered_with_200_survives_a_kill() {
    let place = Place::new();
    place.write("gateways.toml", format!("[[gateway]]\nname = \"roof\"\ntoken_sha256 = \"{HASH}\"\n"));
    let listen = ["ingest", "--listen", "127.0.0.1:0", "--gateways", "gateways.toml", "--json"];
    let line = hex(&clear_telegram(&[0x0c, 0x13, 0x56, 0x34, 0x12, 0x00]));
    let running = Running::start(&place, &listen);
    let to = place_of(&running.says("listening at"));
    assert!(post(&to, "another", &line).starts_with("HTTP/1.1 401"));
    assert!(running.says("without a known token").starts_with("1 request"));
    let answer = post(&to, TOKEN, &line);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"telegrams_new\":1"), "{answer}");
    assert_eq!(running.stopped_by("-KILL"), None);
    let running = Running::start(&place, &listen);
    let to = place_of(&running.says("listening at"));
    assert!(post(&to, TOKEN, &line).contains("\"telegrams_again\":1"));
    assert_eq!(running.next()["input"], "roof");
    assert_eq!(running.stopped_by("-TERM"), Some(0));
    nowhere(&place.data(), TOKEN);
}

fn place_of(line: &str) -> String {
    line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned()
}

/// Asserts that no file of a folder has this text in it.
fn nowhere(folder: &Path, text: &str) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()));
    }
}

#[test]
fn what_cannot_be_listened_to_is_bad_use() {
    let place = Place::new();
    place.write("gateways.toml", format!("[[gateway]]\nname = \"roof\"\ntoken_sha256 = \"{HASH}\"\n"));
    for (arguments, code, wanted) in [
        (&["ingest"][..], 2, "--watch"),
        (&["ingest", "-", "--watch", "."], 2, "cannot be used with"),
        (&["ingest", "mqtt://user:secret@host/topic"], 2, "TIDSTRO_MQTT_PASSWORD"),
        (&["ingest", "mqtts://host"], 2, "names no topic"),
        (&["ingest", "--listen", "0.0.0.0:0", "--gateways", "gateways.toml"], 2, "--behind-proxy"),
        (&["ingest", "--listen", "127.0.0.1:0"], 2, "--gateways"),
        (&["ingest", "--listen", "127.0.0.1:0", "--gateways", "missing.toml"], 1, "missing.toml"),
        (&["ingest", "--watch", "missing"], 1, "missing"),
    ] {
        let ran = place.run(arguments).exits(code).says(&[wanted]);
        assert!(!ran.err.contains("secret"), "{ran}");
    }
}
