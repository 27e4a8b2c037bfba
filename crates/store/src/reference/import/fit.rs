//! Which statements of one thing fit: no day said twice, and periods of a point that follow each other.

use tidstro_model::{Dated, DayRange, Timeline};

/// A statement and the index of its row.
pub(super) type Numbered<T> = (usize, Dated<T>);

/// Statements that share no day, and those that do with the row they share it with. A row said twice is one.
pub(super) fn apart<T: PartialEq>(rows: Vec<Numbered<T>>) -> (Vec<Numbered<T>>, Vec<(usize, usize)>) {
    let (mut kept, mut shared): (Vec<Numbered<T>>, Vec<(usize, usize)>) = (Vec::new(), Vec::new());
    for (index, row) in rows {
        match kept.iter().find(|(_, other)| other.days.intersect(row.days).is_some()) {
            Some((_, other)) if *other == row => {}
            Some((other, _)) => shared.push((index, *other)),
            None => kept.push((index, row)),
        }
    }
    (kept, shared)
}

/// The timeline with the statements that leave no gap in it, these statements, and the others with the days they leave.
pub(super) struct Chained<T> {
    pub(super) timeline: Timeline<T>,
    pub(super) kept: Vec<Numbered<T>>,
    pub(super) loose: Vec<(usize, DayRange)>,
}

/// Takes the statements that touch what is known or each other, the earliest first where nothing is known.
pub(super) fn chained<T: Clone + PartialEq>(old: &Timeline<T>, mut rows: Vec<Numbered<T>>) -> Chained<T> {
    rows.sort_by_key(|(_, row)| row.days.start());
    let mut life = old.life();
    let mut kept = Vec::with_capacity(rows.len());
    loop {
        let (fitting, others): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|(_, row)| touches(&mut life, row.days));
        rows = others;
        if fitting.is_empty() {
            break;
        }
        kept.extend(fitting);
    }
    let loose: Vec<_> = rows.iter().map(|(index, row)| (*index, between(life, row.days))).collect();
    let mut timeline = old.clone();
    timeline.state_all(kept.iter().map(|(_, row)| row.clone()).collect());
    match timeline.gaps().first() {
        // A period that was ended leaves its successor alone.
        Some(gap) => {
            let all = kept.iter().map(|(index, _)| (*index, *gap)).chain(loose).collect();
            Chained { timeline: old.clone(), kept: Vec::new(), loose: all }
        }
        None => Chained { timeline, kept, loose },
    }
}

/// Whether days touch the life, which then reaches over them. Without a life they begin it.
fn touches(life: &mut Option<DayRange>, days: DayRange) -> bool {
    let Some(known) = *life else {
        *life = Some(days);
        return true;
    };
    let does = days.start() <= known.end() && known.start() <= days.end();
    if does {
        let (start, end) = (known.start().min(days.start()), known.end().max(days.end()));
        *life = DayRange::new(start, end).ok();
    }
    does
}

/// The days between a life and days that do not touch it.
fn between(life: Option<DayRange>, days: DayRange) -> DayRange {
    let gap = life.and_then(|life| {
        let (start, end) =
            if days.end() < life.start() { (days.end(), life.start()) } else { (life.end(), days.start()) };
        DayRange::new(start, end).ok()
    });
    gap.unwrap_or(days)
}
