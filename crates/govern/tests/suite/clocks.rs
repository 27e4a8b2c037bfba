//! Clocks: stories of the agreement and the law, what may be recorded, and what is true of every case.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::date};
use proptest::prelude::*;
use tidstro_calendar::Amount;
use tidstro_govern::{
    CaseEvent, CaseStep, ClockState, ClockView, Inadmissible, Moment, Register, admit, clocks,
};
use tidstro_model::{ActorId, CaseId, ObligationId, TriggerId};

const REGISTER: &str = r#"
[register]
id = "clocks"
edition = "1"
operator = "processor"

[[party]]
id = "processor"
name = "Tidsmål ApS"
kind = "processor"
country = "DK"

[[party]]
id = "controller"
name = "Ejerforeningen Kornmarken 12"
kind = "controller"
country = "DK"

[[role]]
id = "data-protection-officer"
text.da = "databeskyttelsesrådgiver"
text.de = "Datenschutzbeauftragte"
text.en = "data protection officer"

[[role]]
id = "billing-clerk"
text.da = "regnskabsmedarbejder"
text.de = "Sachbearbeitung Abrechnung"
text.en = "billing clerk"

[[actor]]
id = "staff:dpo"
roles = ["data-protection-officer"]

[[actor]]
id = "staff:anna"
roles = ["billing-clerk"]

[resident]
roles = ["data-protection-officer"]

[[obligation]]
id = "breach.tell-controller"
text.da = "Underret den dataansvarlige"
text.de = "Den Verantwortlichen benachrichtigen"
text.en = "Tell the controller"
when = "breach.aware.processor"
who = "processor"
clock = { within = "PT48H", profile = "elapsed" }
proof = ["breach.told.controller"]
recorded_by = ["data-protection-officer"]
moved_by = ["data-protection-officer"]
cite = "agreement, clause 10.2"

[[obligation]]
id = "breach.notify-authority"
text.da = "Anmeld bruddet"
text.de = "Die Verletzung melden"
text.en = "Notify the breach"
when = "breach.aware.controller"
who = "controller"
clock = { within = "PT72H" }
proof = ["breach.notified.authority"]
recorded_by = ["data-protection-officer"]
moved_by = ["data-protection-officer"]
cite = "GDPR art. 33(1)"

[[obligation]]
id = "access.answer"
text.da = "Besvar anmodningen"
text.de = "Den Antrag beantworten"
text.en = "Answer the request"
when = "access.received"
who = "controller"
clock = { within = "P1M", calendar = "dk-working", extension = "P2M", pause = "GDPR art. 12(6)" }
proof = ["access.identity-checked", "access.answered"]
recorded_by = ["data-protection-officer"]
moved_by = ["data-protection-officer"]
cite = "GDPR art. 12(3)"

[[obligation]]
id = "processor.announce"
text.da = "Varsl skiftet"
text.de = "Den Wechsel ankündigen"
text.en = "Announce the change"
when = "subprocessor.planned"
who = "processor"
clock = { before = "P1M", profile = "elapsed" }
proof = ["subprocessor.announced"]
recorded_by = ["data-protection-officer"]
moved_by = ["data-protection-officer"]
cite = "agreement, clause 7.3"

[[obligation]]
id = "breach.document"
text.da = "Dokumentér bruddet"
text.de = "Die Verletzung dokumentieren"
text.en = "Document the breach"
when = "breach.aware.controller"
who = "controller"
proof = ["breach.documented"]
recorded_by = ["data-protection-officer"]
moved_by = ["data-protection-officer"]
cite = "GDPR art. 33(5)"
"#;

