//! What an import of master data says while it goes on: changes at once, the rest at its end.

use std::io::Write;

use tidstro_flows::{MasterImportReport, MasterLine};

use crate::Outcome;
use crate::fault::CommandFault;
use crate::show::master::{change_json, change_text, refused_text, report_json_end, report_text_end};

/// How many refused rows wait for their file's line at the end of a text; more are told at once.
const HELD_REFUSED: usize = 10_000;

/// The lines of an import.
pub(super) struct Telling {
    names: Vec<String>,
    is_json: bool,
    /// Changes told.
    told: u64,
    refused: usize,
    /// What is told at the end.
    held: Vec<MasterLine>,
    /// The first line that could not be written.
    fault: Option<std::io::Error>,
}

impl Telling {
    /// For files of these names.
    pub(super) const fn new(names: Vec<String>, is_json: bool) -> Self {
        Self { names, is_json, told: 0, refused: 0, held: Vec::new(), fault: None }
    }

    /// Writes a line, or keeps it for the end.
    pub(super) fn tell(&mut self, line: MasterLine) {
        match line {
            MasterLine::Change(change) if self.is_json => {
                let before = if self.told == 0 { "{\"changes\":[" } else { "," };
                self.told += 1;
                self.write(&format!("{before}{}", change_json(&change)));
            }
            MasterLine::Change(change) => self.write(&change_text(&change)),
            // A list in JSON stays whole.
            MasterLine::Refused(file, row) if !self.is_json && self.refused >= HELD_REFUSED => {
                let name = self.names.get(file).cloned().unwrap_or_default();
                self.write(&refused_text(&name, &row));
            }
            line => {
                self.refused += usize::from(matches!(line, MasterLine::Refused(..)));
                self.held.push(line);
            }
        }
    }

    /// Writes the end of the report.
    pub(super) fn end(mut self, mut report: MasterImportReport) -> Result<Outcome, CommandFault> {
        std::mem::take(&mut self.held).into_iter().for_each(|line| report.hold(line));
        report.files.iter_mut().for_each(|file| file.refused.sort_by_key(|refused| refused.line));
        if self.is_json {
            let before = if self.told == 0 { "{\"changes\":[" } else { "" };
            self.write(&format!("{before}]{}\n", report_json_end(&report)));
        } else {
            self.write(&report_text_end(&report));
        }
        self.fault.map_or(Ok(()), Err)?;
        Ok(if report.nothing_refused() { Outcome::Done } else { Outcome::Refused })
    }

    fn write(&mut self, text: &str) {
        if self.fault.is_none() {
            self.fault = std::io::stdout().lock().write_all(text.as_bytes()).err();
        }
    }
}
