//! Random worlds and asks: numbers from a seed, biased so that about half of the asks are granted.
//!
//! What comes in: a register as written, a seed. What goes out: facts as the store would give them for an
//! ask's target, the ask, the instant. Never: the machine's chance.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, date},
    tz::TimeZone,
};
use tidstro_govern::{
    Ask, Country, DossierFact, Facts, Ground, LeaseEvent, LeaseEventKind, MatterFact, OccupancyFact,
    Operation, Recipient, SubjectEvent, Target,
};
use tidstro_model::{
    ActivityId, ActorId, AreaKind, AreaNo, CategoryId, DayRange, DossierKind, DossierNo, OccupancyNo,
    PartyId, PointNo, Resolution, SubjectNo,
};

use super::leases::Story;
use super::policies::SUBJECTS;
use super::written::{Activity, Written};

/// Numbers from a seed (SplitMix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, limit: u32) -> u32 {
        u32::try_from(self.next() % u64::from(limit.max(1))).unwrap()
    }

    fn between(&mut self, least: i64, most: i64) -> i64 {
        least + i64::from(self.below(u32::try_from(most - least + 1).unwrap()))
    }

    /// True in so many of a hundred cases.
    fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[usize::try_from(self.below(u32::try_from(of.len()).unwrap())).unwrap()]
    }
}

/// One question in one world.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) facts: Facts,
    pub(super) ask: Ask,
    pub(super) now: Timestamp,
}

impl Case {
    /// Whether something would be held or restricted: that reaches all that is there.
    pub(super) fn holds(&self) -> bool {
        self.ask.operation.word() == "restrict"
    }

    /// What moved the leases of the matter's subject.
    pub(super) fn events_of(&self, story: Story<'_>) -> Vec<&LeaseEvent> {
        let of_subject = |event: &&SubjectEvent| Some(event.subject.as_u32()) == story.subject();
        self.facts.events.iter().filter(of_subject).map(|event| &event.event).collect()
    }

    /// Whether the matter belongs to the target. Of a point, a dossier, an area only its own are known.
    pub(super) fn is_asked(&self, story: Story<'_>) -> bool {
        match self.ask.target {
            Target::Subject(subject) => story.subject() == Some(subject.as_u32()),
            Target::Point(_) | Target::Dossier(_) | Target::Area(_) | Target::Everything => true,
        }
    }
}

/// An ask that is right in most of its parts, so that each part decides in turn.
pub(super) fn case(written: &Written, zone: &TimeZone, dice: &mut Dice) -> Case {
    let activity = dice.pick(&written.activity);
    let now = instant(dice, activity, zone);
    let facts = facts(dice, activity, written, now);
    let target = target(dice, &facts);
    let ask = ask(dice, written, activity, target, now);
    Case { facts: known(facts, target), ask, now }
}

fn instant(dice: &mut Dice, activity: &Activity, zone: &TimeZone) -> Timestamp {
    let day = date(2024, 1, 1).saturating_add(dice.between(0, 3000).days());
    let minute = match &activity.hours {
        // Around the edges of the hours.
        Some(hours) if dice.chance(70) => {
            let edge = if dice.chance(50) { &hours.from } else { &hours.to };
            let (hour, minute) = edge.split_once(':').unwrap();
            hour.parse::<i64>().unwrap() * 60 + minute.parse::<i64>().unwrap() + dice.between(-1, 1)
        }
        _ => dice.between(0, 1439),
    };
    let begin = day.to_zoned(zone.clone()).unwrap();
    begin.checked_add(minute.minutes()).unwrap().timestamp()
}

fn facts(dice: &mut Dice, activity: &Activity, written: &Written, now: Timestamp) -> Facts {
    let today = now.to_zoned(TimeZone::UTC).date();
    let occupancies: Vec<_> =
        (0..=dice.below(3)).map(|number| occupancy(dice, activity, number, today)).collect();
    let dossiers: Vec<_> = (0..=dice.below(3)).map(|number| dossier(dice, activity, number, now)).collect();
    let matters: Vec<_> = occupancies
        .iter()
        .map(OccupancyFact::matter)
        .chain(dossiers.iter().map(DossierFact::matter))
        .collect();
    let events = (0..dice.below(7)).map(|_| event(dice, activity, written, &matters, now)).collect();
    Facts { occupancies, dossiers, events }
}

