//! Whether an event that moves leases may be recorded.
//!
//! What comes in: the register, the subject's events so far, a new one, now. What goes out: yes, or why not.
//! Never: an event from the future; an end of what never began.

use jiff::Timestamp;

use super::{LeaseEvent, LeaseEventKind as Kind};
use crate::Inadmissible;
use crate::register::Register;

/// Whether `new` may be recorded for a subject whose events so far are `events`, in any order. Whether its
/// occupancy or dossier is the subject's is for the caller to prove.
///
/// # Errors
/// [`Inadmissible`]: why it may not.
pub fn admit_lease_event(
    register: &Register,
    events: &[&LeaseEvent],
    new: &LeaseEvent,
    now: Timestamp,
) -> Result<(), Inadmissible> {
    if new.at > now {
        return Err(Inadmissible::Future);
    }
    if let Some(activity) = new.activity.as_ref().filter(|id| register.activity(id).is_none()) {
        return Err(Inadmissible::UnknownActivity { activity: activity.clone() });
    }
    has_its_days(new)?;
    match new.kind.ends() {
        Some(sets) if !stands(sets, events, new) => Err(Inadmissible::NothingStands { kind: new.kind, sets }),
        _ => Ok(()),
    }
}

fn has_its_days(new: &LeaseEvent) -> Result<(), Inadmissible> {
    match (new.kind, new.days) {
        (kind @ Kind::AccountDelivered, None) => Err(Inadmissible::NoDays { kind }),
        (Kind::AccountDelivered, Some(_)) | (_, None) => Ok(()),
        (kind, Some(_)) => Err(Inadmissible::DaysNotTaken { kind }),
    }
}

/// Whether something stands, then, that the new event can end: set before it for the same matter and activity
/// or for all of them, and not ended since. What is set at that very instant stays set: see the fold.
fn stands(sets: Kind, events: &[&LeaseEvent], new: &LeaseEvent) -> bool {
    let concerned = |event: &&&LeaseEvent| {
        let in_time = event.at < new.at || (event.at == new.at && event.kind == new.kind);
        in_time
            && (event.kind == sets || event.kind == new.kind)
            && overlap(event.matter, new.matter)
            && overlap(event.activity.as_ref(), new.activity.as_ref())
    };
    let last = events.iter().filter(concerned).max_by_key(|event| (event.at, event.kind != sets));
    last.is_some_and(|event| event.kind == sets)
}

/// What names nothing means all.
fn overlap<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use tidstro_model::{ActivityId, DayRange, DossierNo, OccupancyNo};

    use super::*;
    use crate::Matter;

    fn register() -> Register {
        let text = "[register]\nid = 'r'\nedition = '1'\noperator = 'me'\n\
                    [[party]]\nid = 'me'\nname = 'Me'\nkind = 'controller'\ncountry = 'DK'";
        Register::parse(text, "r.toml").unwrap_or_else(|faults| panic!("{faults}"))
    }

    fn event(at: &str, kind: Kind) -> LeaseEvent {
        LeaseEvent { at: at.parse().unwrap(), kind, matter: None, activity: None, days: None }
    }

    #[track_caller]
    fn check(had: &[&LeaseEvent], new: &LeaseEvent, refused: Option<&Inadmissible>) {
        let now = "2026-06-01T00:00Z".parse().unwrap();
        assert_eq!(admit_lease_event(&register(), had, new, now).err().as_ref(), refused, "{new:?}");
    }

    #[test]
    fn what_stands_can_be_ended_once() {
        for (sets, ends) in [
            (Kind::HoldSet, Kind::HoldLifted),
            (Kind::RestrictionSet, Kind::RestrictionLifted),
            (Kind::LockOpened, Kind::LockClosed),
        ] {
            let nothing = Inadmissible::NothingStands { kind: ends, sets };
            let (set, lifted) = (event("2026-05-01T00:00Z", sets), event("2026-05-02T00:00Z", ends));
            let set_again = event("2026-05-03T00:00Z", sets);
            check(&[], &lifted, Some(&nothing));
            check(&[], &set, None);
            check(&[&set], &lifted, None);
            check(&[&set], &event("2026-05-01T00:00Z", ends), Some(&nothing));
            check(&[&lifted, &set], &event("2026-05-03T00:00Z", ends), Some(&nothing));
            check(&[&lifted, &set_again, &set], &event("2026-05-04T00:00Z", ends), None);
        }
    }

    #[test]
    fn what_is_set_for_one_matter_is_not_ended_for_another() {
        let of = |matter| Some(matter);
        let (flat, ticket) = (Matter::Occupancy(OccupancyNo::new(1)), Matter::Dossier(DossierNo::new(1)));
        let held = LeaseEvent { matter: of(flat), ..event("2026-05-01T00:00Z", Kind::HoldSet) };
        let lifted = event("2026-05-02T00:00Z", Kind::HoldLifted);
        let refused = Inadmissible::NothingStands { kind: Kind::HoldLifted, sets: Kind::HoldSet };
        check(&[&held], &LeaseEvent { matter: of(ticket), ..lifted.clone() }, Some(&refused));
        check(&[&held], &LeaseEvent { matter: of(flat), ..lifted.clone() }, None);
        check(&[&held], &lifted, None);
    }

    #[test]
    fn what_cannot_have_happened_is_refused() {
        let days = Some(DayRange::new("2025-01-01".parse().unwrap(), "2026-01-01".parse().unwrap()).unwrap());
        let account = event("2026-05-01T00:00Z", Kind::AccountDelivered);
        check(&[], &account, Some(&Inadmissible::NoDays { kind: Kind::AccountDelivered }));
        check(&[], &LeaseEvent { days, ..account }, None);
        let consent = event("2026-05-01T00:00Z", Kind::ConsentGiven);
        let refused = Inadmissible::DaysNotTaken { kind: Kind::ConsentGiven };
        check(&[], &LeaseEvent { days, ..consent.clone() }, Some(&refused));
        let activity = ActivityId::parse("newsletter").unwrap();
        let refused = Inadmissible::UnknownActivity { activity: activity.clone() };
        check(&[], &LeaseEvent { activity: Some(activity), ..consent }, Some(&refused));
        check(&[], &event("2026-06-01T00:00:01Z", Kind::HoldSet), Some(&Inadmissible::Future));
        // A consent may be withdrawn that was given before anything was recorded here.
        check(&[], &event("2026-05-01T00:00Z", Kind::ConsentWithdrawn), None);
    }
}
