//! Tables of flags as they are written: TOML.
//!
//! What comes in: the text of a file. What goes out: its tables, in its order, or what is wrong with it.

use serde::Deserialize;
use tidstro_model::{Manufacturer, Modifier};

use super::super::{AlarmCode, Phase, ProfileFault};
use super::Meaning;
use super::table::{Code, CodeValue, Place, Table, mask};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFile {
    table: Vec<WrittenTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTable {
    /// What is described, for people.
    name: String,
    /// Who published it; or `observed`, and in what.
    source: String,
    place: Place,
    #[serde(default)]
    makers: Vec<String>,
    #[serde(default)]
    types: Vec<u8>,
    #[serde(default)]
    versions: Vec<u8>,
    #[serde(default)]
    vifes: Vec<u16>,
    /// How many bytes the number has; a negative one is the same bits.
    #[serde(default = "eight")]
    bytes: u8,
    /// First bit and number of bits of each number that is no flag.
    #[serde(default)]
    numbers: Vec<[u8; 2]>,
    #[serde(default)]
    bits: Vec<WrittenBit>,
    #[serde(default)]
    codes: Vec<WrittenCode>,
}

const fn eight() -> u8 {
    8
}

/// A flag of one bit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBit {
    bit: u8,
    word: String,
    code: Option<String>,
    phase: Option<String>,
}

/// A code of several bits.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCode {
    /// First bit and number of bits.
    bits: [u8; 2],
    values: Vec<WrittenValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenValue {
    /// The first number that says so.
    from: u64,
    /// The last; only the first where it is left out.
    to: Option<u64>,
    word: String,
    code: Option<String>,
    phase: Option<String>,
}

/// Reads the tables of a file.
///
/// # Errors
/// [`ProfileFault`] says what is wrong.
pub(super) fn tables(text: &str) -> Result<Vec<Table>, ProfileFault> {
    let WrittenFile { table } = toml::from_str(text)?;
    table.into_iter().map(WrittenTable::read).collect()
}

impl WrittenTable {
    fn read(self) -> Result<Table, ProfileFault> {
        if self.source.trim().is_empty() {
            return Err(ProfileFault::Source { name: self.name });
        }
        let bits = self.bits.into_iter().map(WrittenBit::read);
        let codes = bits.chain(self.codes.into_iter().map(WrittenCode::read));
        let codes = codes.collect::<Result<Vec<_>, _>>()?;
        let mut taken = 0;
        for [bit, bits] in self.numbers {
            taken |= within(bit, bits, "a number")?;
        }
        let numbers = taken;
        for code in &codes {
            if taken & code.mask() != 0 {
                return Err(ProfileFault::Twice { bit: code.bit, name: self.name });
            }
            taken |= code.mask();
        }
        Ok(Table {
            makers: self.makers.into_iter().map(maker).collect::<Result<_, _>>()?,
            types: self.types,
            versions: self.versions,
            place: self.place,
            vifes: self.vifes.into_iter().map(Modifier).collect(),
            whole: mask(0, self.bytes.saturating_mul(8)),
            numbers,
            codes,
        })
    }
}

impl WrittenBit {
    fn read(self) -> Result<Code, ProfileFault> {
        within(self.bit, 1, &self.word)?;
        let meaning = meaning(self.word, self.code, self.phase)?;
        Ok(Code { bit: self.bit, bits: 1, values: vec![CodeValue { from: 1, to: 1, meaning }] })
    }
}

impl WrittenCode {
    fn read(self) -> Result<Code, ProfileFault> {
        let [bit, bits] = self.bits;
        within(bit, bits, "a code")?;
        let values = self.values.into_iter().map(WrittenValue::read).collect::<Result<_, _>>()?;
        Ok(Code { bit, bits, values })
    }
}

impl WrittenValue {
    fn read(self) -> Result<CodeValue, ProfileFault> {
        let meaning = meaning(self.word, self.code, self.phase)?;
        Ok(CodeValue { from: self.from, to: self.to.unwrap_or(self.from), meaning })
    }
}

fn meaning(word: String, code: Option<String>, phase: Option<String>) -> Result<Meaning, ProfileFault> {
    let code = code.map(|code| AlarmCode::from_word(&code).ok_or(ProfileFault::Code { code }));
    let phase = phase.map(|phase| Phase::from_word(&phase).ok_or(ProfileFault::Phase { phase }));
    Ok(Meaning { word, code: code.transpose()?, phase: phase.transpose()? })
}

/// The mask of these bits, which must be some of 64.
fn within(bit: u8, bits: u8, what: &str) -> Result<u64, ProfileFault> {
    match bit.checked_add(bits) {
        Some(1..=64) if bits > 0 => Ok(mask(bit, bits)),
        _ => Err(ProfileFault::Bit { bit, code: what.to_owned() }),
    }
}

fn maker(maker: String) -> Result<Manufacturer, ProfileFault> {
    Manufacturer::parse(&maker).map_err(|_| ProfileFault::Maker { maker })
}
