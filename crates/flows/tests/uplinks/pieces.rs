//! Messages that come in several telegrams: kept as pieces, read once they are whole, whatever was restarted or lost
//! meanwhile and whichever gateway brought what.

use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use tidstro_flows::{IngestReport, decode_again, decode_quarantined, quarantine};
use tidstro_telegram::KeyRing;
use tidstro_world::Security;

use crate::bench::Bench;
use crate::common::{JOB, actor, given, ingest};

/// The extended link layer of the town's telegrams in mode 7, then the authentication layer: where it begins, and how
/// long it is.
const AFL_AT: usize = 13;
const AFL_LEN: usize = 17;

/// A telegram in mode 7 as pieces of its message: control and counter stand in the first, the code in the last. The code
/// covers the message, not how it is cut.
fn cut(frame: &[u8], count: usize) -> Vec<Vec<u8>> {
    let (head, afl) = (&frame[1..AFL_AT], &frame[AFL_AT..AFL_AT + AFL_LEN]);
    let message = &frame[AFL_AT + AFL_LEN..];
    assert_eq!(
        (afl[0], afl[1]),
        (0x90, 15),
        "an authentication layer with control, counter and a code of 8 bytes"
    );
    let (fields, code) = (&afl[4..9], &afl[9..17]);
    let pieces = message.chunks(message.len().div_ceil(count));
    let piece = |(number, piece): (u8, &[u8])| {
        let last = usize::from(number) == count;
        // More fragments; control and counter; code (EN 13757-7:2018, fragmentation control field).
        let bit = |is_set: bool, bit: u8| if is_set { bit } else { 0 };
        let bits = bit(!last, 0x40) | bit(number == 1, 0x28) | bit(last, 0x04);
        let own = [if number == 1 { fields } else { &[] }, if last { code } else { &[] }].concat();
        let layer = [&[0x90, u8::try_from(own.len() + 2).unwrap(), number, bits][..], &own].concat();
        let rest = [head, &layer, piece].concat();
        [&[u8::try_from(rest.len()).unwrap()][..], &rest].concat()
    };
    (1..).zip(pieces).map(piece).collect()
}

fn line(frame: &[u8], at: Timestamp, gateway: &str) -> String {
    let hex: String = frame.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("{{\"telegram\":\"{hex}\",\"received\":\"{at}\",\"gateway\":\"{gateway}\"}}\n")
}

/// A meter in mode 7 and its messages, one a day at noon, each in three pieces a minute apart.
struct Pieces {
    bench: Bench,
    messages: Vec<[String; 3]>,
}

impl Pieces {
    async fn new() -> Self {
        let bench = Bench::new().await;
        let of =
            |meter: &&tidstro_world::Meter| meter.security == Security::Mode7 && meter.converter.is_none();
        let meter = bench.town.meters.iter().find(of).unwrap();
        let point = bench.town.places[meter.place].id.clone();
        let message = |day: i64| {
            let day = bench.town.plan.first_day + day.days();
            let noon = day.at(12, 0, 0, 0).in_tz("Europe/Copenhagen").unwrap().timestamp();
            let pieces = cut(&bench.town.telegrams(&point, day)[0], 3);
            let lines = (0..)
                .zip(pieces)
                .map(|(minute, piece): (i64, _)| line(&piece, noon + minute.minutes(), "gw-1"));
            <[String; 3]>::try_from(lines.collect::<Vec<_>>()).unwrap()
        };
        let messages = (0..6).map(message).collect();
        Self { bench, messages }
    }

    /// What comes of these lines, in a run of their own.
    async fn heard(&self, lines: &[&str]) -> IngestReport {
        ingest(&self.bench.workspace, lines.concat().as_bytes(), &self.bench.keys, self.bench.now()).await
    }

    async fn reasons(&self) -> Vec<(String, u64)> {
        let (clerk, now) = (actor("staff:mikkel"), self.bench.now());
        let asked = quarantine(&self.bench.workspace, &clerk, "validation", now).await;
        given(asked.unwrap()).into_iter().map(|line| (line.reason, line.telegrams)).collect()
    }
}

fn counts(report: &IngestReport) -> (u64, u64, u64) {
    (report.telegrams_decoded, report.pieces_waiting, report.readings)
}