fn register() -> Register {
    Register::parse(REGISTER, "clocks.toml").unwrap_or_else(|faults| panic!("{faults}"))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// An instant, or a local day where the text is one.
fn moment(text: &str) -> Moment {
    text.parse().map_or_else(|_| Moment::Day(text.parse().unwrap()), Moment::Instant)
}

fn event(when: &str, step: CaseStep) -> CaseEvent {
    CaseEvent {
        case: CaseId::parse("case-1").unwrap(),
        at: moment(when),
        step,
        by: ActorId::parse("staff:dpo").unwrap(),
        recorded: at("2027-01-01T00:00Z"),
    }
}

fn trigger(name: &str) -> CaseStep {
    CaseStep::Trigger { trigger: TriggerId::parse(name).unwrap(), starts: None }
}

fn obligation(name: &str) -> ObligationId {
    ObligationId::parse(name).unwrap()
}

fn extension(of: &str, by: &str) -> CaseStep {
    let reason = "the request is complex".to_owned();
    CaseStep::Extension { obligation: obligation(of), by: Amount::parse(by).unwrap(), reason }
}

fn pause(of: &str) -> CaseStep {
    CaseStep::Pause { obligation: obligation(of), reason: "identity in doubt".to_owned() }
}

fn resume(of: &str) -> CaseStep {
    CaseStep::Resume { obligation: obligation(of) }
}

/// The clock of one obligation.
fn clock<'r>(register: &'r Register, events: &[CaseEvent], name: &str, now: &str) -> ClockView<'r> {
    let all = clocks(register, events, at(now)).unwrap();
    all.into_iter().find(|view| view.obligation.id == obligation(name)).unwrap()
}

/// `plan_by` and `ends_at`.
fn ends(view: &ClockView<'_>) -> (Timestamp, Option<Timestamp>) {
    let deadline = view.counted.as_ref().unwrap().deadline;
    (deadline.plan_by, deadline.ends_at)
}

#[test]
fn a_breach_runs_two_clocks_from_two_awarenesses() {
    let register = register();
    let mut events = vec![event("2026-10-23T08:40:00+02:00", trigger("breach.aware.processor"))];
    let seen = clocks(&register, &events, at("2026-10-24T00:00Z")).unwrap();
    assert_eq!(seen.len(), 1, "the controller's clock does not start with the processor's awareness");
    assert_eq!(ends(&seen[0]), (at("2026-10-25T07:40:00+01:00"), None));

    events.push(event("2026-10-24T10:17:00+02:00", trigger("breach.aware.controller")));
    events.push(event("2026-10-24T10:10:00+02:00", trigger("breach.told.controller")));
    let told = clock(&register, &events, "breach.tell-controller", "2026-10-25T12:00Z");
    assert_eq!(told.state, ClockState::Done);
    let notify = clock(&register, &events, "breach.notify-authority", "2026-10-25T12:00Z");
    assert_eq!(ends(&notify), (at("2026-10-27T09:17:00+01:00"), Some(at("2026-10-27T10:00:00+01:00"))));
    let (next, text) = notify.next().unwrap();
    assert_eq!((next.as_str(), text.da.as_str()), ("breach.notified.authority", "Anmeld bruddet"));
    // A duty without a time is due from the start, and never over.
    let document = clock(&register, &events, "breach.document", "2030-01-01T00:00Z");
    assert_eq!((document.counted.as_ref(), document.state), (None, ClockState::Due));
}

#[test]
fn a_clock_is_due_before_plan_by_and_overdue_only_past_the_legal_bound() {
    let register = register();
    // The month ends on Saturday 31 January 2026 and rolls to Monday 2 February.
    let mut events = vec![event("2025-12-31", trigger("access.received"))];
    let view = |events: &[CaseEvent], now: &str| clock(&register, events, "access.answer", now).state;
    let ended = ends(&clock(&register, &events, "access.answer", "2026-01-01T00:00Z"));
    assert_eq!(ended, (at("2026-02-01T00:00:00+01:00"), Some(at("2026-02-03T00:00:00+01:00"))));
    for (now, state) in [
        ("2026-01-31T00:00:00+01:00", ClockState::Running),
        ("2026-01-31T00:00:01+01:00", ClockState::Due),
        ("2026-02-02T23:59:59+01:00", ClockState::Due),
        ("2026-02-03T00:00:00+01:00", ClockState::Overdue),
    ] {
        assert_eq!(view(&events, now), state, "{now}");
    }
    events.push(event("2026-01-02T10:00:00Z", trigger("access.identity-checked")));
    let half = clock(&register, &events, "access.answer", "2026-01-05T00:00Z");
    assert_eq!(half.next().unwrap().0.as_str(), "access.answered");
    // A day in which the bound lies is not proof of being in time; the day before it is.
    for (day, state) in [("2026-02-02", ClockState::Done), ("2026-02-03", ClockState::DoneLate)] {
        let proved = [&events[..], &[event(day, trigger("access.answered"))]].concat();
        assert_eq!(view(&proved, "2026-03-01T00:00Z"), state, "{day}");
    }
}

