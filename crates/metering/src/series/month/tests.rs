//! What is written as a month is read as the same versions, and nothing else is read.

use proptest::{collection::vec, prelude::*};
use tidstro_model::{Mark, Quality};

use super::*;

fn quality() -> impl Strategy<Value = Quality> {
    prop_oneof![8 => Just(Quality::Measured), 1 => Just(Quality::Estimated), 1 => Just(Quality::Missing)]
}

fn intervals(slots: usize) -> impl Strategy<Value = Block> {
    let value = prop_oneof![8 => 0_i64..3_000, 1 => any::<i64>()];
    (prop_oneof![6 => Just(-3_i8), 1 => any::<i8>()], vec((value, quality()), slots)).prop_map(
        |(exponent, slots)| {
            let mut block = IntervalBlock::empty(exponent);
            for (value, quality) in slots {
                block.push(Some(value), quality).unwrap();
            }
            Block::Interval(block)
        },
    )
}

fn readings() -> impl Strategy<Value = Block> {
    let value = prop_oneof![8 => 0_i64..100_000, 1 => any::<i64>()];
    (any::<i8>(), vec((0_u32..3_600, value, any::<bool>()), 0..8)).prop_map(|(exponent, readings)| {
        let mut block = RegisterBlock::empty(exponent);
        let mut offset = 0;
        for (gap, value, is_estimated) in readings {
            offset += gap + 1;
            let quality = if is_estimated { Quality::Estimated } else { Quality::Measured };
            block.push(offset, value, Mark::new(quality)).unwrap();
        }
        Block::Register(block)
    })
}

/// Versions of a month: days of one series, some with several.
fn versions() -> impl Strategy<Value = Vec<MonthVersion>> {
    fn of(block: impl Strategy<Value = Block>) -> impl Strategy<Value = Vec<MonthVersion>> {
        vec(((1..=31_u8, 1_i64..200), block), 1..40).prop_map(|versions| {
            let mut versions: Vec<MonthVersion> = versions
                .into_iter()
                .map(|((day, seq), block)| MonthVersion { of: VersionOf { day, seq }, block })
                .collect();
            versions.sort_unstable_by_key(|version| version.of);
            versions.dedup_by_key(|version| version.of);
            versions
        })
    }
    prop_oneof![
        3 => of(prop_oneof![6 => intervals(24), 1 => intervals(23), 1 => intervals(100)]),
        2 => of(readings()),
    ]
}

fn written(versions: &[MonthVersion]) -> (Vec<u8>, Vec<u8>) {
    let (index, values) = encode_month(versions).unwrap();
    let mut bytes = Vec::new();
    index.encode(&mut bytes);
    (bytes, values)
}

fn read(index: &[u8], values: &[u8]) -> Result<Vec<MonthVersion>, MonthFault> {
    let index = MonthIndex::decode(index)?;
    let mut month = Month::default();
    month.read(&index, values)?;
    month.versions(&index)
}

