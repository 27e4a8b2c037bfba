//! What a telegram tells of alarms.
//!
//! What comes in: a decoded telegram that counts. What goes out: every alarm it says stands, stands no more, or happened,
//! by its status byte, its flags and its voltages, for the store to find what is new in it.

use tidstro_calendar::Zone;
use tidstro_metering::alarms::{Band, Voltages, missing_neutral, of_telegram};
use tidstro_store::{Receipt, ToldAlarms};
use tidstro_telegram::Telegram;

use super::readings::own_time;

/// What the telegram tells; `None` for one that tells nothing of alarms.
pub(super) fn told(zone: &Zone, receipt: &Receipt, telegram: &Telegram) -> Option<ToldAlarms> {
    let mut signals = of_telegram(telegram.meter, telegram.status, &telegram.readings);
    signals.extend(missing_neutral(&[Voltages::of(&telegram.readings)], Band::EN_50160));
    if signals.is_empty() {
        return None;
    }
    let own_clock = if receipt.time_stated { None } else { own_time(zone, receipt, telegram) };
    Some(ToldAlarms {
        device: receipt.device,
        at: own_clock.unwrap_or(receipt.received),
        time_stated: receipt.time_stated || own_clock.is_some(),
        signals,
    })
}
