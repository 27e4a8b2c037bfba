//! A fresh workspace that holds what a scenario gives.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;
use tidstro_flows::{Answer, IngestOptions, Opening, Workspace, import_master_data, ingest};
use tidstro_govern::RegisterFile;
use tidstro_model::{ActorId, CheckDigit, Gsrn};
use tidstro_telegram::KeyRing;

use super::super::table::{Fault, Row, Table, gsrn, instant, text};

/// The register of the demo town: its grid company settles.
const REGISTER: &str = include_str!("../../../../../registers/town.toml");
/// For how long it keeps values to settle, and for how long the hub does: what it gives again is three years old, and the period of such a day may
/// have begun nearly a year earlier.
const KEPT: [&str; 2] = [r#"for = ["P3Y", "P2M"]"#, r#"for = ["P4Y", "P2M"]"#];
/// Who takes in master data and values.
const READER: &str = "job:ingest";
/// The first of the numbers that stand for the ids of scenarios, most of which have no right check digit.
const FIRST_POINT: u64 = 57_131_310_000_000_000;

/// An opened workspace, what runs its flows, and which number stands for which id.
pub(super) struct Given {
    pub(super) runtime: tokio::runtime::Runtime,
    pub(super) workspace: Workspace,
    pub(super) now: Timestamp,
    numbers: BTreeMap<Gsrn, Gsrn>,
    _folder: tempfile::TempDir,
}

impl Given {
    /// Opens an empty workspace at a moment.
    pub(super) fn open(now: Timestamp) -> Result<Self, Fault> {
        let shown = |fault: &dyn std::fmt::Display| fault.to_string();
        let folder = tempfile::tempdir().map_err(|fault| shown(&fault))?;
        let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|fault| shown(&fault))?;
        let text = REGISTER.replace(KEPT[0], KEPT[1]);
        let register = [RegisterFile { name: "town.toml", text: &text }];
        let opening = Opening { folder: folder.path(), register: Some(&register), master_key: None };
        let workspace = runtime.block_on(Workspace::open(&opening, now)).map_err(|fault| shown(&fault))?;
        Ok(Self { runtime, workspace, now, numbers: BTreeMap::new(), _folder: folder })
    }

    /// The number that stands for an id.
    pub(super) fn number(&mut self, id: &str) -> Result<Gsrn, Fault> {
        let id = gsrn(id).ok_or_else(|| format!("`{id}` is no id of a point"))?;
        let next = Gsrn::from_body(FIRST_POINT + self.numbers.len() as u64);
        Ok(*self.numbers.entry(id).or_insert(next))
    }

    /// The id a number stands for.
    pub(super) fn id_of(&self, number: &str) -> String {
        let found = self.numbers.iter().find(|(_, known)| known.to_string() == number);
        found.map_or_else(|| number.to_owned(), |(id, _)| id.to_string())
    }

    /// A table of `when/` as a file of master data: the same columns and more, ids by their numbers.
    pub(super) fn file(
        &mut self,
        path: &Path,
        (more, values): (&[&str], impl Fn(&Row) -> Vec<String>),
    ) -> Result<Vec<u8>, Fault> {
        let table = Table::read(path)?;
        let columns = table.columns.iter().map(String::as_str);
        let mut file = columns.chain(more.iter().copied()).collect::<Vec<_>>().join(";");
        for row in &table.rows {
            let mut fields = Vec::new();
            for column in &table.columns {
                let value = text(row, column);
                let is_point = column.ends_with("metering_point_id") && !value.is_empty();
                fields.push(match column.as_str() {
                    _ if is_point => self.number(value)?.to_string(),
                    "from_date" | "to_date" => self.midnight(value),
                    _ => value.to_owned(),
                });
            }
            fields.extend(values(row));
            file.push('\n');
            file.push_str(&fields.join(";"));
        }
        file.push('\n');
        Ok(file.into_bytes())
    }

    /// Local midnight of the day an instant lies in. Links of the wholesale scenarios begin at `2019-06-06T23:00:00Z`, as if
    /// it were winter: one in the morning, years before what is calculated. Master data hold for whole days.
    fn midnight(&self, at: &str) -> String {
        let zone = self.workspace.zone();
        instant(at).map_or_else(|| at.to_owned(), |at| zone.day_start(zone.day_of(at)).to_string())
    }

    /// Takes in files of master data; every row must be taken.
    pub(super) fn import(&self, files: Vec<(String, Vec<u8>)>) -> Result<(), Fault> {
        let how = (CheckDigit::Ignored, false);
        let actor = ActorId::parse(READER).map_err(|fault| fault.to_string())?;
        let importing = import_master_data(&self.workspace, &actor, files, how, self.now);
        let report = given(self.runtime.block_on(importing))?;
        let refused = report.files.iter().find(|file| file.fault.is_some() || !file.refused.is_empty());
        match refused {
            Some(file) => Err(format!("`{}` is refused: {:?} {:?}", file.name, file.fault, file.refused)),
            None => Ok(()),
        }
    }

    /// Takes in the values of a table as a file of the head-end; of those without a resolution, none. Only values of a
    /// resolution that the point does not have may be refused.
    pub(super) fn ingest(
        &mut self,
        rows: &[Row],
        resolution: impl Fn(&Row) -> Option<&'static str>,
    ) -> Result<(), Fault> {
        let mut file = "metering_point;start;resolution;quantity_kwh;quality\n".to_owned();
        for row in rows {
            let Some(resolution) = resolution(row) else { continue };
            let point = self.number(text(row, "metering_point_id"))?;
            let (quantity, quality) = (text(row, "quantity"), text(row, "quality"));
            let start = text(row, "observation_time");
            let (quantity, quality) = if quality == "missing" { ("", quality) } else { (quantity, quality) };
            writeln!(file, "{point};{start};{resolution};{quantity};{quality}")
                .map_err(|fault| fault.to_string())?;
        }
        let options = IngestOptions { source: "scenario", keys: &KeyRing::new(), progress: &|_| () };
        let actor = ActorId::parse(READER).map_err(|fault| fault.to_string())?;
        let (mut input, clock) = (file.as_bytes(), || self.now);
        let ingesting = ingest(&self.workspace, &actor, &mut input, &options, &clock);
        let report = given(self.runtime.block_on(ingesting))?;
        match report.refused.iter().find(|(kind, _)| **kind != "unknown-point") {
            Some((kind, first)) => Err(format!("a value is refused: {kind}, {}", first.first)),
            None => Ok(()),
        }
    }
}

/// The answer of a flow; a refusal by the gate is a fault.
pub(super) fn given<T>(answer: Result<Answer<T>, tidstro_flows::FlowFault>) -> Result<T, Fault> {
    match answer.map_err(|fault| fault.to_string())? {
        Answer::Given(value) => Ok(value),
        Answer::Refused(refuse) => Err(format!("refused by {}: {}", refuse.rule, refuse.detail)),
    }
}