#[test]
fn what_happened_before_the_start_proves_nothing() {
    let register = register();
    let events = [
        event("2026-01-01T10:00:00Z", trigger("breach.notified.authority")),
        event("2026-01-02T10:00:00Z", trigger("breach.aware.controller")),
    ];
    let view = clock(&register, &events, "breach.notify-authority", "2026-01-02T12:00Z");
    assert_eq!((view.state, view.proof[0].at), (ClockState::Running, None));
}

#[test]
fn an_extension_is_counted_again_from_the_event() {
    let register = register();
    let received = event("2026-01-31T12:00:00Z", trigger("access.received"));
    let extended = event("2026-02-20T12:00:00Z", extension("access.answer", "P2M"));
    let events = [received, extended];
    let before = clock(&register, &events, "access.answer", "2026-02-10T00:00Z");
    assert_eq!(ends(&before).0, at("2026-03-01T00:00:00+01:00"), "the extension has not happened yet");
    let view = clock(&register, &events, "access.answer", "2026-03-10T00:00Z");
    // 31 January and three months: 30 April, not 28 February and two months.
    assert_eq!(ends(&view).0, at("2026-05-01T00:00:00+02:00"));
    let counted = view.counted.unwrap();
    assert_eq!(counted.amount.to_string(), "P3M");
    assert_eq!(counted.calendar.unwrap().name(), "dk-working");
    assert_eq!(view.extension.unwrap().reason, "the request is complex");
}

#[test]
fn a_pause_moves_the_end_on_when_it_is_over() {
    let register = register();
    let mut events = vec![
        event("2026-03-02T12:00:00Z", trigger("access.received")),
        event("2026-03-05T12:00:00Z", pause("access.answer")),
    ];
    let unpaused = (at("2026-04-03T00:00:00+02:00"), Some(at("2026-04-08T00:00:00+02:00")));
    let standing = clock(&register, &events, "access.answer", "2026-06-01T00:00Z");
    assert_eq!((ends(&standing), standing.state), (unpaused, ClockState::Paused));
    events.push(event("2026-03-15T12:00:00Z", resume("access.answer")));
    let resumed = clock(&register, &events, "access.answer", "2026-04-01T00:00Z");
    // Ten days on: the month runs as from 12 March, and 12 April is a Sunday.
    assert_eq!(ends(&resumed), (at("2026-04-13T00:00:00+02:00"), Some(at("2026-04-14T00:00:00+02:00"))));
    assert_eq!(resumed.pauses.len(), 1);
}

#[test]
fn notice_ahead_is_counted_back_from_the_day_that_starts() {
    let register = register();
    let starts = Some(date(2026, 7, 1));
    let planned = CaseStep::Trigger { trigger: TriggerId::parse("subprocessor.planned").unwrap(), starts };
    let mut events = vec![event("2026-04-01T09:00:00Z", planned)];
    let view = clock(&register, &events, "processor.announce", "2026-04-02T00:00Z");
    // The latest day for the notice is 31 May.
    assert_eq!(ends(&view), (at("2026-06-01T00:00:00+02:00"), None));
    assert_eq!(view.counted.unwrap().deadline.days.unwrap().last_day, date(2026, 5, 31));
    // Told before anybody wrote the plan down: told in time.
    events.push(event("2026-03-20", trigger("subprocessor.announced")));
    assert_eq!(clock(&register, &events, "processor.announce", "2026-04-02T00:00Z").state, ClockState::Done);
}

#[test]
fn hours_run_from_the_begin_of_a_day_whose_clock_time_is_unknown() {
    let register = register();
    let events = [event("2026-10-24", trigger("breach.aware.controller"))];
    let view = clock(&register, &events, "breach.notify-authority", "2026-10-25T00:00Z");
    assert_eq!(ends(&view).0, at("2026-10-26T23:00:00+01:00"));
}

