//! Data records: DIF, VIF and data (EN 13757-3:2018 § 6).
//!
//! What comes in: a value with its meaning. What goes out: the bytes of one record. Only the few data types
//! and quantities that the meters of the world use exist here.

use jiff::civil::{Date, DateTime};

/// Data of a record, with the data type it is sent in (DIF, EN 13757-3:2018 table 4; dates annex A).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// 16-bit signed integer.
    Int16(i16),
    /// 32-bit signed integer.
    Int32(i32),
    /// Six BCD digits; digits above are cut off, as a meter's register wraps.
    Bcd6(u32),
    /// Eight BCD digits; digits above are cut off, as a meter's register wraps.
    Bcd8(u32),
    /// Type G, a local date.
    Date(Date),
    /// Type F, a local date and time of day to the minute.
    DateTime(DateTime),
}

/// Meaning and scale of a value (VIF, EN 13757-3:2018 tables 10 and 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vif {
    /// Heat cost allocator units.
    HcaUnits,
    /// Energy in 10³ Wh.
    EnergyKwh,
    /// Volume in 10⁻³ m³.
    VolumeLitre,
    /// Volume flow in 10⁻³ m³/h.
    FlowLitrePerHour,
    /// Power in W.
    PowerWatt,
    /// Flow temperature in 10⁻¹ °C.
    FlowTemperatureTenth,
    /// Return temperature in 10⁻¹ °C.
    ReturnTemperatureTenth,
    /// External temperature in 10⁻² °C.
    ExternalTemperatureHundredth,
    /// Relative humidity in 10⁻¹ %.
    HumidityTenth,
    /// On time in hours.
    OnTimeHours,
    /// Error flags.
    ErrorFlags,
    /// Date (type G).
    Date,
    /// Date and time (type F).
    DateTime,
}

impl Vif {
    /// The bytes of the VIF, with its extension.
    const fn bytes(self) -> &'static [u8] {
        match self {
            Self::HcaUnits => &[0x6e],
            Self::EnergyKwh => &[0x06],
            Self::VolumeLitre => &[0x13],
            Self::FlowLitrePerHour => &[0x3b],
            Self::PowerWatt => &[0x2b],
            Self::FlowTemperatureTenth => &[0x5a],
            Self::ReturnTemperatureTenth => &[0x5e],
            Self::ExternalTemperatureHundredth => &[0x65],
            Self::HumidityTenth => &[0xfb, 0x1a],
            Self::OnTimeHours => &[0x22],
            Self::ErrorFlags => &[0xfd, 0x17],
            Self::Date => &[0x6c],
            Self::DateTime => &[0x6d],
        }
    }
}

impl Data {
    /// The data field code in the low four bits of the DIF.
    const fn code(self) -> u8 {
        match self {
            Self::Int16(_) | Self::Date(_) => 0x2,
            Self::Int32(_) | Self::DateTime(_) => 0x4,
            Self::Bcd6(_) => 0xb,
            Self::Bcd8(_) => 0xc,
        }
    }

    /// Appends the data bytes, low byte first.
    fn append(self, out: &mut Vec<u8>) {
        match self {
            Self::Int16(value) => out.extend(value.to_le_bytes()),
            Self::Int32(value) => out.extend(value.to_le_bytes()),
            Self::Bcd6(value) => out.extend(bcd(value, 3)),
            Self::Bcd8(value) => out.extend(bcd(value, 4)),
            Self::Date(date) => out.extend(type_g(date)),
            Self::DateTime(moment) => out.extend(type_f(moment)),
        }
    }
}

/// One data record: function "instantaneous", tariff 0, subunit 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// Storage number: 0 now, 1 the due date.
    pub storage: u8,
    /// Meaning and scale.
    pub vif: Vif,
    /// The data.
    pub data: Data,
}

impl Record {
    /// A value of now (storage 0).
    #[must_use]
    pub const fn now(vif: Vif, data: Data) -> Self {
        Self { storage: 0, vif, data }
    }

