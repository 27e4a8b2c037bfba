//! `tidstro demo`: a town in one command.
//!
//! It builds the town, writes the files its gateways and head-end deliver, ingests them like any other
//! file, and shows what came of it, asking the gate like anybody else.

mod alarms;
mod files;
mod late_change;
mod logins;
mod month;
mod plan;
mod settlement;

use std::io::Write as _;

use tidstro_calendar::Zone;
use tidstro_flows::{
    Answer, AreaCompleteness, IngestReport, KeysOutcome, TakeHow, Workspace, completeness,
    import_master_data, register_master_data, take_keys,
};
use tidstro_model::{ActorId, CheckDigit, DayRange};
use tidstro_world::Town;

use super::cycle::demo_text;
use super::ingest::ingest_input;
use super::series::refused;
use super::serve::serve_demo;
use super::{Input, key_file, keys, now, open};
use crate::Outcome;
use crate::args::{Arguments, Demo};
use crate::fault::CommandFault;
use crate::show::Table;
use crate::show::chart::{bar, percent};
use crate::show::report::{grouped, report_text};
use files::TownFiles;

/// A fault's answer inside a function that gives an outcome.
macro_rules! given {
    ($answer:expr) => {
        match $answer {
            Answer::Given(value) => value,
            Answer::Refused(refuse) => return Ok(refused(&refuse)),
        }
    };
}

pub(crate) async fn run(arguments: &Arguments, command: &Demo) -> Result<Outcome, CommandFault> {
    let plan = plan::town_plan(arguments, command, &Zone::copenhagen(), now())?;
    let workspace = open(arguments).await?;
    let town = Town::build(&plan);
    let files = files::write(&arguments.data, &town)?;
    let ingester = ActorId::parse("job:ingest")?;
    let days = plan::days_of(&plan);
    let calculations = given!(late_change::run_before(&workspace, days).await?);
    let known = calculations.known_data(&town);
    let new_rows = given!(register_master_data(&workspace, &ingester, known, now()).await?);
    let weather = vec![files.weather.clone()];
    given!(import_master_data(&workspace, &ingester, weather, (CheckDigit::Required, false), now()).await?);
    given!(bring_keys(&workspace, &files).await?);
    let report = given!(ingest_all(&workspace, &ingester, &files).await?);
    let calculations = given!(calculations.run(&workspace, (&ingester, &town), days).await?);
    let clerk = ActorId::parse("staff:mikkel")?;
    let areas = given!(completeness(&workspace, &clerk, days, now()).await?);
    let mut out = std::io::stdout();
    write_town(&mut out, &town, days, new_rows, &files)?;
    write_report(&mut out, &report)?;
    write_completeness(&mut out, &areas)?;
    write_cycle(&mut out, &given!(demo_text(&workspace, (&ingester, last_days(days)), now()).await?))?;
    given!(settlement::write(&mut out, &workspace, days).await?);
    let change = &town.facts.grid.supplier_change;
    given!(calculations.write(&mut out, &workspace, (change, days)).await?);
    given!(alarms::write(&mut out, &workspace).await?);
    given!(month::write(&mut out, &workspace, &town, days).await?);
    logins::write(&mut out, &workspace, &town).await?;
    write_next(&mut out, arguments, &workspace, &town).await?;
    if command.no_serve {
        return Ok(Outcome::Done);
    }
    out.flush()?;
    serve_demo(workspace, arguments).await
}

/// Brings the keys of the electricity meters that push, as who keeps keys does: they are used from the store only.
async fn bring_keys(workspace: &Workspace, files: &TownFiles) -> Result<Answer<KeysOutcome>, CommandFault> {
    let keeper = ActorId::parse("staff:nadia")?;
    let keys = key_file(Some(&files.push_keys))?;
    Ok(take_keys(workspace, &keeper, TakeHow::Import, &keys, now()).await?)
}

async fn ingest_all(
    workspace: &Workspace,
    actor: &ActorId,
    files: &TownFiles,
) -> Result<Answer<IngestReport>, CommandFault> {
    let keys = keys(Some(&files.keys))?;
    let mut total = IngestReport::default();
    for path in &files.inputs {
        match ingest_input(workspace, actor, Input::open(path)?, (&keys, &[])).await? {
            Answer::Given(report) => total.add(&report),
            Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
        }
    }
    Ok(Answer::Given(total))
}

fn write_town(
    out: &mut impl std::io::Write,
    town: &Town,
    days: DayRange,
    new_rows: u64,
    files: &TownFiles,
) -> Result<(), CommandFault> {
    writeln!(out, "\nThe town of seed {}, {days}", town.plan.seed)?;
    writeln!(
        out,
        "  {} flats with {} meters, {} electricity metering points; all people are invented",
        town.flats.len(),
        town.meters.len(),
        town.grid_points.len() + town.market_points.len()
    )?;
    writeln!(out, "  files of its gateways and head-end: {}", files.folder.display())?;
    if new_rows == 0 {
        writeln!(out, "  its master data were here already")?;
    }
    Ok(())
}

