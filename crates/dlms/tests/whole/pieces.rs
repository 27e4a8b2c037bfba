//! Pushes whose pieces come in lines of their own, and what is told of a push before it is opened.

use jiff::{SignedDuration, Timestamp};
use tidstro_dlms::{Envelope, Framing, Joined, Piece, Pieces, Refusal, envelope, recognise};

use crate::encode::{TITLE, blocks, hdlc, hdlc_frame, list, mbus, mbus_frames, protected};

fn piece<'a>(sender: &'a str, framing: Framing, bytes: &'a [u8]) -> Piece<'a> {
    Piece { sender, framing, bytes, at: Timestamp::UNIX_EPOCH }
}

/// Adds the pieces of one sender, and gives what became of the last.
fn join(framing: Framing, lines: &[Vec<u8>]) -> Joined<usize> {
    let mut pieces = Pieces::default();
    let (last, first) = lines.split_last().unwrap();
    for (number, line) in first.iter().enumerate() {
        let joined = pieces.add(&piece("a", framing, line), number);
        assert_eq!(joined, Joined::Waiting { title: Some(TITLE), count: number + 1 });
    }
    assert_eq!(pieces.title_of(&piece("a", framing, last)), Some(TITLE));
    pieces.add(&piece("a", framing, last), first.len())
}

#[test]
fn every_framing_is_told_apart_from_radio() {
    let push = protected(&list());
    assert_eq!(recognise(&hdlc(&push, 100)), Some(Framing::Hdlc));
    assert_eq!(recognise(&mbus(&push, 100)), Some(Framing::Mbus));
    assert_eq!(recognise(&tidstro_dlms::wrap(1, 16, &push).unwrap()), Some(Framing::Wrapper));
    assert_eq!(recognise(&push), Some(Framing::Raw));
    // One byte more or less, and it may be anything.
    assert_eq!(recognise(&push[..push.len() - 1]), None);
    // A wired telegram of M-Bus: CI 72.
    assert_eq!(recognise(&[0x68, 3, 3, 0x68, 8, 1, 0x72, 0x7b, 0x16]), None);
}

#[test]
fn the_same_push_is_the_same_by_whatever_way_it_comes() {
    let push = protected(&list());
    let expected = Envelope::Whole { title: Some(TITLE), as_sent: push.clone() };
    assert_eq!(envelope(&hdlc(&push, 40), Framing::Hdlc), Ok(expected.clone()));
    assert_eq!(envelope(&mbus(&push, 40), Framing::Mbus), Ok(expected.clone()));
    assert_eq!(envelope(&push, Framing::Raw), Ok(expected));
}

#[test]
fn pieces_of_each_framing_join() {
    let push = protected(&list());
    let blocks: Vec<_> =
        blocks(&push, 60).iter().map(|block| hdlc_frame(&[0x02, 0x23], &[0x03], block, false)).collect();
    let information = [&[0xe6, 0xe7, 0x00][..], &push].concat();
    let count = information.chunks(60).count();
    let segment = |(part, number): (&[u8], usize)| hdlc_frame(&[0x02, 0x23], &[0x03], part, number < count);
    let segments: Vec<_> = information.chunks(60).zip(1..).map(segment).collect();
    for (framing, lines) in
        [(Framing::Mbus, mbus_frames(&push, 60)), (Framing::Hdlc, segments), (Framing::Hdlc, blocks)]
    {
        assert!(lines.len() > 2, "{framing:?}");
        let Joined::Whole { title, as_sent, tags, .. } = join(framing, &lines) else { panic!("{framing:?}") };
        assert_eq!((title, as_sent, tags.len()), (Some(TITLE), push.clone(), lines.len()));
    }
}

#[test]
fn a_piece_without_its_beginning_a_lost_one_or_a_late_one_gives_nothing() {
    let lines = mbus_frames(&protected(&list()), 60);
    let mut pieces = Pieces::default();
    let lone = pieces.add(&piece("a", Framing::Mbus, &lines[1]), 0);
    assert_eq!(lone, Joined::Refused(Refusal::BeginningMissing { offset: 0 }));
    pieces.add(&piece("a", Framing::Mbus, &lines[0]), 0);
    // Another gateway's pieces are another message.
    let other = pieces.add(&piece("b", Framing::Mbus, &lines[1]), 0);
    assert_eq!(other, Joined::Refused(Refusal::BeginningMissing { offset: 0 }));
    let lost = pieces.add(&piece("a", Framing::Mbus, &lines[2]), 0);
    assert!(matches!(lost, Joined::Refused(Refusal::SegmentLost { expected: 1, got: 2, .. })), "{lost:?}");
    assert!(pieces.is_empty());
    pieces.add(&piece("a", Framing::Mbus, &lines[0]), 0);
    let at = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(11);
    let late = pieces.add(&Piece { at, ..piece("a", Framing::Mbus, &lines[1]) }, 0);
    assert_eq!(late, Joined::Refused(Refusal::BeginningMissing { offset: 0 }));
}
