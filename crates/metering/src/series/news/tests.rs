use proptest::{collection::vec, prelude::*};
use tidstro_model::Method;

use super::*;

const MEASURED: Quality = Quality::Measured;

/// The versions of one day, registered as a store does.
#[derive(Default)]
struct Day {
    versions: Vec<MadeVersion>,
    is_edited: bool,
}

impl Day {
    fn newest(&self) -> Option<&Block> {
        self.versions.last().map(|made| &made.block)
    }

    fn add(&mut self, maker: Maker, block: Block) {
        let seq = i64::try_from(self.versions.len()).unwrap() + 1;
        self.versions.push(MadeVersion { seq, maker, block });
    }

    /// Hours that a file says; those that are `None` it does not say. Returns the corrections it takes the place of.
    fn file(&mut self, hours: &[Option<i64>]) -> Vec<Overruled> {
        let mut incoming = IntervalBlock::empty(0);
        hours.iter().for_each(|value| incoming.push(*value, MEASURED).unwrap());
        self.arrives(Block::Interval(incoming))
    }

    fn arrives(&mut self, incoming: Block) -> Vec<Overruled> {
        let Some(current) = self.newest().cloned() else {
            self.add(Maker::Source, incoming);
            return Vec::new();
        };
        let contested = is_contested(&current, &incoming, self.is_edited);
        let news = match contested {
            true => News::of(&self.versions, incoming).unwrap(),
            false => News { block: incoming, overruled: Vec::new() },
        };
        let merged = match (current, news.block) {
            (Block::Interval(old), Block::Interval(new)) => {
                IntervalBlock::merge(&old, &new).unwrap().map(Block::Interval)
            }
            (Block::Register(old), Block::Register(new)) => {
                RegisterBlock::merge(&old, &new).unwrap().map(Block::Register)
            }
            _ => panic!("blocks of two kinds"),
        };
        if let Some(block) = merged {
            self.add(Maker::Source, block);
        }
        news.overruled
    }

    fn corrected(&mut self, slot: u32, value: Option<(i64, Quality)>) {
        self.is_edited = true;
        let value = value.map(|(value, quality)| (Decimal::new(value, 0), quality));
        let edited = match self.newest().unwrap() {
            Block::Interval(block) => block.with_value(slot, value).unwrap().map(Block::Interval),
            Block::Register(block) => block.with_reading(slot, value).unwrap().map(Block::Register),
        };
        if let Some(block) = edited {
            self.add(Maker::Person, block);
        }
    }

    /// A job makes an estimate in a slot, as it does for a value that was rejected.
    fn estimated(&mut self, slot: usize, value: i64) {
        let Some(Block::Interval(block)) = self.newest() else { panic!("no intervals") };
        let mut block = block.clone();
        let was_there = block.value(slot).is_some();
        let mark = Mark::estimated(Method::Linear);
        block.put(slot, value, if was_there { mark.corrected() } else { mark });
        self.add(Maker::Job, Block::Interval(block));
    }

    fn value(&self, slot: usize) -> Option<i64> {
        match self.newest()? {
            Block::Interval(block) => block.value(slot),
            Block::Register(block) => block.values().get(slot).copied(),
        }
    }
}

#[test]
fn an_old_file_again_is_no_news_and_another_value_is() {
    let mut day = Day::default();
    let old = [Some(100), Some(200)];
    day.file(&old);
    day.corrected(0, Some((250, MEASURED)));
    assert_eq!(day.file(&old), []);
    assert_eq!((day.value(0), day.versions.len()), (Some(250), 2), "no version: nothing is new");

    let overruled = day.file(&[Some(110), Some(200)]);
    assert_eq!(overruled, [Overruled { place: 0, seq: 2, corrected: Decimal::new(250, 0) }]);
    assert_eq!(day.value(0), Some(110));
    assert_eq!(overruled_in(&day.versions), overruled, "and it can be told later too");

    // Corrected once more, neither file says anything new.
    day.corrected(0, Some((250, MEASURED)));
    day.file(&old);
    day.file(&[Some(110), None]);
    assert_eq!(day.value(0), Some(250));
    assert_eq!(overruled_in(&day.versions), []);
}

#[test]
fn among_files_the_newest_value_wins() {
    let mut day = Day::default();
    day.file(&[Some(100)]);
    day.file(&[Some(110)]);
    assert_eq!(day.file(&[Some(100)]), []);
    assert_eq!(day.value(0), Some(100));
}

#[test]
fn an_estimate_for_a_gap_gives_way_and_one_for_a_rejected_value_stays() {
    let mut day = Day::default();
    day.file(&[None, Some(9_000)]);
    day.estimated(0, 50);
    day.estimated(1, 60);
    assert_eq!(day.file(&[Some(70), Some(9_000)]), []);
    assert_eq!((day.value(0), day.value(1)), (Some(70), Some(60)));
    assert_eq!(day.file(&[None, Some(80)]), [], "a reading in the place of an estimate is the usual course");
    assert_eq!(day.value(1), Some(80));
}

