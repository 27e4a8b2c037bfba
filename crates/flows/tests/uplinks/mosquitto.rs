//! A real broker, Mosquitto, on a free port of this machine, stopped by its own process.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a broker may take to answer on a slow machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A running broker in a folder of its own.
pub(crate) struct Mosquitto {
    folder: tempfile::TempDir,
    port: u16,
    process: Child,
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Mosquitto {
    /// Starts one that lets everybody in; `None` where it is not installed.
    pub(crate) fn start() -> Option<Self> {
        Self::start_as(|_| "allow_anonymous true\n".to_owned())
    }

    /// Starts one with more lines of configuration, made for its folder; `None` where it is not installed.
    pub(crate) fn start_as(lines: impl FnOnce(&Path) -> String) -> Option<Self> {
        let Some(program) = program() else {
            eprintln!("skipped: mosquitto is not installed; `cargo xtask test` installs it");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let place = folder.path().display();
        let common = format!(
            "listener {port} 127.0.0.1\nuser root\npersistence true\npersistence_location {place}/\n\
             autosave_interval 1\nautosave_on_changes true\n"
        );
        std::fs::write(folder.path().join("mosquitto.conf"), common + &lines(folder.path())).unwrap();
        let process = run(&program, &folder, port);
        Some(Self { folder, port, process })
    }

    /// Stops it as a restart of its machine does, and starts it again with what it has kept.
    pub(crate) fn restart(&mut self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.process.wait().unwrap();
        self.process = run(&program().unwrap(), &self.folder, self.port);
    }

    /// A file of its folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Its port on this machine.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Where it is, with this topic filter.
    pub(crate) fn address(&self, filter: &str) -> String {
        format!("mqtt://127.0.0.1:{}/{filter}", self.port)
    }

    /// Publishes each line as a message of one of three gateways, and returns when the broker has all of them.
    pub(crate) fn publish(&self, lines: &[String]) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(b"\x10\x13\0\x04MQTT\x04\x02\0\x3c\0\x07gateway").unwrap();
        assert_eq!(answer(&mut stream), [0x20, 2, 0, 0], "the broker does not let us in");
        for (line, number) in lines.iter().zip(1_u16..) {
            let topic = format!("meters/gw-{}", number % 3);
            stream.write_all(&message(&topic, number, line)).unwrap();
            let [high, low] = number.to_be_bytes();
            assert_eq!(answer(&mut stream), [0x40, 2, high, low]);
        }
        stream.write_all(&[0xe0, 0]).unwrap();
    }
}

fn answer(stream: &mut TcpStream) -> [u8; 4] {
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).unwrap();
    answer
}

/// A PUBLISH of MQTT 3.1.1 with QoS 1.
fn message(topic: &str, number: u16, text: &str) -> Vec<u8> {
    let length = 2 + topic.len() + 2 + text.len();
    let low = u8::try_from(length % 128).unwrap();
    let high = u8::try_from(length / 128).unwrap();
    let topic_length = u16::try_from(topic.len()).unwrap().to_be_bytes();
    [&[0x32, low | 0x80, high][..], &topic_length, topic.as_bytes(), &number.to_be_bytes(), text.as_bytes()]
        .concat()
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")]);
    folders.map(|folder| folder.join("mosquitto")).find(|program| program.is_file())
}

/// Starts the broker and waits until it answers.
fn run(program: &PathBuf, folder: &tempfile::TempDir, port: u16) -> Child {
    let mut command = Command::new(program);
    command.arg("-c").arg(folder.path().join("mosquitto.conf")).stdout(Stdio::null()).stderr(Stdio::null());
    let mut process = command.spawn().unwrap();
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(process.try_wait().unwrap().is_none(), "the broker did not start");
        assert!(begun.elapsed() < LIMIT, "the broker does not answer");
        std::thread::yield_now();
    }
    process
}
