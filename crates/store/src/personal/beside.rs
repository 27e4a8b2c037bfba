//! What is known beside the stored days of one series, for judging them again.
//!
//! What comes in: a window of a series, master data and the registers of its point. What goes out: each stored day with the bounds
//! of the point, the dial of a register, and what a register says passed on it. Never: a register of another owner's days.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use rustc_hash::{FxHashMap, FxHashSet};
use tidstro_calendar::{Zone, epoch_day};
use tidstro_metering::{Block, Dial, Passed, PastBlock, PastDay, RegisterSurroundings, Rules, Surroundings};
use tidstro_model::{Decimal, PointNo, Resolution};

use super::read::{SeriesQuery, Window, windows_at};
use super::register::Register;
use super::state::traits_of;
use super::supplied::Supplied;
use super::versions::KeyCuts;
use crate::StoreFault;
use crate::db::{Connection, Things};
use crate::gate::Terms;
use crate::reference::{SeriesKind, register_digits};
use crate::seal::Vault;

/// What is known beside many series, looked up at once.
pub(super) struct BesideAll {
    supplied: FxHashMap<PointNo, Supplied>,
    /// Points that have a register.
    registered: FxHashSet<PointNo>,
}

impl BesideAll {
    /// Looks up what is known beside the series of windows; registers only where a limit of one of `rules` needs them.
    pub(super) fn of(db: &Connection, windows: &[Window], rules: &[&Rules]) -> Result<Self, StoreFault> {
        let supplied = Supplied::load_all(db, windows.iter().map(|window| &window.entry.meta))?;
        let compared = windows.iter().filter(|window| needs_register(window, rules));
        Ok(Self { supplied, registered: registered_points(db, compared)? })
    }
}

/// Those of the points of windows that have a register.
pub(super) fn registered_points<'w>(
    db: &Connection,
    windows: impl Iterator<Item = &'w Window>,
) -> Result<FxHashSet<PointNo>, StoreFault> {
    let points: BTreeSet<i64> = windows.map(|window| window.entry.meta.point.as_u32().into()).collect();
    let points: Vec<i64> = points.into_iter().collect();
    let sql = "-- registered_points
               SELECT DISTINCT s.point_no FROM series s WHERE s.point_no = ?1 AND s.kind = 'register'";
    let found = db.query_each(sql, Things::Numbers(&points), &[], |row| {
        Ok::<_, StoreFault>(PointNo::new(row.get(0)?))
    })?;
    Ok(found.into_iter().collect())
}

/// What is known beside the days of a series.
pub(super) struct Beside<'a> {
    zone: &'a Zone,
    window: &'a Window,
    now: Timestamp,
    supplied: Supplied,
    register: Register,
    /// How many digits a register shows, by its first and last local day (outside).
    digits: Vec<(i32, i32, u8)>,
}

impl<'a> Beside<'a> {
    /// Looks up what the rules compare with; registers only if a limit of one of `rules` needs them.
    pub(super) fn of(
        (db, vault, zone): (&Connection, &mut Vault, &'a Zone),
        (window, cuts): (&'a Window, &KeyCuts),
        (terms, rules, all): (&Terms, &[&Rules], &BesideAll),
        now: Timestamp,
    ) -> Result<Self, StoreFault> {
        let meta = &window.entry.meta;
        let supplied = all.supplied.get(&meta.point).cloned().unwrap_or_default();
        let digits = register_digits(db, meta)?;
        let register = if all.registered.contains(&meta.point) && needs_register(window, rules) {
            let registers = registers_at(db, terms, window)?;
            Register::of((db, vault, zone), (window, &registers), (cuts, 1))?
        } else {
            Register::default()
        };
        Ok(Self { zone, window, now, supplied, register, digits })
    }

    /// A stored day as the rules judge it.
    pub(super) fn past_day(&self, day: Date, block: Block) -> PastDay<'static> {
        let meta = &self.window.entry.meta;
        let block = match block {
            Block::Interval(block) => PastBlock::Interval {
                block,
                expected: self.zone.slots(day, meta.resolution).unwrap_or(0),
                beside: Surroundings {
                    bounds: self.supplied.bounds((self.zone, meta.resolution), day, self.now),
                    passed: self.passed_on(day),
                    ..Surroundings::default()
                },
            },
            Block::Register(block) => {
                let pulse = Decimal::new(1, block.exponent());
                let said =
                    self.digits.iter().find(|(start, end, _)| (*start..*end).contains(&epoch_day(day)));
                let dial = said.map(|(.., digits)| Dial { pulse, digits: Some(*digits) });
                let beside = RegisterSurroundings { dial, ..RegisterSurroundings::default() };
                PastBlock::Register { block, cumulative: meta.is_cumulative(), beside }
            }
        };
        PastDay { series: meta.series, traits: traits_of(meta), day, block }
    }

    fn passed_on(&self, day: Date) -> Option<Passed> {
        let bounds = (self.zone.day_start(day), self.zone.day_start(day.tomorrow().ok()?));
        self.register.passed(bounds, self.zone)
    }
}

/// Whether a rule compares the intervals of the window with a register.
fn needs_register(window: &Window, rules: &[&Rules]) -> bool {
    let traits = traits_of(&window.entry.meta);
    let days = [window.days.start(), window.days.end()];
    window.entry.meta.kind == SeriesKind::Interval
        && rules
            .iter()
            .any(|rules| days.iter().any(|day| rules.limits(&traits, *day).thresholds.sum.is_some()))
}

/// The registers of the point of a window, on the same days.
pub(super) fn registers_at(
    db: &Connection,
    terms: &Terms,
    window: &Window,
) -> Result<Vec<Window>, StoreFault> {
    let query = SeriesQuery { series: None, days: window.days, resolution: Resolution::P1D, as_of: None };
    let mut found = windows_at(db, terms, &query, window.entry.meta.point)?;
    found.retain(|other| other.entry.meta.kind == SeriesKind::Register);
    Ok(found)
}