#[tokio::test]
async fn pieces_are_joined_in_any_order_over_runs_and_gateways() {
    let town = Pieces::new().await;
    let [[a, b, c], [d, e, f], ..] = &town.messages[..] else { panic!("six messages") };
    // In one file.
    assert_eq!(counts(&town.heard(&[b, c, a]).await), (1, 0, 1));
    // Piece by piece, each in a run of its own, one of them from two gateways.
    assert_eq!(counts(&town.heard(&[f]).await), (0, 1, 0));
    assert_eq!(counts(&town.heard(&[&f.replace("gw-1", "gw-2")]).await), (0, 0, 0));
    assert_eq!(counts(&town.heard(&[d]).await), (0, 1, 0));
    // One of them came a run ago, and is of a day long past.
    let reasons = [("fragment".to_owned(), 1), ("fragment-lost".to_owned(), 1)];
    assert_eq!(town.reasons().await, reasons);
    let whole = town.heard(&[e]).await;
    assert_eq!(counts(&whole), (1, 0, 1));
    assert!(whole.nothing_refused(), "{:?}", whole.refused);
    assert!(town.reasons().await.is_empty());
    // All of it again, and everything decoded again, says nothing new.
    let again = town.heard(&[a, b, c, d, e, f]).await;
    assert_eq!((again.telegrams_new, again.telegrams_again, again.readings), (0, 6, 0));
    let (now, first) = (town.bench.now(), town.bench.town.plan.first_day);
    let clock = move || now;
    let job = actor(JOB);
    let again = decode_again(&town.bench.workspace, &job, (first, &town.bench.keys), &clock, &|_| ());
    let again = given(again.await.unwrap());
    assert_eq!((again.telegrams, again.decoded, again.no_longer, again.days_changed), (6, 2, 0, 0));
}

#[tokio::test]
async fn a_lost_piece_is_called_lost_and_may_still_come() {
    let town = Pieces::new().await;
    let [[a, b, c], [d, e, f], ..] = &town.messages[..] else { panic!("six messages") };
    town.heard(&[a, c]).await;
    // The next message does not take them for its own.
    assert_eq!(counts(&town.heard(&[d, e, f]).await), (1, 0, 1));
    assert_eq!(town.reasons().await, [("fragment-lost".to_owned(), 2)]);
    // A gateway that was away uploads it after all: the message is a late one, by its gateway's word.
    assert_eq!(counts(&town.heard(&[b]).await), (1, 0, 1));
    assert!(town.reasons().await.is_empty());
}

#[tokio::test]
async fn a_changed_piece_gives_nothing_and_the_right_one_does() {
    let town = Pieces::new().await;
    let [a, b, c] = &town.messages[0];
    let mut frame: Vec<char> = b.chars().collect();
    let digit = b.find("\",\"received").unwrap() - 3;
    frame[digit] = if frame[digit] == '0' { '1' } else { '0' };
    let changed: String = frame.into_iter().collect();
    let report = town.heard(&[a, &changed, c]).await;
    assert_eq!((report.readings, report.quarantined.get("fragment-unproven")), (0, Some(&3)), "{report:?}");
    let report = town.heard(&[b]).await;
    assert_eq!(counts(&report), (1, 0, 1));
}

#[tokio::test]
async fn pieces_wait_for_their_key() {
    let town = Pieces::new().await;
    let lines = town.messages[0].concat();
    let none = KeyRing::new();
    let now = town.bench.now();
    let blind = ingest(&town.bench.workspace, lines.as_bytes(), &none, now).await;
    assert_eq!((blind.readings, blind.quarantined.get("fragment-unproven").copied()), (0, Some(3)));
    assert!(blind.refused["fragment-unproven"].first.contains("needs a key"), "{:?}", blind.refused);
    let clock = move || now;
    let decoded = decode_quarantined(&town.bench.workspace, &actor(JOB), &clock).await;
    assert_eq!(given(decoded.unwrap()), 0);
    let report = ingest(&town.bench.workspace, b"", &town.bench.keys, now).await;
    assert_eq!((report.telegrams_recovered, report.readings), (1, 1));
    assert!(town.reasons().await.is_empty());
}

#[tokio::test]
async fn an_old_message_sent_again_in_pieces_gives_nothing() {
    let town = Pieces::new().await;
    for message in &town.messages {
        assert_eq!(town.heard(&message.each_ref().map(String::as_str)).await.readings, 1);
    }
    let later = town.messages[0].each_ref().map(|line| {
        let at = line.find("received\":\"").unwrap() + 11;
        let day = town.bench.town.plan.first_day + 8.days();
        line.replace(&line[at..at + 10], &day.to_string())
    });
    let report = town.heard(&later.each_ref().map(String::as_str)).await;
    assert_eq!((report.telegrams_new, report.readings, report.quarantined["older"]), (3, 0, 1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Pieces of several messages, shuffled and repeated, in several runs: as many readings as messages.
    #[test]
    fn however_they_come(order in Just((0..18).chain(0..6).collect::<Vec<usize>>()).prop_shuffle(), runs in 1_usize..5) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let town = Pieces::new().await;
            let lines: Vec<&str> = town.messages.iter().flatten().map(String::as_str).collect();
            let shuffled: Vec<&str> = order.iter().map(|index| lines[*index]).collect();
            let mut readings = 0;
            for run in shuffled.chunks(shuffled.len().div_ceil(runs)) {
                readings += town.heard(run).await.readings;
            }
            assert_eq!(readings, 6);
            assert!(town.reasons().await.is_empty());
        });
    }
}
