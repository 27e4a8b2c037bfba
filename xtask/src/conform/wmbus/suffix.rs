//! What the last word of a field's name says: the unit the expected number is in.

use tidstro_model::Unit;

use super::number::Ratio;

/// How a number in one unit becomes one in another: first the shift, then the factor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Conversion {
    pub(super) shift: Ratio,
    pub(super) factor: Ratio,
}

const fn factor(numerator: i128, denominator: i128) -> Option<Conversion> {
    Some(Conversion { shift: Ratio::new(0, 1), factor: Ratio::new(numerator, denominator) })
}

/// The last word of a field's name, if it is a unit this comparison knows. Reactive and apparent power are published
/// in kilowatts by some, which they are not.
pub(super) fn of(field: &str) -> Option<&'static str> {
    let last = field.rsplit('_').next().unwrap_or(field);
    let says = |kind: &str| field.split('_').any(|word| word == kind);
    match last {
        "kw" if says("reactive") => Some("kvar"),
        "kw" if says("apparent") => Some("kva"),
        _ => KNOWN.iter().find(|known| **known == last).copied(),
    }
}

const KNOWN: &[&str] = &[
    "kwh", "mj", "gj", "kvarh", "kvah", "m3", "l", "m3c", "kw", "w", "kvar", "kva", "m3h", "lh", "c", "f",
    "k", "v", "a", "ma", "hz", "s", "min", "h", "d", "month", "y", "pct", "rh", "bar", "pa", "hca",
    "counter", "factor", "nr", "ppm", "deg", "rad", "dbm", "kg", "number",
];

/// From a reading's unit to the suffix's; `None` if they are of different dimensions.
pub(super) fn conversion(suffix: &str, from: Unit) -> Option<Conversion> {
    match suffix {
        "kwh" => energy(from, 3_600_000),
        "mj" => energy(from, 1_000_000),
        "gj" => energy(from, 1_000_000_000),
        "kvarh" => plain(from, Unit::VarHour, 1000),
        "kvah" => plain(from, Unit::VoltAmpereHour, 1000),
        "kvar" => plain(from, Unit::Var, 1000),
        "kva" => plain(from, Unit::VoltAmpere, 1000),
        "m3" => volume(from, 1),
        "l" => volume(from, 1000),
        "kw" => power(from, 1000),
        "w" => power(from, 1),
        "m3h" => flow(from, 1),
        "lh" => flow(from, 1000),
        "c" | "k" | "f" => temperature(suffix, from),
        "v" => plain(from, Unit::Volt, 1),
        "a" => plain(from, Unit::Ampere, 1),
        "ma" => {
            if from == Unit::Ampere {
                factor(1000, 1)
            } else {
                None
            }
        }
        "hz" => plain(from, Unit::Hertz, 1),
        "s" | "min" | "h" | "d" | "month" | "y" => duration(suffix, from),
        SHORT_YEARS => {
            if from == Unit::Day {
                factor(1, 365)
            } else {
                None
            }
        }
        "pct" | "rh" => plain(from, Unit::Percent, 1),
        "bar" => plain(from, Unit::Bar, 1),
        "hca" => plain(from, Unit::Hca, 1),
        "deg" => plain(from, Unit::Degree, 1),
        "dbm" => plain(from, Unit::DecibelMilliwatt, 1),
        "kg" => plain(from, Unit::Kilogram, 1),
        // Units the standard has no code for can only come without one.
        "counter" | "factor" | "nr" | "number" | "ppm" | "m3c" => plain(from, Unit::One, 1),
        _ => None,
    }
}

fn plain(from: Unit, same: Unit, divisor: i128) -> Option<Conversion> {
    if from == same { factor(1, divisor) } else { None }
}

fn energy(from: Unit, joules: i128) -> Option<Conversion> {
    match from {
        Unit::Joule => factor(1, joules),
        Unit::WattHour => factor(3600, joules),
        Unit::Calorie => factor(41_868, joules * 10_000),
        _ => None,
    }
}

fn volume(from: Unit, times: i128) -> Option<Conversion> {
    match from {
        Unit::CubicMetre => factor(times, 1),
        Unit::CubicFoot => factor(28_316_846_592 * times, 1_000_000_000_000),
        Unit::AmericanGallon => factor(3_785_411_784 * times, 1_000_000_000_000),
        _ => None,
    }
}

fn power(from: Unit, watts: i128) -> Option<Conversion> {
    match from {
        Unit::Watt => factor(1, watts),
        Unit::JoulePerHour => factor(1, watts * 3600),
        _ => None,
    }
}

fn flow(from: Unit, times: i128) -> Option<Conversion> {
    match from {
        Unit::CubicMetrePerHour => factor(times, 1),
        Unit::CubicMetrePerMinute => factor(60 * times, 1),
        Unit::CubicMetrePerSecond => factor(3600 * times, 1),
        _ => None,
    }
}

fn temperature(suffix: &str, from: Unit) -> Option<Conversion> {
    match (suffix, from) {
        // Differences in kelvin are written as degrees by some.
        ("c" | "k", Unit::Celsius | Unit::Kelvin) | ("f", Unit::Fahrenheit) => factor(1, 1),
        ("c", Unit::Fahrenheit) => Some(Conversion { shift: Ratio::new(-32, 1), factor: Ratio::new(5, 9) }),
        _ => None,
    }
}

/// Seconds of a unit of time; months and years as calendar averages do not compare.
fn duration(suffix: &str, from: Unit) -> Option<Conversion> {
    let into = match suffix {
        "s" => 1,
        "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        "month" => return plain(from, Unit::Month, 1),
        _ => return years(from),
    };
    let seconds = match from {
        Unit::Second => 1,
        Unit::Minute => 60,
        Unit::Hour => 3600,
        Unit::Day => 86_400,
        _ => return None,
    };
    factor(seconds, into)
}

/// Years of 365 days. Days are published as years of this or of 365.2425 days, nothing says which.
pub(super) const SHORT_YEARS: &str = "y365";

/// Years of 365.2425 days.
fn years(from: Unit) -> Option<Conversion> {
    match from {
        Unit::Year => factor(1, 1),
        Unit::Day => factor(10_000, 3_652_425),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn the_kind_of_power_says_the_unit() {
        assert_eq!(of("active_power_l1_kw"), Some("kw"));
        assert_eq!(of("reactive_power_l1_kw"), Some("kvar"));
        assert_eq!(of("apparent_consumption_kw"), Some("kva"));
        assert_eq!(of("inactive_kw"), Some("kw"));
        assert_eq!(of("total_reactive_tariff_1_kwh"), Some("kwh"));
    }
}
