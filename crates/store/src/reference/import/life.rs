//! The life of a point: new, connected or disconnected, closed down.
//!
//! What comes in: what the market will register of a point. What goes out: the days on which somebody may supply it and devices
//! may hang there, and whether its states come in the order of a life. Whoever closes a point down ends what is there:
//! the market ends a supply with the point it is of.

use jiff::civil::Date;
use tidstro_model::{ConnectionState, DayRange, PointState, Timeline};

use super::MasterRefusal;

/// From the first day of a point to the day it is closed down, or to the end of its last period; `None` if the market knows
/// nothing of it.
pub(super) fn life(states: &Timeline<PointState>) -> Option<DayRange> {
    let whole = states.life()?;
    let is_closed = |state: &PointState| state.connection == ConnectionState::ClosedDown;
    let closing = states.periods().iter().find(|period| is_closed(&period.what));
    let end = closing.map_or(whole.end(), |closing| closing.days.start());
    DayRange::new(whole.start(), end).ok()
}

/// The first day after a life that ends earlier than it did, or than its supplies and devices may know.
pub(super) fn earlier_end(old: &Timeline<PointState>, new: &Timeline<PointState>) -> Option<Date> {
    let (was, is) = (life(old)?.end(), life(new)?.end());
    (is < was).then_some(is)
}

/// Why the states are no life; `None` if they are.
pub(super) fn out_of_order(point: &str, states: &Timeline<PointState>) -> Option<MasterRefusal> {
    let periods = states.periods();
    let mut pairs = periods.iter().zip(periods.iter().skip(1));
    let (one, next) = pairs.find(|(one, next)| stage(next.what.connection) < stage(one.what.connection))?;
    Some(MasterRefusal::OutOfOrder {
        point: point.to_owned(),
        state: one.what.connection.word(),
        next: next.what.connection.word(),
        day: next.days.start(),
    })
}

const fn stage(state: ConnectionState) -> u8 {
    match state {
        ConnectionState::New => 0,
        ConnectionState::Connected | ConnectionState::Disconnected => 1,
        ConnectionState::ClosedDown => 2,
    }
}
