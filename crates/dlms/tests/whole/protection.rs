//! Keys, tags, suites: what opens, and what never does.

use tidstro_dlms::{
    CipherHeader, Framing, Key, KeyRing, KeySet, KeySource, Keys, Options, Push, Refusal, Security,
    SystemTitle, decode, protect,
};

use crate::encode::{TITLE, blocks, header, keys, list, long_keys, notification, protected};

fn opened(apdu: &[u8], keys: &impl KeySource) -> Result<Push, Refusal> {
    let mut pushes = decode(apdu, Framing::Raw, keys, &Options::default());
    assert_eq!(pushes.len(), 1);
    pushes.pop().unwrap()
}

/// IEC 62056-5-3 and the Green Book: suites 0 and 1 have keys of 16 bytes, suite 2 of 32.
#[test]
fn suites_and_ways_of_protection_open() {
    for (suite, keys) in [(0, keys()), (1, keys()), (2, long_keys())] {
        for (way, word) in [(0x10, "gcm-authenticated"), (0x20, "gcm-encrypted"), (0x30, "gcm")] {
            let control = suite | way;
            let apdu = protect(header(control, 99), &keys, &notification(&list())).unwrap();
            let push = opened(&apdu, &keys).unwrap();
            assert_eq!((push.security.word(), &push.body), (word, &list()));
            assert_eq!(push.security.is_authenticated(), way != 0x20);
            let Security::Ciphered(read) = push.security else { panic!("{:?}", push.security) };
            assert_eq!((read.title, read.control, read.invocation_counter), (TITLE, control, 99));
        }
    }
}

/// Green Book 9, annex on security: a data-notification protected with suite 0, written out byte by byte.
/// Key, authentication key, title and counter are those of the book's example of a ciphered APDU.
#[test]
fn the_published_example_opens() {
    let hex = |text: &str| -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    };
    let keys = Keys {
        encryption: Key::parse_hex("000102030405060708090A0B0C0D0E0F").unwrap(),
        authentication: Some(Key::parse_hex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF").unwrap()),
    };
    // get-request-normal C0 01 00 00 08 00 00 01 00 00 FF 02 00 under title 4D4D4D0000BC614E, counter 01234567.
    let title = SystemTitle(hex("4D4D4D0000BC614E").try_into().unwrap());
    let book = CipherHeader {
        title,
        is_dedicated: false,
        control: 0x30,
        invocation_counter: 0x0123_4567,
        protected_len: 0,
    };
    let made = protect(book, &keys, &hex("C0010000080000010000FF0200")).unwrap();
    let published = "411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B";
    assert_eq!(made[made.len() - 25..], hex(published));
}

#[test]
fn what_is_missing_or_wrong_is_named_and_gives_nothing() {
    let apdu = protected(&list());
    let kind = |keys: &dyn Fn() -> Option<Keys>| opened(&apdu, &keys()).unwrap_err().kind();
    assert_eq!(kind(&|| None), "key-missing");
    assert_eq!(kind(&|| Some(Keys { authentication: None, ..keys() })), "key-missing");
    assert_eq!(kind(&|| Some(Keys { encryption: Key::Aes128([0; 16]), ..keys() })), "tag");
    assert_eq!(kind(&|| Some(Keys { authentication: Some(Key::Aes128([0; 16])), ..keys() })), "tag");
    assert_eq!(kind(&|| Some(long_keys())), "key-length");
    let text = opened(&apdu, &KeyRing::new()).unwrap_err().to_string();
    let len = apdu.len() - 16;
    assert_eq!(
        text,
        "5449440000001234, security 30, counter 7: no key is known for this system title; add its keys to the key file"
    );
    let header = opened(&apdu, &KeyRing::new()).unwrap_err().header().unwrap();
    assert_eq!(header.protected_len, len);
}

#[test]
fn a_wrong_key_without_a_tag_gives_nothing() {
    let apdu = protect(header(0x20, 1), &keys(), &notification(&list())).unwrap();
    for byte in 0..=255 {
        let other = Keys { encryption: Key::Aes128([byte; 16]), authentication: None };
        assert_eq!(opened(&apdu, &other).is_ok(), byte == 0x2b, "{byte}");
    }
}

#[test]
fn sets_of_keys_are_kept_apart() {
    let mut ring = KeyRing::new();
    ring.insert(TITLE, KeySet::Broadcast, keys());
    let broadcast = protect(header(0x70, 1), &keys(), &notification(&list())).unwrap();
    assert!(opened(&broadcast, &ring).is_ok());
    assert_eq!(opened(&protected(&list()), &ring).unwrap_err().kind(), "key-missing");
    let dedicated = CipherHeader { is_dedicated: true, ..header(0x30, 1) };
    let apdu = protect(dedicated, &keys(), &notification(&list())).unwrap();
    assert_eq!(opened(&apdu, &ring).unwrap_err().kind(), "key-missing");
    ring.insert(TITLE, KeySet::Dedicated, keys());
    assert!(opened(&apdu, &ring).is_ok());
}

#[test]
fn what_is_not_protected_or_not_known_is_refused() {
    let mut apdu = protected(&list());
    let control = apdu.iter().position(|byte| *byte == 0x30).unwrap();
    for (value, kind) in
        [(0x00, "unauthenticated"), (0xb0, "protection-not-yet"), (0x33, "protection-not-yet")]
    {
        apdu[control] = value;
        assert_eq!(opened(&apdu, &keys()).unwrap_err().kind(), kind, "{value:02x}");
    }
}

#[test]
fn protection_in_blocks_and_in_protection_opens() {
    let apdu = protected(&list());
    assert!(opened(&blocks(&apdu, 50).concat(), &keys()).is_ok());
    let twice = protect(header(0x30, 8), &keys(), &apdu).unwrap();
    assert!(opened(&twice, &keys()).is_ok());
    let thrice = protect(header(0x30, 9), &keys(), &twice).unwrap();
    assert_eq!(opened(&thrice, &keys()).unwrap_err().kind(), "nested");
}

/// A service that is ciphered for itself does not name its sender: the connection does.
#[test]
fn a_ciphered_event_needs_the_connections_sender() {
    let event = [0xc2, 0x00, 0, 1, 0, 0, 96, 11, 0, 255, 2, 0x11, 0x59];
    let general = protect(header(0x30, 3), &keys(), &event).unwrap();
    let own = [&[0xca][..], &general[10..]].concat();
    let of = |sender| {
        decode(&own, Framing::Raw, &keys(), &Options { sender, ..Options::default() }).pop().unwrap()
    };
    assert!(of(Some(TITLE)).is_ok());
    assert_eq!(of(None).unwrap_err().kind(), "apdu-cut");
    assert_eq!(of(Some(SystemTitle([0; 8]))).unwrap_err().kind(), "tag");
}
