//! Any bytes as a meter's answers to a client: it goes on, or says why not, and asks for no more after that.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_dlms::{Authentication, Client, ClientConfig, Get, Step, SystemTitle};

/// Accepts the association of a client without a password.
const ACCEPTED: [u8; 43] = [
    0x61, 0x29, 0xa1, 0x09, 0x06, 0x07, 0x60, 0x85, 0x74, 0x05, 0x08, 0x01, 0x01, 0xa2, 0x03, 0x02, 0x01, 0x00, 0xa3,
    0x05, 0xa1, 0x03, 0x02, 0x01, 0x00, 0xbe, 0x10, 0x04, 0x0e, 0x08, 0x00, 0x06, 0x5f, 0x1f, 0x04, 0x00, 0x00, 0x10,
    0x15, 0x04, 0x00, 0x00, 0x07,
];

fn client() -> Client {
    let title = SystemTitle(*b"TIDclnt\x01");
    Client::new(ClientConfig { title, authentication: Authentication::None, protection: None, max_apdu: 1024 }, b"")
}

fuzz_target!(|answers: (Vec<u8>, Vec<Vec<u8>>)| {
    let (first, answers) = answers;
    let mut asked = client();
    asked.associate().expect("nothing was said before");
    let _ = asked.receive(&first);

    let mut client = client();
    client.associate().expect("nothing was said before");
    assert_eq!(client.receive(&ACCEPTED), Ok(Step::Associated));
    let get = Get { class: 7, obis: tidstro_model::Obis([1, 0, 99, 1, 0, 255]), attribute: 2, selection: None };
    for answer in answers {
        let _ = client.get(&get);
        if let Err(fault) = client.receive(&answer) {
            assert!(!fault.to_string().is_empty());
            assert_eq!(client.get(&get).is_ok(), fault.is_answer());
        }
    }
});