proptest! {
    #[test]
    fn a_month_reads_back_as_its_versions(versions in versions()) {
        let (index, values) = written(&versions);
        let mut read = read(&index, &values).unwrap();
        read.sort_unstable_by_key(|version| version.of);
        prop_assert_eq!(read, versions);
    }

    #[test]
    fn the_newest_version_at_any_registration_is_found(versions in versions(), last in 0_i64..200) {
        let index = MonthIndex::of(versions.iter().map(|version| version.of)).unwrap();
        for day in 1..=31_u8 {
            let newest = versions.iter().map(|version| version.of);
            let newest = newest.filter(|of| of.day == day && of.seq <= last).max();
            prop_assert_eq!(index.newest_at(day, last), newest);
        }
    }

    #[test]
    fn changed_bytes_are_a_month_or_none(
        versions in versions(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in 0..3_usize,
    ) {
        let (index, mut values) = written(&versions);
        let position = at.index(values.len());
        values[position] = byte;
        values.truncate(values.len() - cut);
        let _ = read(&index, &values);
        let mut index = index;
        let position = at.index(index.len());
        index[position] = byte;
        if let Ok(read) = MonthIndex::decode(&index) {
            let mut again = Vec::new();
            read.encode(&mut again);
            prop_assert_eq!(again, index);
        }
    }
}

fn day(values: &[i64]) -> Block {
    let mut block = IntervalBlock::empty(-3);
    for value in values {
        let there = (*value >= 0).then_some(*value);
        block.push(there, Quality::Measured).unwrap();
    }
    Block::Interval(block)
}

fn version(day: u8, seq: i64, block: Block) -> MonthVersion {
    MonthVersion { of: VersionOf { day, seq }, block }
}

#[test]
fn the_form_is_pinned() {
    // The second day came in two parts.
    let versions =
        [version(1, 5, day(&[100, 101])), version(2, 9, day(&[102, 103])), version(2, 7, day(&[102, -1]))];
    let (index, values) = written(&versions);
    // Format; days 1 and 2; registration 5, then one 4 later; one older version, of day 2, 1 more than one before.
    assert_eq!(index, [1, 0b11, 0, 0, 0, 5, 8, 0, 1, 2, 2, 0]);
    // Kind; exponent -3, two values, two days; least 100 (zigzag 200), width 2; one run of four; the older version: changes,
    // one measured, one missing, no other value.
    assert_eq!(values, [0x31, 0xfd, 2, 2, 0xc8, 1, 2, 0b1110_0100, 0, 4, 1, 0, 1, 2, 1, 0]);
}

#[test]
fn a_household_month_of_hours_is_small() {
    let hour = |slot: i64| 300 + (slot * 7_919) % 900;
    let month: Vec<_> = (1..=30_u8)
        .map(|number| {
            let first = i64::from(number) * 24;
            let values: Vec<i64> = (first..first + 24).map(hour).collect();
            version(number, 1_000 + i64::from(number) * 40, day(&values))
        })
        .collect();
    let (index, values) = written(&month);
    let bytes = index.len() + values.len();
    // 720 values of 10 bits are 900 bytes.
    assert!(bytes < 960, "{bytes} bytes for 720 values");
}

#[test]
fn faults_say_what_is_wrong() {
    let one = version(1, 5, day(&[1]));
    for (versions, fault) in [
        (vec![], MonthFault::NoVersion),
        (vec![version(32, 5, day(&[1]))], MonthFault::NoSuchDay { day: 32 }),
        (vec![version(0, 5, day(&[1]))], MonthFault::NoSuchDay { day: 0 }),
        (vec![one.clone(), one.clone()], MonthFault::Twice { day: 1, seq: 5 }),
        (vec![one.clone(), version(2, 5, Block::Register(RegisterBlock::empty(0)))], MonthFault::BothKinds),
        (vec![one.clone(), version(1, 4, Block::Register(RegisterBlock::empty(0)))], MonthFault::BothKinds),
    ] {
        assert_eq!(encode_month(&versions).unwrap_err(), fault);
    }
    let (index, values) = written(&[one.clone(), version(2, 6, day(&[1]))]);
    let (fewer, _) = written(std::slice::from_ref(&one));
    assert_eq!(read(&fewer, &values).unwrap_err(), MonthFault::OtherIndex { index: 1, values: 2 });
    let mut longer = values;
    longer.push(0);
    assert!(matches!(read(&index, &longer), Err(MonthFault::Block(BlockFault::OtherForm { .. }))));
}

#[test]
fn a_month_of_too_many_values_is_refused_before_it_is_made() {
    // Two days of 100,000 readings each take a few bytes, so that a few bytes more could ask for any amount of memory.
    let mut bytes = vec![INTERVAL];
    for exponent in 0..31_u8 {
        bytes.push(exponent);
        bytes.extend([0xa0, 0x8d, 0x06, 1]);
    }
    let index = MonthIndex::of((1..=31).map(|day| VersionOf { day, seq: 1 })).unwrap();
    assert!(Month::default().read(&index, &bytes).is_err());
    let older =
        (0..100).map(|seq| version(1, seq, Block::Interval(IntervalBlock::all_missing(0, 90_000).unwrap())));
    assert_eq!(encode_month(&older.collect::<Vec<_>>()).unwrap_err(), MonthFault::TooManyValues);
}
