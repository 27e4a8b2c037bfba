//! The portal and the API: requests in, pages and JSON out.
//!
//! What comes in: HTTP, from browsers and programs. What goes out: pages that work without script, in Danish, German and English, and
//! JSON. This crate sees the uses of `flows` and nothing behind them: every value on a page was asked for at the gate, by who is
//! logged in and for a purpose of the register. Never: a value of a person in an address, a log, a message or a page of a fault.

mod answered;
mod api;
mod asset;
mod door;
mod onward;
mod page;
mod portal;
mod routes;
mod serve;
mod visit;
mod words;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use tidstro_flows::{FlowFault, Workspace};

pub use answered::access_log::Access;
pub use api::rate::Rate;
use api::rate::Rates;
pub use routes::route_list;
pub use serve::serve;
pub use words::{Words, WordsFault, preferred};

/// Hears of each access.
pub type AccessTold = Box<dyn Fn(&Access) + Send + Sync>;
/// Hears of a fault, and the number that the visitor was given.
pub type FaultTold = Box<dyn Fn(&str, &FlowFault) + Send + Sync>;
/// Hears that a program was not answered.
pub type ProblemTold = Box<dyn Fn(&ProblemLine) + Send + Sync>;

/// What the operator decides about the portal.
pub struct Settings {
    /// Reads the clock: the edge gives it, and tests their own.
    pub clock: fn() -> Timestamp,
    /// Whether browsers reach it by HTTPS: then cookies travel no other way, and browsers are told to come by it always.
    pub is_encrypted: bool,
    /// Whether a proxy stands in front, which says who asks in `X-Forwarded-For`.
    pub is_behind_proxy: bool,
    /// Where each access is told.
    pub on_access: AccessTold,
    /// Where a fault is told, with the number that the visitor was given.
    pub on_fault: FaultTold,
    /// How many requests of each client the API answers.
    pub api_rate: Rate,
    /// Where it is told that a program was not answered, with the number that the program was given.
    pub on_problem: ProblemTold,
}

/// That a program was not answered: nothing of what it asked, only what it asked by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemLine {
    /// The number in the answer.
    pub number: String,
    /// The status of the answer.
    pub status: u16,
    /// The route, or `-` for what no route leads to.
    pub route: String,
    /// What programs tell it by, where it is more than the status.
    pub code: Option<&'static str>,
}

impl ProblemLine {
    /// As a line: `problem 692236a0-17: 400 day at /api/v1/series/{series}/values`.
    #[must_use]
    pub fn line(&self) -> String {
        let code = self.code.map(|code| format!(" {code}")).unwrap_or_default();
        format!("problem {}: {}{code} at {}", self.number, self.status, self.route)
    }
}

/// What all requests share. Cheap to clone.
#[derive(Clone)]
pub struct Web(Arc<Shared>);

struct Shared {
    workspace: Workspace,
    settings: Settings,
    languages: words::Languages,
    began: Timestamp,
    faults: AtomicU64,
    rates: Rates,
}

impl Web {
    /// The portal of a workspace.
    ///
    /// # Errors
    /// [`WordsFault`] for a slip in the files of sentences.
    pub fn new(workspace: Workspace, settings: Settings) -> Result<Self, WordsFault> {
        let began = (settings.clock)();
        let languages = words::Languages::load()?;
        let rates = Rates::new(settings.api_rate);
        Ok(Self(Arc::new(Shared { workspace, settings, languages, began, faults: AtomicU64::new(0), rates })))
    }

    /// What is behind the pages.
    #[must_use]
    pub fn workspace(&self) -> &Workspace {
        &self.0.workspace
    }

    pub(crate) fn languages(&self) -> &words::Languages {
        &self.0.languages
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.0.settings.clock)()
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.0.settings.is_encrypted
    }

    pub(crate) fn is_behind_proxy(&self) -> bool {
        self.0.settings.is_behind_proxy
    }

    pub(crate) fn rates(&self) -> &Rates {
        &self.0.rates
    }

    pub(crate) fn tell_access(&self, access: &Access) {
        (self.0.settings.on_access)(access);
    }

    /// A number for what went wrong: the program's start and a count.
    fn number(&self) -> String {
        let count = self.0.faults.fetch_add(1, Ordering::Relaxed) + 1;
        format!("{:x}-{count}", self.0.began.as_second())
    }

    /// Tells the operator that a program was not answered, and gives its number.
    pub(crate) fn tell_problem(&self, status: u16, route: &str, code: Option<&'static str>) -> String {
        let line = ProblemLine { number: self.number(), status, route: route.to_owned(), code };
        (self.0.settings.on_problem)(&line);
        line.number
    }

    /// Tells the operator of a fault, and gives its number.
    pub(crate) fn tell_fault(&self, fault: &FlowFault) -> String {
        let number = self.number();
        (self.0.settings.on_fault)(&number, fault);
        number
    }
}
