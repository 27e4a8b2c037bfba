//! Messages of a real broker: delivered again until they are durable, and one reading each.
//!
//! Where Mosquitto is not installed these tests say so, and `cargo xtask test` installs it.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tidstro_flows::{Broker, BrokerNews, BrokerOptions, IngestReport, ingest_mqtt};
use tokio::sync::Notify;

use crate::bench::Bench;
use crate::mosquitto::Mosquitto;

/// How long anything here may take on a slow machine.
const LIMIT: Duration = Duration::from_secs(60);

fn broker_of(mosquitto: &Mosquitto) -> Broker {
    Broker::parse(&mosquitto.address("meters/#")).unwrap()
}

/// What is waited for while messages are taken.
#[derive(Default)]
struct Heard {
    total: RefCell<IngestReport>,
    connected: Cell<u32>,
    away: Cell<u32>,
    acknowledged: Cell<u64>,
    changed: Notify,
}

impl Heard {
    fn news(&self, news: &BrokerNews<'_>) {
        match news {
            BrokerNews::Connected => self.connected.set(self.connected.get() + 1),
            BrokerNews::Away { .. } => self.away.set(self.away.get() + 1),
            BrokerNews::Taken(report) => self.total.borrow_mut().add(report),
            BrokerNews::Acknowledged => self.acknowledged.set(self.acknowledged.get() + 1),
            BrokerNews::AtMostOnce => panic!("the broker gives QoS 1"),
        }
        self.changed.notify_one();
    }

    async fn until(&self, is_enough: impl Fn(&Self) -> bool) {
        while !is_enough(self) {
            self.changed.notified().await;
        }
    }

    fn lines(&self) -> u64 {
        self.total.borrow().lines
    }
}

impl Bench {
    /// Takes messages while `meanwhile` runs, and stops with it.
    async fn listen(&self, broker: &Broker, heard: &Heard, meanwhile: impl Future<Output = ()>) {
        let options = BrokerOptions { broker, client_id: "tidstro-test", password: None, authorities: None };
        self.listen_by(options, heard, meanwhile).await;
    }

    /// The same, as these options say.
    async fn listen_by(
        &self,
        options: BrokerOptions<'_>,
        heard: &Heard,
        meanwhile: impl Future<Output = ()>,
    ) {
        let clock = || self.now();
        let mut intake = self.intake(&clock).await;
        let news = |news: BrokerNews<'_>| heard.news(&news);
        let taking = ingest_mqtt(&mut intake, options, &news);
        let both = async {
            tokio::select! {
                () = meanwhile => {}
                ended = taking => panic!("ended: {:?}", ended.err().map(|fault| fault.to_string())),
            }
        };
        tokio::time::timeout(LIMIT, both).await.unwrap();
    }

    /// Lets the broker know us, so that it keeps messages from now on.
    async fn subscribe(&self, broker: &Broker) {
        let heard = Heard::default();
        self.listen(broker, &heard, heard.until(|heard| heard.connected.get() > 0)).await;
    }
}

#[tokio::test]
async fn every_message_is_taken_once_and_acknowledged() {
    let Some(mosquitto) = Mosquitto::start() else { return };
    let bench = Bench::new().await;
    let broker = broker_of(&mosquitto);
    let mut lines = bench.lines();
    lines.push("what is no telegram".to_owned());
    let count = lines.len() as u64;
    bench.subscribe(&broker).await;
    // What came while nobody listened was kept by the broker.
    mosquitto.publish(&lines);
    let heard = Heard::default();
    bench.listen(&broker, &heard, heard.until(|heard| heard.acknowledged.get() == count)).await;
    let total = heard.total.borrow().clone();
    assert_eq!((total.telegrams_new, total.telegrams_again, total.refused_count()), (count - 1, 0, 1));
    assert_eq!(bench.readings().await.len() as u64, count - 1);
    // Nothing but what is new comes afterwards. A broker that has not read our last acknowledgements when we come
    // back sends those messages again, so this may take some rounds.
    let mut rounds = 0;
    while bench.marked(&mosquitto, &lines[..1]).await > 1 {
        rounds += 1;
        assert!(rounds < 60, "the broker was not told that its messages are durable");
    }
    assert_eq!(bench.readings().await.len() as u64, count - 1);
}

impl Bench {
    /// Publishes a known line, and returns how many come, none of them new.
    async fn marked(&self, mosquitto: &Mosquitto, line: &[String]) -> u64 {
        let heard = Heard::default();
        let meanwhile = async {
            heard.until(|heard| heard.connected.get() > 0).await;
            mosquitto.publish(line);
            heard.until(|heard| heard.lines() > 0 && heard.acknowledged.get() == heard.lines()).await;
        };
        self.listen(&broker_of(mosquitto), &heard, meanwhile).await;
        assert_eq!(heard.total.borrow().telegrams_new, 0);
        heard.lines()
    }
}

#[test]
fn what_was_received_but_not_durable_is_delivered_again() {
    let Some(mosquitto) = Mosquitto::start() else { return };
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bench = runtime().block_on(Bench::new());
    let broker = broker_of(&mosquitto);
    let lines = bench.lines();
    runtime().block_on(async {
        bench.subscribe(&broker).await;
        mosquitto.publish(&lines);
    });
    // The run dies with the messages in its hands: the clock is read before anything is written.
    let has_begun = AtomicBool::new(false);
    let died = std::thread::scope(|scope| {
        scope.spawn(|| runtime().block_on(dying(&bench, &broker, &has_begun))).join().is_err()
    });
    assert!(died);
    runtime().block_on(async {
        assert!(bench.readings().await.is_empty());
        let heard = Heard::default();
        bench.listen(&broker, &heard, heard.until(|heard| heard.lines() == lines.len() as u64)).await;
        assert_eq!(heard.total.borrow().telegrams_new, lines.len() as u64);
        assert_eq!(bench.readings().await.len(), lines.len());
    });
}