fn occupancy(dice: &mut Dice, activity: &Activity, number: u32, today: Date) -> OccupancyFact {
    let area = match activity.areas.as_slice() {
        [] => *dice.pick(&AreaKind::ALL),
        _ if dice.chance(15) => *dice.pick(&AreaKind::ALL),
        areas => AreaKind::from_code(dice.pick(areas).as_str()).unwrap(),
    };
    let start = today.saturating_sub(dice.between(-40, 3500).days());
    let end = if dice.chance(40) { Date::MAX } else { start.saturating_add(dice.between(1, 1500).days()) };
    OccupancyFact {
        occupancy: OccupancyNo::new(number),
        subject: SubjectNo::new(dice.below(3)),
        area,
        days: DayRange::new(start, end).unwrap(),
    }
}

fn dossier(dice: &mut Dice, activity: &Activity, number: u32, now: Timestamp) -> DossierFact {
    let kind = match activity.dossiers.as_slice() {
        [] => "ticket",
        _ if dice.chance(10) => "somebody-elses",
        kinds => dice.pick(kinds).as_str(),
    };
    DossierFact {
        dossier: DossierNo::new(number),
        subject: (!dice.chance(15)).then(|| SubjectNo::new(dice.below(3))),
        kind: DossierKind::parse(kind).unwrap(),
        opened: before(dice, now),
    }
}

/// Minutes, days or years ago; sometimes a little later than now, sometimes now.
fn before(dice: &mut Dice, now: Timestamp) -> Timestamp {
    let hours = match dice.below(5) {
        0 => dice.between(-30, 30),
        1 => dice.between(0, 24 * 40),
        2 => dice.between(0, 24 * 500),
        _ => dice.between(0, 24 * 4000),
    };
    now.checked_sub(hours.hours()).unwrap()
}

fn event(
    dice: &mut Dice,
    activity: &Activity,
    written: &Written,
    matters: &[MatterFact],
    now: Timestamp,
) -> SubjectEvent {
    let kind = kind(dice, activity);
    let at = before(dice, now);
    let days =
        (kind == LeaseEventKind::AccountDelivered && dice.chance(80)).then(|| account(dice, matters, at));
    let named = if dice.chance(70) { activity } else { dice.pick(&written.activity) };
    SubjectEvent {
        subject: SubjectNo::new(dice.below(3)),
        event: LeaseEvent {
            at,
            kind,
            matter: dice.chance(40).then(|| dice.pick(matters).matter),
            activity: dice.chance(30).then(|| ActivityId::parse(&named.id).unwrap()),
            days,
        },
    }
}

/// The days of an account: often a year after the begin of an occupancy, so that some follow each other and
/// others overlap or leave a gap.
fn account(dice: &mut Dice, matters: &[MatterFact], at: Timestamp) -> DayRange {
    let start = match &dice.pick(matters).ground {
        Ground::Occupancy { days, .. } => {
            days.start().saturating_add((dice.between(0, 3) * 300 - dice.between(0, 20)).days())
        }
        Ground::Dossier { .. } => {
            at.to_zoned(TimeZone::UTC).date().saturating_sub(dice.between(30, 800).days())
        }
    };
    DayRange::new(start, start.saturating_add(dice.between(1, 400).days())).unwrap()
}

/// Mostly one that matters to the activity.
fn kind(dice: &mut Dice, activity: &Activity) -> LeaseEventKind {
    let begins = activity.waits_for().into_iter();
    let words = activity.keep.iter().map(|rule| rule.from.as_str()).chain(begins.clone()).chain(begins);
    let own: Vec<_> = words.filter_map(LeaseEventKind::from_word).collect();
    if own.is_empty() || dice.chance(50) { *dice.pick(LeaseEventKind::ALL) } else { *dice.pick(&own) }
}

fn target(dice: &mut Dice, facts: &Facts) -> Target {
    match dice.below(20) {
        0 => Target::Subject(SubjectNo::new(3)),
        1..=5 => Target::Subject(dice.pick(&facts.occupancies).subject),
        6..=9 => Target::Subject(dice.pick(&facts.dossiers).subject.unwrap_or(SubjectNo::new(0))),
        10..=12 => Target::Dossier(dice.pick(&facts.dossiers).dossier),
        13..=16 => Target::Point(PointNo::new(dice.below(2))),
        17 => Target::Area(AreaNo::new(1)),
        _ => Target::Everything,
    }
}

