//! Whom no mail reaches: residents who get the information of the month on paper.
//!
//! What comes in: who asks. What goes out: a line for each occupancy of today whose contact is no mail address, to read, or, for a
//! recipient of the register, as a file. This file opens what the store discloses (see `tests/doors.rs`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_govern::{Operation, Recipient, Target};
use tidstro_model::{AreaKind, AreaNo, PointNo};
use tidstro_store::{Occupant, OccupantPermits};

use super::{BuildingsAsk, CONTACT, NAME, OCCUPANCY, Wanted, information_due};
use crate::answer::{given, granted};
use crate::identity::is_address;
use crate::{Answer, FlowFault, Workspace};

/// Somebody who gets a letter. It has no `Debug`: nothing prints a person.
#[derive(Clone, PartialEq, Eq)]
pub struct LetterLine {
    /// The building.
    pub building: String,
    /// What the building calls the unit.
    pub flat: Option<String>,
    /// The name; empty where it is erased.
    pub name: String,
    /// How the person is reached instead; empty where nobody knows.
    pub contact: String,
}

/// Who gets the information of a month on paper.
#[derive(Clone, PartialEq, Eq)]
pub struct Letters {
    /// The month, by its first day.
    pub month: Date,
    /// The last day by which residents have it.
    pub by: Date,
    /// Who, by building and unit.
    pub lines: Vec<LetterLine>,
}

/// Who gets a letter, to read.
///
/// # Errors
/// [`FlowFault`] if the store fails, or the register has no category for names, contacts or occupancies.
pub async fn letters(
    workspace: &Workspace,
    asked: &BuildingsAsk,
    now: Timestamp,
) -> Result<Answer<Letters>, FlowFault> {
    found(workspace, asked, (Operation::Read, None), now).await
}

/// The same as a file (`building;flat;name;contact`), for the recipient who prints and posts the letters.
///
/// # Errors
/// As [`letters`].
pub async fn export_letters(
    workspace: &Workspace,
    asked: &BuildingsAsk,
    recipient: Recipient,
    now: Timestamp,
) -> Result<Answer<String>, FlowFault> {
    let letters = given!(found(workspace, asked, (Operation::Export, Some(recipient)), now).await?);
    let rows = letters.lines.iter().map(|line| {
        let LetterLine { building, flat, name, contact } = line;
        row([building.as_str(), flat.as_deref().unwrap_or_default(), name, contact])
    });
    Ok(Answer::Given(std::iter::once(row(["building", "flat", "name", "contact"])).chain(rows).collect()))
}

/// Every field in quotes. A sheet of numbers would compute what begins with `=` or `@`; a blank before it makes it text.
fn row(fields: [&str; 4]) -> String {
    let field = |text: &str| {
        let blank = if text.starts_with(['=', '@']) { " " } else { "" };
        format!("\"{blank}{}\"", text.replace('"', "\"\""))
    };
    fields.map(field).join(";") + "\n"
}

async fn found(
    workspace: &Workspace,
    asked: &BuildingsAsk,
    (operation, recipient): (Operation, Option<Recipient>),
    now: Timestamp,
) -> Result<Answer<Letters>, FlowFault> {
    let wanted = |column| Wanted {
        purpose: &asked.people,
        column,
        operation,
        target: Target::Everything,
        recipient: recipient.clone(),
    };
    let occupancy = granted!(asked.decided(workspace, wanted(OCCUPANCY), now).await?);
    let identity = granted!(asked.decided(workspace, wanted(NAME), now).await?);
    let contact = granted!(asked.decided(workspace, wanted(CONTACT), now).await?);
    let permits =
        OccupantPermits { occupancy: &occupancy, identity: Some(&identity), contact: Some(&contact) };
    let occupants = workspace.store.occupants(permits, operation, now).await?.open(&occupancy)?;
    let units = units(workspace).await?;
    let today = workspace.zone().day_of(now);
    let (month, by) = information_due(today);
    let lines = occupants.into_iter().filter(|occupant| occupant.days.contains(today));
    let mut lines: Vec<LetterLine> = lines.filter_map(|occupant| line(occupant, &units)).collect();
    lines.sort_by(|one, other| (&one.building, &one.flat).cmp(&(&other.building, &other.flat)));
    Ok(Answer::Given(Letters { month, by, lines }))
}

/// Building and flat of each point of a building.
type Units = BTreeMap<PointNo, (String, Option<String>)>;

async fn units(workspace: &Workspace) -> Result<Units, FlowFault> {
    let areas = workspace.store.areas().await?.into_iter().filter(|area| area.kind == AreaKind::Building);
    let names: BTreeMap<AreaNo, String> = areas.map(|area| (area.area, area.name)).collect();
    let places = workspace.store.building_places(None).await?;
    let unit =
        |place: tidstro_store::PlaceEntry| Some((place.point, (names.get(&place.area)?.clone(), place.flat)));
    Ok(places.into_iter().filter_map(unit).collect())
}

/// `None` for who has a mail address, or lives in no building.
fn line(occupant: Occupant, units: &Units) -> Option<LetterLine> {
    let contact = occupant.contact.unwrap_or_default();
    let (building, flat) = occupant.points.iter().find_map(|point| units.get(point))?.clone();
    let name = occupant.name.unwrap_or_default();
    (!is_address(&contact)).then_some(LetterLine { building, flat, name, contact })
}

#[cfg(test)]
mod tests {
    use super::row;

    #[test]
    fn a_field_stays_one_field_and_is_not_computed() {
        assert_eq!(
            row(["a;b", "say \"hi\"", "=1+1", "+45 1"]),
            "\"a;b\";\"say \"\"hi\"\"\";\" =1+1\";\"+45 1\"\n"
        );
    }
}
