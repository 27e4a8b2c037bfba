//! P1 telegrams: an own meter with three phases, a gas meter and a water meter behind it.

use tidstro_dlms::{P1Refusal, P1Telegram, decode_p1};
use tidstro_model::{QuantityKind, Reading};

const LINES: &str = "/TID5\\Meter 1\r\n\
\r\n\
1-3:0.2.8(50)\r\n\
0-0:1.0.0(241027023000S)\r\n\
0-0:96.1.1(4B384547303034303436333935353037)\r\n\
1-0:1.8.1(123456.789*kWh)\r\n\
1-0:2.8.2(000000.001*kWh)\r\n\
0-0:96.14.0(0002)\r\n\
1-0:1.7.0(01.193*kW)\r\n\
1-0:32.7.0(220.1*V)\r\n\
1-0:31.7.0(001*A)\r\n\
1-0:99.97.0(2)(0-0:96.7.19)(101208152415W)(0000000240*s)(101208151004W)(0000000301*s)\r\n\
0-0:96.13.0()\r\n\
0-1:24.1.0(003)\r\n\
0-1:96.1.0(3232323241424344313233343536373839)\r\n\
0-1:24.2.1(241027020000S)(12785.123*m3)\r\n\
0-2:24.1.0(007)\r\n\
0-2:24.2.1(241027020000S)(00042.001*m3)\r\n\
1-0:21.7.0(00.5*furlong)\r\n\
this is no line\r\n\
!";

fn crc(text: &[u8]) -> u16 {
    let mut crc = 0_u16;
    for byte in text {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xa001 } else { crc >> 1 };
        }
    }
    crc
}

fn sent() -> Vec<u8> {
    format!("{LINES}{:04X}\r\n", crc(LINES.as_bytes())).into_bytes()
}

fn telegram() -> P1Telegram {
    let mut telegrams = decode_p1(&sent());
    assert_eq!(telegrams.len(), 1);
    telegrams.pop().unwrap().unwrap()
}

fn shown(reading: &Reading) -> String {
    format!("{} {:?} {}", reading.obis.unwrap(), reading.value, reading.unit)
}

#[test]
fn lines_become_readings_with_plain_units() {
    let telegram = telegram();
    assert_eq!(&*telegram.identification, "TID5\\Meter 1");
    assert_eq!(telegram.moment.unwrap().instant(60).unwrap().to_string(), "2024-10-27T00:30:00Z");
    let readings: Vec<String> = telegram.readings.iter().map(shown).collect();
    assert_eq!(
        readings,
        [
            "1-3:0.2.8 Number(50) 1",
            "0-0:96.1.1 Text(\"K8EG004046395507\") 1",
            "1-0:1.8.1 Number(123456789) Wh",
            "1-0:2.8.2 Number(1) Wh",
            "0-0:96.14.0 Number(2) 1",
            "1-0:1.7.0 Number(1193) W",
            "1-0:32.7.0 Number(220.1) V",
            "1-0:31.7.0 Number(1) A",
            "0-0:96.13.0 Invalid 1",
        ]
    );
    assert_eq!((telegram.readings[2].tariff, telegram.readings[2].quantity), (1, QuantityKind::Energy));
}

#[test]
fn sub_meters_have_their_own_values_and_times() {
    let telegram = telegram();
    let [gas, water] = telegram.sub_meters.as_slice() else { panic!("{:?}", telegram.sub_meters) };
    assert_eq!(
        (gas.channel, gas.device_type, gas.number.as_deref()),
        (1, Some(3), Some("2222ABCD123456789"))
    );
    assert_eq!((water.channel, water.device_type, water.number.as_deref()), (2, Some(7), None));
    let (stamp, reading) = &gas.readings[0];
    assert_eq!(shown(reading), "0-1:24.2.1 Number(12785.123) m3");
    assert_eq!(stamp.instant(60).unwrap().to_string(), "2024-10-27T00:00:00Z");
}

#[test]
fn lines_that_cannot_be_read_are_named_and_cost_no_other() {
    let telegram = telegram();
    let faults: Vec<_> = telegram.faults.iter().map(|fault| (fault.offset, fault.kind.to_string())).collect();
    let offset = |text| LINES.find(text).unwrap();
    assert_eq!(
        faults,
        [
            (
                offset("1-0:21.7.0"),
                "has a unit that is not decoded; keep the telegram for a later version".to_owned()
            ),
            (
                offset("this"),
                "does not consist of a code and values in brackets; the line is not used".to_owned()
            ),
        ]
    );
    // The log of power failures stays a line.
    let log = telegram.lines.iter().find(|line| line.obis.to_string() == "1-0:99.97.0").unwrap();
    assert_eq!((log.values.len(), &*log.values[1].text), (6, "0-0:96.7.19"));
}

#[test]
fn no_flipped_bit_gives_a_reading() {
    let sent = sent();
    for bit in 0..(sent.len() - 2) * 8 {
        let mut changed = sent.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let whole = decode_p1(&changed).into_iter().flatten().count();
        // Upper and lower case of the CRC's digits mean the same.
        let is_case = bit / 8 >= sent.len() - 6 && bit % 8 == 5 && changed[bit / 8].is_ascii_hexdigit();
        assert_eq!(whole, usize::from(is_case), "bit {bit}");
    }
}

#[test]
fn a_stream_holds_many_and_an_unfinished_one() {
    let two = [sent(), sent(), sent()[..100].to_vec()].concat();
    let telegrams = decode_p1(&two);
    assert!(telegrams[0].is_ok() && telegrams[1].is_ok());
    assert_eq!(telegrams[2], Err(P1Refusal::Unfinished { offset: 2 * sent().len() }));
    assert_eq!(decode_p1(b"nothing"), [Err(P1Refusal::Nothing)]);
}

#[test]
fn a_telegram_without_a_crc_gives_nothing() {
    let old = format!("{LINES}\r\n");
    let refusal = decode_p1(old.as_bytes())[0].clone().unwrap_err();
    assert_eq!(refusal, P1Refusal::NoCrc { offset: LINES.len() });
}
