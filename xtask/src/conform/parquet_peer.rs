//! Exports as DuckDB and DataFusion read them, against what the store shows.
//!
//! A folder with the scripts comes in. A town is made, read and exported; each reader counts and sums its files, and each
//! number must be the one the store gives for the same month. The readers are no part of the product: they run as processes
//! of their own.

use std::{
    path::Path,
    process::{Command, ExitCode},
};

use jiff::{
    Timestamp,
    civil::{Date, date},
};
use serde_json::{Value as Json, json};
use tidstro_flows::{
    Answer, ExportAsk, IngestOptions, Opening, SeriesAsk, SeriesValue, Workspace, export_series, ingest,
    register_master_data, show_series,
};
use tidstro_govern::{PartyId, Recipient, RegisterFile};
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, Quality, Resolution};
use tidstro_telegram::KeyRing;
use tidstro_world::{Town, TownPlan};

use super::checks::Checks;
use crate::python;

const TOWN: &[RegisterFile<'_>] =
    &[RegisterFile { name: "town.toml", text: include_str!("../../../registers/town.toml") }];
/// The grid area of the town.
const AREA: &str = "543";
/// A morning after the town's days.
const NOW: Timestamp = Timestamp::constant(1_775_455_200, 0);
/// Days with the clock change of 29 March 2026 in them, over the end of a month.
const FIRST_DAY: Date = date(2026, 3, 22);
const AFTER: Date = date(2026, 4, 5);

/// Who reads, with which script, and what it calls the types of a value and of a start.
struct Reader {
    name: &'static str,
    script: &'static str,
    value_type: &'static str,
    start_type: &'static str,
}

const READERS: [Reader; 2] = [
    Reader {
        name: "DuckDB",
        script: "duckdb_read.py",
        value_type: "DECIMAL(18,3)",
        start_type: "TIMESTAMP WITH TIME ZONE",
    },
    Reader {
        name: "DataFusion",
        script: "datafusion_read.py",
        value_type: "Decimal128(18, 3)",
        start_type: "Timestamp(µs, \"UTC\")",
    },
];

type Fault = Box<dyn std::error::Error>;

/// Exports, reads and compares; exit code 1 if a number differs.
pub(super) fn run(folder: &Path) -> ExitCode {
    if let Err(why) = python::prepare() {
        eprintln!("there is no reader to compare with: {why}");
        return ExitCode::FAILURE;
    }
    let mut checks = Checks::default();
    if let Err(fault) = compare(folder, &mut checks) {
        checks.fail("export", &fault.to_string());
    }
    checks.finish()
}

fn compare(folder: &Path, checks: &mut Checks) -> Result<(), Fault> {
    let place = tempfile::tempdir()?;
    let lake = place.path().join("lake");
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let expected = runtime.block_on(exported(&place.path().join("data"), &lake))?;
    READERS
        .iter()
        .try_for_each(|reader| agrees(reader, (&folder.join(reader.script), &lake), &expected, checks))
}

fn agrees(
    reader: &Reader,
    (script, lake): (&Path, &Path),
    expected: &[Json],
    checks: &mut Checks,
) -> Result<(), Fault> {
    let found = read(script, lake)?;
    let name = reader.name;
    checks.holds(
        &format!("{name} months"),
        found.len() == expected.len(),
        "it sees another number of months",
    );
    let types = [("value_type", json!(reader.value_type)), ("start_type", json!(reader.start_type))];
    for (expected, found) in expected.iter().zip(&found) {
        let month = expected.get("month").and_then(Json::as_str).unwrap_or_default();
        let fields = expected.as_object().into_iter().flatten().map(|(field, value)| (field.as_str(), value));
        for (field, value) in fields.chain(types.iter().map(|(field, value)| (*field, value))) {
            checks.equal(&format!("{name} {month} {field}"), value, found.get(field));
        }
    }
    Ok(())
}

/// Makes a town, exports its grid, and says what each month must have.
async fn exported(data: &Path, lake: &Path) -> Result<Vec<Json>, Fault> {
    let town = Town::build(&TownPlan {
        seed: 7,
        flats: TownPlan::MIN_FLATS,
        days: 14,
        grid_points: TownPlan::MIN_GRID_POINTS,
        memory_months: 0,
        first_day: FIRST_DAY,
    });
    let opening = Opening { folder: data, register: Some(TOWN), master_key: None };
    let workspace = Workspace::open(&opening, NOW).await?;
    let job = ActorId::parse("job:ingest")?;
    given(register_master_data(&workspace, &job, town.master_data(), NOW).await?)?;
    let options = IngestOptions { source: "town", keys: &KeyRing::new(), progress: &|_| () };
    let market = town.market_file().1.collect::<Vec<_>>().concat();
    for file in [town.interval_file(), market] {
        given(ingest(&workspace, &job, &mut file.as_slice(), &options, &|| NOW).await?)?;
    }
    given(export_series(&workspace, &export_ask()?, (lake, &|| NOW), &|_| ()).await?)?;
    let april = date(2026, 4, 1);
    Ok(vec![month(&workspace, FIRST_DAY, april).await?, month(&workspace, april, AFTER).await?])
}

fn export_ask() -> Result<ExportAsk, Fault> {
    Ok(ExportAsk {
        actor: ActorId::parse("staff:sofie")?,
        purpose: ActivityId::parse("network-analysis")?,
        category: CategoryId::parse("consumption")?,
        area: AREA.to_owned(),
        days: DayRange::new(FIRST_DAY, AFTER)?,
        resolution: Resolution::PT1H,
        as_of: None,
        recipient: Some(Recipient { party: PartyId::parse("hosting")?, country: None }),
        factors: 1,
    })
}

/// What the store says of some days of one month.
async fn month(workspace: &Workspace, start: Date, end: Date) -> Result<Json, Fault> {
    let asked = SeriesAsk {
        actor: ActorId::parse("staff:mikkel")?,
        purpose: ActivityId::parse("correctness-control")?,
        category: CategoryId::parse("consumption")?,
        point: None,
        area: Some(AREA.to_owned()),
        series: None,
        days: DayRange::new(start, end)?,
        resolution: Resolution::PT1H,
        as_of: None,
        recipient: None,
        factors: 1,
    };
    let mut views = given(show_series(workspace, &asked, NOW).await?)?;
    // What the market computes has no values of its own; nothing of it is exported.
    views.retain(|view| view.values.iter().any(|value| value.value.is_some()));
    let values: Vec<SeriesValue> = views.iter().flat_map(|view| view.values.iter().copied()).collect();
    let thousandths: i64 =
        values.iter().filter_map(|value| value.value).filter_map(|value| value.in_steps_of(-3)).sum();
    let count = |is_so: fn(&SeriesValue) -> bool| values.iter().filter(|value| is_so(value)).count();
    Ok(json!({
        "area": AREA,
        "month": format!("{:04}-{:02}", start.year(), start.month()),
        "rows": values.len(),
        "values": count(|value| value.value.is_some()),
        "thousandths": thousandths,
        "points": views.len(),
        "missing": count(|value| value.quality == Quality::Missing),
        "corrections": count(|value| value.corrected),
        "with_rules": count(|value| !value.findings.is_empty()),
        "first": values.iter().map(|value| value.start.as_microsecond()).min(),
        "last": values.iter().map(|value| value.start.as_microsecond()).max(),
    }))
}

/// What a reader says.
fn read(script: &Path, lake: &Path) -> Result<Vec<Json>, Fault> {
    let answer = Command::new(python::interpreter()).arg(script).arg(lake).output()?;
    if !answer.status.success() {
        return Err(String::from_utf8_lossy(&answer.stderr).into_owned().into());
    }
    let lines = String::from_utf8(answer.stdout)?;
    Ok(lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

fn given<T>(answer: Answer<T>) -> Result<T, Fault> {
    match answer {
        Answer::Given(value) => Ok(value),
        Answer::Refused(refuse) => Err(format!("refused by {}: {}", refuse.rule, refuse.detail).into()),
    }
}
