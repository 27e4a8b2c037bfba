//! Coverage: which duties of an obligations list the registers serve, by what, and which they do not.
//!
//! What comes in: the rows of a list, and registers. What goes out: for each row what serves it, or the part
//! of the product that will, or that nobody has thought of it. Never: a row counted as served because
//! somebody hopes so; what only a person attests is told apart from what the program does.

mod count;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::register::{ControlProof, Register};
use crate::vocabulary::words;

pub use count::Count;
pub use rows::{Row, RowKind, RowsFault, parse_rows};

words!(
    /// How a row is served.
    Means {
        /// The gate decides by an activity.
        Decision = "decision",
        /// The retention of an activity ends leases, and what no lease keeps is erased.
        Lease = "lease",
        /// A clock runs from the event of an obligation.
        Clock = "clock",
        /// An obligation without a time is told as due until it is proved.
        Duty = "duty",
        /// The program measures it.
        Probe = "probe",
        /// A person says so.
        Attestation = "attestation",
        /// The program prints it.
        Document = "document",
    }
);

words!(
    /// How a row stands.
    Standing {
        /// Served, and nothing is open.
        Served = "served",
        /// Served, and a part of the product will serve it better.
        Partly = "partly",
        /// Nothing serves it yet; the part of the product that will is named.
        Open = "open",
        /// No register knows it: a fault.
        Unmapped = "unmapped",
    }
);

/// One thing of a register that serves a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// How.
    pub means: Means,
    /// The activity, obligation or control.
    pub by: String,
    /// The probe, the role that attests, or the command that prints; `None` for the others.
    pub with: Option<String>,
    /// The register, by its name.
    pub register: String,
    /// `file:line` of the thing.
    pub place: String,
}

/// A part of the product that will serve a row, and the register that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIn {
    /// The part.
    pub part: String,
    /// The register, by its name.
    pub register: String,
}

/// One row, and what the registers say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoveredRow {
    /// The row.
    pub row: Row,
    /// What serves it, in the order of the registers and of [`Means`].
    pub served: Vec<Server>,
    /// What will.
    pub open: Vec<OpenIn>,
}

impl CoveredRow {
    /// How it stands.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        match (self.served.is_empty(), self.open.is_empty()) {
            (false, true) => Standing::Served,
            (false, false) => Standing::Partly,
            (true, false) => Standing::Open,
            (true, true) => Standing::Unmapped,
        }
    }

    /// Whether all that serves it is that a person says so.
    #[must_use]
    pub fn is_attested_only(&self) -> bool {
        !self.served.is_empty() && self.served.iter().all(|server| server.means == Means::Attestation)
    }
}

/// A row that a register names and the list does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {by} names `{row}`, which is no row of the list; correct the name, or take it out")]
pub struct UnknownRow {
    /// The name.
    pub row: String,
    /// What names it.
    pub by: String,
    /// `file:line` of it, or the register's name where the place is not known.
    pub place: String,
}

/// What registers serve of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Every row of the list, in its order.
    pub rows: Vec<CoveredRow>,
    /// Names in registers that the list does not have.
    pub unknown: Vec<UnknownRow>,
}

impl Coverage {
    /// Whether each row is served or open, and each name in the registers is a row.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.unknown.is_empty() && self.rows.iter().all(|row| row.standing() != Standing::Unmapped)
    }
}

/// Maps each row to what the registers say about it.
///
/// An activity serves a row of the kind [`RowKind::Retention`] by its leases and every other row by the
/// decisions of the gate.
#[must_use]
pub fn cover(rows: &[Row], registers: &[Register]) -> Coverage {
    let mut covered: Vec<_> =
        rows.iter().map(|row| CoveredRow { row: row.clone(), served: vec![], open: vec![] }).collect();
    let mut known = Known {
        places: rows.iter().zip(0..).map(|(row, at)| (row.id.as_str(), at)).collect(),
        rows: &mut covered,
        unknown: Vec::new(),
    };
    for register in registers {
        known.add(register);
    }
    let unknown = known.unknown;
    Coverage { rows: covered, unknown }
}

/// The rows by name, while registers are read.
struct Known<'r> {
    places: BTreeMap<&'r str, usize>,
    rows: &'r mut [CoveredRow],
    unknown: Vec<UnknownRow>,
}

impl Known<'_> {
    fn add(&mut self, register: &Register) {
        for activity in register.activities() {
            let place = register.place(activity.lines.id);
            let server = server(register, Means::Decision, activity.id.as_str(), None, place);
            self.serve("activity", &server, &activity.serves);
        }
        for obligation in register.obligations() {
            let means = if obligation.clock.is_some() { Means::Clock } else { Means::Duty };
            let place = register.place(obligation.line);
            let server = server(register, means, obligation.id.as_str(), None, place);
            self.serve("obligation", &server, &obligation.serves);
        }
        for control in register.controls() {
            let (means, with) = proof(&control.proof);
            let place = register.place(control.line);
            let server = server(register, means, control.id.as_str(), Some(with), place);
            self.serve("control", &server, &control.serves);
        }
        self.open(register);
    }

    fn serve(&mut self, noun: &str, server: &Server, serves: &[String]) {
        for id in serves {
            let Some(covered) = self.row(id) else {
                let by = format!("{noun} `{}`", server.by);
                self.unknown.push(UnknownRow { row: id.clone(), by, place: server.place.clone() });
                continue;
            };
            let means = match (server.means, covered.row.kind) {
                (Means::Decision, RowKind::Retention) => Means::Lease,
                (means, _) => means,
            };
            covered.served.push(Server { means, ..server.clone() });
        }
    }

    fn open(&mut self, register: &Register) {
        for open in register.open_rows() {
            for id in &open.rows {
                let (part, name) = (open.part.clone(), register.id().to_owned());
                match self.row(id) {
                    Some(covered) => covered.open.push(OpenIn { part, register: name }),
                    None => {
                        let by = format!("open part `{part}`");
                        self.unknown.push(UnknownRow { row: id.clone(), by, place: name });
                    }
                }
            }
        }
    }

    fn row(&mut self, id: &str) -> Option<&mut CoveredRow> {
        self.rows.get_mut(*self.places.get(id)?)
    }
}

fn server(register: &Register, means: Means, by: &str, with: Option<&str>, place: String) -> Server {
    let (by, with) = (by.to_owned(), with.map(str::to_owned));
    Server { means, by, with, register: register.id().to_owned(), place }
}

fn proof(proof: &ControlProof) -> (Means, &str) {
    match proof {
        ControlProof::Probe(probe) => (Means::Probe, probe.word()),
        ControlProof::Attestation(role) => (Means::Attestation, role.as_str()),
        ControlProof::Document(command) => (Means::Document, command),
    }
}
