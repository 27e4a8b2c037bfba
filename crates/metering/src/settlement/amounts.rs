//! The bytes of amounts, as a calculation keeps them: what every supplier owes for one charge on one local day.
//!
//! What comes in: amounts of one charge, area and local day, or bytes from the store. What goes out: the other. Charge,
//! area and day are not in the bytes: they are the key they are stored under.
//!
//! Form, format 1 (`number` as in a series block; `signed` is a number, zigzag):
//!
//! | part | bytes |
//! |---|---|
//! | kind and format | `0x32` |
//! | tax | 1: 0 or 1 |
//! | resolution | 1: 0 quarter, 1 hour, 2 day, 3 month |
//! | amounts | number, then each as below |
//! | supplier | number: 0 for nobody, or the GLN as a number, and one |
//! | type of points | number: 0 flex, 1 non-profiled, 2 production, 3 and more a child type by its place in the code list |
//! | time | number: seconds since the day began |
//! | quantity | signed |
//! | qualities | number: 0 for pieces, or the set and one |
//! | price, amount | each 0 for none, or 1 and a signed |

use jiff::{Timestamp, ToSpan as _};
use tidstro_model::{ChargeKey, ChargeResolution, CheckDigit, Gln, PointType, SettlementMethod};

use super::{ChargeAmount, GridArea, QualitySet};
use crate::BlockFault;
use crate::series::packing::{Bytes, unzigzag, write_number, zigzag};

/// First byte of amounts of format 1.
const AMOUNTS: u8 = 0x32;
/// The first number of a child type.
const CHILD: u64 = 3;

/// The bytes of the amounts of one charge on the local day that begins at `start`.
#[must_use]
pub fn encode_amounts(amounts: &[ChargeAmount], start: Timestamp) -> Vec<u8> {
    let mut out = vec![AMOUNTS];
    let first = amounts.first();
    out.push(u8::from(first.is_some_and(|one| one.is_tax)));
    let resolution = first.map_or(ChargeResolution::Month, |one| one.resolution);
    let place = ChargeResolution::ALL.iter().position(|known| *known == resolution);
    out.extend(place.and_then(|place| u8::try_from(place).ok()));
    write_number(amounts.len() as u64, &mut out);
    amounts.iter().for_each(|one| encode(one, start, &mut out));
    out
}

fn encode(one: &ChargeAmount, start: Timestamp, out: &mut Vec<u8>) {
    write_number(one.supplier.map_or(0, |gln| gln.as_u64() + 1), out);
    write_number(type_number(one.points), out);
    write_number(u64::try_from(one.at.as_second() - start.as_second()).unwrap_or(0), out);
    write_number(zigzag(one.quantity), out);
    write_number(one.qualities.map_or(0, |set| set.bits() + 1), out);
    for value in [one.price, one.amount] {
        match value {
            Some(value) => {
                out.push(1);
                write_number(zigzag(value), out);
            }
            None => out.push(0),
        }
    }
}

/// Reads the amounts of one charge, area and local day.
///
/// # Errors
/// [`BlockFault`] for bytes that [`encode_amounts`] does not write.
pub fn decode_amounts(
    bytes: &[u8],
    (key, area): (&ChargeKey, GridArea),
    start: Timestamp,
) -> Result<Vec<ChargeAmount>, BlockFault> {
    let mut bytes = Bytes::new(bytes);
    let got = bytes.byte()?;
    if got != AMOUNTS {
        return Err(BlockFault::UnknownKind { got });
    }
    let is_tax = flag(&mut bytes)?;
    let resolution = ChargeResolution::ALL.get(usize::from(bytes.byte()?)).copied();
    let resolution = resolution.ok_or_else(|| bytes.other_form())?;
    let mut amounts = Vec::new();
    for _ in 0..bytes.count()? {
        let of_charge = (key.clone(), area, is_tax, resolution);
        amounts.push(decode(&mut bytes, of_charge, start)?);
    }
    bytes.end()?;
    Ok(amounts)
}

