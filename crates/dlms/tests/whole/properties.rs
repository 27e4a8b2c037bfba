//! What holds for every input.

use jiff::Timestamp;
use proptest::{collection::vec, prelude::*};
use tidstro_dlms::{
    Data, Framing, Joined, Options, P1Lines, Piece, Pieces, decode, decode_p1, recognise, wrap,
};

use crate::encode::{blocks, hdlc, hdlc_frame, keys, list, mbus, mbus_frames, notification, protected};

const FRAMINGS: [Framing; 4] = [Framing::Hdlc, Framing::Wrapper, Framing::Mbus, Framing::Raw];

/// Values of every type, nested.
fn data() -> impl Strategy<Value = Data> {
    let bytes = || vec(any::<u8>(), 0..40).prop_map(Into::into);
    let simple = prop_oneof![
        Just(Data::Null),
        Just(Data::DontCare),
        any::<bool>().prop_map(Data::Boolean),
        vec(any::<u8>(), 0..6)
            .prop_map(|bytes| Data::BitString { len: bytes.len() * 8, bytes: bytes.into() }),
        any::<i32>().prop_map(Data::DoubleLong),
        any::<u32>().prop_map(Data::DoubleLongUnsigned),
        bytes().prop_map(Data::OctetString),
        bytes().prop_map(Data::VisibleString),
        bytes().prop_map(Data::Utf8String),
        any::<u8>().prop_map(Data::Bcd),
        any::<i8>().prop_map(Data::Integer),
        any::<i16>().prop_map(Data::Long),
        any::<u8>().prop_map(Data::Unsigned),
        any::<u16>().prop_map(Data::LongUnsigned),
        any::<i64>().prop_map(Data::Long64),
        any::<u64>().prop_map(Data::Long64Unsigned),
        any::<u8>().prop_map(Data::Enum),
        any::<u32>().prop_map(Data::Float32),
        any::<u64>().prop_map(Data::Float64),
        any::<[u8; 5]>().prop_map(Data::Date),
        any::<[u8; 4]>().prop_map(Data::Time),
    ];
    simple.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Data::Array),
            vec(inner, 0..6).prop_map(Data::Structure)
        ]
    })
}

/// The push framed in each way.
fn framed(apdu: &[u8]) -> [(Framing, Vec<u8>); 4] {
    [
        (Framing::Hdlc, hdlc(apdu, 70)),
        (Framing::Wrapper, wrap(1, 1, apdu).unwrap()),
        (Framing::Mbus, mbus(apdu, 70)),
        (Framing::Raw, blocks(apdu, 70).concat()),
    ]
}

/// Every bit, not a sample of them: a framed and authenticated push gives no reading once it is changed, or the
/// very same push where only addresses or ports were.
#[test]
fn no_flipped_bit_gives_another_reading() {
    let apdu = protected(&list());
    for (framing, whole) in framed(&apdu) {
        let read = |bytes: &[u8]| decode(bytes, framing, &keys(), &Options::default());
        let expected = read(&whole)[0].clone().unwrap();
        let mut same = 0;
        for bit in 0..whole.len() * 8 {
            let mut changed = whole.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            for push in read(&changed).into_iter().flatten() {
                assert_eq!(
                    (push.body, push.security),
                    (expected.body.clone(), expected.security),
                    "bit {bit}"
                );
                same += 1;
            }
        }
        // What no check covers: flags between frames, ports of a wrapper, fields of blocks nobody needs.
        let free = match framing {
            Framing::Hdlc | Framing::Mbus => 0..=8,
            Framing::Wrapper => 32..=32,
            Framing::Raw => 1..=200,
        };
        assert!(free.contains(&same), "{framing:?}: {same} of {}", whole.len() * 8);
    }
}

/// The same without a tag: the frame's own check finds every single flipped bit.
#[test]
fn no_flipped_bit_passes_the_check_of_a_frame() {
    let apdu = notification(&list());
    for (framing, whole) in [(Framing::Hdlc, hdlc(&apdu, 70)), (Framing::Mbus, mbus(&apdu, 70))] {
        for bit in 0..whole.len() * 8 {
            let mut changed = whole.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let pushes = decode(&changed, framing, &keys(), &Options::default());
            let bodies = pushes.into_iter().flatten().map(|push| push.body);
            assert!(bodies.into_iter().all(|body| body == list()), "{framing:?} bit {bit}");
        }
    }
}

