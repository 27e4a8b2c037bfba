//! Electricity meters of the grid area that push: what they show at each full hour, protected with keys of their own.
//!
//! What comes in: the town's days and the truth of its points. What goes out: meters with title and keys, and the lines a
//! gateway delivers. The registers agree with the interval file's truth: nothing is invented a second time.

use crate::Town;
use crate::chance::{Chance, Topic};
use crate::encode::{PushSecurity, Pushed, in_hdlc};
use crate::period::instant;
use crate::place::PointKind;

/// So many consumption points have a meter that pushes; the others' head-end delivers files only.
const PUSHING: usize = 3;
/// What a register shows before the first day, in watt hours.
const BEFORE: i64 = 1_000_000;
/// Delivered active energy.
const DELIVERED: [u8; 6] = [1, 0, 1, 8, 0, 255];
const WATT_HOURS: u8 = 30;
/// Bytes of information in one frame: a push goes into one.
const FRAME: usize = 1_000;

/// A meter that pushes.
#[derive(Debug, Clone)]
pub struct PushingMeter {
    /// Index of its point in [`Town::grid_points`].
    pub point: usize,
    /// Title and keys.
    pub security: PushSecurity,
}

impl Town {
    /// The meters that push.
    #[must_use]
    pub fn pushing_meters(&self) -> Vec<PushingMeter> {
        let consumption = self.grid_points.iter().enumerate();
        let consumption = consumption.filter(|(_, point)| point.kind == PointKind::Consumption);
        let meter = |((point, _), number): ((usize, &crate::GridPoint), u8)| {
            let mut chance = Chance::new(self.plan.seed, Topic::GridMeter, number.into(), 0);
            let title = [b'T', b'D', b'S', 0, 0, 0x05, 0x43, number];
            let (encryption, authentication) = (chance.key(), chance.key());
            PushingMeter { point, security: PushSecurity { title, encryption, authentication } }
        };
        consumption.take(PUSHING).zip(1..).map(meter).collect()
    }

    /// Their keys, as a key file has them.
    #[must_use]
    pub fn push_keys_csv(&self) -> String {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
        let rows = self.pushing_meters().into_iter().map(|PushingMeter { security, .. }| {
            let PushSecurity { title, encryption, authentication } = security;
            format!("{},{},{}\n", hex(&title), hex(&encryption), hex(&authentication))
        });
        std::iter::once("system_title,encryption,authentication\n".to_owned()).chain(rows).collect()
    }

    /// Lines of their pushes, one at the start of each hour, day by day.
    pub fn push_days(&self) -> impl Iterator<Item = Vec<u8>> {
        let mut meters: Vec<_> = self
            .pushing_meters()
            .into_iter()
            .map(|meter| (meter, Register { shows: BEFORE, counter: 0 }))
            .collect();
        (0..self.period.days()).map(move |day| {
            let lines = meters.iter_mut().map(|(meter, register)| self.pushes(meter, register, day));
            lines.collect::<String>().into_bytes()
        })
    }

    fn pushes(&self, meter: &PushingMeter, register: &mut Register, day: u32) -> String {
        let Some(point) = self.grid_points.get(meter.point) else { return String::new() };
        let hours = self.hours_wh(point, day).into_iter().zip(0..);
        let lines = hours.filter_map(|(energy, hour)| {
            let line = line(&meter.security, register, self.period.start_of(day) + 3600 * hour);
            register.shows += energy;
            line
        });
        lines.collect()
    }
}

/// What a meter shows, and how often it has sent.
struct Register {
    shows: i64,
    counter: u32,
}

/// A line with the push of a moment. Its clock keeps UTC.
fn line(security: &PushSecurity, register: &mut Register, second: i64) -> Option<String> {
    register.counter += 1;
    let registers = [(DELIVERED, u32::try_from(register.shows).ok()?, 0, WATT_HOURS)];
    let at = instant(second);
    let clock = at.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    let push = Pushed { clock, deviation_minutes: 0, name: None, registers: &registers };
    let frame = in_hdlc(&push.protected(security, register.counter)?, FRAME).concat();
    let digits: String = frame.iter().map(|byte| format!("{byte:02X}")).collect();
    Some(format!("{{\"telegram\":\"{digits}\",\"received\":\"{at}\",\"gateway\":\"grid-543\"}}\n"))
}
