//! Messages in several telegrams: joined, proven as a whole, bounded in memory.

use crate::encode::{KEY, LINK, RECORDS, clear, code_of, derived, layer, transport_7, wireless};
use tidstro_telegram::{
    DecodeOptions, Fragments, Joined, Key, NoFormats, Received, Refusal, Security, Telegram, decode, join,
};

/// The message in mode 7, cut into this many telegrams. The code stands in the last one.
fn fragments(counter: u32, count: usize) -> Vec<Vec<u8>> {
    let message = transport_7(&RECORDS.repeat(10), counter);
    let len = u16::try_from(message.len()).unwrap().to_le_bytes();
    let fields = [&[0x65][..], &counter.to_le_bytes()].concat();
    let code = code_of(5, &derived(1, counter), counter, &[&fields, &len, &message]);
    cut(&message, count, &fields, &len, &code)
}

/// The first fragment has control, counter and length, the last one the code.
fn cut(message: &[u8], count: usize, fields: &[u8], len: &[u8], code: &[u8]) -> Vec<Vec<u8>> {
    let pieces: Vec<&[u8]> = message.chunks(message.len().div_ceil(count)).collect();
    let telegram = |(piece, number): (&&[u8], u16)| {
        let last = usize::from(number) == count;
        let more = if last { 0 } else { 0x4000 };
        let layer = match (number, last) {
            (1, _) => layer(more | 0x3800 | number, fields, &[], len),
            (_, true) => layer(more | 0x0400 | number, &[], code, &[]),
            _ => layer(more | number, &[], &[], &[]),
        };
        wireless(&[&layer, *piece].concat())
    };
    pieces.iter().zip(1..).map(telegram).collect()
}

fn add(fragments: &mut Fragments, frame: &[u8]) -> Result<Option<Telegram>, Refusal> {
    fragments.add(frame, &Key::new(KEY), &NoFormats, &DecodeOptions::default())
}

fn check(telegram: &Telegram) {
    assert_eq!((telegram.security, telegram.readings.len()), (Security::Mode7, 30));
    assert_eq!((telegram.faults.len(), telegram.meter.to_string()), (0, "KAM 12345678 v1B t07".to_owned()));
}

#[test]
fn a_fragment_alone_is_refused_by_its_number() {
    let refusal = decode(&fragments(7, 3)[1], &Key::new(KEY), &DecodeOptions::default()).unwrap_err();
    assert_eq!(refusal.kind(), "fragment");
    assert_eq!(
        refusal.to_string(),
        "KAM 12345678 v1B t07: byte 10: fragment 2 of a message; it is read when the others have come"
    );
}

#[test]
fn pieces_are_joined_in_any_order_and_from_several_gateways() {
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let (telegrams, mut partial) = (fragments(7, 3), Fragments::new());
        let [first, second, third] = order.map(|index| &telegrams[index]);
        assert_eq!(add(&mut partial, first), Ok(None));
        assert_eq!(add(&mut partial, first), Ok(None));
        assert_eq!(add(&mut partial, second), Ok(None));
        assert_eq!(partial.len(), 1);
        check(&add(&mut partial, third).unwrap().unwrap());
        assert!(partial.is_empty());
    }
}

#[test]
fn two_messages_are_not_mixed() {
    let (old, new, mut partial) = (fragments(7, 3), fragments(8, 3), Fragments::new());
    // The last piece of the old message is lost.
    for frame in [&old[0], &old[1], &new[0], &new[1]] {
        assert_eq!(add(&mut partial, frame), Ok(None));
    }
    let telegram = add(&mut partial, &new[2]).unwrap().unwrap();
    check(&telegram);
    assert_eq!(telegram.message_counter, Some(8));
    // The first piece of the new message is lost: what comes together is not proven.
    assert_eq!(add(&mut partial, &old[0]), Ok(None));
    assert_eq!(add(&mut partial, &new[1]), Ok(None));
    assert_eq!(add(&mut partial, &new[2]).unwrap_err().kind(), "mac");
}

#[test]
fn a_changed_piece_gives_no_reading() {
    let telegrams = fragments(7, 3);
    for (index, frame) in telegrams.iter().enumerate() {
        // From the piece itself on.
        for at in frame.len() - 20..frame.len() {
            let mut changed = telegrams.clone();
            changed[index][at] ^= 4;
            let mut partial = Fragments::new();
            let whole: Vec<_> = changed.iter().map(|frame| add(&mut partial, frame)).collect();
            assert_eq!(whole[2].as_ref().unwrap_err().kind(), "mac", "piece {index} byte {at}");
        }
    }
}

