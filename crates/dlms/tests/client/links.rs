//! The link of the client on HDLC and in wrappers: whole, in pieces, with losses, and with any bytes.

use std::time::Duration;

use proptest::prelude::*;
use tidstro_dlms::{
    Authentication, Carried, Carrier, CarrierFault, Client, ClientConfig, Data, Get, HdlcConfig, HdlcLink,
    ServerAddress, Step, SystemTitle, WrapperLink,
};
use tidstro_model::Obis;

use crate::line::{Event, Line, framed, framed_between};
use crate::meter::{Meter, rows};

const START: Duration = Duration::from_secs(1000);

fn config() -> HdlcConfig {
    HdlcConfig::new(16, ServerAddress::new(1, Some(17)).unwrap())
}

fn carrier(information_max: u16) -> Carrier {
    Carrier::Hdlc(HdlcLink::new(HdlcConfig { information_max, ..config() }))
}

fn line(segment: usize, events: &[Event]) -> Line {
    Line::new(Meter::new(false, false), segment, events)
}

/// A clock that goes on when nothing comes, and a connection in pieces of a size.
struct Talk<'t> {
    carrier: Carrier,
    line: &'t mut Line,
    piece: usize,
    now: Duration,
}

impl Talk<'_> {
    /// Until the link stands, an APDU is there, or the link is closed.
    fn until_done(&mut self, first: Carried) -> Result<Carried, CarrierFault> {
        let mut step = first;
        loop {
            let Carried::Send(bytes) = &step else {
                if step != Carried::Wait {
                    return Ok(step);
                }
                self.now = self.carrier.deadline().unwrap();
                step = self.carrier.timed_out(self.now)?;
                continue;
            };
            let heard = self.line.hear(bytes);
            step = Carried::Wait;
            for piece in heard.chunks(self.piece) {
                let carried = self.carrier.receive(piece, self.now)?;
                step = if carried == Carried::Wait { step } else { carried };
            }
        }
    }

    fn ask(&mut self, request: &[u8]) -> Result<Vec<u8>, CarrierFault> {
        let bytes = self.carrier.send(request, self.now)?;
        match self.until_done(Carried::Send(bytes))? {
            Carried::Apdu(apdu) => Ok(apdu),
            step => panic!("expected an answer, got {step:?}"),
        }
    }
}

/// Connects, associates, reads a long profile, releases, disconnects.
fn read_profile(line: &mut Line, information_max: u16, piece: usize) -> Result<Data, CarrierFault> {
    let title = SystemTitle(*b"TIDclint");
    let config =
        ClientConfig { title, authentication: Authentication::None, protection: None, max_apdu: 1024 };
    let mut client = Client::new(config, b"");
    let mut talk = Talk { carrier: carrier(information_max), line, piece, now: START };
    let first = talk.carrier.open(talk.now)?;
    assert_eq!(talk.until_done(first)?, Carried::Open);
    let request = client.associate().unwrap();
    assert_eq!(client.receive(&talk.ask(&request)?), Ok(Step::Associated));
    let get = Get { class: 7, obis: Obis([1, 0, 99, 1, 0, 255]), attribute: 2, selection: None };
    let mut request = client.get(&get).unwrap();
    let value = loop {
        match client.receive(&talk.ask(&request)?).unwrap() {
            Step::Send(next) => request = next,
            Step::Value(value) => break value,
            step => panic!("expected a value, got {step:?}"),
        }
    };
    let request = client.release().unwrap();
    assert_eq!(client.receive(&talk.ask(&request)?), Ok(Step::Released));
    let last = talk.carrier.close(talk.now)?;
    assert_eq!(talk.until_done(last)?, Carried::Closed);
    assert_eq!(talk.carrier.deadline(), None);
    Ok(value)
}

#[test]
fn a_profile_is_read_whatever_frames_the_meter_takes() {
    for (segment, ours) in [(128, 128), (8, 128), (2030, 2030), (128, 16), (1, 128)] {
        assert_eq!(read_profile(&mut line(segment, &[]), ours, 4096), Ok(rows()), "{segment}, {ours}");
    }
}

#[test]
fn what_is_lost_or_damaged_is_asked_for_again() {
    for event in [Event::LoseRequest, Event::LoseAnswer, Event::Damage, Event::NotReady, Event::Later] {
        for at in 0..12 {
            let mut events = vec![Event::Sound; at];
            // A connection and its end are answered at once or not at all.
            let is_connecting = at == 0 && matches!(event, Event::NotReady | Event::Later);
            events.push(if is_connecting { Event::Sound } else { event });
            let mut line = line(48, &events);
            assert_eq!(read_profile(&mut line, 48, 4096), Ok(rows()), "{event:?} at frame {at}");
        }
    }
}

#[test]
fn a_request_that_is_sent_again_is_answered_once() {
    let mut sound = line(128, &[]);
    read_profile(&mut sound, 128, 4096).unwrap();
    let mut lossy = line(128, &[Event::Sound, Event::LoseAnswer, Event::Sound, Event::LoseAnswer]);
    read_profile(&mut lossy, 128, 4096).unwrap();
    assert_eq!(lossy.requests, sound.requests);
}

