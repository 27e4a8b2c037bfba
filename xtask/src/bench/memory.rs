//! Memory: the most that batch jobs over a million points take at once, each in a process of its own.
//!
//! One town is made and kept for all jobs of a run, in a folder or in a database of a server, and the jobs follow each other there.
//! Files of values come in parts, as those of a head-end do. What a job does is in `memory/jobs.rs`, the town in
//! `memory/town.rs`. On a server the jobs run beside two towns, and the slope between them tells what a million points would take.

mod jobs;
mod town;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value as Json;

use super::{
    BenchFault, Figure, Figures, Inputs,
    peak::{forget_peak, peak_kilobytes},
    postgres::server_of_a_grid_company,
    workspace::Bench,
};

use jobs::JOBS;

/// Points of the bar.
const POINTS: u32 = 1_000_000;
/// Points of the two towns on a server.
const ON_SERVER: [u32; 2] = [100_000, 200_000];
/// What a batch job may take, in megabytes.
const MOST: u128 = 500;

/// Set in the process that measures: the job.
const CHILD: &str = "TIDSTRO_BENCH_CHILD";
/// And where: the folder for files, the place of the town, a place with nothing in it, and how many points there are.
const FOLDER: &str = "TIDSTRO_BENCH_FOLDER";
const PLACE: &str = "TIDSTRO_BENCH_PLACE";
const EMPTY: &str = "TIDSTRO_BENCH_EMPTY";
const SIZE: &str = "TIDSTRO_BENCH_POINTS";

/// Where the jobs of one town work.
struct Site {
    /// For files of the jobs.
    folder: PathBuf,
    /// The town: a folder, or a database of a server.
    place: String,
    /// Another one, which is empty at first.
    empty: String,
    points: u32,
}

impl Site {
    /// The one that the parent of this process made, and the name of the job.
    fn of_child() -> Option<(String, Self)> {
        let said = |name| std::env::var(name).ok();
        let (folder, points) = (said(FOLDER)?.into(), said(SIZE)?.parse().ok()?);
        Some((said(CHILD)?, Self { folder, place: said(PLACE)?, empty: said(EMPTY)?, points }))
    }

    fn in_folder(folder: &Path, points: u32) -> Self {
        let place = |name: &str| folder.join(name).to_string_lossy().into_owned();
        Self { folder: folder.to_owned(), place: place("data"), empty: place("empty"), points }
    }

    fn open(&self) -> Result<Bench, BenchFault> {
        open(&self.place)
    }

    /// A name for figures of what is done here.
    fn name(&self, what: &str) -> String {
        let database = if is_server(&self.place) { "PostgreSQL" } else { "SQLite" };
        format!("{database}, {} points: {what}", grouped(self.points))
    }
}

fn open(place: &str) -> Result<Bench, BenchFault> {
    if is_server(place) { Bench::open_server(place) } else { Bench::open(Path::new(place)) }
}

fn is_server(place: &str) -> bool {
    place.starts_with("postgres")
}

/// A number with its digits in groups of three.
fn grouped(number: u32) -> String {
    match number.checked_div(1_000) {
        Some(0) | None => number.to_string(),
        Some(thousands) => format!("{},{:03}", grouped(thousands), number % 1_000),
    }
}

/// Every figure of memory on SQLite.
pub(super) fn in_files(inputs: &Inputs) -> Figures {
    if let Some((name, site)) = Site::of_child() {
        return run(&name, &site);
    }
    let kept = inputs.folder.clone();
    let own = tempfile::tempdir()?;
    let folder = kept.as_deref().unwrap_or(own.path());
    let site = Site::in_folder(folder, inputs.points.unwrap_or(POINTS));
    let is_made = folder.join("data").exists();
    let left_out = |name: &str| is_made && jobs::TOWN.contains(&name);
    let jobs = JOBS.iter().filter(|(name, _)| inputs.wants_job(name) && !left_out(name));
    let figures = jobs.map(|(name, _)| child(name, &site)).collect::<Result<Vec<_>, _>>()?;
    Ok(figures.into_iter().flatten().collect())
}

