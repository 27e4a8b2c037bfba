//! Frames: what they carry, and what is refused of them.

use tidstro_dlms::{Framing, KeyRing, Link, Options, Push, Refusal, decode, unwrapped, wrap};

use crate::encode::{blocks, hdlc, hdlc_frame, list, mbus, mbus_frames, notification};

fn decoded(bytes: &[u8], framing: Framing) -> Vec<Result<Push, Refusal>> {
    decode(bytes, framing, &KeyRing::new(), &Options::default())
}

/// The one push, which is the list of the encoder.
fn check(bytes: &[u8], framing: Framing) -> Push {
    let mut pushes = decoded(bytes, framing);
    assert_eq!(pushes.len(), 1, "{pushes:?}");
    let push = pushes.pop().unwrap().unwrap();
    assert_eq!((&push.body, push.readings.len()), (&list(), 4));
    push
}

fn refusal(bytes: &[u8], framing: Framing) -> Refusal {
    let pushes = decoded(bytes, framing);
    assert!(pushes.iter().all(Result::is_err), "{pushes:?}");
    pushes.into_iter().next().unwrap().unwrap_err()
}

#[test]
fn every_framing_carries_the_same_push() {
    let apdu = notification(&list());
    for size in [2000, 60, 7] {
        check(&hdlc(&apdu, size), Framing::Hdlc);
    }
    for size in [2000, 250, 30] {
        check(&mbus(&apdu, size), Framing::Mbus);
    }
    let push = check(&wrap(1, 102, &apdu).unwrap(), Framing::Wrapper);
    assert_eq!(push.link, Some(Link { destination: 102, source: 1 }));
    check(&apdu, Framing::Raw);
    check(&[&[0xe6, 0xe7, 0x00][..], &apdu].concat(), Framing::Raw);
}

#[test]
fn framing_is_told_by_the_first_bytes() {
    let apdu = notification(&list());
    for (bytes, framing) in [
        (hdlc(&apdu, 2000), Framing::Hdlc),
        (mbus(&apdu, 2000), Framing::Mbus),
        (wrap(1, 1, &apdu).unwrap(), Framing::Wrapper),
        (apdu, Framing::Raw),
    ] {
        assert_eq!(Framing::detect(&bytes), framing);
    }
}

#[test]
fn addresses_have_one_two_or_four_bytes() {
    let information = [&[0xe6, 0xe7, 0x00][..], &notification(&list())].concat();
    for (bytes, number) in [(&[0x21][..], 16), (&[0x02, 0x23], 0x91), (&[0x00, 0x02, 0x04, 0x07], 0x4103)] {
        let frame = hdlc_frame(bytes, &[0x03], &information, false);
        let push = check(&frame, Framing::Hdlc);
        assert_eq!(push.link, Some(Link { destination: number, source: 1 }));
    }
    let endless = hdlc_frame(&[0x00, 0x02, 0x04, 0x06, 0x09], &[0x03], &information, false);
    assert_eq!(refusal(&endless, Framing::Hdlc), Refusal::Address { offset: 3 });
}

/// Long frames of 256 and 257 bytes have a length byte of 00 and 01.
#[test]
fn a_length_that_ran_over_is_read() {
    let body = |len| {
        let text = tidstro_dlms::Data::VisibleString(vec![b'a'; len].into());
        let apdu = notification(&tidstro_dlms::Data::Structure(vec![text]));
        mbus(&apdu, 2000)
    };
    for (len, stated) in [(225, 253), (226, 254), (227, 255), (228, 0), (229, 1), (230, 2)] {
        let frame = body(len);
        assert_eq!(frame[1], stated, "{}", frame.len());
        assert!(decoded(&frame, Framing::Mbus)[0].is_ok(), "{stated}");
    }
}

#[test]
fn blocks_make_one_push_whatever_carries_them() {
    let apdu = notification(&list());
    let all: Vec<u8> = blocks(&apdu, 40).concat();
    check(&all, Framing::Raw);
    let framed: Vec<u8> = blocks(&apdu, 40).iter().flat_map(|block| hdlc(block, 2000)).collect();
    check(&framed, Framing::Hdlc);
    let mut swapped = blocks(&apdu, 40);
    swapped.swap(1, 2);
    let expected = Refusal::SegmentLost { offset: 47, expected: 2, got: 3 };
    assert_eq!(refusal(&swapped.concat(), Framing::Raw), expected);
    let cut = blocks(&apdu, 40)[..2].concat();
    assert_eq!(refusal(&cut, Framing::Raw), Refusal::MessageIncomplete { offset: 0 });
}

