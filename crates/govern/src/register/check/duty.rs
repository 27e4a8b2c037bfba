//! The meaning of obligations, controls, notices and open rows.
//!
//! What comes in: these tables of the right shape. What goes out: checked ones, or their faults. Never: a
//! clock that counts both ways, or in days without saying whether they roll; a control without proof.

use tidstro_calendar::{Amount, Clock, Profile, Roll};
use tidstro_model::{ControlId, NoticeId, ObligationId, TriggerId};
use toml::Spanned;

use super::super::fault::{Fault, Found};
use super::super::written::{self, Text};
use super::super::{
    ClockDirection, Control, ControlProof, NoticePart, Obligation, ObligationClock, OpenRows, listed,
};
use super::{Checker, owned, parsed, present, texts_of};
use crate::{Probe, RoleId, clocks};

impl Checker<'_> {
    pub(super) fn obligation(&mut self, written: &written::Obligation) -> Option<Obligation> {
        let text = self.texts(&written.text);
        let when = self.name(&written.when, TriggerId::parse);
        let who = self.party_named(&written.who);
        let clock = written.clock.as_ref().map(|clock| self.clock(clock));
        let write = "write at least one kind of event, such as `notice.sent`";
        let proof =
            self.each(&written.proof, "proof", write, |checker, text| checker.name(text, TriggerId::parse));
        let recorded_by = written.recorded_by.as_ref().map(|list| self.roles_named(list, "recorded_by"));
        let moved_by = written.moved_by.as_ref().map(|list| self.roles_named(list, "moved_by"));
        let cite = self.filled(&written.cite, "cite", "cite the law or contract that says so");
        Some(Obligation {
            id: parsed(&written.id, ObligationId::parse)?,
            text: text?,
            when: when?,
            who: who?,
            clock: present(clock)?,
            proof: proof?,
            recorded_by: present(recorded_by)?.unwrap_or_default(),
            moved_by: present(moved_by)?.unwrap_or_default(),
            cite: cite?,
            serves: texts_of(written.serves.as_ref()),
            line: self.line(&written.id),
        })
    }

    fn clock(&mut self, written: &Spanned<written::ClockTable>) -> Option<ObligationClock> {
        let table = written.get_ref();
        let (direction, text) = match (&table.within, &table.before) {
            (Some(within), None) => (ClockDirection::Within, within),
            (None, Some(before)) => (ClockDirection::Before, before),
            _ => {
                self.found.push(Found::new(&written.span(), Fault::ClockDirection));
                return None;
            }
        };
        let amount = self.amount(text);
        let calendar = table.calendar.as_ref().map(|text| self.calendar(text));
        let not_before = table.not_before.as_ref().map(|text| self.date(text));
        let extension = table.extension.as_ref().map(|text| self.amount(text));
        let ground = "cite the law or contract that lets the clock stand";
        let pause = table.pause.as_ref().map(|text| self.filled(text, "pause", ground));
        self.counts_on(table, direction);
        let profile = self.profile(table, direction);
        let (amount, calendar) = (amount?, present(calendar)?);
        let profile = profile?;
        if needs_calendar(&amount, profile) && calendar.is_none() {
            self.fault(text, Fault::ClockWithoutCalendar { amount: amount.to_string() });
            return None;
        }
        let clock = ObligationClock {
            direction,
            clock: Clock { amount, profile },
            calendar,
            not_before: present(not_before)?,
            extension: present(extension)?,
            pause: present(pause)?,
        };
        let counts = clocks::counts(&clock).map_err(|fault| self.fault(text, Fault::Clock(fault)));
        counts.is_ok().then_some(clock)
    }

    /// Nothing that counts back is lifted, extended, or stands.
    fn counts_on(&mut self, table: &written::ClockTable, direction: ClockDirection) {
        let moved =
            [("not_before", &table.not_before), ("extension", &table.extension), ("pause", &table.pause)];
        for (key, text) in moved {
            if let Some(text) = text.as_ref().filter(|_| direction == ClockDirection::Before) {
                self.fault(text, Fault::ClockBack { key });
            }
        }
    }

    /// Legal clocks roll to the next working day unless they say otherwise (Reg. 1182/71 art. 3(4)); what is
    /// counted back does not roll, and a contract's clock rolls only if it says so.
    fn profile(&mut self, table: &written::ClockTable, direction: ClockDirection) -> Option<Profile> {
        let roll = match (&table.roll, direction) {
            (None, ClockDirection::Within) => Some(Roll::NextWorkingDay),
            (None, ClockDirection::Before) => Some(Roll::None),
            (Some(text), _) => self.roll(text),
        };
        match &table.profile {
            None => roll.map(Profile::Legal),
            Some(text) => {
                let known = listed(&["legal", "elapsed"]);
                let is_elapsed = |word: &str| match word {
                    "legal" => Some(false),
                    "elapsed" => Some(true),
                    _ => None,
                };
                let elapsed = self.word(text, "a profile of clocks", is_elapsed, &known)?;
                if elapsed { Some(Profile::Elapsed) } else { roll.map(Profile::Legal) }
            }
        }
    }

    fn roll(&mut self, text: &Text) -> Option<Roll> {
        let read = |word: &str| match word {
            "none" => Some(Roll::None),
            "next-working-day" => Some(Roll::NextWorkingDay),
            _ => None,
        };
        self.word(text, "a way to roll", read, &listed(&["none", "next-working-day"]))
    }

    pub(super) fn control(&mut self, written: &written::Control) -> Option<Control> {
        let text = self.texts(&written.text);
        let proof = self.control_proof(written);
        let max_age = written.max_age.as_ref().map(|text| self.period(text));
        let measure = written.measure.as_ref().map(|number| self.measure(number));
        Some(Control {
            id: parsed(&written.id, ControlId::parse)?,
            text: text?,
            proof: proof?,
            max_age: present(max_age)?,
            measure: present(measure)?,
            cite: owned(&written.cite),
            serves: texts_of(written.serves.as_ref()),
            line: self.line(&written.id),
        })
    }

    fn control_proof(&mut self, written: &written::Control) -> Option<ControlProof> {
        match (&written.probe, &written.attestation, &written.document) {
            (Some(probe), None, None) => {
                let known = listed(Probe::ALL);
                self.word(probe, "a probe of this program", Probe::from_word, &known).map(ControlProof::Probe)
            }
            (None, Some(role), None) => {
                let unknown = self.dangling("role", role, &self.roles);
                self.found.extend(unknown);
                parsed(role, RoleId::parse).map(ControlProof::Attestation)
            }
            (None, None, Some(document)) => {
                self.filled(document, "document", "name the command").map(ControlProof::Document)
            }
            _ => {
                let control = written.id.get_ref().clone();
                self.fault(&written.id, Fault::ControlProof { control });
                None
            }
        }
    }

    fn measure(&mut self, number: &Spanned<u8>) -> Option<u8> {
        let got = *number.get_ref();
        if (1..=10).contains(&got) {
            return Some(got);
        }
        let fault = Fault::Number { field: "measure", got, write: "1 to 10" };
        self.found.push(Found::new(&number.span(), fault));
        None
    }

    pub(super) fn notice(&mut self, written: &written::Notice) -> Option<NoticePart> {
        let title = self.texts(&written.title);
        let date = self.date(&written.date);
        Some(NoticePart {
            id: parsed(&written.id, NoticeId::parse)?,
            title: title?,
            date: date?,
            line: self.line(&written.id),
        })
    }

    pub(super) fn open(&mut self, written: &written::Open) -> Option<OpenRows> {
        let part =
            self.filled(&written.part, "part", "name the part of the product that will serve the rows");
        let rows =
            self.each(&written.rows, "rows", "write at least one row", |_, row| Some(row.get_ref().clone()));
        Some(OpenRows { part: part?, rows: rows? })
    }
}

/// Whether the end of the clock depends on which days are working days.
const fn needs_calendar(amount: &Amount, profile: Profile) -> bool {
    match (amount, profile) {
        (Amount::WorkingDays(_), _) => true,
        (Amount::Calendar(_), Profile::Legal(Roll::NextWorkingDay)) => true,
        (Amount::Calendar(_), _) | (Amount::Hours(_), _) => false,
    }
}
