//! The end of settlement sums.
//!
//! What comes in: the register and the moment. What goes: the sums of local days that no activity keeps any more, with what
//! was left out of them, and the key of each month that has no day left, so that no backup opens it. The facts say how many.
//! Never: a day that comes back, because something late was registered for it.

use crate::db::params;
use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_govern::{Event, EventKind, Register};
use tidstro_model::{ActorId, CategoryId};

use super::kept::{keep_from, kept_from};
use super::sums::class_of;
use crate::StoreFault;
use crate::log;
use crate::personal::Writing;

/// Ends what is kept no longer. Call inside a transaction.
pub(super) fn expire(
    writing: &mut Writing,
    register: &Register,
    category: &CategoryId,
    now: Timestamp,
) -> Result<(), StoreFault> {
    let Some(kept_since) = kept_from(&writing.db)? else { return Ok(()) };
    let Some(oldest) = oldest(writing)? else { return Ok(()) };
    let ends = |day: Date| {
        let over = writing.zone.day(day).end();
        register.unowned_until(category, over).is_some_and(|until| until <= now)
    };
    let days = oldest.series(jiff::Span::new().days(1)).take_while(|day| ends(*day)).count();
    let from = epoch_day(oldest).saturating_add(i32::try_from(days).unwrap_or(i32::MAX));
    if days == 0 || from <= kept_since {
        return Ok(());
    }
    let deleted = delete_before(writing, from)?;
    keep_from(&writing.db, from)?;
    destroy_keys(writing, oldest, from)?;
    writing.settling.forget();
    let actor = ActorId::parse("job:open").map_err(|_| StoreFault::Row { what: "event.actor" })?;
    log::append(writing, Event::new(now, EventKind::Erased, actor, format!("{deleted} settlement sums")))?;
    Ok(())
}

/// The first local day with a sum or a block left out.
fn oldest(writing: &Writing) -> Result<Option<Date>, StoreFault> {
    let mut oldest: Option<i32> = None;
    for sql in [
        "-- oldest_settlement_sum\nSELECT min(s.period) FROM settlement_sum s",
        "-- oldest_settlement_left\nSELECT min(l.start_day) FROM settlement_left l",
    ] {
        let first: Option<i32> = writing.db.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        oldest = oldest.into_iter().chain(first).min();
    }
    Ok(oldest.and_then(from_epoch_day))
}

fn delete_before(writing: &Writing, day: i32) -> Result<usize, StoreFault> {
    let sums = "-- expire_settlement_sums\nDELETE FROM settlement_sum WHERE period < ?1";
    let left = "-- expire_settlement_left\nDELETE FROM settlement_left WHERE end_day <= ?1";
    let cut =
        "-- expire_settlement_left_in_part\nUPDATE settlement_left SET start_day = ?1 WHERE start_day < ?1";
    let frozen = "-- expire_settlement_frozen\nDELETE FROM settlement_frozen WHERE period < ?1";
    let amounts = "-- expire_settlement_amounts\nDELETE FROM settlement_amount WHERE period < ?1";
    let mut deleted = writing.db.prepare_cached(sums)?.execute(params![day])?;
    deleted += writing.db.prepare_cached(frozen)?.execute(params![day])?;
    deleted += writing.db.prepare_cached(amounts)?.execute(params![day])?;
    writing.db.prepare_cached(left)?.execute(params![day])?;
    writing.db.prepare_cached(cut)?.execute(params![day])?;
    Ok(deleted)
}

/// Destroys the keys of months that lie wholly before a day.
fn destroy_keys(writing: &mut Writing, oldest: Date, from: i32) -> Result<(), StoreFault> {
    let mut month = oldest.first_of_month();
    while epoch_day(month.last_of_month()) < from {
        writing.vault.destroy_class(&class_of(month))?;
        let next = month.last_of_month().tomorrow();
        month = next.map_err(|_| StoreFault::Row { what: "settlement_sum.period" })?;
    }
    Ok(())
}