#[test]
fn a_persons_estimate_of_a_gap_gives_way_and_a_persons_reading_is_told_of() {
    let mut day = Day::default();
    day.file(&[None, None, Some(1)]);
    day.corrected(0, Some((40, Quality::Estimated)));
    day.corrected(1, Some((50, MEASURED)));
    let overruled = day.file(&[Some(41), Some(51), None]);
    assert_eq!(overruled, [Overruled { place: 1, seq: 3, corrected: Decimal::new(50, 0) }]);
    assert_eq!((day.value(0), day.value(1)), (Some(41), Some(51)));
}

#[test]
fn the_same_number_measured_confirms_a_correction() {
    let mut day = Day::default();
    day.file(&[Some(100)]);
    day.corrected(0, Some((250, Quality::Estimated)));
    assert_eq!(day.file(&[Some(250)]), []);
    assert_eq!(day.value(0), Some(250));
}

#[test]
fn what_was_withdrawn_stays_withdrawn_until_another_value_comes() {
    let mut day = Day::default();
    day.file(&[Some(100), Some(200)]);
    day.corrected(0, None);
    day.file(&[Some(100), Some(200)]);
    assert_eq!(day.value(0), None);
    assert_eq!(day.file(&[Some(120), None]), [], "what was withdrawn was to be replaced");
    assert_eq!(day.value(0), Some(120));

    let mut day = Day::default();
    let reading = |value| {
        let mut block = RegisterBlock::empty(0);
        block.push(60, value, Mark::new(MEASURED)).unwrap();
        Block::Register(block)
    };
    day.arrives(reading(500));
    day.corrected(60, None);
    day.arrives(reading(500));
    assert_eq!(day.value(0), None, "a reading that was withdrawn does not come back");
    day.arrives(reading(501));
    assert_eq!(day.value(0), Some(501));
}

/// What happens to a day of four hours.
#[derive(Debug, Clone)]
enum Step {
    File([Option<i64>; 4]),
    Again(usize),
    Corrected(u32, Option<i64>),
    Estimated(usize, i64),
}

fn step() -> impl Strategy<Value = Step> {
    let value = || prop::option::of(1..5_i64);
    prop_oneof![
        [value(), value(), value(), value()].prop_map(Step::File),
        (0..9_usize).prop_map(Step::Again),
        (0..4_u32, value()).prop_map(|(slot, value)| Step::Corrected(slot, value)),
        (0..4_usize, 1..5_i64).prop_map(|(slot, value)| Step::Estimated(slot, value)),
    ]
}

/// Slots in which a file says just what a person said last.
fn echoes(said: &[Option<Option<i64>>; 4], hours: &[Option<i64>; 4]) -> Vec<usize> {
    let is_echo = |slot: &usize| hours[*slot].is_some() && said[*slot] == Some(hours[*slot]);
    (0..4).filter(is_echo).collect()
}

proptest! {
    /// Whatever came in whatever order: what a person said last stays, however often files that were there are taken in
    /// again; and a value that no file has said yet is never left out.
    #[test]
    fn files_again_never_undo_what_a_person_said(steps in vec(step(), 1..12), again in vec(0..12_usize, 0..8)) {
        let (mut day, mut files) = (Day::default(), Vec::new());
        let (mut said, mut echoed) = ([None; 4], Vec::new());
        day.file(&[None; 4]);
        for step in steps {
            match step {
                Step::File(hours) => {
                    echoed.extend(echoes(&said, &hours));
                    day.file(&hours);
                    for (slot, value) in hours.into_iter().enumerate().filter(|(_, value)| value.is_some()) {
                        let is_new = files.iter().all(|file: &[Option<i64>; 4]| file[slot] != value);
                        prop_assert!(!is_new || day.value(slot) == value);
                        if day.value(slot) == value {
                            said[slot] = None;
                        }
                    }
                    files.push(hours);
                }
                Step::Again(index) => {
                    let Some(hours) = files.get(index) else { continue };
                    echoed.extend(echoes(&said, hours));
                    day.file(hours);
                }
                Step::Corrected(slot, value) => {
                    day.corrected(slot, value.map(|value| (value, MEASURED)));
                    said[slot as usize] = Some(value);
                }
                Step::Estimated(slot, value) => {
                    day.estimated(slot, value);
                    said[slot] = None;
                }
            }
        }
        for hours in again.iter().filter_map(|index| files.get(*index)) {
            let before = day.versions.len();
            day.file(hours);
            day.file(hours);
            prop_assert!(day.versions.len() <= before + 1, "twice says it once");
        }
        for (slot, value) in said.into_iter().enumerate() {
            if let Some(value) = value {
                // A file with the person's own number confirms it, and files may go on from there.
                let is_confirmed = files.iter().any(|file| value.is_some() && file[slot] == value);
                // It left no version of its own then: if the person withdraws the number afterwards, the file is news.
                let is_echo = echoed.contains(&slot);
                let is_confirmed = is_confirmed || is_echo;
                prop_assert!(is_confirmed || day.value(slot) == value, "slot {}", slot);
            }
        }
    }
}
