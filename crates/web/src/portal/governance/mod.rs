//! The desk of whoever answers for the protection of data: what is due, what is kept of somebody, what the register says, who did what,
//! and what goes.
//!
//! What comes in: asks of staff whom the door let in. What goes out: pages, each of which asked at the gate for what it shows of
//! people. Never: a name or reference in an address; what names somebody is sent as a form and answered at once.

pub(crate) mod activity;
pub(crate) mod candidate;
pub(crate) mod clocks;
pub(crate) mod log;
pub(crate) mod log_whole;
pub(crate) mod register;
pub(crate) mod retention;
pub(crate) mod subject;

use axum::response::Response;
use maud::{Markup, html};
use tidstro_govern::{Operation, Register, RoleId};

use crate::door::Desk;
use crate::page::{Frame, Here, rooms};
use crate::visit::Visit;
use crate::words::Words;

/// A room of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    Clocks,
    Subject,
    Register,
    Log,
    Retention,
}

impl Room {
    /// In the order of the links.
    const ALL: [Self; 5] = [Self::Clocks, Self::Subject, Self::Register, Self::Log, Self::Retention];

    const fn path(self) -> &'static str {
        match self {
            Self::Clocks => "/desk/governance",
            Self::Subject => "/desk/governance/subject",
            Self::Register => "/desk/governance/register",
            Self::Log => "/desk/governance/log",
            Self::Retention => "/desk/governance/retention",
        }
    }

    /// The name of its name in `languages/`.
    const fn name(self) -> &'static str {
        match self {
            Self::Clocks => "governance-clocks",
            Self::Subject => "governance-subject",
            Self::Register => "governance-register",
            Self::Log => "governance-log",
            Self::Retention => "governance-retention",
        }
    }

    /// A page of the room.
    fn page(self, visit: &Visit, body: &Markup) -> Response {
        let words = visit.words();
        let all = Self::ALL.map(|room| (room.path(), room.name()));
        let whole = html! { (rooms(words, Desk::Governance, &all, self.path())) (body) };
        Frame { visit, title: words.say(self.name()), here: Here::At(Desk::Governance) }.around(&whole)
    }
}

/// What is done, in words.
fn operations(done: &[Operation], words: &Words) -> String {
    let said: Vec<_> =
        done.iter().map(|operation| words.say(&format!("operation-{}", operation.word()))).collect();
    said.join(", ")
}

/// Roles in the register's words.
fn roles(register: &Register, held: &[RoleId], words: &Words) -> String {
    let said: Vec<_> = held
        .iter()
        .filter_map(|role| register.role(role))
        .map(|role| role.text.in_language(words.language()))
        .collect();
    said.join(", ")
}
