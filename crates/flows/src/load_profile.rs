//! Load profiles: the rows of an electricity meter as energy of intervals.
//!
//! What comes in: a profile and its rows, in the order of time. What goes out: the energy of each whole interval, with the
//! quality that clock and status of the rows give it. A row that is not valid is no value. Nothing is spread or guessed.

use rustc_hash::FxHashMap;
use tidstro_dlms::{Profile, ProfileKind, ProfileValue, Row};
use tidstro_metering::{Captured, CapturedKind, Direction, IntervalEnergy, energy_of_intervals};
use tidstro_model::{DeviceNo, Obis, Quality, Resolution, Unit};
use tidstro_store::NewInterval;

/// Bits of the profile status (0-0:96.10.1, as IDIS packages 2 and 3 define it): critical error, clock invalid, data not
/// valid.
const NOT_VALID: u64 = 0b111;
/// Clock adjusted; and every bit above the eight whose meaning is known. Bit 3 is summer time, bit 7 that the supply was
/// gone for a while, which the register has seen as it was.
const DOUBTED: u64 = !0xff | 1 << 5;

/// Energy of the whole intervals that the rows tell, for each direction the profile captures; none for a profile that captures at no
/// resolution the market has a word for.
pub(crate) fn intervals_of_profile(device: DeviceNo, profile: &Profile, rows: &[Row]) -> Vec<NewInterval> {
    let Some(resolution) = profile.resolution() else { return Vec::new() };
    let mut columns: FxHashMap<Obis, Vec<ProfileValue>> = FxHashMap::default();
    for value in profile.values(rows) {
        columns.entry(value.obis).or_default().push(value);
    }
    columns.iter().flat_map(|(obis, values)| column(device, *obis, values, resolution)).collect()
}

fn column(device: DeviceNo, obis: Obis, values: &[ProfileValue], resolution: Resolution) -> Vec<NewInterval> {
    let Some((direction, kind)) = energy(obis, values) else { return Vec::new() };
    let captured: Vec<Captured> = values.iter().filter_map(captured).collect();
    let energy = energy_of_intervals(kind, &captured, resolution).into_iter();
    let interval = |energy: IntervalEnergy| NewInterval {
        device,
        direction,
        resolution,
        start: energy.start,
        energy_wh: energy.number,
        quality: energy.quality,
    };
    energy.map(interval).collect()
}

/// Active energy, delivered or fed in, over all tariffs.
fn energy(obis: Obis, values: &[ProfileValue]) -> Option<(Direction, CapturedKind)> {
    let direction = match obis.0 {
        [1, _, 1, _, 0, _] => Direction::Consumption,
        [1, _, 2, _, 0, _] => Direction::Production,
        _ => return None,
    };
    let kind = match values.first()?.kind {
        ProfileKind::Register => CapturedKind::Register,
        ProfileKind::OfInterval => CapturedKind::OfInterval,
        ProfileKind::Sample => return None,
    };
    Some((direction, kind))
}

fn captured(value: &ProfileValue) -> Option<Captured> {
    let number = value.quantity.number;
    let is_energy = value.quantity.unit == Unit::WattHour;
    is_energy.then_some(Captured { interval: value.interval, number, quality: quality(value) })
}

/// What the meter says of a row: nothing that it calls invalid is a value, and what it doubts is an estimate.
fn quality(value: &ProfileValue) -> Quality {
    let (invalid, doubted) =
        value.clock_status.map_or((false, false), |clock| (clock.is_invalid(), clock.is_doubtful()));
    let status = value.status.unwrap_or_default();
    if invalid || status & NOT_VALID != 0 {
        Quality::Missing
    } else if doubted || status & DOUBTED != 0 {
        Quality::Estimated
    } else {
        Quality::Measured
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use tidstro_dlms::{Column, Data, DateTime, Definition, Scale};
    use tidstro_model::Decimal;

    use super::*;

    const CLOCK: Obis = Obis([0, 0, 1, 0, 0, 255]);
    const STATUS: Obis = Obis([0, 0, 96, 10, 1, 255]);
    const DELIVERED: Obis = Obis([1, 0, 1, 8, 0, 255]);

    fn column(class: u16, obis: Obis, scale: Option<Scale>) -> Column {
        Column { definition: Definition { class, obis, attribute: 2, data_index: 0 }, scale }
    }

    /// A register in tens of watt hours, read each quarter, with these statuses.
    fn qualities(statuses: &[(u64, u8)]) -> Vec<(u64, Quality)> {
        let scale = Some(Scale { scaler: 1, unit: 30 });
        let columns = vec![column(8, CLOCK, None), column(1, STATUS, None), column(3, DELIVERED, scale)];
        let profile = Profile { obis: Obis([1, 0, 99, 1, 0, 255]), columns, period_seconds: 900 };
        let begin = Timestamp::from_second(1_772_323_200).unwrap();
        let row = |(number, (status, clock)): (u32, &(u64, u8))| {
            let at = begin + SignedDuration::from_mins(15 * i64::from(number));
            let local = jiff::tz::Offset::UTC.to_datetime(at);
            let moment = DateTime::of(local, Some(0), *clock).unwrap();
            let clock = Data::OctetString((*moment.bytes()).into());
            Data::Structure(vec![
                clock,
                Data::Long64Unsigned(*status),
                Data::DoubleLongUnsigned(100 + number),
            ])
        };
        let buffer = Data::Array((0..).zip(statuses).map(row).collect());
        let rows = profile.rows(&buffer, None).unwrap();
        let intervals = intervals_of_profile(DeviceNo::new(1), &profile, &rows);
        let slot = |at: Timestamp| u64::try_from(at.duration_since(begin).as_secs() / 900).unwrap();
        assert!(intervals.iter().all(|interval| interval.energy_wh == Decimal::new(1, 1)));
        assert!(intervals.iter().all(|interval| interval.direction == Direction::Consumption));
        intervals.iter().map(|interval| (slot(interval.start), interval.quality)).collect()
    }

    #[test]
    fn what_is_not_valid_is_missing_and_what_is_doubted_estimated() {
        use Quality::{Estimated, Measured};
        let good = (0, 0);
        assert_eq!(qualities(&[good, (0b1000, 0x80), (0x80, 0)]), [(0, Measured), (1, Measured)]);
        for bad in [(1, 0), (2, 0), (4, 0), (0, 1)] {
            assert_eq!(qualities(&[good, good, bad, good, good]), [(0, Measured), (3, Measured)], "{bad:?}");
        }
        for doubted in [(0x20, 0), (0x100, 0), (0, 2)] {
            assert_eq!(qualities(&[good, good, doubted]), [(0, Measured), (1, Estimated)], "{doubted:?}");
        }
    }
}
