//! What clocks and days say does not depend on the zone of the machine.

use std::{env, process::Command};

use jiff::{Timestamp, civil::date};
use tidstro_calendar::{Amount, Circumstances, Clock, Event, Profile, Roll, WorkingCalendar, Zone};

#[test]
fn examples_hold_in_the_zone_of_the_process() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let zone = Zone::copenhagen();
    let place = Circumstances::new(&zone).with_calendar(WorkingCalendar::shipped("dk-working").unwrap());
    let event = Event::Instant(at("2025-05-08T23:30:00+02:00"));
    for (amount, plan_by, ends_at) in [
        ("PT24H", "2025-05-09T23:30:00+02:00", "2025-05-10T00:00:00+02:00"),
        ("P1M", "2025-06-09T00:00:00+02:00", "2025-06-11T00:00:00+02:00"),
        ("5WD@21:00", "2025-05-15T21:00:00+02:00", "2025-05-15T21:00:00+02:00"),
    ] {
        let clock =
            Clock { amount: Amount::parse(amount).unwrap(), profile: Profile::Legal(Roll::NextWorkingDay) };
        let deadline = clock.deadline(event, &place).unwrap();
        assert_eq!((deadline.plan_by, deadline.ends_at), (at(plan_by), Some(at(ends_at))), "{amount}");
    }
    assert_eq!(zone.day_of(at("2025-05-08T23:30:00+02:00")), date(2025, 5, 8));
}

#[test]
fn the_zone_of_the_machine_changes_nothing() {
    // The zone of a process is fixed at its start, so the examples run again in other processes.
    for zone in ["Pacific/Kiritimati", "America/St_Johns"] {
        let mut run = Command::new(env::current_exe().unwrap());
        let run = run.arg("examples_hold_in_the_zone_of_the_process").env("TZ", zone).output().unwrap();
        assert!(run.status.success(), "{zone}: {run:?}");
        assert!(String::from_utf8_lossy(&run.stdout).contains("1 passed"), "{zone}: {run:?}");
    }
}