/// Receives messages, and panics before the first is durable.
async fn dying(bench: &Bench, broker: &Broker, has_begun: &AtomicBool) {
    let clock = || {
        assert!(!has_begun.load(Ordering::Relaxed), "dies here, as if killed");
        bench.now()
    };
    let mut intake = bench.intake(&clock).await;
    has_begun.store(true, Ordering::Relaxed);
    let options = BrokerOptions { broker, client_id: "tidstro-test", password: None, authorities: None };
    let taken = ingest_mqtt(&mut intake, options, &|_| ());
    // If it does not die the test fails on not having died.
    let _ = tokio::time::timeout(LIMIT, taken).await;
}

#[tokio::test]
async fn a_broker_that_restarts_is_waited_for() {
    let Some(mosquitto) = Mosquitto::start() else { return };
    let bench = Bench::new().await;
    let broker = broker_of(&mosquitto);
    let lines = bench.lines();
    let (before, after) = lines.split_at(lines.len() / 2);
    let heard = Heard::default();
    let meanwhile = async {
        let mut mosquitto = mosquitto;
        heard.until(|heard| heard.connected.get() == 1).await;
        mosquitto.publish(before);
        heard.until(|heard| heard.lines() >= before.len() as u64).await;
        mosquitto.restart();
        heard.until(|heard| heard.away.get() > 0 && heard.connected.get() > 1).await;
        mosquitto.publish(after);
        heard.until(|heard| heard.total.borrow().telegrams_new == lines.len() as u64).await;
    };
    bench.listen(&broker, &heard, meanwhile).await;
    assert_eq!(bench.readings().await.len(), lines.len());
}

/// Runs a tool that makes keys or passwords; `false` where it is not installed.
fn made(program: &str, folder: &Path, arguments: &str) -> bool {
    let mut command = Command::new(program);
    command.current_dir(folder).args(arguments.split(' ')).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A certificate of an authority, and one of a server on this machine that it signed.
fn certificates(folder: &Path) -> bool {
    const NEW: &str = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n").unwrap();
    [
        format!("{NEW} -subj /CN=authority -keyout ca.key -out ca.pem"),
        format!("{NEW} -subj /CN=another -keyout another.key -out another.pem"),
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout key.pem -out asked.pem"
            .to_owned(),
        "x509 -req -in asked.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out cert.pem"
            .to_owned(),
    ]
    .iter()
    .all(|arguments| made("openssl", folder, arguments))
}

#[tokio::test]
async fn an_encrypted_broker_must_prove_itself() {
    let Some(mosquitto) = Mosquitto::start_as(|folder| {
        assert!(certificates(folder), "openssl makes certificates; `cargo xtask test` installs it");
        let place = folder.display();
        format!("allow_anonymous true\ncertfile {place}/cert.pem\nkeyfile {place}/key.pem\n")
    }) else {
        return;
    };
    let bench = Bench::new().await;
    let broker = Broker::parse(&format!("mqtts://127.0.0.1:{}/meters/#", mosquitto.port())).unwrap();
    for (authority, is_trusted) in [("ca.pem", true), ("another.pem", false)] {
        let heard = Heard::default();
        let authorities = Some(std::fs::read(mosquitto.file(authority)).unwrap());
        let options =
            BrokerOptions { broker: &broker, client_id: "tidstro-test", password: None, authorities };
        let meanwhile = heard.until(|heard| heard.connected.get() + heard.away.get() > 0);
        bench.listen_by(options, &heard, meanwhile).await;
        assert_eq!(heard.connected.get() > 0, is_trusted, "{authority}");
    }
    let clock = || bench.now();
    let unproved = BrokerOptions { broker: &broker, client_id: "t", password: None, authorities: None };
    let ended = ingest_mqtt(&mut bench.intake(&clock).await, unproved, &|_| ()).await;
    assert!(ended.err().unwrap().to_string().contains("--ca"));
}

#[tokio::test]
async fn a_wrong_password_is_no_reason_to_wait() {
    let Some(mosquitto) = Mosquitto::start_as(|folder| {
        assert!(made("mosquitto_passwd", folder, "-b -c users reader secret-of-the-reader"));
        format!("allow_anonymous false\npassword_file {}/users\n", folder.display())
    }) else {
        return;
    };
    let bench = Bench::new().await;
    let broker = Broker::parse(&format!("mqtt://reader@127.0.0.1:{}/meters/#", mosquitto.port())).unwrap();
    let options = |password| BrokerOptions {
        broker: &broker,
        client_id: "tidstro-test",
        password: Some(password),
        authorities: None,
    };
    let heard = Heard::default();
    let right = options("secret-of-the-reader");
    bench.listen_by(right, &heard, heard.until(|heard| heard.connected.get() > 0)).await;
    let clock = || bench.now();
    let ended = ingest_mqtt(&mut bench.intake(&clock).await, options("guessed"), &|_| ()).await;
    let fault = ended.err().unwrap().to_string();
    assert!(fault.contains("refuses the user") && !fault.contains("guessed"), "{fault}");
}