#[test]
fn what_may_not_be_recorded_is_named() {
    let register = register();
    let aware = event("2026-05-01T10:00:00Z", trigger("breach.aware.controller"));
    let received = event("2026-05-01T10:00:00Z", trigger("access.received"));
    let paused = event("2026-05-03T10:00:00Z", pause("access.answer"));
    let resumed = event("2026-05-05T10:00:00Z", resume("access.answer"));
    let extended = event("2026-05-04T10:00:00Z", extension("access.answer", "P1M"));
    let of = |name: &str| obligation(name);
    let case = aware.case.clone();
    let access = || of("access.answer");
    let silent = CaseStep::Pause { obligation: access(), reason: " ".to_owned() };
    let most = |by: &str| Inadmissible::ExtensionTooLong {
        obligation: access(),
        by: Amount::parse(by).unwrap(),
        most: Amount::parse("P2M").unwrap(),
    };
    let unknown = TriggerId::parse("flood").unwrap();
    let resident = ActorId::parse("resident:1").unwrap();
    let late = Inadmissible::PeriodOver { obligation: access() };
    let cases: Vec<(Vec<&CaseEvent>, CaseEvent, Inadmissible)> = vec![
        (vec![], event("2026-06-03", trigger("access.received")), Inadmissible::Future),
        (vec![], event("2026-05-01", trigger("flood")), Inadmissible::UnknownTrigger { trigger: unknown }),
        (
            vec![],
            event("2026-05-01", pause("flood")),
            Inadmissible::UnknownObligation { obligation: of("flood") },
        ),
        (
            vec![],
            event("2026-05-01", pause("access.answer")),
            Inadmissible::NotStarted { obligation: access(), case: case.clone() },
        ),
        (
            vec![&received],
            event("2026-05-01T09:00:00Z", pause("access.answer")),
            Inadmissible::NotStarted { obligation: access(), case: case.clone() },
        ),
        (
            vec![],
            event("2026-05-01", trigger("subprocessor.planned")),
            Inadmissible::NoStartDay { obligation: of("processor.announce") },
        ),
        (
            vec![&aware],
            event("2026-05-02", extension("breach.notify-authority", "PT24H")),
            Inadmissible::NotExtendable { obligation: of("breach.notify-authority") },
        ),
        (
            vec![&aware],
            event("2026-05-02", pause("breach.notify-authority")),
            Inadmissible::NotPausable { obligation: of("breach.notify-authority") },
        ),
        (vec![&received], event("2026-05-02", extension("access.answer", "P3M")), most("P3M")),
        (vec![&received], event("2026-05-02", extension("access.answer", "P3W")), most("P3W")),
        (
            vec![&received, &extended],
            event("2026-05-06T10:00:00Z", extension("access.answer", "P1M")),
            Inadmissible::AlreadyExtended { obligation: access() },
        ),
        (
            vec![&received],
            event("2026-06-02T00:00:00+02:00", extension("access.answer", "P1M")),
            late.clone(),
        ),
        (vec![&received], event("2026-06-02T00:00:00+02:00", pause("access.answer")), late),
        (
            vec![&received],
            event("2026-05-06", resume("access.answer")),
            Inadmissible::NotPaused { obligation: access() },
        ),
        (
            vec![&received, &paused],
            event("2026-05-06", pause("access.answer")),
            Inadmissible::PausedAlready { obligation: access() },
        ),
        (
            vec![&received, &paused, &resumed],
            event("2026-05-04", resume("access.answer")),
            Inadmissible::OutOfOrder { because: Box::new(Inadmissible::NotPaused { obligation: access() }) },
        ),
        (
            vec![&received],
            event("2026-05-01T09:59:59Z", trigger("access.received")),
            Inadmissible::WouldEndEarlier { obligation: access(), case },
        ),
        (vec![&received], event("2026-05-02", silent), Inadmissible::NoReason),
        (
            vec![],
            CaseEvent { by: resident.clone(), ..received.clone() },
            Inadmissible::UnknownActor { actor: resident },
        ),
    ];
    for (had, new, refused) in cases {
        let had: Vec<_> = had.into_iter().cloned().collect();
        let now = at("2026-06-02T12:00Z");
        assert_eq!(admit(&register, &had, &new, now), Err(refused), "{new:?}");
    }
    for (had, new) in [
        (vec![received.clone(), paused.clone()], resumed),
        (vec![received.clone(), paused], extended.clone()),
        (vec![received.clone(), extended], event("2026-06-20", pause("access.answer"))),
        // A second trigger is kept as what it is, and starts nothing.
        (vec![received], event("2026-05-20", trigger("access.received"))),
    ] {
        assert_eq!(admit(&register, &had, &new, at("2026-08-01T00:00Z")), Ok(()), "{new:?}");
    }
}