    /// A value of the due date (storage 1).
    #[must_use]
    pub const fn due(vif: Vif, data: Data) -> Self {
        Self { storage: 1, vif, data }
    }

    /// Appends the bytes of the record.
    pub fn append(&self, out: &mut Vec<u8>) {
        let (low, rest) = (self.storage & 1, self.storage >> 1);
        out.push(self.data.code() | low << 6 | extension_bit(rest));
        self.append_extensions(rest, out);
        out.extend_from_slice(self.vif.bytes());
        self.data.append(out);
    }

    /// Appends a DIFE for each further four bits of the storage number (EN 13757-3:2018 § 6.3.5).
    fn append_extensions(&self, mut rest: u8, out: &mut Vec<u8>) {
        while rest > 0 {
            let next = rest >> 4;
            out.push(rest & 0x0f | extension_bit(next));
            rest = next;
        }
    }
}

/// Bit 7 of a DIF or DIFE: another DIFE follows.
const fn extension_bit(rest: u8) -> u8 {
    if rest == 0 { 0 } else { 0x80 }
}

/// The low `2 × bytes` decimal digits as BCD, low digits first.
pub(super) fn bcd(value: u32, bytes: usize) -> impl Iterator<Item = u8> {
    (0..bytes).scan(value, |rest, _| {
        let pair = u8::try_from(*rest % 100).unwrap_or(0);
        *rest /= 100;
        Some(((pair / 10) << 4) | (pair % 10))
    })
}

/// Two-digit year as types F and G carry it, 0 to 99. The hundred-year bits of type F stay 0, which the
/// standard reads as 2000 to 2080.
fn year_in_century(date: Date) -> u8 {
    u8::try_from(date.year().rem_euclid(100)).unwrap_or(0)
}

/// Type G, compound CP16: day, month, year (EN 13757-3:2018 annex A).
#[must_use]
pub fn type_g(date: Date) -> [u8; 2] {
    let year = year_in_century(date);
    [date.day().unsigned_abs() | (year & 0x07) << 5, date.month().unsigned_abs() | (year & 0x78) << 1]
}

/// Type F, compound CP32: minute, hour, day, month, year; valid and without summer time, because meters
/// keep one time all year (EN 13757-3:2018 annex A).
#[must_use]
pub fn type_f(moment: DateTime) -> [u8; 4] {
    let [day, month] = type_g(moment.date());
    [moment.minute().unsigned_abs(), moment.hour().unsigned_abs(), day, month]
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn check(record: Record, expected: &[u8]) {
        let mut out = Vec::new();
        record.append(&mut out);
        assert_eq!(out, expected, "{record:?}");
    }

    #[test]
    fn records_have_the_standard_bytes() {
        check(Record::now(Vif::HcaUnits, Data::Bcd6(1234)), &[0x0b, 0x6e, 0x34, 0x12, 0x00]);
        check(Record::due(Vif::Date, Data::Date(date(2025, 12, 31))), &[0x42, 0x6c, 0x3f, 0x3c]);
        check(Record::now(Vif::VolumeLitre, Data::Bcd8(2_850_427)), &[0x0c, 0x13, 0x27, 0x04, 0x85, 0x02]);
        check(Record::now(Vif::HumidityTenth, Data::Int16(467)), &[0x02, 0xfb, 0x1a, 0xd3, 0x01]);
        check(Record::now(Vif::ExternalTemperatureHundredth, Data::Int16(-150)), &[0x02, 0x65, 0x6a, 0xff]);
    }

    #[test]
    fn type_f_is_the_one_of_the_oms_example() {
        // OMS Specification volume 2, annex N, gas meter: 31.05.2008 23:50.
        let moment = date(2008, 5, 31).at(23, 50, 0, 0);
        assert_eq!(type_f(moment), [0x32, 0x17, 0x1f, 0x15]);
    }

    #[test]
    fn storage_numbers_above_one_take_extensions() {
        let record = Record { storage: 8, vif: Vif::Date, data: Data::Date(date(2026, 1, 31)) };
        check(record, &[0x82, 0x04, 0x6c, 0x5f, 0x31]);
    }
}
