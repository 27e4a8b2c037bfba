//! Units of COSEM (IEC 62056-6-2 table 4) in the words of the model.

use tidstro_model::Unit;

/// The unit of a code, and the power of ten that belongs to it (litres are thousandths of cubic metres).
/// `None` for codes without a word in the model, and for reserved ones.
pub(super) const fn of(code: u8) -> Option<(Unit, i8)> {
    let unit = match code {
        1 => Unit::Year,
        2 => Unit::Month,
        4 => Unit::Day,
        5 => Unit::Hour,
        6 => Unit::Minute,
        7 => Unit::Second,
        8 => Unit::Degree,
        9 => Unit::Celsius,
        10 => Unit::Currency,
        13 | 14 => Unit::CubicMetre,
        15 | 16 => Unit::CubicMetrePerHour,
        19 => return Some((Unit::CubicMetre, -3)),
        20 => Unit::Kilogram,
        23 => return Some((Unit::Bar, -5)),
        24 => Unit::Bar,
        25 => Unit::Joule,
        26 => Unit::JoulePerHour,
        27 => Unit::Watt,
        28 => Unit::VoltAmpere,
        29 => Unit::Var,
        30 => Unit::WattHour,
        31 => Unit::VoltAmpereHour,
        32 => Unit::VarHour,
        33 => Unit::Ampere,
        35 => Unit::Volt,
        44 => Unit::Hertz,
        52 => Unit::Kelvin,
        56 => Unit::Percent,
        70 => Unit::DecibelMilliwatt,
        255 => Unit::One,
        _ => return None,
    };
    Some((unit, 0))
}