/// A case is open to those whom each obligation that is started, proved or moved names.
#[test]
fn only_recorders_record() {
    let case = |step| CaseEvent { by: ActorId::parse("staff:anna").unwrap(), ..event("2026-05-02", step) };
    let refused = |what: &str, obligation: &str, field| Inadmissible::NotRecorder {
        actor: ActorId::parse("staff:anna").unwrap(),
        what: what.to_owned(),
        obligation: ObligationId::parse(obligation).unwrap(),
        field,
    };
    let mut received = event("2026-05-01", trigger("access.received"));
    received.by = ActorId::parse("staff:dpo").unwrap();
    let check = |register: &Register, step: CaseStep, refused: Option<Inadmissible>| {
        let judged = admit(register, &[received.clone()], &case(step.clone()), at("2026-06-02T12:00Z"));
        assert_eq!(judged.err(), refused, "{step:?}");
    };
    let dpo_only = register();
    for (step, what, field) in [
        (trigger("access.received"), "access.received", "recorded_by"),
        (trigger("access.answered"), "access.answered", "recorded_by"),
        (pause("access.answer"), "pause", "moved_by"),
        (extension("access.answer", "P1M"), "extension", "moved_by"),
    ] {
        check(&dpo_only, step, Some(refused(what, "access.answer", field)));
    }
    // Without a word in the register nobody may, and who may record may not yet move.
    let nobody = REGISTER.replace("recorded_by = [\"data-protection-officer\"]\n", "");
    let nobody = Register::parse(&nobody, "clocks.toml").unwrap();
    check(
        &nobody,
        trigger("access.received"),
        Some(refused("access.received", "access.answer", "recorded_by")),
    );
    let both = "recorded_by = [\"data-protection-officer\", \"billing-clerk\"]";
    let clerk = REGISTER.replace("recorded_by = [\"data-protection-officer\"]", both);
    let clerk = Register::parse(&clerk, "clocks.toml").unwrap();
    check(&clerk, trigger("access.answered"), None);
    check(&clerk, pause("access.answer"), Some(refused("pause", "access.answer", "moved_by")));
    // What proves two obligations, somebody must be allowed to record for both.
    let shared = REGISTER.replace("[\"breach.told.controller\"]", "[\"access.answered\"]");
    let (first, rest) = shared.split_once("id = \"access.answer\"").unwrap();
    let rest = rest.replacen("recorded_by = [\"data-protection-officer\"]", both, 1);
    let shared = Register::parse(&format!("{first}id = \"access.answer\"{rest}"), "clocks.toml").unwrap();
    let refused = refused("access.answered", "breach.tell-controller", "recorded_by");
    check(&shared, trigger("access.answered"), Some(refused));
    check(&shared, trigger("access.received"), None);
}

#[test]
fn the_zone_of_the_machine_changes_nothing() {
    // The zone of a process is fixed at its start, so a story runs again in other processes.
    for zone in ["Pacific/Kiritimati", "America/St_Johns"] {
        let mut run = std::process::Command::new(std::env::current_exe().unwrap());
        let story = "clocks::an_extension_is_counted_again_from_the_event";
        let run = run.args(["--exact", story]).env("TZ", zone).output().unwrap();
        assert!(run.status.success(), "{zone}: {run:?}");
        assert!(String::from_utf8_lossy(&run.stdout).contains("1 passed"), "{zone}: {run:?}");
    }
}

const TRIGGERS: &[&str] = &[
    "breach.aware.processor",
    "breach.told.controller",
    "breach.aware.controller",
    "breach.notified.authority",
    "access.received",
    "access.identity-checked",
    "access.answered",
    "subprocessor.planned",
];
const OBLIGATIONS: &[&str] = &["access.answer", "access.answer", "access.answer", "breach.notify-authority"];