fn decode(
    bytes: &mut Bytes<'_>,
    (key, area, is_tax, resolution): (ChargeKey, GridArea, bool, ChargeResolution),
    start: Timestamp,
) -> Result<ChargeAmount, BlockFault> {
    let supplier = bytes.number()?.checked_sub(1).map(|number| gln(bytes, number)).transpose()?;
    let points = type_of(bytes.number()?).ok_or_else(|| bytes.other_form())?;
    let seconds = i64::try_from(bytes.number()?).ok().filter(|seconds| *seconds < 2 * 86_400);
    let at = seconds.and_then(|seconds| start.checked_add(seconds.seconds()).ok());
    let at = at.ok_or_else(|| bytes.other_form())?;
    let quantity = unzigzag(bytes.number()?);
    let qualities = bytes.number()?.checked_sub(1).map(QualitySet::of_bits);
    let (price, amount) = (value(bytes)?, value(bytes)?);
    Ok(ChargeAmount {
        key,
        is_tax,
        resolution,
        area,
        supplier,
        points,
        at,
        quantity,
        qualities,
        price,
        amount,
    })
}

fn value(bytes: &mut Bytes<'_>) -> Result<Option<i64>, BlockFault> {
    if flag(bytes)? { Ok(Some(unzigzag(bytes.number()?))) } else { Ok(None) }
}

fn flag(bytes: &mut Bytes<'_>) -> Result<bool, BlockFault> {
    match bytes.byte()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(bytes.other_form()),
    }
}

fn gln(bytes: &Bytes<'_>, number: u64) -> Result<Gln, BlockFault> {
    let text = format!("{number:013}");
    Gln::parse(text.as_bytes(), CheckDigit::Ignored).map_err(|_| bytes.other_form())
}

/// Exchange has no charges, and no number of its own.
fn type_number(points: PointType) -> u64 {
    match points {
        PointType::Consumption(SettlementMethod::Flex) => 0,
        PointType::Consumption(SettlementMethod::NonProfiled) => 1,
        PointType::Production | PointType::Exchange { .. } => 2,
        PointType::Child(word) => {
            let place = PointType::CHILDREN.iter().position(|(_, known, _)| *known == word);
            CHILD + place.map_or(0, |place| place as u64)
        }
    }
}

fn type_of(number: u64) -> Option<PointType> {
    match number {
        0 => Some(PointType::Consumption(SettlementMethod::Flex)),
        1 => Some(PointType::Consumption(SettlementMethod::NonProfiled)),
        2 => Some(PointType::Production),
        child => {
            let place = usize::try_from(child - CHILD).ok()?;
            PointType::CHILDREN.get(place).map(|(_, word, _)| PointType::Child(word))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tidstro_model::{ChargeKind, Quality};

    use super::*;

    fn key() -> ChargeKey {
        ChargeKey {
            code: "40000".to_owned(),
            kind: ChargeKind::Tariff,
            owner: Gln::from_body(570_000_000_001),
        }
    }

    fn start() -> Timestamp {
        "2026-03-28T23:00:00Z".parse().unwrap()
    }

    fn amount(
        (supplier, child, seconds): (Option<u64>, bool, i64),
        (quantity, price, is_energy): (i64, Option<i64>, bool),
    ) -> ChargeAmount {
        let qualities = QualitySet::only(Quality::Estimated).with(Quality::Missing);
        ChargeAmount {
            key: key(),
            is_tax: true,
            resolution: ChargeResolution::Hour,
            area: GridArea::parse("543").unwrap(),
            supplier: supplier.map(Gln::from_body),
            points: if child { PointType::Child("electrical_heating") } else { PointType::Production },
            at: start().checked_add(seconds.seconds()).unwrap(),
            quantity,
            qualities: is_energy.then_some(qualities),
            price,
            amount: price.map(|price| price.wrapping_mul(3)),
        }
    }

    proptest! {
        #[test]
        fn amounts_come_back_as_they_were(
            parts in prop::collection::vec(
                ((prop::option::of(0_u64..1_000_000_000_000), any::<bool>(), 0_i64..90_000),
                 (any::<i64>(), prop::option::of(any::<i64>()), any::<bool>())), 1..20)
        ) {
            let amounts: Vec<_> = parts.into_iter().map(|(who, what)| amount(who, what)).collect();
            let bytes = encode_amounts(&amounts, start());
            let area = GridArea::parse("543").unwrap();
            prop_assert_eq!(decode_amounts(&bytes, (&key(), area), start()).unwrap(), amounts);
            for end in 0..bytes.len() {
                prop_assert!(decode_amounts(&bytes[..end], (&key(), area), start()).is_err());
            }
        }
    }
}
