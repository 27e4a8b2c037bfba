//! A transformer that fails: what the electricity meters behind it send unasked.
//!
//! What comes in: the town. What goes out: the lines of the head-end's file of pushes. The meters behind one transformer
//! speak for themselves, in the clear and by name: a last gasp when the supply goes, and another push when it is back.

use tidstro_model::{DeviceId, DeviceName};

use super::GridPoint;
use crate::chance::{Chance, Topic};
use crate::encode::{Pushed, in_hdlc};
use crate::period::meter_clock;
use crate::town::Town;

/// Which transformer fails, counted from 1.
const FAILS: u32 = 2;
/// When it does, in seconds of the day, and for how long.
const FAILS_AT: i64 = 17 * 3_600 + 4 * 60;
const FOR_SECONDS: i64 = 52 * 60;
/// Seconds within which all its meters have spoken, going and coming.
const GOING: i64 = 40;
const COMING: i64 = 90;

/// Event numbers of the IDIS profile.
const POWER_DOWN: u32 = 1;
const POWER_UP: u32 = 2;
/// The object with the code (0-0:96.11.4), and the unit of a number without one.
const EVENT: [u8; 6] = [0, 0, 96, 11, 4, 255];
const NO_UNIT: u8 = 255;

/// The name of a transformer, counted from 1.
pub(super) fn transformer_name(number: u32) -> String {
    format!("T{number:03}")
}

/// The transformer that fails.
pub(super) fn failing() -> String {
    transformer_name(FAILS)
}

impl GridPoint {
    /// What its meter calls itself; none for the meters that only the head-end speaks for.
    pub(crate) fn meter(&self) -> Option<DeviceId> {
        let is_behind = self.transformer == failing() && self.kind == crate::PointKind::Consumption;
        let name = DeviceName::parse(&format!("TID{:010}", self.thing)).ok();
        name.filter(|_| is_behind).map(DeviceId::Named)
    }
}

impl Town {
    /// Name and lines of the file of pushes, in the order of time: hexadecimal digits of HDLC frames.
    #[must_use]
    pub fn push_file(&self) -> (String, Vec<u8>) {
        let fails = self.period.second_of(self.facts.grid.outage.day) + FAILS_AT;
        let mut pushes: Vec<(i64, String)> = Vec::new();
        for point in &self.grid_points {
            let Some(DeviceId::Named(name)) = point.meter() else { continue };
            let mut chance = Chance::new(self.plan.seed, Topic::GridFaults, point.thing, 1);
            let gone = fails + chance.between(0, GOING);
            let back = fails + FOR_SECONDS + chance.between(0, COMING);
            pushes.push((gone, push(name.as_str(), gone, POWER_DOWN)));
            pushes.push((back, push(name.as_str(), back, POWER_UP)));
        }
        pushes.sort();
        let lines = pushes.into_iter().map(|(_, line)| line);
        ("head-end-pushes.txt".to_owned(), lines.collect::<String>().into_bytes())
    }
}

fn push(name: &str, second: i64, code: u32) -> String {
    let registers = [(EVENT, code, 0, NO_UNIT)];
    let clock = meter_clock(second);
    let push = Pushed { clock, deviation_minutes: -60, name: Some(name), registers: &registers };
    let frames = in_hdlc(&push.notification(), 1_000).concat();
    let digits = frames.iter().map(|byte| format!("{byte:02x}"));
    digits.chain(["\n".to_owned()]).collect()
}