/// Any event of a case, within some months of 2026: instants and days, likely and unlikely ones.
fn any_event() -> impl Strategy<Value = CaseEvent> {
    let named = prop::sample::select(OBLIGATIONS);
    let step = prop_oneof![
        3 => (prop::sample::select(TRIGGERS), 0_i64..200).prop_map(|(name, day)| CaseStep::Trigger {
            trigger: TriggerId::parse(name).unwrap(),
            starts: Some(date(2026, 3, 1).saturating_add(day.days())),
        }),
        1 => (named.clone(), prop::sample::select(&["P1M", "P2M", "P1D", "PT24H"][..]))
            .prop_map(|(of, by)| extension(of, by)),
        2 => named.clone().prop_map(pause),
        2 => named.prop_map(resume),
    ];
    (step, 0_i64..120 * 24 * 60, any::<bool>()).prop_map(|(step, minutes, by_day)| {
        let instant = at("2026-01-15T00:00Z") + SignedDuration::from_mins(minutes);
        let day = Moment::Day(tidstro_calendar::Zone::copenhagen().day_of(instant));
        let mut event = event("2026-01-01", step);
        event.at = if by_day { day } else { Moment::Instant(instant) };
        event
    })
}

type Ends = Vec<(ObligationId, Timestamp, Option<Timestamp>)>;

/// The ends of every clock with one.
fn all_ends(register: &Register, events: &[CaseEvent], now: Timestamp) -> Ends {
    let views = clocks(register, events, now).unwrap();
    let end = |view: &ClockView<'_>| {
        view.counted.as_ref().map(|_| (view.obligation.id.clone(), ends(view).0, ends(view).1))
    };
    views.iter().filter_map(end).collect()
}

fn must_not_fall(before: &Ends, after: &Ends) -> Result<(), TestCaseError> {
    for (id, plan_by, ends_at) in before {
        let now = after.iter().find(|(other, _, _)| other == id);
        let Some((_, later_plan, later_end)) = now else {
            return Err(TestCaseError::fail(format!("{id} stopped")));
        };
        prop_assert!(plan_by <= later_plan && ends_at <= later_end, "{id}: {before:?} then {after:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// In whatever order events arrive: what was admitted never ends a clock earlier.
    #[test]
    fn no_clock_ends_earlier_because_an_event_arrived(tried in prop::collection::vec(any_event(), 1..24)) {
        let (register, now) = (register(), at("2026-06-01T00:00Z"));
        let mut case = Vec::new();
        let mut before = Ends::new();
        for event in tried {
            if admit(&register, &case, &event, now).is_ok() {
                case.push(event);
                let after = all_ends(&register, &case, now);
                must_not_fall(&before, &after)?;
                before = after;
            }
        }
    }

    /// Also where nobody asked whether an event may be recorded: as time passes, ends only move on.
    #[test]
    fn no_clock_ends_earlier_as_time_passes(events in prop::collection::vec(any_event(), 1..24), hours in 1_i64..200) {
        let register = register();
        let (mut now, mut before) = (at("2026-01-15T00:00Z"), Ends::new());
        while now < at("2026-06-01T00:00Z") {
            let after = all_ends(&register, &events, now);
            must_not_fall(&before, &after)?;
            (now, before) = (now + SignedDuration::from_hours(hours), after);
        }
    }

    /// The order of arrival tells nothing.
    #[test]
    fn a_replay_in_any_order_is_the_same(
        (events, shuffled) in prop::collection::vec(any_event(), 1..24)
            .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
    ) {
        let (register, now) = (register(), at("2026-06-01T00:00Z"));
        prop_assert_eq!(clocks(&register, &events, now).unwrap(), clocks(&register, &shuffled, now).unwrap());
    }

    /// Proof makes a clock done and moves nothing.
    #[test]
    fn proof_moves_no_end(events in prop::collection::vec(any_event(), 1..12), proof in any_event()) {
        let (register, now) = (register(), at("2026-06-01T00:00Z"));
        let answered = CaseEvent { step: trigger("access.answered"), ..proof };
        let proved = [&events[..], &[answered]].concat();
        prop_assert_eq!(all_ends(&register, &events, now), all_ends(&register, &proved, now));
    }
}
