//! What a value information field means: the primary table and the extensions FB, FD and FD FD
//! (EN 13757-3:2018 tables 10 to 14).
//!
//! What comes in: a code without its extension bit. What goes out: quantity, unit, power of ten and how
//! the data are to be read. Codes the tables reserve come out as [`QuantityKind::Other`].

use tidstro_model::{
    QuantityKind::{self, *},
    Unit,
};

/// How the data of a record are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// A signed number (type B), or BCD.
    Signed,
    /// An unsigned number (type C), or BCD.
    Unsigned,
    /// An unsigned number of 4096ths.
    Fixed12,
    /// Bits (type D).
    Flags,
    /// Types F, G, I and J, by the length.
    Date,
    /// Digits that are a name and no number: zeros in front count.
    Digits,
    /// Never given: an access code, a password, a key.
    Withheld,
}

/// Meaning of a VIF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Vif {
    pub(super) quantity: QuantityKind,
    pub(super) unit: Unit,
    /// Power of ten in `unit`.
    pub(super) exponent: i8,
    pub(super) reading: Reading,
}

const fn number(quantity: QuantityKind, unit: Unit, exponent: i8) -> Vif {
    Vif { quantity, unit, exponent, reading: Reading::Signed }
}

const fn counted(quantity: QuantityKind) -> Vif {
    Vif { quantity, unit: Unit::One, exponent: 0, reading: Reading::Unsigned }
}

/// A number that is never below zero (remark k of table 12, remark d of table 14: binary data are of type C).
const fn amount(quantity: QuantityKind, unit: Unit, exponent: i8) -> Vif {
    Vif { quantity, unit, exponent, reading: Reading::Unsigned }
}

/// A factor in steps of 2^-12 (table 14).
const FACTOR: Vif = Vif { quantity: RatingFactor, unit: Unit::One, exponent: 0, reading: Reading::Fixed12 };

const fn flags(quantity: QuantityKind) -> Vif {
    Vif { quantity, unit: Unit::One, exponent: 0, reading: Reading::Flags }
}

const fn digits(quantity: QuantityKind) -> Vif {
    Vif { quantity, unit: Unit::One, exponent: 0, reading: Reading::Digits }
}

/// What nobody who reads values may see.
const WITHHELD: Vif = Vif { quantity: AccessCode, unit: Unit::One, exponent: 0, reading: Reading::Withheld };

const fn date(quantity: QuantityKind) -> Vif {
    Vif { quantity, unit: Unit::One, exponent: 0, reading: Reading::Date }
}

/// The lowest bits of a code, as a power of ten.
const fn bits(code: u8, mask: u8) -> i8 {
    (code & mask).cast_signed()
}

/// The unit of time in the lowest two bits: seconds, minutes, hours, days.
pub(super) const fn time_unit(code: u8) -> Unit {
    match code & 3 {
        0 => Unit::Second,
        1 => Unit::Minute,
        2 => Unit::Hour,
        _ => Unit::Day,
    }
}

/// Hours, days, months, years in the lowest two bits.
const fn long_time_unit(code: u8) -> Unit {
    match code & 3 {
        0 => Unit::Hour,
        1 => Unit::Day,
        2 => Unit::Month,
        _ => Unit::Year,
    }
}

const fn time(quantity: QuantityKind, code: u8) -> Vif {
    number(quantity, time_unit(code), 0)
}

/// What no table defines.
pub(super) const OTHER: Vif = number(Other, Unit::One, 0);
/// What the maker alone defines.
pub(super) const MANUFACTURER: Vif = number(ManufacturerSpecific, Unit::One, 0);

