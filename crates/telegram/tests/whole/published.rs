//! The worked examples of the standards themselves.

use jiff::civil::datetime;
use tidstro_model::Value;
use tidstro_telegram::{DecodeOptions, Key, Security, Telegram, decode};

fn read(frame: &str, key: &str) -> Telegram {
    let digits: Vec<u8> = frame.bytes().filter(u8::is_ascii_hexdigit).collect();
    let frame: Vec<u8> = digits
        .as_chunks::<2>()
        .0
        .iter()
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    decode(&frame, &Key::parse_hex(key).unwrap(), &DecodeOptions::default()).unwrap()
}

/// Volume 28504.27 m³, its moment, no error flags.
fn check_gas(telegram: &Telegram) {
    let numbers: Vec<String> = telegram
        .readings
        .iter()
        .filter_map(|reading| match &reading.value {
            Value::Number(number) => Some(format!("{} {number} {}", reading.quantity, reading.unit)),
            _ => None,
        })
        .collect();
    assert!(numbers.contains(&"volume 28504.27 m3".to_owned()), "{numbers:?}");
    assert_eq!(telegram.moment(), Some(datetime(2008, 5, 31, 23, 50, 0, 0)));
    assert_eq!(telegram.meter.to_string(), "ELS 12345678 v33 t03");
}

/// CEN/TR 17167:2018 annex F.3: gas meter behind a radio module, extended link layer with receiver, derived keys.
#[test]
fn mode_7_with_receiver_and_long_header() {
    let telegram = read(
        "53 08 2448 44332211 03 37  8E 80 75 3A63 66554433 0A 31  90 0F 002C 25 B30A0000 AF5D74DF73A600D9
         72 78563412 9315 33 03 75 00 2007 10  9058475F4BC91DF878B80A1B0F98B629 024AAC727942BFC549233C0140829B93",
        "000102030405060708090A0B0C0D0E0F",
    );
    check_gas(&telegram);
    assert_eq!((telegram.security, telegram.message_counter), (Security::Mode7, Some(0x0ab3)));
    assert_eq!(telegram.link_address.to_string(), "RAD 11223344 v03 t37");
}

/// OMS volume 2 annex N.2.1: the same gas meter in mode 5, frame format A with its CRCs.
#[test]
fn mode_5_in_format_a() {
    let telegram = read(
        "2E44 9315 78563412 33 03 3363  7A 2A 00 2025 5923C95AAA26D1B2E7493B C2AD
         013EC4A6F6D3529B520EDFF0EA6DEFC9 55B2 9D6D69EBF3 EC8A",
        "0102030405060708090A0B0C0D0E0F11",
    );
    check_gas(&telegram);
    assert_eq!((telegram.security, telegram.access_number), (Security::Mode5, Some(0x2a)));
}

/// CEN/TR 17167:2018 annex F.2: an allocator behind a radio adapter, mode 5, long header, frame format A.
#[test]
fn mode_5_with_a_long_header() {
    let telegram = read(
        "2944 9344 44332211 55 08 6CB1  72 88776655 9344 55 08 00 04 1005 00DFE2 27F9
         A782146D1513581CD2F83F3904 015B19 6109",
        "000102030405060708090A0B0C0D0E0F",
    );
    assert_eq!(telegram.meter.to_string(), "QDS 55667788 v55 t08");
    assert_eq!(telegram.link_address.to_string(), "QDS 11223344 v55 t08");
    assert_eq!((telegram.security, telegram.status), (Security::Mode5, Some(4)));
    // Units of the allocator, encrypted; behind them 25 °C in the clear.
    assert_eq!((telegram.readings.len(), telegram.faults.len()), (4, 0), "{:?}", telegram.readings);
}
