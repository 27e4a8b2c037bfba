//! The desk of whoever judges and corrects metering data: how far the days have come, what waits for a decision, one series with its
//! versions, what meters report, which are silent, and what nobody can read.
//!
//! What comes in: asks of staff whom the door let in. What goes out: pages, each of which asked at the gate for what it shows. Never: the
//! name of a point or area in an address; addresses have numbers.

pub(crate) mod alarms;
pub(crate) mod board;
pub(crate) mod decision;
pub(crate) mod findings;
mod pages;
mod purposes;
pub(crate) mod series;
pub(crate) mod silent;
pub(crate) mod telegrams;

use axum::response::Response;
use maud::{Markup, html};

use crate::door::Desk;
use crate::page::{Frame, Here, rooms};
use crate::visit::Visit;

/// A room of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    Board,
    Findings,
    Alarms,
    Silent,
    Telegrams,
}

impl Room {
    /// In the order of the links.
    const ALL: [Self; 5] = [Self::Board, Self::Findings, Self::Alarms, Self::Silent, Self::Telegrams];

    const fn path(self) -> &'static str {
        match self {
            Self::Board => "/desk/meter-data",
            Self::Findings => "/desk/meter-data/findings",
            Self::Alarms => "/desk/meter-data/alarms",
            Self::Silent => "/desk/meter-data/silent",
            Self::Telegrams => "/desk/meter-data/telegrams",
        }
    }

    /// The name of its name in `languages/`.
    const fn name(self) -> &'static str {
        match self {
            Self::Board => "cycle-title",
            Self::Findings => "meter-data-findings",
            Self::Alarms => "meter-data-alarms",
            Self::Silent => "meter-data-silent",
            Self::Telegrams => "meter-data-telegrams",
        }
    }

    /// A page of the room.
    fn page(self, visit: &Visit, body: &Markup) -> Response {
        let title = visit.words().say(self.name());
        self.page_called(visit, title, body)
    }

    /// A page of the room with a title of its own.
    fn page_called(self, visit: &Visit, title: String, body: &Markup) -> Response {
        let all = Self::ALL.map(|room| (room.path(), room.name()));
        let whole = html! { (rooms(visit.words(), Desk::MeterData, &all, self.path())) (body) };
        Frame { visit, title, here: Here::At(Desk::MeterData) }.around(&whole)
    }
}