/// Primary table (EN 13757-3:2018 table 10).
pub(super) const fn primary(code: u8) -> Vif {
    let (two, three) = (bits(code, 3), bits(code, 7));
    match code {
        0x00..=0x07 => number(Energy, Unit::WattHour, three - 3),
        0x08..=0x0f => number(Energy, Unit::Joule, three),
        0x10..=0x17 => number(Volume, Unit::CubicMetre, three - 6),
        0x18..=0x1f => number(Mass, Unit::Kilogram, three - 3),
        0x20..=0x23 => time(OnTime, code),
        0x24..=0x27 => time(OperatingTime, code),
        0x28..=0x2f => number(Power, Unit::Watt, three - 3),
        0x30..=0x37 => number(Power, Unit::JoulePerHour, three),
        0x38..=0x3f => number(VolumeFlow, Unit::CubicMetrePerHour, three - 6),
        0x40..=0x47 => number(VolumeFlow, Unit::CubicMetrePerMinute, three - 7),
        0x48..=0x4f => number(VolumeFlow, Unit::CubicMetrePerSecond, three - 9),
        0x50..=0x57 => number(MassFlow, Unit::KilogramPerHour, three - 3),
        0x58..=0x5b => number(FlowTemperature, Unit::Celsius, two - 3),
        0x5c..=0x5f => number(ReturnTemperature, Unit::Celsius, two - 3),
        0x60..=0x63 => number(TemperatureDifference, Unit::Kelvin, two - 3),
        0x64..=0x67 => number(ExternalTemperature, Unit::Celsius, two - 3),
        0x68..=0x6b => number(Pressure, Unit::Bar, two - 3),
        0x6c | 0x6d => date(DateTime),
        0x6e => number(HcaUnits, Unit::Hca, 0),
        0x70..=0x73 => time(AveragingDuration, code),
        0x74..=0x77 => time(ActualityDuration, code),
        0x78 => digits(FabricationNumber),
        0x79 => digits(Identification),
        0x7a => counted(BusAddress),
        0x7f => MANUFACTURER,
        _ => OTHER,
    }
}

/// First extension, after FB (EN 13757-3:2018 table 12).
pub(super) const fn extension_fb(code: u8) -> Vif {
    let (one, two, three) = (bits(code, 1), bits(code, 3), bits(code, 7));
    match code {
        0x00 | 0x01 => number(Energy, Unit::WattHour, one + 5),
        0x02 | 0x03 => number(ReactiveEnergy, Unit::VarHour, one + 3),
        0x04 | 0x05 => number(ApparentEnergy, Unit::VoltAmpereHour, one + 3),
        0x06 => number(CoefficientOfPerformance, Unit::One, -1),
        0x08 | 0x09 => number(Energy, Unit::Joule, one + 8),
        0x0c..=0x0f => number(Energy, Unit::Calorie, two + 5),
        0x10 | 0x11 => number(Volume, Unit::CubicMetre, one + 2),
        0x14..=0x17 => number(ReactivePower, Unit::Var, two),
        0x18 | 0x19 => amount(Mass, Unit::Kilogram, one + 5),
        0x1a | 0x1b => amount(Humidity, Unit::Percent, one - 1),
        0x20 => number(Volume, Unit::CubicFoot, 0),
        0x21 => number(Volume, Unit::CubicFoot, -1),
        0x22 => number(Volume, Unit::AmericanGallon, -1),
        0x23 => number(Volume, Unit::AmericanGallon, 0),
        0x24 => number(VolumeFlow, Unit::AmericanGallonPerMinute, -3),
        0x25 => number(VolumeFlow, Unit::AmericanGallonPerMinute, 0),
        0x26 => number(VolumeFlow, Unit::AmericanGallonPerHour, 0),
        0x28 | 0x29 => number(Power, Unit::Watt, one + 5),
        0x2a | 0x2b => number(PhaseAngle, Unit::Degree, -1),
        0x2c..=0x2f => number(Frequency, Unit::Hertz, two - 3),
        0x30 | 0x31 => number(Power, Unit::JoulePerHour, one + 8),
        0x34..=0x37 => number(ApparentPower, Unit::VoltAmpere, two),
        0x58..=0x5b => number(FlowTemperature, Unit::Fahrenheit, two - 3),
        0x5c..=0x5f => number(ReturnTemperature, Unit::Fahrenheit, two - 3),
        0x60..=0x63 => number(TemperatureDifference, Unit::Fahrenheit, two - 3),
        0x64..=0x67 => number(ExternalTemperature, Unit::Fahrenheit, two - 3),
        // K, KC, KCR, KCH and KT of EN 834, and the factor of the display; KQ is a power.
        0x68 | 0x6a..=0x6e => FACTOR,
        0x69 => amount(RatingFactor, Unit::Watt, 0),
        0x70..=0x73 => number(TemperatureLimit, Unit::Fahrenheit, two - 3),
        0x74..=0x77 => number(TemperatureLimit, Unit::Celsius, two - 3),
        0x78..=0x7f => number(CumulatedMaximumPower, Unit::Watt, three - 3),
        _ => OTHER,
    }
}

