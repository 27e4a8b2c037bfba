//! What electricity meters tell of alarms: codes of pushes and event logs, and the voltages beside them.
//!
//! What comes in: codes as a meter gave them, and the moment of the message. What goes out: what they say by the profile the
//! meters have, for the store to find what is new in it. A code the profile does not have tells nothing, and stays in the
//! sealed message.

use jiff::Timestamp;
use tidstro_dlms::{AlarmSource, DateTime, RawAlarm};
use tidstro_metering::alarms::{Band, Signal, Voltages, idis, missing_neutral};
use tidstro_model::{DeviceNo, Reading};
use tidstro_store::ToldAlarms;

/// What codes tell. One that has no moment of its own happened at `at`, when the message was made or received.
pub(crate) fn told_by_codes(device: DeviceNo, codes: &[RawAlarm], at: Timestamp) -> Vec<ToldAlarms> {
    let told = |code: &RawAlarm| {
        let signals = signals_of(code);
        let at = code.moment.filter(is_sure).and_then(|moment| moment.instant()).unwrap_or(at);
        (!signals.is_empty()).then_some(ToldAlarms { device, at, time_stated: true, signals })
    };
    codes.iter().filter_map(told).collect()
}

/// What the voltages of one message tell of the neutral.
pub(crate) fn told_by_voltages(device: DeviceNo, readings: &[Reading], at: Timestamp) -> Option<ToldAlarms> {
    let signal = missing_neutral(&[Voltages::of(readings)], Band::EN_50160)?;
    Some(ToldAlarms { device, at, time_stated: true, signals: vec![signal] })
}

/// Numbers of events, by the IDIS profile. Bits of registers have no profile yet.
fn signals_of(code: &RawAlarm) -> Vec<Signal> {
    let number = u32::try_from(code.code).ok().filter(|_| code.source == AlarmSource::EventCode);
    number.map(|number| idis().signals(number).collect()).unwrap_or_default()
}

fn is_sure(moment: &DateTime) -> bool {
    !moment.status().is_some_and(|status| status.is_invalid() || status.is_doubtful())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use tidstro_metering::alarms::{AlarmCode, Change};
    use tidstro_model::Obis;

    use super::*;

    #[test]
    fn codes_have_their_own_moment_where_the_meter_says_it() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let local = date(2026, 3, 1).at(12, 0, 0, 0);
        let code = |code, moment| RawAlarm {
            obis: Obis([0, 0, 96, 11, 4, 255]),
            source: AlarmSource::EventCode,
            log: None,
            code,
            moment,
        };
        let stated = DateTime::of(local, Some(-60), 0);
        let told = told_by_codes(DeviceNo::new(1), &[code(1, stated), code(83, None), code(255, None)], now);
        let seen: Vec<_> =
            told.iter().map(|told| (told.at, told.signals[0].code, told.signals[0].change)).collect();
        let noon = "2026-03-01T11:00:00Z".parse().unwrap();
        assert_eq!(
            seen,
            [(noon, AlarmCode::PowerDown, Change::Raised), (now, AlarmCode::NoVoltage, Change::Raised)]
        );
        let register = RawAlarm { source: AlarmSource::AlarmRegister, ..code(1, None) };
        assert!(told_by_codes(DeviceNo::new(1), &[register], now).is_empty());
    }
}