#[test]
fn a_meter_that_is_not_there_is_given_up() {
    let within = config().answer_within;
    for (events, expected) in [
        (vec![Event::LoseRequest; 3], CarrierFault::NoAnswer { within, tries: 3 }),
        (
            vec![Event::Sound, Event::LoseAnswer, Event::Damage, Event::LoseRequest],
            CarrierFault::NoAnswer { within, tries: 3 },
        ),
        (vec![Event::Gone], CarrierFault::Disconnected),
        (vec![Event::Sound, Event::Gone], CarrierFault::Disconnected),
        (vec![Event::Reject], CarrierFault::FrameRejected { control: 0x93 }),
        ([vec![Event::Sound], vec![Event::NotReady; 80]].concat(), CarrierFault::Busy { times: 61 }),
    ] {
        let refused = read_profile(&mut line(128, &events), 128, 4096);
        assert_eq!(refused, Err(expected), "{events:?}");
    }
}

/// A client that has sent a request of one frame, number 0.
fn waiting() -> Carrier {
    let mut carrier = carrier(128);
    carrier.open(START).unwrap();
    assert_eq!(carrier.receive(&framed(0x73, false, &[]), START), Ok(Carried::Open));
    carrier.send(&[0xc0, 1], START).unwrap();
    carrier
}

#[test]
fn frames_out_of_turn_end_the_link_and_repeated_ones_do_not() {
    let answer = [0xe6, 0xe7, 0x00, 0xc4];
    let hear = |control| waiting().receive(&framed(control, false, &answer), START);
    assert_eq!(hear(0x30), Ok(Carried::Apdu(vec![0xc4])));
    assert_eq!(hear(0x34), Err(CarrierFault::Sequence { expected: 0, got: 2 }));
    assert_eq!(hear(0x50), Err(CarrierFault::Sequence { expected: 1, got: 2 }));
    // Of before our frame, or the one before once more.
    assert_eq!((hear(0x10), hear(0x3e)), (Ok(Carried::Wait), Ok(Carried::Wait)));
    let bare = waiting().receive(&framed(0x30, false, &[0xc4, 1]), START);
    assert_eq!(bare, Err(CarrierFault::LinkHeader));
    assert!(waiting().send(&[0xc0], START).is_err());
}

#[test]
fn another_meters_frame_is_not_ours() {
    let answer = [0xe6, 0xe7, 0x00, 0xc4];
    for addresses in [[0x21, 0x02, 0x25], [0x21, 0x04, 0x23], [0x23, 0x02, 0x23]] {
        let other = framed_between(addresses, 0x30, false, &answer);
        assert_eq!(waiting().receive(&other, START), Ok(Carried::Wait), "{addresses:02X?}");
    }
}

#[test]
fn a_wrapper_is_whole_and_from_the_meter() {
    let mut carrier = Carrier::Wrapper(WrapperLink::new(16, 1, Duration::from_secs(5)));
    assert_eq!(carrier.open(START), Ok(Carried::Open));
    assert_eq!(carrier.send(&[0xc0], START), Ok(vec![0, 1, 0, 16, 0, 1, 0, 1, 0xc0]));
    assert!(carrier.send(&[0xc0], START).is_err());
    assert_eq!(carrier.deadline(), Some(START + Duration::from_secs(5)));
    assert_eq!(carrier.receive(&[0, 1, 0, 1, 0, 16, 0, 2, 0xc4], START), Ok(Carried::Wait));
    assert_eq!(carrier.receive(&[1], START), Ok(Carried::Apdu(vec![0xc4, 1])));
    assert_eq!(carrier.deadline(), None);
    carrier.send(&[0xc0], START).unwrap();
    let fault = carrier.receive(&[0, 1, 0, 2, 0, 16, 0, 1, 0xc4], START).unwrap_err().to_string();
    assert_eq!(fault, "the answer is from 2 for 16, the request was from 16 for 1; check the addresses");
    assert!(carrier.receive(&[9; 9], START).is_err());
    assert_eq!(
        carrier.timed_out(START),
        Err(CarrierFault::NoAnswer { within: Duration::from_secs(5), tries: 1 })
    );
    let long = carrier.receive(&[], START).is_err() && carrier.send(&[0; 70_000], START).is_err();
    assert!(long);
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => Just(Event::Sound),
        1 => Just(Event::LoseRequest),
        1 => Just(Event::LoseAnswer),
        1 => Just(Event::Damage),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn segments_of_any_size_in_pieces_of_any_size_are_the_same(
        segment in 1_usize..400, ours in 8_u16..400, piece in 1_usize..64,
    ) {
        prop_assert_eq!(read_profile(&mut line(segment, &[]), ours, piece), Ok(rows()));
    }

    /// What is lost costs time or the link; it never costs a byte of the value.
    #[test]
    fn losses_give_the_value_or_nothing(
        events in prop::collection::vec(event(), 0..60), segment in 16_usize..200,
    ) {
        match read_profile(&mut line(segment, &events), 128, 4096) {
            Ok(value) => prop_assert_eq!(value, rows()),
            Err(fault) => prop_assert!(matches!(fault, CarrierFault::NoAnswer { .. }), "{fault:?}"),
        }
    }

    #[test]
    fn any_bytes_are_taken(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..32)) {
        let mut carrier = waiting();
        for piece in &pieces {
            let _ = carrier.receive(piece, START);
            let _ = carrier.send(&[0xc0], START);
            let _ = carrier.timed_out(START);
        }
    }

    #[test]
    fn any_frames_are_taken(
        frames in prop::collection::vec(
            (any::<u8>(), any::<bool>(), prop::collection::vec(any::<u8>(), 0..20)), 0..40),
    ) {
        let mut carrier = waiting();
        for (control, is_segmented, information) in &frames {
            if let Ok(Carried::Apdu(apdu)) = carrier.receive(&framed(*control, *is_segmented, information), START) {
                prop_assert!(apdu.len() <= 20 * frames.len());
                carrier.send(&[0xc0], START).unwrap();
            }
        }
    }
}
