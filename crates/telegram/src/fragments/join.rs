//! Finding the message a piece belongs to, among the pieces its meter sent about then.
//!
//! What comes in: a piece, and others that were kept, the nearest in time first. What goes out: the whole message, decoded,
//! and which pieces it is made of. Nothing is remembered here: whoever keeps the pieces asks again when another comes. How
//! many combinations are tried is bounded, and only a code or tag over the whole message makes one right.

use std::collections::BTreeMap;

use super::read_message;
use crate::{
    DecodeOptions, FormatSource, KeySource, Received, Refusal, Security, Sources, Telegram,
    layers::{self, Piece, ell::Ell},
    link::Frame,
    security::{self, ell::Unwrapped},
};

/// Pieces of one number that are tried: the nearest ones.
const NEAREST: usize = 3;
/// Combinations that are tried for one piece.
const TRIES: usize = 64;

/// A message that is whole and proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// What it says.
    pub telegram: Telegram,
    /// The pieces it is made of, as indexes into what was given, in the order of the message.
    pub pieces: Vec<usize>,
}

/// Puts the message together that the first of `pieces` belongs to; `None` as long as pieces of it are missing, or if the
/// first is no piece. The others are pieces of the same meter, the nearest in time first; what is no piece, or of another
/// sender, is passed over. Of several with one number the nearest that makes a proven message is taken.
///
/// # Errors
/// [`Refusal`] where a piece of every number is there and no combination of them can be verified, decrypted or read: that
/// of the nearest ones. One of them may be of another message; a further piece may still bring it right.
pub fn join(
    pieces: &[&Received],
    keys: &impl KeySource,
    formats: &impl FormatSource,
    options: &DecodeOptions,
) -> Result<Option<Joined>, Refusal> {
    let opened = (0..).zip(pieces).filter_map(|(index, received)| Part::open(index, received, keys, options));
    let parts: Vec<Part<'_>> = opened.collect();
    let Some(first) = parts.first().filter(|part| part.index == 0) else { return Ok(None) };
    let sources = Sources { keys, formats, options };
    let mut refused = None;
    for last in ends(first, &parts) {
        let Some(numbers) = of_each_number(first, last, &parts) else { continue };
        let choices = numbers.iter().fold(1_usize, |choices, parts| choices.saturating_mul(parts.len()));
        for choice in 0..choices.min(TRIES) {
            match read(&chosen(&numbers, choice), &sources) {
                Ok(joined @ Some(_)) => return Ok(joined),
                Ok(None) => {}
                Err(refusal) => refused = refused.or(Some(refusal)),
            }
        }
    }
    refused.map_or(Ok(None), Err)
}

/// A piece, its layers opened.
struct Part<'a> {
    index: usize,
    frame: Frame<'a>,
    ell: Option<Ell>,
    security: Security,
    piece: Piece,
}

impl<'a> Part<'a> {
    /// `None` for what is no piece, or cannot be opened.
    fn open(
        index: usize,
        received: &'a Received,
        keys: &impl KeySource,
        options: &DecodeOptions,
    ) -> Option<Self> {
        let Unwrapped { frame, ell, security } = security::ell::open(received.frame(), keys, options).ok()?;
        let piece = layers::read_piece(&frame, ell.as_ref()).ok()??;
        Some(Self { index, frame, ell, security, piece })
    }

    const fn number(&self) -> u8 {
        self.piece.no.number
    }

    fn bytes(&self) -> &[u8] {
        self.frame.bytes.get(self.piece.start..self.frame.content.end).unwrap_or_default()
    }
}

/// The pieces the message may end with.
fn ends<'p, 'a>(first: &'p Part<'a>, parts: &'p [Part<'a>]) -> Vec<&'p Part<'a>> {
    if first.piece.no.is_last {
        return vec![first];
    }
    let of_sender = |part: &&Part<'_>| part.piece.sender == first.piece.sender && part.piece.no.is_last;
    parts.iter().filter(of_sender).filter(|last| last.number() > first.number()).take(NEAREST).collect()
}

/// The pieces of each number from 1 to the last, the nearest ones first; `None` if there is none of some number.
fn of_each_number<'p, 'a>(
    first: &'p Part<'a>,
    last: &'p Part<'a>,
    parts: &'p [Part<'a>],
) -> Option<Vec<Vec<&'p Part<'a>>>> {
    let mut numbers: BTreeMap<u8, Vec<&Part<'_>>> = BTreeMap::new();
    for part in parts.iter().filter(|part| part.piece.sender == first.piece.sender) {
        let alone = [first, last].into_iter().find(|alone| alone.number() == part.number());
        let is_fitting = alone.map_or(!part.piece.no.is_last, |alone| alone.index == part.index);
        let of_number = numbers.entry(part.number()).or_default();
        let is_known = || of_number.iter().any(|known| known.frame.bytes == part.frame.bytes);
        if is_fitting && of_number.len() < NEAREST && !is_known() {
            of_number.push(part);
        }
    }
    let all = (1..=last.number()).map(|number| numbers.remove(&number).filter(|parts| !parts.is_empty()));
    all.collect()
}

/// One piece of each number: of all choices the one with this index. The first one has the nearest piece of each.
fn chosen<'p, 'a>(numbers: &[Vec<&'p Part<'a>>], choice: usize) -> Vec<&'p Part<'a>> {
    let mut rest = choice;
    let pick = |parts: &Vec<&'p Part<'a>>| {
        let part = parts.get(rest % parts.len().max(1)).copied();
        rest /= parts.len().max(1);
        part
    };
    numbers.iter().filter_map(pick).collect()
}

/// Reads the message of these pieces; `None` if their layers contradict each other.
fn read(
    parts: &[&Part<'_>],
    sources: &Sources<'_, impl KeySource, impl FormatSource>,
) -> Result<Option<Joined>, Refusal> {
    let Some((last, others)) = parts.split_last() else { return Ok(None) };
    let afl = others.iter().try_fold(last.piece.afl, |afl, part| afl.joined(part.piece.afl));
    let Some(afl) = afl else { return Ok(None) };
    let message: Vec<u8> = parts.iter().flat_map(|part| part.bytes()).copied().collect();
    let afl = layers::Afl { fragment: None, ..afl };
    let telegram = read_message(&last.frame, last.ell.as_ref(), last.security, afl, &message, sources)?;
    Ok(Some(Joined { telegram, pieces: parts.iter().map(|part| part.index).collect() }))
}
