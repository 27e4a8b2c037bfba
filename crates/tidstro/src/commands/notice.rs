//! `tidstro register notice` and `tidstro register record`.

use std::io::Write as _;

use serde_json::Value;
use tidstro_govern::{PartyId, RecordOf, Register};
use tidstro_model::NoticeId;

use super::register_files::{register_at, register_in_use};
use crate::Outcome;
use crate::args::{Arguments, FormArguments, Format, RecordRole};
use crate::fault::CommandFault;

/// Prints a privacy notice.
pub(crate) fn notice(
    arguments: &Arguments,
    id: Option<&str>,
    form: &FormArguments,
) -> Result<Outcome, CommandFault> {
    let register = register(arguments, form)?;
    let id = id.map(NoticeId::parse).transpose()?;
    let notice = tidstro_govern::notice(&register, id.as_ref(), form.language)?;
    print(form, || notice.to_text(), || notice.to_html(), || notice.to_json())
}

/// Prints a record of processing activities.
pub(crate) fn record(
    arguments: &Arguments,
    role: Option<RecordRole>,
    controller: Option<&str>,
    form: &FormArguments,
) -> Result<Outcome, CommandFault> {
    let register = register(arguments, form)?;
    let controller = controller.map(PartyId::parse).transpose()?;
    let of = whose(&register, role, controller)?;
    let record = tidstro_govern::record(&register, &of, form.language)?;
    print(form, || record.to_text(), || record.to_html(), || record.to_json())
}

/// Who names a controller means the record of a controller.
fn whose(
    register: &Register,
    role: Option<RecordRole>,
    controller: Option<PartyId>,
) -> Result<RecordOf, CommandFault> {
    match (role, controller) {
        (Some(RecordRole::Processor), None) => Ok(RecordOf::Processor),
        (Some(RecordRole::Processor), Some(_)) => Err(CommandFault::ProcessorRecord),
        (None, None) => Ok(RecordOf::of_operator(register)),
        (_, controller) => Ok(RecordOf::of_controller(register, controller)?),
    }
}

fn register(arguments: &Arguments, form: &FormArguments) -> Result<Register, CommandFault> {
    form.path.as_deref().map_or_else(|| register_in_use(arguments), register_at)
}

fn print(
    form: &FormArguments,
    text: impl Fn() -> String,
    html: impl Fn() -> String,
    json: impl Fn() -> Value,
) -> Result<Outcome, CommandFault> {
    let mut out = std::io::stdout();
    match form.format {
        _ if form.json => writeln!(out, "{}", json())?,
        Format::Json => writeln!(out, "{}", json())?,
        Format::Text => out.write_all(text().as_bytes())?,
        Format::Html => out.write_all(html().as_bytes())?,
    }
    Ok(Outcome::Done)
}