/// What the store would give for the target. A point has the occupancies of an even or odd number; for a
/// subject everybody's are given, so that the decision has to tell them apart.
fn known(mut facts: Facts, target: Target) -> Facts {
    match target {
        Target::Point(point) => {
            facts.occupancies.retain(|fact| fact.occupancy.as_u32() % 2 == point.as_u32() % 2);
            facts.dossiers.clear();
        }
        Target::Dossier(number) => {
            facts.occupancies.clear();
            facts.dossiers.retain(|fact| fact.dossier == number);
        }
        Target::Subject(_) | Target::Area(_) | Target::Everything => {}
    }
    facts
}

fn ask(dice: &mut Dice, written: &Written, activity: &Activity, target: Target, now: Timestamp) -> Ask {
    let purpose = match dice.below(40) {
        0 => "curiosity",
        1 => dice.pick(&written.activity).id.as_str(),
        _ => activity.id.as_str(),
    };
    let operation = match dice.below(15) {
        0 => *dice.pick(Operation::ALL),
        _ => Operation::from_word(dice.pick(&activity.operations).as_str()).unwrap(),
    };
    Ask {
        actor: ActorId::parse(&actor(dice, written, activity)).unwrap(),
        purpose: ActivityId::parse(purpose).unwrap(),
        operation,
        category: CategoryId::parse(&category(dice, written, activity)).unwrap(),
        target,
        days: asked(dice, now),
        resolution: if dice.chance(60) { Resolution::P1Y } else { *dice.pick(&Resolution::ALL) },
        recipient: recipient(dice, written, activity, operation),
        factors: if activity.factors == 2 && dice.chance(90) { 2 } else { 1 },
    }
}

fn actor(dice: &mut Dice, written: &Written, activity: &Activity) -> String {
    let admitted = |roles: &[String]| roles.iter().any(|role| activity.roles.contains(role));
    let able: Vec<_> = written.actor.iter().filter(|actor| admitted(&actor.roles)).collect();
    match dice.below(25) {
        0 => "staff:nobody".to_owned(),
        1 => "resident:01".to_owned(),
        2 => format!("resident:{}", SUBJECTS.start + dice.below(SUBJECTS.len().try_into().unwrap())),
        3 => dice.pick(&written.actor).id.clone(),
        _ if able.is_empty() => format!("resident:{}", dice.below(3)),
        _ => dice.pick(&able).id.clone(),
    }
}

fn category(dice: &mut Dice, written: &Written, activity: &Activity) -> String {
    let own: Vec<_> = activity.data.keys().collect();
    match dice.below(25) {
        0 => "horoscope".to_owned(),
        1 => dice.pick(&written.category).id.clone(),
        _ => (*dice.pick(&own)).clone(),
    }
}

fn asked(dice: &mut Dice, now: Timestamp) -> DayRange {
    let today = now.to_zoned(TimeZone::UTC).date();
    let start = today.saturating_sub(dice.between(-20, 2500).days());
    match dice.below(4) {
        0 => DayRange::always(),
        1 => DayRange::from(start),
        _ => DayRange::new(start, start.saturating_add(dice.between(0, 900).days())).unwrap(),
    }
}

fn recipient(
    dice: &mut Dice,
    written: &Written,
    activity: &Activity,
    operation: Operation,
) -> Option<Recipient> {
    let names = if operation == Operation::Export { 90 } else { 15 };
    if !dice.chance(names) {
        return None;
    }
    let party = match activity.to.as_slice() {
        [] => dice.pick(&written.party).id.clone(),
        _ if dice.chance(10) => dice.pick(&written.party).id.clone(),
        to => dice.pick(to).clone(),
    };
    let party = if dice.chance(4) { "stranger".to_owned() } else { party };
    let home =
        written.party.iter().find(|known| known.id == party).map_or("DK", |known| known.country.as_str());
    let countries = [home, "DE", "NO", "US", "GB", "CH"];
    let country = *dice.pick(&countries);
    let country = dice.chance(40).then(|| Country::parse(country).unwrap());
    Some(Recipient { party: PartyId::parse(&party).unwrap(), country })
}