#[test]
fn a_push_between_blocks_is_kept_and_the_blocks_are_not() {
    let apdu = notification(&list());
    let first = &blocks(&apdu, 40)[0];
    let stream = [hdlc(first, 2000), hdlc(&apdu, 2000)].concat();
    let pushes = decoded(&stream, Framing::Hdlc);
    assert!(matches!(pushes[0], Err(Refusal::MessageIncomplete { .. })), "{pushes:?}");
    assert!(pushes[1].is_ok() && pushes.len() == 2);
}

#[test]
fn frames_glued_together_are_told_apart() {
    let apdu = notification(&list());
    let one = hdlc(&apdu, 60);
    // Two pushes share the flag between them; noise is before, a beginning behind.
    let stream = [&[0x00, 0x55][..], &one, &one[1..], &[0xa0, 0x44, 0x02]].concat();
    let pushes = decoded(&stream, Framing::Hdlc);
    assert_eq!(pushes[0], Err(Refusal::Junk { offset: 0, len: 3 }));
    assert!(pushes[1].is_ok() && pushes[2].is_ok());
    let rest = stream.len() - 3;
    assert_eq!(pushes[3], Err(Refusal::Unfinished { offset: rest, framing: Framing::Hdlc }));
    assert_eq!(pushes.len(), 4);
    let many = [wrap(1, 1, &apdu).unwrap(), wrap(1, 1, &apdu).unwrap(), vec![0, 1, 0]].concat();
    let kinds: Vec<_> = decoded(&many, Framing::Wrapper).iter().map(Result::is_ok).collect();
    assert_eq!(kinds, [true, true, false]);
}

#[test]
fn a_connection_gives_one_apdu_after_the_other() {
    let stream = [wrap(16, 1, &[0x61, 0x00]).unwrap(), wrap(1, 16, &[0x63]).unwrap()].concat();
    let (link, apdu, len) = unwrapped(&stream).unwrap();
    assert_eq!((link, apdu, len), (Link { destination: 1, source: 16 }, &[0x61, 0x00][..], 10));
    assert_eq!(unwrapped(&stream[len..]).unwrap().1, [0x63]);
    let unfinished = Refusal::Unfinished { offset: 0, framing: Framing::Wrapper };
    assert_eq!(unwrapped(&stream[..9]), Err(unfinished));
    assert_eq!(unwrapped(&[0, 2]), Err(Refusal::WrapperVersion { offset: 0, got: 2 }));
}

#[test]
fn a_damaged_frame_does_not_cost_the_next_one() {
    let apdu = notification(&list());
    for framing in [Framing::Hdlc, Framing::Mbus] {
        let one = if framing == Framing::Hdlc { hdlc(&apdu, 60) } else { mbus(&apdu, 60) };
        let mut damaged = one.clone();
        damaged[90] ^= 0x10;
        let pushes = decoded(&[damaged, one].concat(), framing);
        assert_eq!(pushes.iter().filter(|push| push.is_ok()).count(), 1, "{pushes:?}");
        assert!(pushes[0].is_err() && pushes.last().unwrap().is_ok());
    }
}

#[test]
fn a_lost_segment_gives_no_push() {
    let apdu = notification(&list());
    let frames = mbus_frames(&apdu, 40);
    assert_eq!(frames.len(), 3);
    let lost = [frames[0].clone(), frames[2].clone()].concat();
    assert!(matches!(refusal(&lost, Framing::Mbus), Refusal::SegmentLost { expected: 1, got: 2, .. }));
    let last_is_missing = frames[..2].concat();
    assert!(matches!(refusal(&last_is_missing, Framing::Mbus), Refusal::MessageIncomplete { .. }));
}

#[test]
fn refusals_say_where_and_what_to_do() {
    let good = hdlc(&notification(&list()), 2000);
    let shown = |bytes: &[u8], framing| refusal(bytes, framing).to_string();
    let mut damaged = good.clone();
    damaged[50] ^= 1;
    assert!(shown(&damaged, Framing::Hdlc).contains("frame check is"), "{}", shown(&damaged, Framing::Hdlc));
    let mut without_flag = good.clone();
    *without_flag.last_mut().unwrap() = 0x55;
    assert!(
        shown(&without_flag, Framing::Hdlc).ends_with("ends with `7E`, found `55`; it is cut or damaged")
    );
    assert_eq!(
        shown(b"hello", Framing::Hdlc),
        "holds no HDLC message; check that the whole frame was copied, and its framing"
    );
    assert_eq!(
        shown(&[0x99, 1, 2], Framing::Raw),
        "byte 0: `99` is no APDU of a push; check the framing, or keep it for a later version"
    );
    let telegram = [0x68, 0x04, 0x04, 0x68, 0x08, 0x01, 0x72, 0x00, 0x7b, 0x16];
    assert!(shown(&telegram, Framing::Mbus).ends_with("decode the frame as an M-Bus telegram"));
}
