//! A copy of one's own data, to take along: every value as it was measured, as files that programs read (GDPR art. 15(3) and 20(1)).
//!
//! What comes in: who asks, for the purpose of one's own view. What goes out: their series with all values, as JSON or CSV. Each category
//! is asked for by itself, as an export, and the log says so. Numbers are text, so that no reader rounds them. Never: a value of somebody
//! else, or one coarser than it is kept. This file opens what the store discloses (see `tests/doors.rs`).

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;
use tidstro_govern::Operation;
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, Resolution};
use tidstro_store::SeriesQuery;

use crate::answer::granted;
use crate::disclose::{SeriesAsk, SeriesView, ask_for, view};
use crate::findings::SERIES_CATEGORIES;
use crate::{Answer, FlowFault, Workspace};

/// Columns of the table.
const COLUMNS: &str =
    "area;flat;room;metering_point;commodity;quantity;unit;start;end;value;quality;corrected\n";

/// Who asks for a copy of their own data, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCopyAsk {
    /// Who asks.
    pub actor: ActorId,
    /// What for: an activity by which people take their own data along.
    pub purpose: ActivityId,
    /// How many factors the session has proved.
    pub factors: u8,
}

/// A copy of somebody's data. It has no `Debug`: nothing prints a person's values.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnCopy {
    /// When it was made.
    pub made: Timestamp,
    /// Their series, each with all its values.
    pub series: Vec<SeriesView>,
}

/// A copy of the asker's own series, of every category that the purpose gives.
///
/// # Errors
/// [`FlowFault`] if the store fails. A purpose that gives no category is refused by the rule of the last.
pub async fn own_copy(
    workspace: &Workspace,
    asked: &OwnCopyAsk,
    now: Timestamp,
) -> Result<Answer<OwnCopy>, FlowFault> {
    let (mut series, mut refused, mut is_given) = (Vec::new(), None, false);
    for category in SERIES_CATEGORIES {
        match of_category(workspace, asked, CategoryId::parse(category)?, now).await? {
            Answer::Given(more) => {
                series.extend(more);
                is_given = true;
            }
            Answer::Refused(refuse) => refused = Some(refuse),
        }
    }
    match refused {
        Some(refuse) if !is_given => Ok(Answer::Refused(refuse)),
        _ => Ok(Answer::Given(OwnCopy { made: now, series })),
    }
}

async fn of_category(
    workspace: &Workspace,
    asked: &OwnCopyAsk,
    category: CategoryId,
    now: Timestamp,
) -> Result<Answer<Vec<SeriesView>>, FlowFault> {
    let (days, resolution) = (DayRange::always(), Resolution::Raw);
    let asked = SeriesAsk {
        actor: asked.actor.clone(),
        purpose: asked.purpose.clone(),
        category,
        point: None,
        area: None,
        series: None,
        days,
        resolution,
        as_of: None,
        recipient: None,
        factors: asked.factors,
    };
    let ask = ask_for(workspace, &asked, Operation::Export).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let query = SeriesQuery { series: None, days, resolution, as_of: None };
    let series = workspace.store.series(&permit, query, now).await?.open(&permit)?;
    Ok(Answer::Given(series.into_iter().map(view).collect()))
}

/// A copy as a document.
#[derive(Serialize)]
struct Document<'a> {
    made: String,
    series: Vec<SeriesDocument<'a>>,
}

#[derive(Serialize)]
struct SeriesDocument<'a> {
    area: &'a str,
    flat: Option<&'a str>,
    room: Option<&'a str>,
    metering_point: &'a str,
    commodity: &'static str,
    quantity: &'static str,
    unit: &'static str,
    resolution: &'static str,
    values: Vec<ValueDocument>,
}

#[derive(Serialize)]
struct ValueDocument {
    start: String,
    end: String,
    value: Option<String>,
    quality: &'static str,
    corrected: bool,
}

impl OwnCopy {
    /// As JSON. Instants are UTC; a reading begins and ends at its instant.
    #[must_use]
    pub fn json(&self) -> String {
        let document = Document {
            made: self.made.to_string(),
            series: self.series.iter().map(series_document).collect(),
        };
        // Plain text and lists always are JSON.
        serde_json::to_string_pretty(&document).unwrap_or_default()
    }

    /// As a table with `;` between the fields: a line for each value.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut table = COLUMNS.to_owned();
        for view in &self.series {
            let line = &view.line;
            let text = |text: Option<&String>| quoted(text.map_or("", String::as_str));
            let place = [Some(&line.area), line.flat.as_ref(), line.room.as_ref(), Some(&line.point)];
            let head = place.map(text).join(";");
            let kind = [line.commodity.code(), line.quantity.code(), line.unit.code()].join(";");
            for value in &view.values {
                let number = value.value.map(|value| value.to_string()).unwrap_or_default();
                let (start, end, quality) = (value.start, value.end, value.quality);
                // Writing to a text cannot fail.
                let _ = writeln!(table, "{head};{kind};{start};{end};{number};{quality};{}", value.corrected);
            }
        }
        table
    }
}

fn series_document(view: &SeriesView) -> SeriesDocument<'_> {
    let line = &view.line;
    let values = view.values.iter().map(|value| ValueDocument {
        start: value.start.to_string(),
        end: value.end.to_string(),
        value: value.value.map(|value| value.to_string()),
        quality: value.quality.word(),
        corrected: value.corrected,
    });
    SeriesDocument {
        area: &line.area,
        flat: line.flat.as_deref(),
        room: line.room.as_deref(),
        metering_point: &line.point,
        commodity: line.commodity.code(),
        quantity: line.quantity.code(),
        unit: line.unit.code(),
        resolution: line.resolution.code(),
        values: values.collect(),
    }
}

/// A field in quotes where it holds the separator or a quote (RFC 4180, 2.6 and 2.7), and never one that a spreadsheet computes.
fn quoted(text: &str) -> String {
    let text = text.trim_start_matches(['=', '+', '-', '@', '\t', '\r']);
    if text.contains([';', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(quoted(text), expected);
    }

    #[test]
    fn a_field_stays_one_field() {
        check("1. tv", "1. tv");
        check("a;b", "\"a;b\"");
        check("the \"small\" room", "\"the \"\"small\"\" room\"");
        check("=2+3", "2+3");
    }
}