/// Second extension, after FD (EN 13757-3:2018 table 14).
pub(super) const fn extension_fd(code: u8) -> Vif {
    let (two, four) = (bits(code, 3), bits(code, 15));
    match code {
        0x00..=0x03 => number(Credit, Unit::Currency, two - 3),
        0x04..=0x07 => number(Debit, Unit::Currency, two - 3),
        0x08 => counted(AccessNumber),
        0x09 => counted(DeviceType),
        0x0a => counted(Manufacturer),
        0x0b => digits(ParameterSet),
        0x0c => counted(ModelVersion),
        0x0d => counted(HardwareVersion),
        0x0e | 0x0f => counted(SoftwareVersion),
        0x10 | 0x11 => counted(Customer),
        0x12..=0x16 | 0x19 => WITHHELD,
        0x17 => flags(ErrorFlags),
        0x18 => flags(ErrorMask),
        0x1a | 0x1b => flags(DigitalIo),
        0x1c => amount(BaudRate, Unit::BitPerSecond, 0),
        0x1d => counted(ResponseDelay),
        0x1e | 0x60 | 0x61 => counted(Counter),
        0x20..=0x22 => counted(StorageNumber),
        // Remote control, description of tariff and subunit, control signal, summer time (type K), listening
        // window (type L).
        0x1f | 0x23 | 0x62 | 0x72 | 0x73 => flags(Setting),
        0x24..=0x27 => time(StorageInterval, code),
        0x28 => number(StorageInterval, Unit::Month, 0),
        0x29 => number(StorageInterval, Unit::Year, 0),
        // Second of a time point, day of the week, number of the week, time point of the change of day.
        0x2b | 0x63..=0x65 => counted(Setting),
        0x2c..=0x2f => time(ActualityDuration, code),
        0x30 => date(TariffStart),
        0x31..=0x33 => time(TariffDuration, code),
        0x34..=0x37 => time(TariffPeriod, code),
        0x38 => number(TariffPeriod, Unit::Month, 0),
        0x39 => number(TariffPeriod, Unit::Year, 0),
        0x3a => number(Dimensionless, Unit::One, 0),
        // Containers of other protocols, what the operator defines, and what is agreed with the supplier.
        0x3b => flags(Other),
        0x2a | 0x67 | 0x76 => flags(ManufacturerSpecific),
        0x3c..=0x3f => amount(TransmissionPeriod, time_unit(code), 0),
        0x40..=0x4f => number(Voltage, Unit::Volt, four - 9),
        0x50..=0x5f => number(Current, Unit::Ampere, four - 12),
        0x66 => flags(ParameterState),
        0x68..=0x6b => number(Duration, long_time_unit(code), 0),
        0x6c..=0x6f => number(BatteryOperatingTime, long_time_unit(code), 0),
        0x70 => date(BatteryChange),
        0x71 => number(SignalStrength, Unit::DecibelMilliwatt, 0),
        0x74 => amount(BatteryLife, Unit::Day, 0),
        0x75 => counted(Counter),
        _ => OTHER,
    }
}

/// Third extension, after EF: the standard keeps the table for later, so every code of it means nothing yet.
pub(super) const fn extension_ef(_code: u8) -> Vif {
    OTHER
}

/// Second level of the second extension, after FD FD (EN 13757-3:2018 table 13).
pub(super) const fn extension_fd_fd(code: u8) -> Vif {
    match code {
        // The application that is selected.
        0x00 => counted(Setting),
        0x02 => number(BatteryLife, Unit::Month, 0),
        0x03 => number(BatteryLife, Unit::Year, 0),
        0x3e => number(Humidity, Unit::Percent, 0),
        _ => OTHER,
    }
}

/// A unit in plain text (VIF 7C), as written from left to right.
pub(super) fn plain_text(text: &str) -> Vif {
    match text {
        "%RH" | "RH%" | "%rH" | "% RH" => number(Humidity, Unit::Percent, 0),
        "%" => number(Dimensionless, Unit::Percent, 0),
        "Wh" => number(Energy, Unit::WattHour, 0),
        "kWh" => number(Energy, Unit::WattHour, 3),
        "MWh" => number(Energy, Unit::WattHour, 6),
        "m3" | "m^3" => number(Volume, Unit::CubicMetre, 0),
        "l" | "L" => number(Volume, Unit::CubicMetre, -3),
        "kW" => number(Power, Unit::Watt, 3),
        "W" => number(Power, Unit::Watt, 0),
        "V" => number(Voltage, Unit::Volt, 0),
        "A" => number(Current, Unit::Ampere, 0),
        "Hz" => number(Frequency, Unit::Hertz, 0),
        "bar" => number(Pressure, Unit::Bar, 0),
        "kvarh" => number(ReactiveEnergy, Unit::VarHour, 3),
        "kvar" => number(ReactivePower, Unit::Var, 3),
        "kVAh" => number(ApparentEnergy, Unit::VoltAmpereHour, 3),
        "cust. ID" => counted(Customer),
        "kVA" => number(ApparentPower, Unit::VoltAmpere, 3),
        _ => OTHER,
    }
}
