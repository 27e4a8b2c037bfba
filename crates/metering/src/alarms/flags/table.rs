//! One table of flags: where they are read, of which meters, and what each bit or code of bits says.
//!
//! What comes in: a number as a meter sent it. What goes out: flags, and signals of every alarm the table can tell.

use tidstro_model::{Manufacturer, MeterId, Modifier};

use super::super::{AlarmCode, Change, Evidence, Phase, Signal, Source};
use super::{Flag, Meaning};

/// Where a telegram has flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Place {
    /// The status byte of the transport layer.
    StatusByte,
    /// A record of error flags (VIF FD17), or those of a maker's layout.
    ErrorFlags,
    /// A record of digital inputs or outputs (VIF FD1A, FD1B).
    DigitalIo,
    /// A record whose VIF is the maker's own.
    MakersOwn,
}

/// What a number from a meter says in its bits.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// Of these makers; none means all.
    pub(super) makers: Vec<Manufacturer>,
    /// Of these device types; none means all.
    pub(super) types: Vec<u8>,
    /// Of these versions; none means all.
    pub(super) versions: Vec<u8>,
    pub(super) place: Place,
    /// The record's VIFEs, all of them.
    pub(super) vifes: Vec<Modifier>,
    /// All bits the number has.
    pub(super) whole: u64,
    /// Bits that are numbers, and no flags.
    pub(super) numbers: u64,
    pub(super) codes: Vec<Code>,
}

/// Bits that belong together, and what their number says.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) bit: u8,
    pub(super) bits: u8,
    pub(super) values: Vec<CodeValue>,
}

/// A number, or a range of numbers, with what it says.
#[derive(Debug, Clone)]
pub(super) struct CodeValue {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) meaning: Meaning,
}

impl Code {
    /// The bits, where they lie.
    pub(super) const fn mask(&self) -> u64 {
        mask(self.bit, self.bits)
    }

    const fn value(&self, raw: u64) -> u64 {
        (raw & self.mask()) >> self.bit
    }

    fn meaning(&self, raw: u64) -> Option<&Meaning> {
        let value = self.value(raw);
        self.values.iter().find(|said| (said.from..=said.to).contains(&value)).map(|said| &said.meaning)
    }
}

/// `bits` bits from `bit` on.
pub(super) const fn mask(bit: u8, bits: u8) -> u64 {
    match bits {
        0..64 => ((1 << bits) - 1) << bit,
        _ => u64::MAX << bit,
    }
}

impl Table {
    /// The table of flags that nobody explained.
    pub(super) const fn unexplained() -> Self {
        Self {
            makers: Vec::new(),
            types: Vec::new(),
            versions: Vec::new(),
            place: Place::ErrorFlags,
            vifes: Vec::new(),
            whole: u64::MAX,
            numbers: 0,
            codes: Vec::new(),
        }
    }

    /// Whether it describes this kind of meter.
    pub(super) fn is_for(&self, meter: MeterId) -> bool {
        self.makers.contains(&meter.manufacturer)
            && (self.types.is_empty() || self.types.contains(&meter.medium.0))
            && (self.versions.is_empty() || self.versions.contains(&meter.version))
    }

    /// Whether it describes records with these VIFEs.
    pub(super) fn is_in(&self, place: Place, vifes: &[Modifier]) -> bool {
        self.place == place && self.vifes == vifes
    }

    /// The same table with those codes of another that lie in bits this one says nothing of.
    pub(super) fn over(mut self, below: &Self) -> Self {
        let own = self.explained();
        self.codes.extend(below.codes.iter().filter(|code| code.mask() & own == 0).cloned());
        self.codes.sort_by_key(|code| code.bit);
        self
    }

    fn explained(&self) -> u64 {
        self.codes.iter().fold(self.numbers, |mask, code| mask | code.mask())
    }

    /// Every flag that is set.
    pub(super) fn flags(&'static self, raw: u64, source: Source, storage: u64) -> Vec<Flag> {
        let flag = |bit, bits, value, meaning| Flag { source, storage, raw, bit, bits, value, meaning };
        let of_codes = self.codes.iter().filter(|code| code.value(raw) != 0);
        let known = of_codes.map(|code| flag(code.bit, code.bits, code.value(raw), code.meaning(raw)));
        let rest = raw & !self.explained();
        let unknown = (0..64).filter(|bit| rest >> bit & 1 == 1).map(|bit| flag(bit, 1, 1, None));
        let mut flags: Vec<Flag> = known.chain(unknown).collect();
        flags.sort_by_key(|flag| flag.bit);
        flags
    }

    /// What it says of each alarm it can tell. What nobody explained is `abnormal`, but for the bits of a status byte that
    /// are left to makers, and for inputs.
    pub(super) fn signals(&self, raw: u64, source: Source) -> impl Iterator<Item = Signal> + use<'_> {
        let evidence = Evidence { source, raw };
        let signal = move |code, phase, stands| {
            let change = if stands { Change::Raised } else { Change::Cleared };
            Signal { code, phase, change, evidence }
        };
        let alarms = self.codes.iter().flat_map(|code| code.values.iter()).filter_map(|said| {
            let code = said.meaning.code?;
            Some((code, said.meaning.phase))
        });
        let told = alarms.map(move |(code, phase)| signal(code, phase, self.stands(raw, code, phase)));
        let tells_unexplained = matches!(self.place, Place::ErrorFlags | Place::MakersOwn);
        let unexplained =
            tells_unexplained.then(|| signal(AlarmCode::Abnormal, None, self.has_unexplained(raw)));
        told.chain(unexplained)
    }

    fn stands(&self, raw: u64, alarm: AlarmCode, phase: Option<Phase>) -> bool {
        let mut set = self.codes.iter().filter_map(|code| code.meaning(raw));
        set.any(|meaning| (meaning.code, meaning.phase) == (Some(alarm), phase))
    }

    /// Whether a bit is set that the table does not explain, or a code has a number that it does not list.
    fn has_unexplained(&self, raw: u64) -> bool {
        let is_unknown = |code: &Code| code.value(raw) != 0 && code.meaning(raw).is_none();
        raw & !self.explained() != 0 || self.codes.iter().any(is_unknown)
    }
}