#[test]
fn no_shorter_push_gives_a_reading() {
    let apdu = protected(&list());
    for (framing, whole) in framed(&apdu) {
        for len in 0..whole.len() {
            let pushes = decode(&whole[..len], framing, &keys(), &Options::default());
            assert!(pushes.iter().all(Result::is_err), "{framing:?} {len}");
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in vec(any::<u8>(), 0..400)) {
        for framing in FRAMINGS {
            let pushes = decode(&bytes, framing, &keys(), &Options::default());
            prop_assert!(!pushes.is_empty());
            for refusal in pushes.iter().filter_map(|push| push.as_ref().err()) {
                prop_assert!(!refusal.to_string().is_empty());
            }
        }
        let _ = decode_p1(&bytes);
        let _ = Data::read(&bytes);
    }

    #[test]
    fn values_are_read_as_they_were_written(data in data()) {
        prop_assert_eq!(Data::read(&data.to_bytes()), Ok(data));
    }

    #[test]
    fn a_push_comes_out_of_every_framing_as_it_went_in(data in data()) {
        let apdu = protected(&data);
        prop_assume!(apdu.len() < 1000);
        for (framing, whole) in framed(&apdu) {
            let pushes = decode(&whole, framing, &keys(), &Options::default());
            prop_assert_eq!(pushes.len(), 1);
            let push = pushes[0].as_ref().unwrap();
            prop_assert_eq!(&push.body, &data);
            prop_assert_eq!(push.readings.len() + push.faults.len(), push.items.len());
            prop_assert!(push.readings.is_sorted_by_key(|reading| reading.offset));
        }
    }
}

proptest! {
    /// What is looked at before any key: lines of anything, whole or in pieces, never panic, and what is told apart as a push
    /// is decoded as one.
    #[test]
    fn lines_of_anything_are_looked_at(
        start in prop_oneof![
            Just(vec![]), Just(vec![0x7e, 0xa0]), Just(vec![0, 1]), Just(vec![0x68, 9, 9, 0x68, 0x53, 0xff]),
            Just(vec![0xdb, 8, b'T', b'I', b'D']), Just(vec![0xe6, 0xe7, 0]),
        ],
        lines in vec(vec(any::<u8>(), 0..80), 1..6),
    ) {
        let (mut pieces, mut p1) = (Pieces::default(), P1Lines::default());
        for rest in &lines {
            let line = [start.as_slice(), rest].concat();
            p1.line(&line);
            if let Some(framing) = recognise(&line) {
                let piece = Piece { sender: "g", framing, bytes: &line, at: Timestamp::UNIX_EPOCH };
                let title = pieces.title_of(&piece);
                if let Joined::Whole { title: joined, .. } = pieces.add(&piece, ()) {
                    prop_assert_eq!(joined, title);
                }
                prop_assert!(!decode(&line, framing, &keys(), &Options::default()).is_empty());
            }
        }
    }

    /// A push in pieces of any size joins to itself, in every framing that has pieces.
    #[test]
    fn pieces_of_any_size_join(size in 20_usize..120) {
        let apdu = protected(&list());
        for (framing, frames) in [
            (Framing::Mbus, mbus_frames(&apdu, size)),
            (Framing::Hdlc, blocks(&apdu, size).iter().map(|block| hdlc_frame(&[3], &[3], block, false)).collect()),
        ] {
            let mut pieces = Pieces::default();
            let piece = |bytes| Piece { sender: "g", framing, bytes, at: Timestamp::UNIX_EPOCH };
            let joined: Vec<_> = frames.iter().map(|bytes| pieces.add(&piece(bytes), ())).collect();
            let is_whole = |joined: &Joined<()>| matches!(joined, Joined::Whole { as_sent, .. } if *as_sent == apdu);
            prop_assert!(joined.last().is_some_and(is_whole), "{framing:?} {size}");
            prop_assert_eq!(joined.iter().filter(|joined| is_whole(joined)).count(), 1);
        }
    }
}
