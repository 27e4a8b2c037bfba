//! The value information block: what a record measures and in which unit (EN 13757-3:2018 § 6.4).
//!
//! What comes in: the bytes after the data information. What goes out: [`Vib`], with every factor and offset
//! of its VIFEs gathered and every other VIFE kept as a modifier.

use tidstro_model::{Modifier, QuantityKind, Unit};

use super::{
    RecordFaultKind,
    dib::CHAIN_LIMIT,
    vif::{self, Reading, Vif},
    vife::{self, EXTENSION_FOLLOWS, Effect, MANUFACTURER_FOLLOWS},
};
use tidstro_wire::Cursor;

const EXTENDED: u8 = 0x80;
/// The unit is in the record, as text; with VIFEs.
const PLAIN_TEXT: u8 = 0x7c;
const PLAIN_TEXT_EXTENDED: u8 = PLAIN_TEXT | EXTENDED;

/// What the VIF and its VIFEs say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Vib {
    pub(super) quantity: QuantityKind,
    pub(super) unit: Unit,
    /// Power of ten of the number in `unit`, factors included.
    pub(super) exponent: i8,
    /// Power of ten to add to the number, in `unit`.
    pub(super) offset: Option<i8>,
    pub(super) reading: Reading,
    /// The meter says that there is no value.
    pub(super) is_error: bool,
    /// The data are several values in one (compact profile).
    pub(super) is_profile: bool,
    /// One of the codes is kept for later by the standard, in a table that has been settled for long.
    pub(super) is_reserved: bool,
    /// VIFEs that say what the data are, in the place of the VIF: two contradict each other.
    pub(super) meanings: u8,
    pub(super) modifiers: Vec<Modifier>,
}

/// Reads the VIF and up to ten VIFEs.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Vib, RecordFaultKind> {
    let first = cursor.byte().ok_or(CUT)?;
    // A text names its unit itself, and later editions fill the newest tables: an unknown code there is no fault.
    let is_open = matches!(first, PLAIN_TEXT | PLAIN_TEXT_EXTENDED | 0xef)
        || (first == 0xfd && cursor.peek() == Some(0xfd));
    let (vif, is_extended) = match first {
        // The true VIF is in the first VIFE.
        0xfb => table(cursor, vif::extension_fb)?,
        0xfd if cursor.peek() == Some(0xfd) => {
            cursor.byte();
            table(cursor, vif::extension_fd_fd)?
        }
        0xfd => table(cursor, vif::extension_fd)?,
        0xef => table(cursor, vif::extension_ef)?,
        PLAIN_TEXT => (plain_text(cursor)?, false),
        PLAIN_TEXT_EXTENDED if is_plain_text(cursor) => (plain_text(cursor)?, true),
        PLAIN_TEXT_EXTENDED => return read_text_last(cursor),
        _ => (vif::primary(first & !EXTENDED), first & EXTENDED != 0),
    };
    let mut vib = Vib { is_reserved: vif == vif::OTHER && !is_open, ..Vib::new(vif) };
    if is_extended {
        let is_manufacturers = first == 0xff;
        vib.extend(cursor, is_manufacturers)?;
    }
    Ok(vib)
}

const CUT: RecordFaultKind = RecordFaultKind::Cut { part: "value information" };

fn table(cursor: &mut Cursor<'_>, meaning: fn(u8) -> Vif) -> Result<(Vif, bool), RecordFaultKind> {
    let code = cursor.byte().ok_or(CUT)?;
    Ok((meaning(code & !EXTENDED), code & EXTENDED != 0))
}

/// The unit as text: a length, then the characters, last one first.
fn plain_text(cursor: &mut Cursor<'_>) -> Result<Vif, RecordFaultKind> {
    let len = cursor.byte().ok_or(CUT)?;
    let characters = cursor.take(usize::from(len)).ok_or(CUT)?;
    let text: String = characters.iter().rev().map(|byte| char::from(*byte)).collect();
    Ok(vif::plain_text(&text))
}

/// Whether a length and so many printable characters are next. Older meters put the text right behind the VIF; where the
/// standard puts it last a VIFE stands here, which is no length of a text.
fn is_plain_text(cursor: &Cursor<'_>) -> bool {
    let mut ahead = cursor.clone();
    let text = ahead.byte().and_then(|len| ahead.take(usize::from(len)));
    text.is_some_and(|text| !text.is_empty() && text.iter().all(|byte| matches!(byte, 0x20..=0x7e)))
}

