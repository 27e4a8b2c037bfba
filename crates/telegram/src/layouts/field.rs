//! A field of a layout: where a value lies, how it is written, and what it means.
//!
//! What comes in: a `[[field]]` of a layout file. What goes out: [`Field`]. Nothing is read from a telegram here.

use serde::{Deserialize, Deserializer, de::Error};
use tidstro_model::{Function, Modifier, QuantityKind, Unit};

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Form {
    /// Unsigned number, lowest byte first.
    Unsigned,
    /// Unsigned number, highest byte first.
    UnsignedBig,
    /// Two's complement, lowest byte first; the lowest number says that there is no value.
    Signed,
    /// Two digits a byte, lowest byte first; another digit says that there is no value.
    Bcd,
    /// Bytes as they are; with `bits`, the joined pieces in as many bytes as they need, lowest first.
    Bytes,
    /// A date or time of EN 13757-3 (types F, G, I), by its length.
    Standard,
    /// Two bytes, lowest first: day in bits 0-4, month in 5-8, year in 9-15.
    Packed,
    /// As `packed`, highest byte first, the year in bits 9-14; bit 15 is the maker's.
    PackedBig,
    /// Two bytes, lowest first: day in bits 4-8, month in 9-12. The year is that of the first such day after
    /// the packed date at `after_at`.
    DayAfter,
    /// Three bytes of two digits: day, month, year.
    Digits,
    /// Three bytes of two digits: year, month, day.
    DigitsYearFirst,
    /// Six bytes of two digits: second, minute, hour, day, month, year.
    DigitsTime,
    /// Four bytes, lowest first: seconds since the begin of 2000, by the meter's clock.
    Seconds,
}

/// One value, or a row of values.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Field {
    pub(super) at: usize,
    pub(super) len: usize,
    pub(super) form: Form,
    /// `at` counts from the first byte behind this tag, or of the part of this bit.
    pub(super) tag: Option<u8>,
    /// First bit and number of bits of each piece of the number, lowest piece first; none means all bits.
    #[serde(default)]
    pub(super) bits: Vec<[u32; 2]>,
    /// The number that says that there is no value.
    pub(super) none: Option<u64>,
    /// A second number of the same form; the value is the sum.
    pub(super) plus_at: Option<usize>,
    /// Where the date is after which a day without year comes.
    pub(super) after_at: Option<usize>,
    /// Which earlier field, from 0, this one lies before: by this number, or by as many hours if that is a time.
    pub(super) before: Option<usize>,
    /// Code and number: what each code stands for; a code that is not listed says that there is no value.
    #[serde(default)]
    pub(super) table: Vec<[i64; 2]>,
    /// The value is two to the power of the number and this.
    pub(super) power_of_two: Option<u32>,
    /// The value is the number times the first, divided by the second, rounded half away from zero.
    pub(super) ratio: Option<[i64; 2]>,
    #[serde(deserialize_with = "quantity")]
    pub(super) quantity: QuantityKind,
    #[serde(default = "no_unit", deserialize_with = "unit")]
    pub(super) unit: Unit,
    /// Power of ten of the number in `unit`.
    #[serde(default)]
    pub(super) exponent: i8,
    /// Where the VIF is that says the power of ten; it must be one of `quantity` in `unit`.
    pub(super) vif_at: Option<usize>,
    /// `exponent` counts from that of the telegram's own record of the same quantity.
    #[serde(default)]
    pub(super) is_relative: bool,
    /// 0 now, others are earlier moments.
    #[serde(default)]
    pub(super) storage: u64,
    #[serde(default = "instantaneous", deserialize_with = "function")]
    pub(super) function: Function,
    /// VIFEs as the standard would have them: 3C backward flow.
    #[serde(default, deserialize_with = "modifiers")]
    pub(super) modifiers: Vec<Modifier>,
    /// Byte and bit of the window: set, the meter's clock shows summer time.
    pub(super) summer_bit: Option<[usize; 2]>,
    /// What was used in a period, not what a register showed.
    #[serde(default)]
    pub(super) of_period: bool,
    /// Without a valid value here the layout does not fit.
    #[serde(default)]
    pub(super) required: bool,
    #[serde(default)]
    pub(super) repeat: Repeat,
    /// The row is one of calendar months.
    pub(super) months: Option<Months>,
}

/// The same field again and again.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Repeat {
    /// How many there are.
    pub(super) count: u16,
    /// Bytes from one to the next; negative if the next lies before.
    pub(super) step: i16,
    /// Storage numbers from one to the next.
    #[serde(default)]
    pub(super) storage: u64,
}

impl Default for Repeat {
    fn default() -> Self {
        Self { count: 1, step: 0, storage: 0 }
    }
}

/// Twelve values, January first, each from the last time its month ended before the telegram's own moment. The storage
/// number counts those month ends backwards from 1, and a reading with the date goes before each value.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Months {
    /// Where the day of the month is on which they are taken, two digits, counted as `at`; 0 is the last day.
    pub(super) day_at: usize,
}

const fn no_unit() -> Unit {
    Unit::One
}

const fn instantaneous() -> Function {
    Function::Instantaneous
}

fn quantity<'de, D: Deserializer<'de>>(deserializer: D) -> Result<QuantityKind, D::Error> {
    let code = String::deserialize(deserializer)?;
    QuantityKind::from_code(&code).ok_or_else(|| Error::custom(format!("`{code}` is no quantity")))
}

fn unit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Unit, D::Error> {
    let code = String::deserialize(deserializer)?;
    Unit::from_code(&code).ok_or_else(|| Error::custom(format!("`{code}` is no unit")))
}

fn function<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Function, D::Error> {
    let word = String::deserialize(deserializer)?;
    [Function::Instantaneous, Function::Maximum, Function::Minimum, Function::DuringError]
        .into_iter()
        .find(|function| function.word() == word)
        .ok_or_else(|| Error::custom(format!("`{word}` is no function")))
}

fn modifiers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Modifier>, D::Error> {
    Ok(Vec::<u16>::deserialize(deserializer)?.into_iter().map(Modifier).collect())
}