/// The same on PostgreSQL, beside two towns.
pub(super) fn on_server(inputs: &Inputs) -> Figures {
    let (server, folder) = (server_of_a_grid_company()?, tempfile::tempdir()?);
    let sizes = inputs.points.map_or(ON_SERVER, |points| [points / 2, points]);
    let mut towns = Vec::with_capacity(sizes.len());
    for points in sizes {
        let folder = folder.path().join(points.to_string());
        std::fs::create_dir_all(&folder)?;
        let (place, empty) = (server.database()?, server.database()?);
        towns.push(Site { folder, place, empty, points });
    }
    let mut figures = Vec::new();
    for (name, _) in JOBS.iter().filter(|(name, _)| inputs.wants_job(name)) {
        let beside = towns.iter().map(|site| child(name, site)).collect::<Result<Vec<_>, _>>()?;
        let expected = at_a_million(&towns, &beside);
        figures.extend(beside.into_iter().flatten());
        figures.extend(expected);
    }
    Ok(figures)
}

/// What a job would take beside a million points, by the slope between two towns.
fn at_a_million(towns: &[Site], beside: &[Vec<Figure>]) -> Option<Figure> {
    let [few, many] = towns else { return None };
    let peak =
        |figures: &[Figure]| figures.iter().find(|figure| figure.unit == "MB").map(|figure| figure.value);
    let (of_few, of_many) = (peak(beside.first()?)?, peak(beside.get(1)?)?);
    let step = u128::from(many.points.saturating_sub(few.points)).max(1);
    let more = of_many.saturating_sub(of_few) * u128::from(POINTS.saturating_sub(many.points)) / step;
    let what = beside.first()?.first()?.name.split(": ").nth(1)?.to_owned();
    let name = format!("PostgreSQL, {} points by the slope: {what}", grouped(POINTS));
    Some(Figure::new(&name, of_many + more, "MB").at_most(MOST))
}

fn run(name: &str, site: &Site) -> Figures {
    let job = JOBS.iter().find(|(known, _)| *known == name);
    job.map_or(Ok(Vec::new()), |(_, job)| job(site))
}

/// Measures a job in a process of its own, which has nothing of the others in its memory.
fn child(name: &str, site: &Site) -> Figures {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["bench", "--json", "memory"]).env(CHILD, name).env(FOLDER, &site.folder);
    command.env(PLACE, &site.place).env(EMPTY, &site.empty).env(SIZE, site.points.to_string());
    let child = command.output()?;
    let failed = |what: &str| BenchFault::Child { what: format!("{name}: {what}") };
    if !child.status.success() {
        return Err(failed(String::from_utf8_lossy(&child.stderr).trim()));
    }
    let told: Vec<Json> = serde_json::from_slice(&child.stdout).map_err(|_| failed("it told no figures"))?;
    told.iter().map(|figure| read(figure).ok_or_else(|| failed("it told an odd figure"))).collect()
}

fn read(figure: &Json) -> Option<Figure> {
    let name = figure.get("name")?.as_str()?;
    let value = figure.get("value")?.as_u64()?.into();
    match figure.get("unit")?.as_str()? {
        "MB" => Some(Figure::new(name, value, "MB").at_most(MOST)),
        _ => Some(Figure::new(name, value, "s")),
    }
}

/// The most memory of several jobs, and the time of all of them.
#[derive(Default)]
struct Peak {
    megabytes: u128,
    milliseconds: u128,
}

impl Peak {
    fn figures(&self, name: &str) -> Vec<Figure> {
        vec![
            Figure::new(&format!("{name}, peak memory"), self.megabytes, "MB"),
            Figure::new(name, self.milliseconds.div_ceil(1_000), "s"),
        ]
    }

    fn of(&mut self, job: impl FnOnce() -> Result<(), BenchFault>) -> Result<(), BenchFault> {
        forget_peak()?;
        let begun = std::time::Instant::now();
        job()?;
        self.milliseconds += begun.elapsed().as_millis();
        self.megabytes = self.megabytes.max(u128::from(peak_kilobytes()? / 1_024));
        Ok(())
    }
}
