//! Pushes over TCP: whatever pieces they come in, each is durable once, and what is none is refused and counted.

use std::cell::RefCell;
use std::time::Duration;

use jiff::civil::date;
use tidstro_flows::{IngestReport, Intake, ingest_dlms};
use tidstro_telegram::KeyRing;
use tidstro_world::encode::{PushSecurity, Pushed, in_hdlc, in_wrapper};
use tidstro_world::meter_server::{Access, MeterPlan};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::common::{actor, given};
use crate::place::{Place, at};

const METER: PushSecurity =
    PushSecurity { title: *b"TIDG\0\0\0\x01", encryption: [0x2b; 16], authentication: [0x4d; 16] };

/// The area with this one meter and its keys.
async fn place() -> Place {
    let access = Access::Keys { encryption: METER.encryption, authentication: METER.authentication };
    let now = at("2026-03-10T06:00:00Z");
    let plan = MeterPlan { title: METER.title, access, ..MeterPlan::new("TIDG0001", 1, now) };
    Place::new(vec![(plan, "")], now).await
}

/// The protected push of a quarter of an hour.
fn apdu(quarter: u32) -> Vec<u8> {
    let clock = date(2026, 3, 10).at(1, 0, 0, 0) + jiff::SignedDuration::from_mins(15 * i64::from(quarter));
    let registers = [([1, 0, 1, 8, 0, 255], 500_000 + 100 * quarter, 0, 30)];
    let pushed = Pushed { clock, deviation_minutes: -60, name: None, registers: &registers };
    pushed.protected(&METER, quarter + 1).unwrap()
}

/// What became of everything that was sent, once so many messages are durable.
struct Heard {
    total: RefCell<IngestReport>,
    changed: Notify,
}

impl Heard {
    async fn until(&self, lines: u64) {
        while self.total.borrow().lines < lines {
            self.changed.notified().await;
        }
    }
}

/// Listens while `meanwhile` sends to the address, and stops with it.
async fn listened(meanwhile: impl AsyncFnOnce(&str, &Heard)) -> IngestReport {
    let place = place().await;
    let (job, keys, now) = (actor("job:ingest"), KeyRing::new(), at("2026-03-10T06:00:00Z"));
    let clock = move || now;
    let begun = Intake::begin(&place.workspace, &job, &keys, "pushes", &clock).await.unwrap();
    let (mut intake, _) = given(begun);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heard = Heard { total: RefCell::default(), changed: Notify::new() };
    let news = |report: &IngestReport| {
        heard.total.borrow_mut().add(report);
        heard.changed.notify_one();
    };
    let sending = tokio::time::timeout(Duration::from_secs(60), meanwhile(&address, &heard));
    tokio::select! {
        _ = ingest_dlms(&mut intake, listener, &news) => panic!("it listens for ever"),
        sent = sending => sent.unwrap(),
    }
    heard.total.into_inner()
}

async fn send(address: &str, bytes: &[u8], piece: usize) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    for piece in bytes.chunks(piece) {
        stream.write_all(piece).await.unwrap();
        tokio::task::yield_now().await;
    }
    stream
}

#[tokio::test]
async fn pushes_in_pieces_and_segments_are_read_once() {
    let report = listened(async |address, heard| {
        // Segments of 40 bytes, in pieces of 7; wrappers; and one of them again from another connection.
        let segments: Vec<u8> = (0..4).flat_map(|quarter| in_hdlc(&apdu(quarter), 40).concat()).collect();
        let wrappers: Vec<u8> = (4..8).flat_map(|quarter| in_wrapper(&apdu(quarter))).collect();
        let first = send(address, &segments, 7).await;
        heard.until(4).await;
        let mut second = send(address, &wrappers, 1).await;
        heard.until(8).await;
        send(address, &in_wrapper(&apdu(7)), 4096).await;
        heard.until(9).await;
        drop(first);
        // Nothing is answered.
        second.shutdown().await.unwrap();
        assert_eq!(second.read(&mut [0; 16]).await.unwrap(), 0);
    })
    .await;
    assert!(report.nothing_refused(), "{:?}", report.refused);
    assert_eq!((report.telegrams_new, report.telegrams_again, report.readings), (8, 1, 8));
}

#[tokio::test]
async fn what_is_no_push_is_refused_and_hinders_nobody() {
    let report = listened(async |address, heard| {
        let mut stranger = send(address, b"GET / HTTP/1.1\r\n\r\n", 4096).await;
        // It is hung up on.
        assert_eq!(stranger.read(&mut [0; 16]).await.unwrap_or(0), 0);
        let whole = in_wrapper(&apdu(0));
        drop(send(address, &whole[..whole.len() / 2], 4096).await);
        drop(send(address, &whole, 4096).await);
        heard.until(3).await;
    })
    .await;
    assert_eq!((report.lines, report.telegrams_new, report.readings), (3, 1, 1));
    assert_eq!(report.refused_count(), 2, "{:?}", report.refused);
}