#[test]
fn pieces_without_a_code_are_not_believed() {
    let message = clear(&RECORDS.repeat(5));
    let mut partial = Fragments::new();
    let telegrams = cut(&message, 3, &[0x00], &[0, 0], &[]);
    let telegrams: Vec<Vec<u8>> = telegrams
        .into_iter()
        .zip(1_u16..)
        .zip(message.chunks(message.len().div_ceil(3)))
        .map(|((_, number), piece)| {
            let more = if number == 3 { 0 } else { 0x4000 };
            wireless(&[&layer(more | number, &[], &[], &[]), piece].concat())
        })
        .collect();
    let options = DecodeOptions { accept_clear: true, ..DecodeOptions::default() };
    let mut add = |frame: &[u8]| partial.add(frame, &Key::new(KEY), &NoFormats, &options);
    assert_eq!((add(&telegrams[0]), add(&telegrams[1])), (Ok(None), Ok(None)));
    let refusal = add(&telegrams[2]).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "KAM 12345678 v1B t07: security mode 0 without code over all fragments; nothing proves the telegram, so \
         nothing is used"
    );
}

#[test]
fn what_never_ends_is_forgotten() {
    let mut partial = Fragments::new();
    let piece = &fragments(7, 3)[0];
    for number in 0..40_000_u32 {
        let mut frame = piece.clone();
        frame[4..8].copy_from_slice(&number.to_le_bytes());
        assert_eq!(add(&mut partial, &frame), Ok(None));
    }
    assert!((5_000..15_000).contains(&partial.len()), "{}", partial.len());
    // The newest are kept.
    let mut last = fragments(7, 3);
    for frame in &mut last {
        frame[4..8].copy_from_slice(&LINK[4..8]);
    }
    assert_eq!(add(&mut partial, &last[0]), Ok(None));
    assert_eq!(add(&mut partial, &last[1]), Ok(None));
    check(&add(&mut partial, &last[2]).unwrap().unwrap());
}

#[test]
fn what_is_no_fragment_is_decoded_as_ever() {
    let frame = wireless(&crate::encode::mode7(RECORDS, 1));
    let telegram = add(&mut Fragments::new(), &frame).unwrap().unwrap();
    assert_eq!(telegram.readings.len(), 3);
}

fn joined(pieces: &[&Vec<u8>]) -> Result<Option<Joined>, Refusal> {
    let received: Vec<Received> =
        pieces.iter().map(|frame| Received::open((*frame).clone()).unwrap()).collect();
    join(&received.iter().collect::<Vec<_>>(), &Key::new(KEY), &NoFormats, &DecodeOptions::default())
}

#[test]
fn a_message_is_found_among_the_pieces_of_others() {
    let (old, new) = (fragments(7, 3), fragments(8, 3));
    for [a, b, c] in [[0, 1, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        // The pieces of the older message lie nearer: only the code tells them apart.
        let pieces = [&new[a], &old[b], &new[b], &old[c], &new[c], &old[a]];
        let message = joined(&pieces).unwrap().unwrap();
        check(&message.telegram);
        assert_eq!(message.telegram.message_counter, Some(8), "{a}{b}{c}");
        let mut used = message.pieces;
        used.sort_unstable();
        assert_eq!(used, [0, 2, 4]);
    }
}

#[test]
fn a_message_without_one_of_its_pieces_is_not_whole() {
    let (old, new) = (fragments(7, 3), fragments(8, 3));
    assert_eq!(joined(&[&new[2], &new[0], &old[0]]), Ok(None));
    assert_eq!(joined(&[&new[0], &new[1], &old[1]]), Ok(None));
    assert_eq!(joined(&[]), Ok(None));
    // What is no piece is passed over, and begins nothing.
    let whole = wireless(&crate::encode::mode7(RECORDS, 1));
    assert_eq!(joined(&[&whole, &new[0], &new[1], &new[2]]), Ok(None));
    assert!(joined(&[&new[0], &whole, &new[1], &new[2]]).unwrap().is_some());
    // One of each number, of two messages.
    assert_eq!(joined(&[&new[2], &old[1], &new[0]]).unwrap_err().kind(), "mac");
}

#[test]
fn many_pieces_cost_a_bounded_number_of_tries() {
    let mut many: Vec<Vec<u8>> =
        (0..20).flat_map(|counter| fragments(counter, 9).into_iter().take(8)).collect();
    let own = fragments(90, 9);
    many.insert(0, own[8].clone());
    assert!(joined(&many.iter().collect::<Vec<_>>()).is_err());
    let whole: Vec<&Vec<u8>> = own.iter().rev().chain(&many).collect();
    check(&joined(&whole).unwrap().unwrap().telegram);
}