/// The text is behind the VIFEs, the last part before the data (EN 13757-3:2018 annex C.2).
fn read_text_last(cursor: &mut Cursor<'_>) -> Result<Vib, RecordFaultKind> {
    let mut ahead = cursor.clone();
    while ahead.byte().ok_or(CUT)? & EXTENDED != 0 {}
    let mut vib = Vib::new(plain_text(&mut ahead)?);
    vib.extend(cursor, false)?;
    *cursor = ahead;
    Ok(vib)
}

impl Vib {
    const fn new(vif: Vif) -> Self {
        Self {
            quantity: vif.quantity,
            unit: vif.unit,
            exponent: vif.exponent,
            offset: None,
            reading: vif.reading,
            is_error: false,
            is_profile: false,
            is_reserved: false,
            meanings: 0,
            modifiers: Vec::new(),
        }
    }

    /// Reads the VIFEs. After VIF FF or VIFE FF all are the maker's own.
    fn extend(&mut self, cursor: &mut Cursor<'_>, manufacturers: bool) -> Result<(), RecordFaultKind> {
        let mut prefix = if manufacturers { MANUFACTURER_FOLLOWS } else { 0 };
        for _ in 0..CHAIN_LIMIT {
            let vife = cursor.byte().ok_or(CUT)?;
            let code = vife & !EXTENDED;
            prefix = self.apply(prefix, code);
            if vife & EXTENDED == 0 {
                return Ok(());
            }
        }
        Err(RecordFaultKind::ChainTooLong { part: "VIFE" })
    }

    /// Applies or keeps one code; returns the prefix of the next one.
    fn apply(&mut self, prefix: u8, code: u8) -> u8 {
        match (prefix, code) {
            (MANUFACTURER_FOLLOWS, _) => {
                self.keep(prefix, code);
                MANUFACTURER_FOLLOWS
            }
            (EXTENSION_FOLLOWS, _) => {
                self.is_reserved |= vife::is_reserved_extension(code);
                self.present(code);
                self.keep(prefix, code);
                0
            }
            (_, EXTENSION_FOLLOWS) => EXTENSION_FOLLOWS,
            (_, MANUFACTURER_FOLLOWS) => {
                self.keep(0, code);
                MANUFACTURER_FOLLOWS
            }
            _ => {
                self.combine(code);
                0
            }
        }
    }

    /// Codes behind 7C that say how the data are to be read.
    fn present(&mut self, code: u8) {
        self.reading = match code {
            vife::TYPE_C => Reading::Unsigned,
            vife::TYPE_D => Reading::Flags,
            vife::END_DATE => Reading::Date,
            vife::OTHER_UNITS => return (self.quantity, self.unit) = (QuantityKind::Other, Unit::One),
            _ => return,
        };
    }

    fn keep(&mut self, prefix: u8, code: u8) {
        self.modifiers.push(Modifier(u16::from_be_bytes([prefix, code])));
    }

    fn combine(&mut self, code: u8) {
        let effect = vife::effect(code);
        self.is_reserved |= vife::is_reserved(code);
        self.meanings = self.meanings.saturating_add(u8::from(effect.says_what_data_are()));
        match effect {
            Effect::Nothing => return,
            Effect::Scale(power) => return self.scale(power),
            // The offset counts in the unit of the VIF, before any factor.
            Effect::Add(power) => return self.offset = Some(self.exponent.saturating_add(power)),
            Effect::Error => self.is_error = true,
            Effect::Profile => self.is_profile = true,
            Effect::DateOf => self.reading = Reading::Date,
            Effect::DurationOf(unit) => self.becomes_number(unit),
            Effect::CountOf => self.becomes_number(Unit::One),
            Effect::NonMetric => self.leaves_metric_units(),
            Effect::CodeOf => self.reading = Reading::Flags,
            Effect::Refine => {}
        }
        self.keep(0, code);
    }

    fn scale(&mut self, power: i8) {
        self.exponent = self.exponent.saturating_add(power);
    }

    /// A unit that nobody defines is none: the number stays, and is no energy, no volume.
    fn leaves_metric_units(&mut self) {
        match vife::non_metric(self.quantity, self.unit) {
            Some((unit, power)) => {
                self.unit = unit;
                self.scale(power);
            }
            None => (self.quantity, self.unit) = (QuantityKind::Other, Unit::One),
        }
    }

    fn becomes_number(&mut self, unit: Unit) {
        (self.unit, self.exponent, self.reading) = (unit, 0, Reading::Unsigned);
    }
}