fn write_report(out: &mut impl std::io::Write, report: &IngestReport) -> Result<(), CommandFault> {
    writeln!(out, "\nWhat came in")?;
    write!(out, "{}", report_text(report))?;
    if report.days_added + report.days_changed == 0 {
        writeln!(out, "{:>12}  everything was here already: nothing is kept twice", "")?;
    }
    Ok(())
}

fn write_completeness(out: &mut impl std::io::Write, areas: &[AreaCompleteness]) -> Result<(), CommandFault> {
    writeln!(out, "\nHow complete it is (asked by staff:mikkel, to validate)")?;
    let mut table = Table::new(&["area", ">points", ">silent", ">came in", ">expected", "", ">complete"]);
    for area in areas {
        table.row(vec![
            format!("{} ({})", area.area, area.kind.code()),
            grouped(area.points),
            grouped(area.silent),
            grouped(area.present),
            grouped(area.expected),
            bar(area.present, area.expected, 20),
            percent(area.present, area.expected),
        ]);
    }
    write!(out, "{table}")?;
    writeln!(out, "  a building counts days of points with a reading, a grid area counts hours")?;
    Ok(())
}

/// The last ten of the days.
fn last_days(days: DayRange) -> DayRange {
    let from = days.end().checked_sub(jiff::Span::new().days(10)).unwrap_or(days.start());
    days.intersect(DayRange::from(from)).unwrap_or(days)
}

fn write_cycle(out: &mut impl std::io::Write, board: &str) -> Result<(), CommandFault> {
    writeln!(out, "\nHow far the operating days have come (asked by job:ingest, to report to the market)")?;
    for line in board.lines() {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

async fn write_next(
    out: &mut impl std::io::Write,
    arguments: &Arguments,
    workspace: &Workspace,
    town: &Town,
) -> Result<(), CommandFault> {
    let facts = &town.facts;
    let leaver = resident(workspace, facts.move_out.leaver).await?;
    let newcomer = resident(workspace, facts.move_out.newcomer).await?;
    let data = match arguments.data.to_str() {
        Some("tidstro-data") | None => String::new(),
        Some(folder) => format!(" --data {folder}"),
    };
    let tidstro = format!("cargo run --release --{data}");
    let town_folder = arguments.data.join("town");
    let newcomers_water = town
        .flats
        .iter()
        .find(|flat| flat.area == facts.move_out.area && flat.unit == facts.move_out.unit)
        .map_or_else(String::new, |flat| format!("{}/cold-water", flat.slug()));
    writeln!(out, "\nTry next")?;
    for (why, what) in [
        (
            "what one telegram says",
            format!(
                "decode {}/gateway-2.jsonl --keys {}/keys.csv | head -20",
                town_folder.display(),
                town_folder.display()
            ),
        ),
        (
            "who moved out sees the days until then",
            format!("series show --actor {leaver} --purpose own-view --point {newcomers_water}"),
        ),
        (
            "who moved in sees the days from then",
            format!("series show --actor {newcomer} --purpose own-view --point {newcomers_water}"),
        ),
        (
            "billing sees months, not days",
            format!(
                "series show --actor staff:anna --purpose billing --point {newcomers_water} --resolution P1M"
            ),
        ),
        (
            "and why it may not see days",
            format!(
                "register explain --actor staff:anna --purpose billing --category consumption --point {newcomers_water}"
            ),
        ),
        (
            "an electricity point from its change of supplier on",
            format!(
                "series show --actor staff:mikkel --purpose correctness-control --point {} --from {}",
                facts.grid.supplier_change.gsrn, facts.grid.supplier_change.day
            ),
        ),
        (
            "who settles sees the change of supplier in the sums, from its day on",
            format!(
                "settle show --area {} --from {} --to {} --level supplier",
                tidstro_world::GRID_AREA,
                facts.grid.supplier_change.day.yesterday().unwrap_or(facts.grid.supplier_change.day),
                facts.grid.supplier_change.day.tomorrow().unwrap_or(facts.grid.supplier_change.day)
            ),
        ),
        ("the log of all these questions", "log verify".to_owned()),
    ] {
        writeln!(out, "  {why}\n    {tidstro} {what}")?;
    }
    Ok(())
}

/// The actor of a person of the town.
async fn resident(workspace: &Workspace, person: usize) -> Result<ActorId, CommandFault> {
    let reference = Town::person_reference(person);
    let actor = tidstro_flows::resident_called(workspace, &reference).await?;
    // Master data were registered above, so the person is there.
    Ok(actor.unwrap_or_else(|| ActorId::resident(tidstro_model::SubjectNo::new(0))))
}
