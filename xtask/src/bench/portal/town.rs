//! A grid area full of customers, with some who are logged in.
//!
//! Every customer lacks an hour of the last day, so that there is a finding for each; the first ones have a year of hours, in closed months.

use std::path::Path;

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use tidstro_flows::identity::{
    Activation, ActivationOutcome, Browser, By, Created, Origin, activate, create_account,
};
use tidstro_flows::{CompactAsk, compact, resident_called};
use tidstro_model::ActorId;
use tidstro_telegram::KeyRing;
use tidstro_world::{BenchFile, bench_interval_part};
use zeroize::Zeroizing;

use crate::bench::BenchFault;
use crate::bench::workspace::{Bench, NOW, given, master_data, points_of, without_an_hour};

/// Customers.
pub(super) const POINTS: u32 = 100_000;
/// Those with a year behind them.
const WITH_A_YEAR: u32 = 500;
/// Those who are logged in.
const LOGGED_IN: u32 = 2_000;
/// Points of one file, and days of one.
const PART: u32 = 5_000;
const DAYS: u32 = 73;
const PASSWORD: &str = "four words for a benchmark";

/// Who asks, and for what.
pub(super) struct Asked {
    /// Cookies of customers with a year of hours.
    pub(super) with_a_year: Vec<String>,
    /// Cookies of everybody who is logged in.
    pub(super) everybody: Vec<String>,
    /// The cookie of a clerk.
    pub(super) clerk: String,
}

/// Fills a folder, logs people in, and closes it.
pub(super) fn fill(folder: &Path, points: u32) -> Result<Asked, BenchFault> {
    let bench = Bench::open(folder)?;
    let ids = values(&bench, folder, points.max(WITH_A_YEAR))?;
    let asked =
        CompactAsk { actor: ActorId::parse("job:ingest")?, area: None, before: Some(date(2027, 1, 1)) };
    given(bench.runtime.block_on(compact(&bench.workspace, asked, NOW))?)?;
    let clerk = logged_in(&bench, ActorId::parse("staff:mikkel")?)?;
    let mut everybody = Vec::with_capacity(LOGGED_IN as usize);
    for id in ids.iter().take(LOGGED_IN as usize) {
        everybody.push(logged_in(&bench, customer(&bench, id)?)?);
    }
    let with_a_year = everybody.iter().take(WITH_A_YEAR as usize).cloned().collect();
    Ok(Asked { with_a_year, everybody, clerk })
}

/// Customers with a year of hours, and all the others with a day.
fn values(bench: &Bench, folder: &Path, points: u32) -> Result<Vec<String>, BenchFault> {
    let mut ids = Vec::new();
    for days in (0..5).map(|part| DAYS * part) {
        let first_day = days_after(date(2026, 1, 1), days)?;
        let file = BenchFile { first_point: 0, points: WITH_A_YEAR, first_day, days: DAYS, seed: 1 };
        ids = ingested(bench, folder, &file)?;
    }
    let first_day = date(2026, 12, 31);
    for first_point in (WITH_A_YEAR..points).step_by(PART as usize) {
        let points = PART.min(points - first_point);
        ids.extend(ingested(bench, folder, &BenchFile { first_point, points, first_day, days: 1, seed: 1 })?);
    }
    Ok(ids)
}

fn days_after(first: Date, days: u32) -> Result<Date, BenchFault> {
    first.checked_add(i64::from(days).days()).map_err(|fault| unlike(&fault.to_string()))
}

/// Registers the points of a file and takes in their values, but for one hour of each day that is short; gives the points.
fn ingested(bench: &Bench, folder: &Path, file: &BenchFile) -> Result<Vec<String>, BenchFault> {
    let whole = bench_interval_part(file);
    let ids = points_of(&whole, file.points);
    bench.register(master_data(&ids))?;
    let path = folder.join("values.csv");
    std::fs::write(&path, if file.days == 1 { without_an_hour(&whole) } else { whole })?;
    bench.ingest(&path, &KeyRing::new())?;
    std::fs::remove_file(&path)?;
    Ok(ids)
}

fn customer(bench: &Bench, id: &str) -> Result<ActorId, BenchFault> {
    let found = bench.runtime.block_on(resident_called(&bench.workspace, &format!("customer-{id}")))?;
    found.ok_or_else(|| unlike("a customer of the benchmark is not known"))
}

/// Makes an account, activates it by its letter, and gives the cookie of the session.
fn logged_in(bench: &Bench, actor: ActorId) -> Result<String, BenchFault> {
    let by = By { actor: ActorId::parse("staff:ivan")?, factors: 2 };
    let is_staff = actor.subject().is_none();
    let created = bench.runtime.block_on(create_account(&bench.workspace, &by, actor, NOW))?;
    let Created::Created(_, letter) = given(created)? else { return Err(unlike("an account was not made")) };
    let asked = Activation {
        code: letter.code,
        name: None,
        password: is_staff.then(|| Zeroizing::new(PASSWORD.to_owned())),
        origin: Origin::local(),
        browser: Browser::of("benchmark"),
    };
    match bench.runtime.block_on(activate(&bench.workspace, asked, NOW))? {
        ActivationOutcome::In(session) => Ok(session.token.to_string()),
        _ => Err(unlike("a letter did not log its holder in")),
    }
}

fn unlike(what: &str) -> BenchFault {
    BenchFault::Child { what: what.to_owned() }
}
