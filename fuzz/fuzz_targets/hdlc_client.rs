//! Any bytes and any frames as a meter's end of an HDLC link: the client goes on, gives up or says why not.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use tidstro_dlms::{Carried, Carrier, HdlcConfig, HdlcLink, ServerAddress};

fn check(bytes: &[u8]) -> [u8; 2] {
    let mut crc = 0xffff_u16;
    for byte in bytes {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0x8408 } else { crc >> 1 };
        }
    }
    (!crc).to_le_bytes()
}

/// A frame with right checks, so that more than the checks is reached.
fn framed(control: u8, is_segmented: bool, information: &[u8]) -> Vec<u8> {
    let information = &information[..information.len().min(200)];
    let len = if information.is_empty() { 7 } else { 9 + information.len() };
    let mut body = vec![0xa0 | u8::from(is_segmented) << 3, len as u8, 0x21, 0x03, control];
    if !information.is_empty() {
        body.extend(check(&body));
        body.extend(information);
    }
    body.extend(check(&body));
    [&[0x7e], &body[..], &[0x7e]].concat()
}

fuzz_target!(|talk: (bool, Vec<(Option<(u8, bool)>, Vec<u8>)>)| {
    let (is_connected, talk) = talk;
    let address = ServerAddress::new(1, None).expect("a short address");
    let mut carrier = Carrier::Hdlc(HdlcLink::new(HdlcConfig::new(16, address)));
    let mut now = Duration::ZERO;
    carrier.open(now).expect("nothing was said before");
    if is_connected {
        let ua = framed(0x73, false, &[]);
        assert_eq!(carrier.receive(&ua, now), Ok(Carried::Open));
        carrier.send(&[0xc0; 300], now).expect("the link is open");
    }
    for (frame, bytes) in talk {
        let heard = match frame {
            Some((control, is_segmented)) => framed(control, is_segmented, &bytes),
            None => bytes,
        };
        match carrier.receive(&heard, now) {
            Ok(Carried::Apdu(_) | Carried::Open) => {
                carrier.send(&[0xc0; 300], now).expect("an answer leaves the link open");
            }
            Ok(Carried::Wait) => {
                if let Some(deadline) = carrier.deadline() {
                    now = deadline;
                    let _ = carrier.timed_out(now);
                }
            }
            Ok(_) => {}
            Err(fault) => {
                assert!(!fault.to_string().is_empty());
                assert!(carrier.deadline().is_none() && carrier.send(&[0xc0], now).is_err());
            }
        }
    }
});
